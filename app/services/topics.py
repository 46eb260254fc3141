"""Topics as a tree, and tags: what an import makes of the names it meets."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from app.documents.document import Topic as DeclaredTopic
from app.errors import TopicCycleError, TopicsTooDeepError
from app.models import Question, Status, Tag, Topic
from app.text import compare_key, fold

Path = tuple[str, ...]
_DEEPEST = 100  # levels; what the settings allow a single document at most


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


async def list_topics(
    db: AsyncConnection, counts: Mapping[int | None, int] | None = None
) -> tuple[TopicNode, ...]:
    """Return the topic tree with its counts, siblings in the order in which they came.

    `counts` are questions by the row ids of their topics; then only topics that have any are in the
    tree. Without, all topics are, and all published questions count.
    """
    rows = await _load_rows(db)
    counted = await _count_questions(db) if counts is None else counts
    depths = {topic_id: len(path) for topic_id, path in _paths(rows).items()}
    children: defaultdict[int | None, list[TopicNode]] = defaultdict(list)
    # The deepest first, so that every topic finds its children made; siblings keep their order.
    for row in sorted(rows, key=lambda row: -depths[row.id]):
        below = tuple(children.pop(row.id, ()))
        total = counted.get(row.id, 0) + sum(child.questions for child in below)
        if total or counts is None:
            children[row.parent_id].append(TopicNode(row.slug, row.name, total, below))
    return tuple(children[None])


async def _count_questions(db: AsyncConnection) -> Mapping[int | None, int]:
    counted = await db.execute(
        sa.select(col(Question.topic_id), sa.func.count())
        .where(col(Question.status) == Status.PUBLISHED, col(Question.topic_id).is_not(None))
        .group_by(col(Question.topic_id))
    )
    return dict(counted.all())


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
    tree = _Tree(await _load_rows(db))
    await _save_declared(db, tree, declared)
    found = await _save_paths(db, tree, paths)
    tree.check_depth()
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


_Place = tuple[int | None, str]  # the parent's row id, and the name as names are compared


class _Tree:
    """The topics of a bank as they are written, found by slug and by place."""

    def __init__(self, rows: Iterable[TopicRow]) -> None:
        self.by_id: dict[int, TopicRow] = {}
        self.by_slug: dict[str, TopicRow] = {}
        self.by_place: dict[_Place, TopicRow] = {}
        self._numbers: Counter[str] = Counter()
        for row in rows:
            self.put(row)

    def put(self, row: TopicRow) -> None:
        """Add a topic, or put it in the place of what it was."""
        if old := self.by_id.get(row.id):
            place = (old.parent_id, compare_key(old.name))
            if self.by_place.get(place) == old:
                del self.by_place[place]
        self.by_id[row.id] = row
        self.by_slug[row.slug] = row
        # Of siblings with equal names the first one is meant.
        self.by_place.setdefault((row.parent_id, compare_key(row.name)), row)

    def is_below(self, row: TopicRow, other: TopicRow) -> bool:
        """Say whether a topic is another one or stands below it."""
        at: TopicRow | None = row
        while at is not None:
            if at.id == other.id:
                return True
            at = self.by_id.get(at.parent_id or 0)
        return False

    def free_slug(self, name: str, taken: Container[str]) -> str:
        """Return the name's slug, numbered if a topic of the bank or `taken` has it already."""
        base = slugify(name)
        slug = base
        while slug in self.by_slug or slug in taken:
            self._numbers[base] += 1
            slug = f"{base}-{self._numbers[base] + 1}"
        return slug

    def check_depth(self) -> None:
        """Raise TopicsTooDeepError where documents together have built a tower."""
        depths: dict[int, int] = {}
        for row in self.by_id.values():
            above = []
            at: TopicRow | None = row
            while at is not None and at.id not in depths:
                above.append(at.id)
                at = self.by_id.get(at.parent_id or 0)
            depth = depths[at.id] if at else 0
            for topic_id in reversed(above):
                depth += 1
                depths[topic_id] = depth
            if depth > _DEEPEST:
                raise TopicsTooDeepError(slug=row.slug, limit=_DEEPEST)


@dataclass(frozen=True, slots=True)
class _NewTopic:
    """A topic that is not there yet; its parent is."""

    slug: str
    name: str
    parent_id: int | None


async def _save_paths(
    db: AsyncConnection, tree: _Tree, paths: Iterable[Path]
) -> dict[Path, TopicRow]:
    """Return the topic of each path, made where it is missing, level by level."""
    ends: dict[Path, TopicRow | None] = dict.fromkeys(paths)
    for depth in range(max(map(len, ends), default=0)):
        places = {
            path: (row.id if row else None, compare_key(path[depth]))
            for path, row in ends.items()
            if len(path) > depth
        }
        names = {place: path[depth] for path, place in reversed(places.items())}
        await _add(db, tree, _missing(tree, {place: names[place] for place in places.values()}))
        ends |= {path: tree.by_place[place] for path, place in places.items()}
    return {path: row for path, row in ends.items() if row is not None}


def _missing(tree: _Tree, names: Mapping[_Place, str]) -> list[_NewTopic]:
    """Return the topics of these places that are not there; those above them are."""
    new = []
    slugs: set[str] = set()
    for place, name in names.items():
        if place not in tree.by_place:
            slug = tree.free_slug(name, slugs)
            slugs.add(slug)
            new.append(_NewTopic(slug, name, place[0]))
    return new


async def _save_declared(
    db: AsyncConnection, tree: _Tree, declared: Sequence[DeclaredTopic]
) -> None:
    """Write declared topics in their order, new ones together as far as their parents are there."""
    new: dict[str, _NewTopic] = {}
    for topic in declared:
        if topic.parent == topic.slug:
            raise TopicCycleError(slug=topic.slug, parent=topic.slug)
        if topic.parent in new or topic.slug in new:
            await _add(db, tree, list(new.values()))
            new = {}
        parent = tree.by_slug.get(topic.parent or "")
        parent_id = parent.id if parent else None
        existing = tree.by_slug.get(topic.slug)
        if existing is None:
            new[topic.slug] = _NewTopic(topic.slug, topic.name, parent_id)
            continue
        if parent is not None and tree.is_below(parent, existing):
            raise TopicCycleError(slug=topic.slug, parent=parent.slug)
        wanted = TopicRow(existing.id, topic.slug, topic.name, parent_id)
        if wanted != existing:
            await db.execute(
                sa.update(Topic)
                .where(col(Topic.id) == existing.id)
                .values(name=wanted.name, parent_id=wanted.parent_id)
            )
            tree.put(wanted)
    await _add(db, tree, list(new.values()))


async def _add(db: AsyncConnection, tree: _Tree, new: Sequence[_NewTopic]) -> None:
    """Write topics behind all others; the tree has them then."""
    if not new:
        return
    rows = [
        {"slug": one.slug, "name": one.name, "parent_id": one.parent_id, "position": position}
        for position, one in enumerate(new, start=len(tree.by_id))
    ]
    columns = (col(Topic.id), col(Topic.slug), col(Topic.name), col(Topic.parent_id))
    insert = sa.insert(Topic).returning(*columns, sort_by_parameter_order=True)
    for row in await db.execute(insert, rows):
        tree.put(TopicRow(*row))


async def _tag_ids(db: AsyncConnection) -> dict[str, int]:
    result = await db.execute(sa.select(col(Tag.name), col(Tag.id)))
    return dict(result.all())
