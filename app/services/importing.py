"""Importing: a parsed document becomes a plan, and a plan becomes rows, in one transaction.

The command line, HTTP and the seed go the same way: a document is read, then imported here.
"""

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.database import Database
from app.documents.collecting import without_collections
from app.documents.diff import WRITING, Entry, Plan, Stored, Verdict, likely_ids, plan_import
from app.documents.document import Document
from app.documents.sources import split_sources
from app.models import (
    AnswerPoint,
    Change,
    ChangeAction,
    Choice,
    Question,
    QuestionRevision,
    QuestionTag,
    Source,
    Status,
    table_of,
)
from app.services.bulk import insert_rows, update_rows
from app.services.indexing import add_to_index, remove_from_index
from app.services.rendering import Placed, join_halves, render_answer, render_prompt
from app.services.stored import chunks, fetch_rows, load_questions, load_source
from app.services.topics import Path, TopicRow, save_tags, save_topics

Row = dict[str, Any]
_Values = tuple[object, ...]
# What follows from the content of a question, whether it is new or changed.
_CONTENT = (
    "topic_id",
    "key",
    "number",
    "title",
    "prompt",
    "answer",
    "explanation",
    "kind",
    "difficulty",
    "language",
    "ordered",
    "status",
    "completion",
    "revision",
    "updated_at",
    "rendered_prompt",
    "rendered_answer",
)
_NEW = (*_CONTENT, "public_id", "source_id", "position", "line", "created_at")
_POINT = (
    "question_id",
    "position",
    "title",
    "text",
    "weight",
    "required",
    "aliases",
    "accepted",
    "origin",
)
_CHOICE = ("question_id", "position", "text", "correct")
_REVISION = ("question_id", "revision", "content", "fields", "author", "created_at")
_CHANGE = ("question_public_id", "action", "reason", "created_at")
# Questions that are written together: between two such lots, others are served.
_TOGETHER = 250
_REWRITING = frozenset({Verdict.UPDATED, Verdict.ARCHIVED})
_MANY = 500  # new questions that make the statistics of the bank worth renewing
_ACTIONS = {
    Verdict.CREATED: ChangeAction.UPSERT,
    Verdict.UPDATED: ChangeAction.UPSERT,
    Verdict.ARCHIVED: ChangeAction.DELETE,
}


async def import_document(
    database: Database,
    document: Document,
    *,
    now: datetime,
    author: str,
    dry_run: bool = False,
    archive_missing: bool = False,
) -> Plan:
    """Plan the import of a document of one source, and carry it out unless it is a dry run.

    Else as `import_sources`.
    """
    (plan,) = await import_sources(
        database,
        document,
        now=now,
        author=author,
        dry_run=dry_run,
        archive_missing=archive_missing,
    )
    return plan


async def import_sources(
    database: Database,
    document: Document,
    *,
    now: datetime,
    author: str,
    dry_run: bool = False,
    archive_missing: bool = False,
) -> list[Plan]:
    """Plan a document's import and carry it out in one transaction, unless it is a dry run.

    Returns a plan for each source that has questions in the document. `author` is named in the
    revisions. What is gone from the document is only archived where `archive_missing` says so.
    """
    parts = split_sources(document)
    if dry_run:
        async with database.reading() as db:
            return [await plan_document(db, one, archive_missing=archive_missing) for one in parts]
    async with database.writing() as db:
        return [
            await _import_part(db, one, now, author, archive_missing=archive_missing)
            for one in parts
        ]


async def _import_part(
    db: AsyncConnection, document: Document, now: datetime, author: str, *, archive_missing: bool
) -> Plan:
    with without_collections():
        plan = await plan_document(db, document, archive_missing=archive_missing)
        await carry_out(db, plan, now=now, author=author)
    return plan


async def plan_document(
    db: AsyncConnection, document: Document, *, archive_missing: bool = False
) -> Plan:
    """Return what importing a document would do to the bank; writes nothing.

    A document that names the public id of another source's question means that question; so does
    one whose question would be given it, as after a bank was restored from a mixed export.
    """
    stored = await load_source(db, document.slug)
    likely = await asyncio.to_thread(likely_ids, document)
    likely -= {one.id for one in stored}
    elsewhere = [replace(one, elsewhere=True) for one in await load_questions(db, likely)]
    return await asyncio.to_thread(
        _plan, [*stored, *elsewhere], document, archive_missing=archive_missing
    )


def _plan(stored: Sequence[Stored], document: Document, *, archive_missing: bool) -> Plan:
    with without_collections():
        return plan_import(stored, document, archive_missing=archive_missing)


