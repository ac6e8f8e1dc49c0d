"""The rules of the life of a service execution: pure functions over one Sx.

`dispatch` says which rule judges which input, `status` holds the status machine, `access` table AC;
one module per chapter of the rules decides (`creation`, `order`, `contract`, `signature`,
`assignment`, `offer`, `pick`, `execution`, `closing`), `evolve` folds what happened into the state,
`outputs` tells the world.
"""
