"""Which event opens or solves which task in Zendesk."""
