"""What a document may cost to read, and the check of its text against that."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, fields

from app.documents.document import Document
from app.errors import UnreadableDocumentError


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds; more is refused, deeper nesting is read as the text of what holds it.

    Sizes in bytes, lengths in characters. 10,000 questions need about 8 MB and 180,000 lines.
    Readers call `check_time` between blocks, rows and questions; the time runs once it has begun.
    """

    max_bytes: int = 20_000_000
    max_line_length: int = 1_000_000
    max_lines: int = 400_000
    max_headings: int = 25_000
    max_questions: int = 20_000
    max_nesting: int = 40
    max_topic_depth: int = 20
    max_seconds: float = 60

    def begun(self, clock: Callable[[], float]) -> "Limits":
        """Return these limits with the time running from now, by a clock that counts seconds."""
        said = {limit.name: getattr(self, limit.name) for limit in fields(self)}
        return _Running(**said, clock=clock, end=clock() + self.max_seconds)

    def check_time(self, name: str) -> None:
        """Raise UnreadableDocumentError where the time for reading a document is over."""


@dataclass(frozen=True, slots=True)
class _Running(Limits):
    """Limits whose time runs; it ends at `end` by the clock."""

    clock: Callable[[], float] = time.monotonic
    end: float = math.inf

    def check_time(self, name: str) -> None:
        if self.clock() > self.end:
            raise UnreadableDocumentError(
                name=name, reason="unreadable.too_slow", limit=f"{self.max_seconds:g}"
            )


DEFAULT_LIMITS = Limits()


def check_text(text: str, name: str, limits: Limits) -> None:
    """Raise UnreadableDocumentError for too many lines or headings, or too long a line."""
    lines = text.split("\n")
    headings = sum(1 for line in lines if line.startswith("#"))
    check(name, "unreadable.long_line", max(map(len, lines)), limits.max_line_length)
    check(name, "unreadable.too_many_lines", len(lines), limits.max_lines)
    check(name, "unreadable.too_many_headings", headings, limits.max_headings)


def check_topics(document: Document, name: str, limits: Limits) -> None:
    """Raise UnreadableDocumentError where topics stand too deep, in paths or by declaration."""
    for place, item in enumerate(document.items, start=1):
        if len(item.topics) > limits.max_topic_depth:
            raise _too_deep(name, item.line or place, limits)
    depths: dict[str, int] = {}
    for topic in document.topics:
        depths[topic.slug] = depths.get(topic.parent or "", 0) + 1
        if depths[topic.slug] > limits.max_topic_depth:
            raise _too_deep(name, topic.slug, limits)


def _too_deep(name: str, where: object, limits: Limits) -> UnreadableDocumentError:
    return UnreadableDocumentError(
        name=name,
        reason="unreadable.topics_too_deep",
        where=where,
        limit=limits.max_topic_depth,
    )


def check(name: str, reason: str, value: int, limit: int) -> None:
    """Raise UnreadableDocumentError for this reason if a value is over its limit."""
    if value > limit:
        raise UnreadableDocumentError(name=name, reason=reason, limit=limit)
