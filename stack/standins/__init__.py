"""Stand-ins for the systems outside: small servers that speak the vendors' real protocols.

SMTP, Twilio's messages, Zendesk's tickets and FCM HTTP v1, in one process
(`python -m stack.standins`).  Each request is checked against the vendor's own description
(`descriptions/`), can be made to fail or stall (`/_control`), and is kept: as JSON under
`/_received`, as pages under `/`, and in files that outlive the process.
"""
