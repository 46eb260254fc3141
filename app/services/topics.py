"""Topics as a tree, and tags: what an import makes of the names it meets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.documents.document import Topic as DeclaredTopic
from app.errors import TopicCycleError
from app.models import Question, Status, Tag, Topic
from app.text import compare_key, fold

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicNode:
    """A topic as browsed: `questions` counts the published ones in it and below."""

    slug: str
    name: str
    questions: int
    children: tuple["TopicNode", ...]


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic's row."""

    id: int
    slug: str
    name: str
    parent_id: int | None


async def list_topics(db: AsyncConnection) -> tuple[TopicNode, ...]:
    """Return the topic tree with its counts, siblings in the order in which they came."""
    rows = await _load_rows(db)
    counted = await db.execute(
        sa.select(col(Question.topic_id), sa.func.count())
        .where(col(Question.status) == Status.PUBLISHED, col(Question.topic_id).is_not(None))
        .group_by(col(Question.topic_id))
    )
    counts: dict[int | None, int] = dict(counted.all())

    def node(row: TopicRow) -> TopicNode:
        children = tuple(node(child) for child in rows if child.parent_id == row.id)
        own = counts.get(row.id, 0)
        return TopicNode(
            row.slug, row.name, own + sum(child.questions for child in children), children
        )

    return tuple(node(row) for row in rows if row.parent_id is None)


async def load_topic_paths(db: AsyncConnection) -> dict[int, Path]:
    """Return for each topic's id the names from the root of the tree down to it."""
    return _paths(await _load_rows(db))


async def declare_topics(db: AsyncConnection, paths: Iterable[Path]) -> tuple[DeclaredTopic, ...]:
    """Return the topics of these paths and all above them as declarations, parents first."""
    rows = await _load_rows(db)
    slugs = {row.id: row.slug for row in rows}
    by_path = {path: topic_id for topic_id, path in _paths(rows).items()}
    wanted = {by_path[path[:depth]] for path in set(paths) for depth in range(1, len(path) + 1)}
    declared = [
        DeclaredTopic(row.slug, row.name, slugs.get(row.parent_id or 0))
        for row in rows
        if row.id in wanted
    ]
    depth = {slugs[topic_id]: len(path) for path, topic_id in by_path.items()}
    return tuple(sorted(declared, key=lambda topic: depth[topic.slug]))


def _paths(rows: Sequence[TopicRow]) -> dict[int, Path]:
    by_id = {row.id: row for row in rows}
    paths: dict[int, Path] = {}
    for topic_id in by_id:
        names: list[str] = []
        at: int | None = topic_id
        while at is not None:
            names.append(by_id[at].name)
            at = by_id[at].parent_id
        paths[topic_id] = tuple(reversed(names))
    return paths


async def save_topics(
    db: AsyncConnection, declared: Sequence[DeclaredTopic], paths: Iterable[Path]
) -> dict[Path, TopicRow]:
    """Make sure that declared topics and named paths exist; return the topic of each path.

    A declared topic is found by its slug and takes the declared name and place. A path is walked
    by name from the root, and what is not there is made with a slug read off its name.
    """
    rows = await _load_rows(db)
    for topic in declared:
        await _save_declared(db, rows, topic)
    found = {}
    for path in dict.fromkeys(paths):
        at: TopicRow | None = None
        for name in path:
            at = _child(rows, at, name) or await _add(db, rows, name, at, _free_slug(rows, name))
        if at is not None:
            found[path] = at
    return found


async def save_tags(db: AsyncConnection, names: Iterable[str]) -> dict[str, int]:
    """Make sure that tags exist; return their row ids by name."""
    wanted = set(names)
    known = await _tag_ids(db)
    missing = sorted(wanted - known.keys())
    if missing:
        await db.execute(sa.insert(Tag), [{"name": name} for name in missing])
        known = await _tag_ids(db)
    return {name: known[name] for name in wanted}


def slugify(name: str) -> str:
    """Return a name as a public slug: normal form, letters of any script and digits, hyphens."""
    words = "".join(character if character.isalnum() else " " for character in fold(name)).split()
    return "-".join(words) or "topic"


async def _load_rows(db: AsyncConnection) -> list[TopicRow]:
    columns = (col(Topic.id), col(Topic.slug), col(Topic.name), col(Topic.parent_id))
    result = await db.execute(sa.select(*columns).order_by(col(Topic.position), col(Topic.id)))
    return [TopicRow(*row) for row in result]


async def _save_declared(db: AsyncConnection, rows: list[TopicRow], topic: DeclaredTopic) -> None:
    if topic.parent == topic.slug:
        raise TopicCycleError(slug=topic.slug, parent=topic.slug)
    parent = next((row for row in rows if row.slug == topic.parent), None)
    existing = next((row for row in rows if row.slug == topic.slug), None)
    if existing is None:
        await _add(db, rows, topic.name, parent, topic.slug)
        return
    if parent is not None and _is_below(rows, parent, existing):
        raise TopicCycleError(slug=topic.slug, parent=parent.slug)
    wanted = TopicRow(existing.id, topic.slug, topic.name, parent.id if parent else None)
    if wanted != existing:
        await db.execute(
            sa.update(Topic)
            .where(col(Topic.id) == existing.id)
            .values(name=wanted.name, parent_id=wanted.parent_id)
        )
        rows[rows.index(existing)] = wanted


def _is_below(rows: Sequence[TopicRow], row: TopicRow, other: TopicRow) -> bool:
    """Say whether a topic is another one or stands below it."""
    by_id = {one.id: one for one in rows}
    at: TopicRow | None = row
    while at is not None:
        if at.id == other.id:
            return True
        at = by_id.get(at.parent_id or 0)
    return False


def _child(rows: Sequence[TopicRow], parent: TopicRow | None, name: str) -> TopicRow | None:
    parent_id = parent.id if parent else None
    key = compare_key(name)
    return next(
        (row for row in rows if row.parent_id == parent_id and compare_key(row.name) == key), None
    )


async def _add(
    db: AsyncConnection, rows: list[TopicRow], name: str, parent: TopicRow | None, slug: str
) -> TopicRow:
    parent_id = parent.id if parent else None
    result = await db.execute(
        sa.insert(Topic)
        .values(slug=slug, name=name, parent_id=parent_id, position=len(rows))
        .returning(col(Topic.id))
    )
    row = TopicRow(result.scalar_one(), slug, name, parent_id)
    rows.append(row)
    return row


def _free_slug(rows: Sequence[TopicRow], name: str) -> str:
    """Return the name's slug, numbered if another topic has it already."""
    taken = {row.slug for row in rows}
    slug, number = slugify(name), 1
    while slug in taken:
        number += 1
        slug = f"{slugify(name)}-{number}"
    return slug


async def _tag_ids(db: AsyncConnection) -> dict[str, int]:
    result = await db.execute(sa.select(col(Tag.name), col(Tag.id)))
    return dict(result.all())
