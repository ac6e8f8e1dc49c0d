"""Which event makes which message to whom: mail, SMS and push."""