async def carry_out(db: AsyncConnection, plan: Plan, *, now: datetime, author: str) -> None:
    """Write a plan that was made in this transaction; `author` is named in the revisions.

    Questions that are missing from the document or suspect stay as they are.
    """
    work = await _prepare(db, plan, now, author)
    await _create(db, work, [e for e in plan.entries if e.verdict is Verdict.CREATED])
    await _update(db, work, [e for e in plan.entries if e.verdict in _REWRITING])
    await _place(db, work, plan.entries)
    if plan.count(Verdict.CREATED) >= _MANY:
        # Else the database would plan its reads for the bank as it was before.
        await db.exec_driver_sql(f"ANALYZE {table_of(Question).name}")


@dataclass(frozen=True, slots=True)
class _Work:
    """What every row of one import needs: the source, topics and tags by row id, when and who."""

    slug: str
    source_id: int
    topics: Mapping[Path, TopicRow]
    tags: Mapping[str, int]
    now: datetime
    author: str


async def _prepare(db: AsyncConnection, plan: Plan, now: datetime, author: str) -> _Work:
    written = [entry.item for entry in plan.entries if entry.verdict in WRITING]
    return _Work(
        slug=plan.document.slug,
        source_id=await _save_source(db, plan.document, now),
        topics=await save_topics(
            db, plan.document.topics, [item.topics for item in written if item.topics]
        ),
        tags=await save_tags(db, {tag for item in written for tag in item.tags or ()}),
        now=now,
        author=author,
    )


async def _save_source(db: AsyncConnection, document: Document, now: datetime) -> int:
    """Write what the document says of itself, if that is new; return the source's row id."""
    said: Row = {
        "title": document.title,
        "language": document.language,
        "format": document.format,
        "sha256": document.sha256,
        "url": document.url,
        "licence": document.licence,
    }
    columns = [col(Source.id), *(sa.column(name) for name in said)]
    row = (
        await db.execute(
            sa.select(*columns).select_from(Source).where(col(Source.slug) == document.slug)
        )
    ).one_or_none()
    if row is None:
        values = said | {"slug": document.slug, "imported_at": now}
        result = await db.execute(sa.insert(Source).values(values).returning(col(Source.id)))
        return result.scalar_one()
    stored = row._mapping  # noqa: SLF001 (SQLAlchemy's public name for it)
    news = {name: value for name, value in said.items() if value not in {None, stored[name]}}
    if news:
        news["imported_at"] = now
        await db.execute(sa.update(Source).where(col(Source.id) == row.id).values(news))
    return int(row.id)


