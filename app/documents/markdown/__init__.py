"""Markdown question documents: the reader, its grammar, and the writer."""
