"""Bytes to a document: choose the reader of the format, decode, keep within limits."""

import hashlib
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from app.documents.canonical import read_canonical
from app.documents.characters import check_characters
from app.documents.collecting import without_collections
from app.documents.decode import decode
from app.documents.document import Document
from app.documents.gift import read_gift
from app.documents.limits import DEFAULT_LIMITS, Limits, check, check_text, check_topics
from app.documents.markdown.profiles import Profile
from app.documents.moodle import read_moodle
from app.documents.records import read_json, read_ndjson
from app.documents.sources import check_named_sources
from app.documents.tables import read_csv, read_xlsx
from app.text import detect_language

_LANGUAGE_SAMPLE = 50  # questions


@dataclass(frozen=True, slots=True)
class _Input:
    """What every reader is given, with the time running."""

    data: bytes
    name: str
    slug: str
    limits: Limits

    def text(self) -> str:
        """Return the bytes as prose within the limits; raises UnreadableDocumentError."""
        return self._checked(decode(self.data, self.name))

    def exact_text(self) -> str:
        """Return the bytes as data, of which every character counts; raises the same."""
        return self._checked(decode(self.data, self.name, prose=False))

    def named(self) -> dict[str, Any]:
        """Return what every reader takes beside the text."""
        return {"name": self.name, "slug": self.slug, "limits": self.limits}

    def _checked(self, text: str) -> str:
        check_text(text, self.name, self.limits)
        return text


# The reader of each format by the ending of the file name; any other is read as Markdown.
_READERS: Mapping[str, Callable[[_Input], Document]] = {
    ".json": lambda given: read_json(given.exact_text(), **given.named()),
    ".ndjson": lambda given: read_ndjson(given.exact_text(), **given.named()),
    ".jsonl": lambda given: read_ndjson(given.exact_text(), **given.named()),
    ".csv": lambda given: read_csv(given.exact_text(), **given.named()),
    ".tsv": lambda given: read_csv(given.exact_text(), **given.named()),
    ".xlsx": lambda given: read_xlsx(given.data, **given.named()),
    ".gift": lambda given: read_gift(given.exact_text(), **given.named()),
    ".xml": lambda given: read_moodle(given.data, **given.named()),
}
EXTENSIONS = (".md", ".markdown", *_READERS)


def read_document(
    data: bytes,
    *,
    name: str,
    slug: str | None = None,
    profile: Profile | None = None,
    limits: Limits = DEFAULT_LIMITS,
    clock: Callable[[], float] = time.monotonic,
) -> Document:
    """Read a document from bytes; `name` is its file name, `slug` its name in the bank.

    Pure and bounded: the time is linear in the size, and ends with the limit. Raises
    UnreadableDocumentError for what is not readable as what its name says, or is over the limits.
    """
    check(name, "unreadable.too_large", len(data), limits.max_bytes)
    digest = hashlib.sha256(data).hexdigest()
    given = _Input(data, name, slug or slug_of(name, digest), limits.begun(clock))
    with without_collections():
        document = _read(given, profile)
    given.limits.check_time(name)
    check(name, "unreadable.too_many_questions", len(document.items), limits.max_questions)
    check_characters(document, name)
    check_topics(document, name, limits)
    check_named_sources(document, name)
    return replace(
        document,
        sha256=digest,
        slug=slug or document.slug,
        language=_language(document),
    )


def _read(given: _Input, profile: Profile | None) -> Document:
    read = _READERS.get(PurePath(given.name).suffix.lower())
    if read is None:
        return read_canonical(given.text(), profile=profile, **given.named())
    return read(given)


def slug_of(name: str, digest: str) -> str:
    """Return a name for the API from a file's: lower case, folders and words joined by hyphens."""
    stem = unicodedata.normalize("NFKC", PurePath(name).with_suffix("").as_posix()).lower()
    return re.sub(r"[\W_]+", "-", stem).strip("-") or f"document-{digest[:8]}"


def _language(document: Document) -> str | None:
    """Return what a document says of its language, or how it looks; of several sources, none."""
    if document.language or document.sources:
        return None if document.sources else document.language
    sample = document.items[:_LANGUAGE_SAMPLE]
    texts = [f"{item.title}\n{item.prompt}\n{item.answer}" for item in sample]
    return detect_language("\n".join(texts)) if texts else None
