"""Layer 5: the documents, whose commands and snippets are executed."""
