"""How messages leave: each adapter speaks a vendor's protocol. A `streams.rules.Carrier` each."""
