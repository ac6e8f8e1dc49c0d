"""How long a broker may take to be up on a busy machine."""

READY_WITHIN_S = 240.0
