"""Bytes to a document: choose the reader of the format, decode, keep within limits."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from app.documents.canonical import read_canonical
from app.documents.decode import decode
from app.documents.document import Document
from app.documents.gift import read_gift
from app.documents.limits import DEFAULT_LIMITS, Limits, check, check_text
from app.documents.markdown.profiles import Profile
from app.documents.moodle import read_moodle
from app.documents.records import read_json, read_ndjson
from app.documents.sources import check_named_sources
from app.documents.tables import read_csv, read_xlsx
from app.text import detect_language

_LANGUAGE_SAMPLE = 50  # questions


@dataclass(frozen=True, slots=True)
class _Input:
    """What every reader is given; not every one needs all of it."""

    data: bytes
    name: str
    slug: str
    profile: Profile | None
    limits: Limits

    def text(self) -> str:
        """Return the bytes as text within the limits; raises UnreadableDocumentError."""
        text = decode(self.data, self.name)
        check_text(text, self.name, self.limits)
        return text


def _read_markdown(given: _Input) -> Document:
    return read_canonical(
        given.text(),
        name=given.name,
        slug=given.slug,
        profile=given.profile,
        limits=given.limits,
    )


# The reader of each format by the ending of the file name; any other is read as Markdown.
_READERS: Mapping[str, Callable[[_Input], Document]] = {
    ".json": lambda given: read_json(given.text(), name=given.name, slug=given.slug),
    ".ndjson": lambda given: read_ndjson(given.text(), name=given.name, slug=given.slug),
    ".jsonl": lambda given: read_ndjson(given.text(), name=given.name, slug=given.slug),
    ".csv": lambda given: read_csv(given.text(), name=given.name, slug=given.slug),
    ".tsv": lambda given: read_csv(given.text(), name=given.name, slug=given.slug),
    ".xlsx": lambda given: read_xlsx(given.data, name=given.name, slug=given.slug),
    ".gift": lambda given: read_gift(given.text(), slug=given.slug),
    ".xml": lambda given: read_moodle(given.data, name=given.name, slug=given.slug),
}
EXTENSIONS = (".md", ".markdown", *_READERS)


def read_document(
    data: bytes,
    *,
    name: str,
    slug: str | None = None,
    profile: Profile | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    """Read a document from bytes; `name` is its file name, `slug` its name in the bank.

    Pure and bounded: the time is linear in the size. Raises UnreadableDocumentError for what is not
    readable as what its name says, or is over the limits.
    """
    check(name, "unreadable.too_large", len(data), limits.max_bytes)
    digest = hashlib.sha256(data).hexdigest()
    read = _READERS.get(PurePath(name).suffix.lower(), _read_markdown)
    document = read(_Input(data, name, slug or slug_of(name, digest), profile, limits))
    check(name, "unreadable.too_many_questions", len(document.items), limits.max_questions)
    check_named_sources(document, name)
    return replace(
        document,
        sha256=digest,
        slug=slug or document.slug,
        language=_language(document),
    )


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
