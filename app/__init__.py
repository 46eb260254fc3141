"""Tiku: question documents in, a question-bank API out."""

__version__ = "0.1.0"
