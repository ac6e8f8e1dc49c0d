"""The life of one Sx, from its creation to its closure: the only writer of `sx.events`."""
