"""Documents over HTTP: a plan for everybody, writing for those with a key only."""

import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api import schemas
from app.config import Settings
from app.database import Database
from app.main import create_app
from app.models import Scope
from app.services import importing, indexing, intake, stored
from app.services.access import create_key, list_keys, revoke_key
from tests.api.test_problems import assert_problem
from tests.conftest import NOW

NOTES = """
# 缓存笔记

## 1. 什么是缓存？

**答案：** 缓存是放在快速存储里的数据副本。

## 2. 什么是缓存穿透？

**答案：** 查询不存在的数据，每次都落到数据库。
"""
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
async def key(database: Database) -> str:
    """Return an editing key of the empty bank that ends at LATER."""
    async with database.writing() as db:
        return await create_key(db, name="editor", scopes=[Scope.EDIT], now=NOW, expires_at=LATER)


@pytest.fixture
async def editor(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the empty bank, at the time NOW."""
    app = create_app(Settings(database_url=url), now=lambda: NOW)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tiku") as client,
    ):
        yield client


async def send(client: httpx.AsyncClient, text: str, key: str = "", **query: Any) -> httpx.Response:
    """Send a document as the body."""
    headers = {"content-type": "text/markdown"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    return await client.post("/v1/imports", params=query, content=text.encode(), headers=headers)


async def titles(client: httpx.AsyncClient) -> list[str]:
    """Return the titles that the bank serves."""
    return [item["title"] for item in (await client.get("/v1/questions")).json()["items"]]


async def test_a_dry_run_needs_no_key_and_writes_nothing(editor: httpx.AsyncClient) -> None:
    """Anyone may see what a document would become."""
    response = await send(editor, NOTES, dry_run=True, name="notes.md")
    report = schemas.ImportReport.model_validate(response.json()).documents[0]

    assert report.source == "notes"
    assert [question.title for question in report.questions] == ["什么是缓存？", "什么是缓存穿透？"]
    assert [question.line for question in report.questions] == [4, 8]
    assert await titles(editor) == []


async def test_an_import_does_what_its_dry_run_said(editor: httpx.AsyncClient, key: str) -> None:
    """With a key the same report comes back, and the questions are served."""
    planned = await send(editor, NOTES, dry_run=True, name="notes.md")
    written = await send(editor, NOTES, key, name="notes.md")
    again = await send(editor, NOTES, key, name="notes.md")

    assert written.json() == planned.json()
    assert await titles(editor) == ["什么是缓存？", "什么是缓存穿透？"]
    assert again.json()["documents"][0]["counts"]["unchanged"] == 2


async def test_several_documents_as_a_form(editor: httpx.AsyncClient, key: str) -> None:
    """A form carries several files, each a source of its own by its name."""
    files = [("files", (name, NOTES.encode(), "text/markdown")) for name in ("a.md", "b.md")]
    headers = {"authorization": f"Bearer {key}"}
    response = await editor.post("/v1/imports", files=files, headers=headers)

    assert [report["source"] for report in response.json()["documents"]] == ["a", "b"]
    assert len(await titles(editor)) == 4


async def test_one_source_twice_is_refused(editor: httpx.AsyncClient, key: str) -> None:
    """A second file of the same name would be taken for a new edition of the first."""
    files = [("files", ("a.md", NOTES.encode(), "text/markdown"))] * 2
    headers = {"authorization": f"Bearer {key}"}
    response = await editor.post("/v1/imports", files=files, headers=headers)

    assert_problem(response, 422, "same-source")
    assert await titles(editor) == []


async def test_one_unreadable_document_stops_all(editor: httpx.AsyncClient, key: str) -> None:
    """Nothing is written before every document has been read."""
    files = [
        ("files", ("a.md", NOTES.encode(), "text/markdown")),
        ("files", ("b.md", b"PK\x03\x04" + bytes(40), "text/markdown")),
    ]
    headers = {"authorization": f"Bearer {key}"}
    response = await editor.post("/v1/imports", files=files, headers=headers)
    problem = assert_problem(response, 422, "unreadable-document")

    assert problem.detail.startswith("b.md: this is an archive")
    assert await titles(editor) == []


async def test_missing_questions_are_archived_on_demand(
    editor: httpx.AsyncClient, key: str
) -> None:
    """What left the document stays served, until archiving is asked for; it can come back."""
    shorter = (
        NOTES.partition("## 2.")[0] + "## 3. 什么是缓存雪崩？\n\n**答案：** 大量缓存同时失效。\n"
    )
    await send(editor, NOTES, key, name="notes.md")
    kept = await send(editor, shorter, key, name="notes.md")
    before = await titles(editor)
    archived = await send(editor, shorter, key, name="notes.md", archive_missing=True)
    after = await titles(editor)
    await send(editor, NOTES, key, name="notes.md", archive_missing=True)

    assert kept.json()["documents"][0]["counts"]["missing"] == 1
    assert "什么是缓存穿透？" in before
    assert archived.json()["documents"][0]["counts"]["archived"] == 1
    assert after == ["什么是缓存？", "什么是缓存雪崩？"]
    assert await titles(editor) == ["什么是缓存？", "什么是缓存穿透？"]


@pytest.mark.parametrize("wrong", ["", "tk_", "tk_AAAAAAAAAAAA", "Basic", "密钥"])
async def test_writing_without_a_valid_key_is_refused(
    editor: httpx.AsyncClient, key: str, wrong: str
) -> None:
    """No key and a wrong key are told what to do, and write nothing."""
    del key
    headers = {b"authorization": f"Bearer {wrong}".encode()} if wrong else {}
    response = await editor.post("/v1/imports", content=NOTES.encode(), headers=headers)

    assert_problem(response, 401, "key-needed")
    assert response.headers["www-authenticate"] == "Bearer"
    assert await titles(editor) == []


async def test_a_key_with_its_end_cut_off_is_refused(editor: httpx.AsyncClient, key: str) -> None:
    """The visible beginning of a key opens nothing."""
    assert_problem(await send(editor, NOTES, key[:-1]), 401, "key-needed")


async def test_a_revoked_key_is_refused_at_once(
    editor: httpx.AsyncClient, database: Database, key: str
) -> None:
    """Revoking by the visible beginning ends a key."""
    async with database.writing() as db:
        await revoke_key(db, key[:11], now=NOW)

    assert_problem(await send(editor, NOTES, key), 401, "key-needed")


async def test_an_expired_key_is_refused(url: str, key: str) -> None:
    """A key ends at its time, not a second later."""
    for now, status in ((LATER - timedelta(seconds=1), 200), (LATER, 401)):
        app = create_app(Settings(database_url=url), now=lambda now=now: now)  # type: ignore[misc]
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://tiku"
        ) as client:
            assert (await send(client, NOTES, key)).status_code == status
        await app.state.context.database.close()


async def test_a_key_without_the_scope_is_refused(
    editor: httpx.AsyncClient, database: Database
) -> None:
    """A valid key for nothing says which scope is lacking."""
    async with database.writing() as db:
        powerless = await create_key(db, name="reader", scopes=[], now=NOW)
    problem = assert_problem(await send(editor, NOTES, powerless), 403, "scope-needed")

    assert "edit" in problem.detail


async def test_keys_are_kept_as_hashes(database: Database, key: str) -> None:
    """Neither the list of keys nor the table has the secret."""
    async with database.reading() as db:
        (summary,) = await list_keys(db)
        raw = await db.exec_driver_sql("SELECT * FROM api_key")

        assert summary.prefix == key[:11]
        assert key not in str(raw.all())


async def test_an_import_without_a_document_is_refused(editor: httpx.AsyncClient) -> None:
    """An empty body and a form without files are named as what they are."""
    empty = await editor.post("/v1/imports?dry_run=true")
    form = await editor.post(
        "/v1/imports?dry_run=true",
        content=b"--x--\r\n",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )

    assert_problem(empty, 422, "nothing-to-import")
    assert_problem(form, 422, "nothing-to-import")


async def test_unknown_parts_of_a_form_are_named(editor: httpx.AsyncClient) -> None:
    """A part of another name, or one that is no file, is refused: ignored, it would be missed."""
    response = await editor.post(
        "/v1/imports?dry_run=true",
        files=[("files", ("a.md", NOTES.encode())), ("file", ("b.md", NOTES.encode()))],
        data={"files": "no file", "profile": "headings"},
    )
    problem = assert_problem(response, 422, "invalid-request")

    assert sorted((error.location, error.field, error.code) for error in problem.errors) == [
        ("body", "file", "extra_forbidden"),
        ("body", "files", "no_file"),
        ("body", "profile", "extra_forbidden"),
    ]


async def test_a_reading_that_takes_too_long_is_refused(url: str, key: str) -> None:
    """The limit is a setting, over HTTP as at the command line, and nothing is written."""
    app = create_app(Settings(database_url=url, max_reading_seconds=1e-9), now=lambda: NOW)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tiku"
    ) as client:
        problem = assert_problem(await send(client, NOTES, key), 422, "unreadable-document")
        left = await titles(client)
    await app.state.context.database.close()

    assert "takes more than 1e-09 seconds" in problem.detail
    assert left == []


async def test_topics_deeper_than_the_setting_are_refused(url: str, key: str) -> None:
    """A path of more names than the setting says is named with its line, and nothing is written."""
    app = create_app(Settings(database_url=url, max_topic_depth=2), now=lambda: NOW)
    deep = "# 库\n\n## 一\n\n### 二\n\n#### 三\n\n##### 什么是缓存？\n\n**答案：** 副本。\n"
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tiku"
    ) as client:
        problem = assert_problem(await send(client, deep, key), 422, "unreadable-document")
        left = await titles(client)
    await app.state.context.database.close()

    assert "at 9: topics stand more than 2 levels deep" in problem.detail
    assert left == []


async def test_a_gift_with_categories_is_reported(editor: httpx.AsyncClient) -> None:
    """What is passed over in other formats has its words in the report too."""
    text = "$CATEGORY: $course$/top/网络\n\n::端口::默认端口是？ {=80 ~443}\n\n只是一段话\n"
    response = await send(editor, text, dry_run=True, name="net.gift")
    report = schemas.ImportReport.model_validate(response.json()).documents[0]

    assert [one.reason for one in report.passed_over] == ["container", "prose"]


async def test_the_work_of_an_import_is_done_off_the_event_loop(
    editor: httpx.AsyncClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading, planning, making rows and describing the plan hold up no other request."""
    threads: dict[str, set[str]] = {}

    def watch(module: Any, name: str) -> None:
        kept = getattr(module, name)

        def watched(*arguments: Any, **named: Any) -> Any:
            threads.setdefault(name, set()).add(threading.current_thread().name)
            return kept(*arguments, **named)

        monkeypatch.setattr(module, name, watched)

    for name in ("plan_import", "likely_ids", "_content_values"):
        watch(importing, name)
    watch(stored, "_item")
    watch(indexing, "words_of")
    watch(intake, "read_document")
    watch(intake, "describe_plans")
    for text in (NOTES, NOTES.replace("副本", "拷贝")):
        assert (await send(editor, text, key, name="notes.md")).status_code == 200

    assert len(threads) == 7
    assert threading.main_thread().name not in set().union(*threads.values())


async def test_a_large_document_has_a_process_of_its_own(
    editor: httpx.AsyncClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it does and says is the same, and readers see it at once."""
    planned = await send(editor, NOTES, dry_run=True)
    assert await titles(editor) == []
    monkeypatch.setattr(intake, "_LARGE", 1)
    monkeypatch.delattr(intake, "read_document")  # here nobody reads it
    apart = await send(editor, NOTES, dry_run=True)
    written = await send(editor, NOTES, key)

    assert apart.json() == written.json() == planned.json()
    assert await titles(editor) == ["什么是缓存？", "什么是缓存穿透？"]


async def test_what_is_wrong_with_a_large_document_is_said_as_of_any(
    editor: httpx.AsyncClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors come out of the process as they are."""
    text = NOTES + "\0"
    here = await send(editor, text, key)
    monkeypatch.setattr(intake, "_LARGE", 1)
    apart = await send(editor, text, key)

    assert_problem(apart, 422, "unreadable-document")
    assert apart.json() == here.json()


async def test_a_large_document_meets_a_database_without_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that fails in the process is what one that fails here is."""
    monkeypatch.setattr(intake, "_LARGE", 1)
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/empty.db"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tiku"
    ) as client:
        response = await send(client, NOTES, dry_run=True)
    await app.state.context.database.close()

    assert_problem(response, 503, "database-unavailable")


async def test_an_import_whose_process_fails_is_a_problem(
    editor: httpx.AsyncClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug there is not taken for the caller's, and nothing is written."""
    monkeypatch.setattr(intake, "_LARGE", 1)
    monkeypatch.setattr(intake, "take_in_process", len)  # which wants one argument, and gets three
    response = await send(editor, NOTES, key)

    assert_problem(response, 500, "import-failed")
    assert await titles(editor) == []


async def test_a_document_may_be_larger_than_other_bodies(url: str) -> None:
    """Documents have their own limit, and one over it is refused."""
    app = create_app(Settings(database_url=url, max_body_bytes=100, max_document_bytes=2_000))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://tiku"
    ) as client:
        fits = await send(client, NOTES, dry_run=True)
        large = await send(client, NOTES * 20, dry_run=True)
    await app.state.context.database.close()

    assert fits.status_code == 200
    assert_problem(large, 413, "too-large")
