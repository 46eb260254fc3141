"""Exporting: the inverse of an import; the questions of a filter become a document again."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.documents.anki import write_anki
from app.documents.canonical import write_markdown
from app.documents.diff import Stored
from app.documents.document import Document, Item
from app.documents.document import Source as DocumentSource
from app.documents.gift import write_gift
from app.documents.moodle import write_moodle
from app.documents.records import stream_json, stream_ndjson
from app.documents.tables import stream_csv, write_xlsx
from app.models import Question, Source
from app.services.filters import QuestionFilter, check_filter, conditions
from app.services.stored import load_stored
from app.services.topics import declare_topics

_MIXED = "export"  # the slug of a document whose questions are from several sources


class Format(StrEnum):
    """What a bank can be exported as."""

    MARKDOWN = "markdown"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"
    GIFT = "gift"
    MOODLE = "moodle"
    ANKI = "anki"


@dataclass(frozen=True, slots=True)
class _Writer:
    write: Callable[[Document], Iterable[bytes]]
    media_type: str
    extension: str


def _whole(write: Callable[[Document], bytes]) -> Callable[[Document], Iterable[bytes]]:
    """Return the writer of a format that is only known once all of it is written."""

    def parts(document: Document) -> Iterator[bytes]:
        yield write(document)

    return parts


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WRITERS: Mapping[Format, _Writer] = {
    Format.MARKDOWN: _Writer(_whole(write_markdown), "text/markdown; charset=utf-8", "md"),
    Format.JSON: _Writer(stream_json, "application/json", "json"),
    Format.NDJSON: _Writer(stream_ndjson, "application/x-ndjson", "ndjson"),
    Format.CSV: _Writer(stream_csv, "text/csv; charset=utf-8", "csv"),
    Format.XLSX: _Writer(_whole(write_xlsx), _SHEET, "xlsx"),
    Format.GIFT: _Writer(_whole(write_gift), "text/plain; charset=utf-8", "gift"),
    Format.MOODLE: _Writer(_whole(write_moodle), "application/xml", "xml"),
    Format.ANKI: _Writer(_whole(write_anki), "application/octet-stream", "apkg"),
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its bytes in parts, each made when it is asked for, their type, and a name."""

    parts: Iterable[bytes]
    media_type: str
    file_name: str

    @property
    def data(self) -> bytes:
        """The whole file; as its parts it can be had once."""
        return b"".join(self.parts)


async def load_document(db: AsyncConnection, chosen: QuestionFilter) -> Document:
    """Return the published questions of a filter as a document, ids included.

    It has the name of their source where they have one in common; else it tells the source of each
    question. Raises UnknownFilterValueError.
    """
    await check_filter(db, chosen)
    which = sa.and_(*conditions(chosen))
    stored = await load_stored(db, which)
    source = await _picked_sources(db, which)
    items = await asyncio.to_thread(_named, stored, mixed=bool(source.sources))
    topics = await declare_topics(db, {item.topics for item in items})
    return replace(source, items=items, topics=topics)


def write_export(document: Document, format_: Format) -> Export:
    """Return a document as a file of a format."""
    writer = _WRITERS[format_]
    parts = writer.write(document)
    return Export(parts, writer.media_type, f"{document.slug}.{writer.extension}")


def media_types() -> frozenset[str]:
    """Return the media types of all formats."""
    return frozenset(writer.media_type for writer in _WRITERS.values())


async def _picked_sources(db: AsyncConnection, which: sa.ColumnElement[bool]) -> Document:
    """Return the one source of the picked questions as an empty document, or one of several."""
    columns = (col(Source.slug), col(Source.title), col(Source.language))
    rights = (col(Source.url), col(Source.licence))
    of_picked = sa.select(col(Question.source_id)).where(which)
    query = sa.select(*columns, *rights).where(col(Source.id).in_(of_picked))
    rows = (await db.execute(query.order_by(col(Source.id)))).mappings().all()
    if len(rows) == 1:
        return Document(**rows[0])
    return Document(slug=_MIXED, title=_MIXED, sources=tuple(DocumentSource(**r) for r in rows))


def _named(stored: Sequence[Stored], *, mixed: bool) -> tuple[Item, ...]:
    """Return the items with their public ids, and with their sources in a document of several."""
    return tuple(
        replace(one.item, public_id=one.id, source=one.source if mixed else None) for one in stored
    )
