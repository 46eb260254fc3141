"""What a document may cost to read, and the check of its text against that."""

from dataclasses import dataclass

from app.errors import UnreadableDocumentError


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds; more is refused, deeper nesting is read as the text of what holds it.

    Sizes in bytes, lengths in characters. 10,000 questions need about 8 MB and 180,000 lines.
    """

    max_bytes: int = 20_000_000
    max_line_length: int = 1_000_000
    max_lines: int = 400_000
    max_headings: int = 25_000
    max_questions: int = 20_000
    max_nesting: int = 40


DEFAULT_LIMITS = Limits()


def check_text(text: str, name: str, limits: Limits) -> None:
    """Raise UnreadableDocumentError for too many lines or headings, or too long a line."""
    lines = text.split("\n")
    headings = sum(1 for line in lines if line.startswith("#"))
    check(name, "unreadable.long_line", max(map(len, lines)), limits.max_line_length)
    check(name, "unreadable.too_many_lines", len(lines), limits.max_lines)
    check(name, "unreadable.too_many_headings", headings, limits.max_headings)


def check(name: str, reason: str, value: int, limit: int) -> None:
    """Raise UnreadableDocumentError for this reason if a value is over its limit."""
    if value > limit:
        raise UnreadableDocumentError(name=name, reason=reason, limit=limit)
