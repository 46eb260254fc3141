"""What documents may cost to read, by the settings."""

from app.config import Settings
from app.documents.limits import Limits


def document_limits(settings: Settings) -> Limits:
    """Return what documents may cost by the settings."""
    return Limits(
        max_bytes=settings.max_document_bytes,
        max_line_length=settings.max_line_characters,
        max_lines=settings.max_document_lines,
        max_headings=settings.max_document_headings,
        max_questions=settings.max_document_questions,
        max_nesting=settings.max_nesting,
        max_topic_depth=settings.max_topic_depth,
        max_seconds=settings.max_reading_seconds,
    )
