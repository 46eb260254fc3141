"""Exports over HTTP: every format, every filter, and the way back in."""

import io
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.config import Settings
from app.database import Database
from app.documents.diff import Plan, Verdict
from app.documents.document import Document, Topic
from app.documents.read import read_document
from app.main import create_app
from app.services import exporting, importing
from app.services.catalogue import list_sources
from app.services.exporting import Format, load_document, write_export
from app.services.filters import QuestionFilter
from app.services.importing import import_document, import_sources
from tests.api.test_problems import assert_problem
from tests.conftest import NOW
from tests.documents.test_records import CHOICE, FULL
from tests.factories import make_document, make_item
from tests.stores import Store

GOLDEN = sorted((Path(__file__).parents[1] / "documents" / "golden").glob("*.md"))
LATER = datetime(2026, 5, 5, tzinfo=UTC)


@pytest.fixture
def other_url(store: Store) -> Iterator[str]:
    """Give the URL of a second, empty bank."""
    url = store.make()
    yield url
    store.remove(url)


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[Database]:
    """Give the second bank."""
    database = Database(other_url)
    yield database
    await database.close()


def golden(path: Path) -> Document:
    """Return a golden document as read."""
    return read_document(path.read_bytes(), name=path.name)


async def export(database: Database, format_: Format) -> bytes:
    """Return the whole bank in a format."""
    async with database.reading() as db:
        return write_export(await load_document(db, QuestionFilter()), format_).data


@pytest.mark.parametrize("format_", Format)
async def test_every_format_is_served(client: httpx.AsyncClient, format_: Format) -> None:
    """Each format comes with its type and a file name."""
    response = await client.get("/v1/export", params={"format": format_})

    assert response.status_code == 200
    assert "multimodal-llm." in response.headers["content-disposition"]
    assert len(response.content) > 1_000


async def test_every_media_type_is_declared(client: httpx.AsyncClient) -> None:
    """OpenAPI has the type of each format's file."""
    described = (await client.get("/openapi.json")).json()
    content = described["paths"]["/v1/export"]["get"]["responses"]["200"]["content"]
    types = set()
    for format_ in Format:
        response = await client.get("/v1/export", params={"format": format_})
        types.add(response.headers["content-type"])

    assert set(content) == types


@pytest.mark.parametrize("format_", Format)
async def test_exports_are_made_off_the_event_loop(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, format_: Format
) -> None:
    """Each part of a file is made in another thread, so that nobody else waits."""
    threads = set()
    writer = exporting._WRITERS[format_]  # noqa: SLF001 (which thread it runs in shows nowhere else)

    def write(document: Document) -> Iterator[bytes]:
        for part in writer.write(document):
            threads.add(threading.current_thread().name)
            yield part

    monkeypatch.setitem(exporting._WRITERS, format_, replace(writer, write=write))  # noqa: SLF001
    assert (await client.get("/v1/export", params={"format": format_})).status_code == 200

    assert threads
    assert threading.main_thread().name not in threads


async def test_filters_hold_for_exports(client: httpx.AsyncClient) -> None:
    """What is not in the filter is not in the file."""
    response = await client.get("/v1/export?format=json&topic=applications&difficulty_max=2&q=诊断")

    assert [one["number"] for one in orjson.loads(response.content)["questions"]] == ["5"]


async def test_workbooks_and_packages_open(client: httpx.AsyncClient) -> None:
    """Other programs' libraries open what they get."""
    workbook = await client.get("/v1/export?format=xlsx")
    package = await client.get("/v1/export?format=anki")
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.content)).active

    assert sheet is not None
    assert sheet.max_row == 9
    assert "collection.anki2" in zipfile.ZipFile(io.BytesIO(package.content)).namelist()


async def test_bad_exports_are_refused(client: httpx.AsyncClient) -> None:
    """A format is needed, known formats only, and filters are held to what exists."""
    missing = await client.get("/v1/export")
    unknown = await client.get("/v1/export?format=pdf")
    topic = await client.get("/v1/export?format=json&topic=nothing")

    assert_problem(missing, 422, "invalid-request")
    assert_problem(unknown, 422, "invalid-request")
    assert_problem(topic, 422, "unknown-filter-value")


@pytest.mark.parametrize("format_", [Format.MARKDOWN, Format.JSON, Format.NDJSON])
async def test_a_bank_moves_with_all_it_has(
    seeded: Database, other: Database, format_: Format
) -> None:
    """Exported, imported into an empty bank and exported again: the same bytes, the same ids."""
    first = await export(seeded, format_)
    document = read_document(first, name=f"bank.{'md' if format_ == 'markdown' else format_}")
    await import_document(other, document, now=LATER, author="test")

    assert await export(other, format_) == first


