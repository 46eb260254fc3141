"""Documents: bytes to parsed questions and back; pure, with line numbers."""
