"""One module for each runner of the comparison: the same records, the same decision, one process.

Peers run in environments of their own, so what they share (`bench.job`, `bench.runners.avro`)
imports nothing of the product.
"""