@pytest.mark.parametrize("format_", [Format.MARKDOWN, Format.JSON, Format.NDJSON])
async def test_an_export_comes_back_as_nothing_new(seeded: Database, format_: Format) -> None:
    """Importing an export into the bank it is from changes nothing."""
    data = await export(seeded, format_)
    document = read_document(data, name=f"bank.{'md' if format_ == 'markdown' else format_}")
    plan = await import_document(seeded, document, now=LATER, author="test")

    assert plan.changes_nothing
    assert len(plan.entries) == 8


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_golden_documents_make_the_round(
    database: Database, other: Database, path: Path
) -> None:
    """Whatever a document holds goes out and in again, in Markdown and in JSON."""
    await import_document(database, golden(path), now=NOW, author="test")
    markdown, json = await export(database, Format.MARKDOWN), await export(database, Format.JSON)
    back = read_document(markdown, name="bank.md")
    await import_document(other, back, now=LATER, author="test")

    assert await export(other, Format.MARKDOWN) == markdown
    assert await export(other, Format.JSON) == json
    again = await import_document(
        database, read_document(json, name="bank.json"), now=LATER, author="test"
    )
    assert again.changes_nothing


async def test_no_key_is_needed_to_read(seeded_url: str) -> None:
    """An export is a read."""
    app = create_app(Settings(database_url=seeded_url))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tiku"
    ) as client:
        response = await client.get("/v1/export?format=ndjson")
    await app.state.context.database.close()

    assert response.status_code == 200
    assert len(response.content.splitlines()) == 9


LOSSLESS = [Format.MARKDOWN, Format.JSON, Format.NDJSON]


async def fill_with_several_sources(database: Database) -> None:
    """Import two documents whose questions have equal keys, titles and topics."""
    topics = (Topic("db", "数据库"), Topic("speed", "性能", "db"))
    english = make_item("What is a lock?", key="q-7", topics=("数据库", "I/O"), language="en")
    later = make_item("什么是事务？", line=None)
    here = make_document(FULL, CHOICE, later, topics=topics, language="zh", licence="CC BY 4.0")
    there = make_document(
        replace(FULL, answer="另一种说法。"), english, slug="export", title="他处", language="en"
    )
    for document in (here, there, make_document(*here.items[:2], replace(later, key="t-1"))):
        await import_document(database, document, now=NOW, author="test")


def read_export(data: bytes, format_: Format) -> Document:
    """Return an export as read."""
    return read_document(data, name=f"bank.{'md' if format_ == 'markdown' else format_}")


@pytest.mark.parametrize("format_", LOSSLESS)
async def test_several_sources_move_as_several(
    database: Database, other: Database, format_: Format
) -> None:
    """Equal keys of two sources never meet; ids, keys and what is said of each source survive."""
    await fill_with_several_sources(database)
    first = await export(database, format_)
    plans = await import_sources(other, read_export(first, format_), now=LATER, author="test")
    async with database.reading() as here, other.reading() as there:
        sources = [(one.slug, one.title, one.language) for one in await list_sources(here)]
        moved = [(one.slug, one.title, one.language) for one in await list_sources(there)]

    assert await export(other, format_) == first
    assert moved == sources == [("notes", "笔记", "zh"), ("export", "他处", "en")]
    assert [len(plan.entries) for plan in plans] == [3, 2]


@pytest.mark.parametrize("format_", LOSSLESS)
async def test_several_sources_come_back_as_nothing_new(
    database: Database, format_: Format
) -> None:
    """Imported into the bank it is from, a mixed export changes nothing and leaves no source."""
    await fill_with_several_sources(database)
    data = await export(database, format_)
    plans = await import_sources(database, read_export(data, format_), now=LATER, author="test")
    async with database.reading() as db:
        sources = [one.slug for one in await list_sources(db)]

    assert all(plan.changes_nothing for plan in plans)
    assert sources == ["notes", "export"]
    assert await export(database, format_) == data


@pytest.mark.parametrize("format_", [Format.CSV, Format.XLSX, Format.GIFT, Format.MOODLE])
async def test_other_formats_find_their_questions_by_id(
    database: Database, format_: Format
) -> None:
    """Formats without sources make no second copy of any question in the bank they are from."""
    await fill_with_several_sources(database)
    name = f"bank.{'xml' if format_ == 'moodle' else format_}"
    document = read_document(await export(database, format_), name=name)
    plan = await import_document(database, document, now=LATER, author="test")

    assert len(plan.entries) == 5
    assert plan.count(Verdict.CREATED) == 0


async def test_a_file_of_several_sources_is_one_transaction(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the second source fails, the first is not there either."""
    await fill_with_several_sources(database)
    document = read_export(await export(database, Format.JSON), Format.JSON)
    kept = importing.carry_out

    async def fail_later(db: AsyncConnection, plan: Plan, **named: Any) -> None:
        if plan.document.slug == "export":
            raise OSError("disk full")
        await kept(db, plan, **named)

    monkeypatch.setattr(importing, "carry_out", fail_later)
    with pytest.raises(OSError, match="disk full"):
        await import_sources(other, document, now=LATER, author="test")
    async with other.reading() as db:
        assert await list_sources(db) == []
