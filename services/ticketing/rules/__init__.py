"""What ticketing decides: which event opens or solves which task (TK). Pure: no IO here."""
