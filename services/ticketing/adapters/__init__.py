"""How tasks become tickets: the adapter speaks Zendesk's protocol."""