async def _create(db: AsyncConnection, work: _Work, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    last = await db.scalar(sa.select(sa.func.max(col(Question.id))))
    for some in chunks(entries, _TOGETHER):
        await insert_rows(db, Question, _NEW, await asyncio.to_thread(_new_rows, work, some))
    created = dict(zip(await _ids_after(db, last or 0), entries, strict=True))
    await _write_parts(db, work, created)
    await _index(db, created)
    await _record_changes(db, work, entries)


async def _ids_after(db: AsyncConnection, last: int) -> list[int]:
    """Return the row ids above one, in order: there is one writer, so they are of its rows."""
    query = sa.select(col(Question.id)).where(col(Question.id) > last).order_by(col(Question.id))
    return [row.id for row in await fetch_rows(db, query)]


def _new_rows(work: _Work, entries: Sequence[Entry]) -> list[_Values]:
    return [
        (
            *_content_values(work, entry, revision=1, source=work.slug),
            entry.id,
            work.source_id,
            entry.position,
            entry.line,
            work.now,
        )
        for entry in entries
    ]


@dataclass(frozen=True, slots=True)
class _Version:
    """A question before its update: its row, its revision, and its JSON."""

    id: int
    revision: int
    content: Row


async def _update(db: AsyncConnection, work: _Work, entries: Sequence[Entry]) -> None:
    before = await _load_versions(db, [entry.id for entry in entries])
    for some in chunks(entries, _TOGETHER):
        rows = await asyncio.to_thread(_changed_rows, work, some, before)
        await update_rows(db, Question, (*_CONTENT, "id"), rows)
        revisions = [_revision_values(work, before[entry.id], entry) for entry in some]
        await insert_rows(db, QuestionRevision, _REVISION, revisions)
    ids = [old.id for old in before.values()]
    for part in (AnswerPoint, Choice, QuestionTag):
        for lot in chunks(ids):
            await db.execute(sa.delete(part).where(col(part.question_id).in_(lot)))
    changed = {before[entry.id].id: entry for entry in entries}
    await _write_parts(db, work, changed)
    await remove_from_index(db, ids)
    await _index(db, changed)
    await _record_changes(db, work, entries)


def _changed_rows(
    work: _Work, entries: Sequence[Entry], before: Mapping[uuid.UUID, _Version]
) -> list[_Values]:
    return [
        (
            *_content_values(work, entry, revision=old.revision + 1, source=old.content["source"]),
            old.id,
        )
        for entry in entries
        for old in (before[entry.id],)
    ]


async def _index(db: AsyncConnection, entries: Mapping[int, Entry]) -> None:
    """Have questions found, by their row ids, those of them that are served."""
    await add_to_index(
        db,
        {
            row_id: entry.item
            for row_id, entry in entries.items()
            if _status(entry) is Status.PUBLISHED
        },
    )


def _content_values(work: _Work, entry: Entry, *, revision: int, source: str) -> _Values:
    """Return what follows from the content, new or changed, in the order of `_CONTENT`."""
    item = entry.item
    topic = work.topics.get(item.topics)
    status = _status(entry)
    placed = Placed(
        entry.id, item, source, topic.slug if topic else None, status, revision, work.now
    )
    return (
        topic.id if topic else None,
        item.key,
        item.number,
        item.title,
        item.prompt,
        item.answer,
        item.explanation,
        item.kind,
        item.difficulty,
        item.language,
        bool(item.ordered),
        status,
        item.completion,
        revision,
        work.now,
        render_prompt(placed),
        render_answer(item),
    )


def _status(entry: Entry) -> Status:
    if entry.verdict is Verdict.ARCHIVED:
        return Status.ARCHIVED
    return Status.DRAFT if entry.draft else Status.PUBLISHED


async def _write_parts(db: AsyncConnection, work: _Work, entries: Mapping[int, Entry]) -> None:
    """Write points, choices and tags of questions, by their row ids, that have none."""
    for some in chunks(list(entries.items()), _TOGETHER):
        points = [row for key, entry in some for row in _point_values(key, entry)]
        choices = [row for key, entry in some for row in _choice_values(key, entry)]
        tags = [
            (key, work.tags[tag])
            for key, entry in some
            for tag in dict.fromkeys(entry.item.tags or ())
        ]
        await insert_rows(db, AnswerPoint, _POINT, points)
        await insert_rows(db, Choice, _CHOICE, choices)
        await insert_rows(db, QuestionTag, ("question_id", "tag_id"), tags)


def _point_values(question_id: int, entry: Entry) -> list[_Values]:
    return [
        (
            question_id,
            position,
            point.title,
            point.text,
            point.weight,
            point.required,
            point.aliases,
            point.accepted,
            point.origin,
        )
        for position, point in enumerate(entry.item.points, start=1)
    ]


def _choice_values(question_id: int, entry: Entry) -> list[_Values]:
    return [
        (question_id, position, choice.text, choice.correct)
        for position, choice in enumerate(entry.item.choices, start=1)
    ]


async def _load_versions(
    db: AsyncConnection, ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, _Version]:
    columns = (
        col(Question.public_id),
        col(Question.id),
        col(Question.revision),
        col(Question.rendered_prompt),
        col(Question.rendered_answer),
    )
    versions = {}
    for some in chunks(ids):
        for row in await db.execute(sa.select(*columns).where(col(Question.public_id).in_(some))):
            content = orjson.loads(join_halves(row.rendered_prompt, row.rendered_answer))
            versions[row.public_id] = _Version(row.id, row.revision, content)
    return versions


def _revision_values(work: _Work, old: _Version, entry: Entry) -> _Values:
    return old.id, old.revision, old.content, entry.fields, work.author, work.now


async def _record_changes(db: AsyncConnection, work: _Work, entries: Sequence[Entry]) -> None:
    for some in chunks(entries, _TOGETHER):
        rows = [(one.id, _ACTIONS[one.verdict], one.verdict, work.now) for one in some]
        await insert_rows(db, Change, _CHANGE, rows)


async def _place(db: AsyncConnection, work: _Work, entries: Iterable[Entry]) -> None:
    """Follow the document's order and lines; where a question stands is no change of it.

    Questions of other sources stay where they stand there.
    """
    entries = [
        entry
        for entry in entries
        if entry.position is not None and entry.verdict is not Verdict.CREATED
    ]
    if not entries:
        return
    columns = (col(Question.public_id), col(Question.position), col(Question.line))
    query = sa.select(*columns).where(col(Question.source_id) == work.source_id)
    rows = await fetch_rows(db, query)
    placed = {row.public_id: (row.position, row.line) for row in rows}
    moved = [
        (entry.position, entry.line, entry.id)
        for entry in entries
        if entry.id in placed and placed[entry.id] != (entry.position, entry.line)
    ]
    for some in chunks(moved, _TOGETHER):
        await update_rows(db, Question, ("position", "line", "public_id"), some)
