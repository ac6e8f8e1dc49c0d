"""The second stage: which Sx an order has, and when each is planned (OR, XC-4, ED-3)."""
