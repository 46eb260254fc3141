"""Exports over HTTP: every format, every filter, and the way back in."""

import io
import shutil
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import openpyxl
import orjson
import pytest

from app.config import Settings
from app.database import Database
from app.documents.document import Document
from app.documents.read import read_document
from app.main import create_app
from app.services.exporting import Format, load_document, write_export
from app.services.filters import QuestionFilter
from app.services.importing import import_document
from tests.api.test_problems import assert_problem
from tests.conftest import NOW

GOLDEN = sorted((Path(__file__).parents[1] / "documents" / "golden").glob("*.md"))
LATER = datetime(2026, 5, 5, tzinfo=UTC)


@pytest.fixture
def other_url(tmp_path: Path, empty_bank: Path) -> str:
    """Return the URL of a second, empty bank."""
    return f"sqlite:///{shutil.copy(empty_bank, tmp_path / 'other.db')}"


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
