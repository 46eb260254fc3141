"""The bank's first content: a source document, what editors add to it, and its import."""
