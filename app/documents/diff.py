"""What an import would do: the difference of a document and what the bank has of its source.

Nothing is written here and nothing is read: the plan is data, to be shown, or to be carried out.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.documents.document import Document, Item, Point, as_uuid
from app.documents.matching import match_items
from app.text import compare_key, detect_language

_UNSAID = Point(text="")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tiku:question")
_CONTENT = (
    "title",
    "prompt",
    "answer",
    "explanation",
    "points",
    "choices",
    "kind",
    "topics",
    "tags",
    "difficulty",
    "language",
    "ordered",
    "number",
    "completion",
    "key",
)


class Verdict(StrEnum):
    """What an import does with one question; docs/documents.md explains each."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    ARCHIVED = "archived"
    SUSPECT = "suspect"


WRITING = frozenset({Verdict.CREATED, Verdict.UPDATED, Verdict.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Stored:
    """A question as the bank has it: its public id, and what the bank would export.

    `source` is the slug of its source. `elsewhere` says that it is not the document's own source,
    and the question only here because the document may mean it.
    """

    id: uuid.UUID
    item: Item
    source: str = ""
    draft: bool = False
    archived: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """The fate of one question.

    `item` is what the bank will have: the document's words, completed by what the bank knows and
    the document does not say. For MISSING, ARCHIVED and SUSPECT it is what the bank has.
    `fields` are those that change, `position` counts from 0 in the document, `line` is where the
    document has it, `reason` names `plan.<reason>` in the messages.
    """

    verdict: Verdict
    id: uuid.UUID
    item: Item
    position: int | None = None
    line: int | None = None
    fields: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def draft(self) -> bool:
        """Whether the question is, or will be, kept from readers until somebody completes it."""
        return is_draft(self.item)


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing `document` would do, in the document's order, then what is gone from it."""

    document: Document
    entries: tuple[Entry, ...]

    def count(self, verdict: Verdict) -> int:
        """Return how many questions have this fate."""
        return sum(1 for entry in self.entries if entry.verdict is verdict)

    @property
    def changes_nothing(self) -> bool:
        """Whether no question would be created, updated or archived."""
        return not any(entry.verdict in WRITING for entry in self.entries)


def plan_import(
    stored: Sequence[Stored], document: Document, *, archive_missing: bool = False
) -> Plan:
    """Return the plan of importing a document over the stored questions of its source.

    What is gone from the document is kept and listed as missing, or archived if that is wanted.
    """
    # A key is unique within its source only.
    known = [replace(one.item, key=None) if one.elsewhere else one.item for one in stored]
    pairs = match_items(known, document.items, [str(one.id) for one in stored])
    new_ids = _NewIds(document.slug, {one.id for one in stored})
    entries = []
    for position, item in enumerate(document.items):
        if position in pairs:
            entries.append(_compare(stored[pairs[position]], item, position, document))
        else:
            entries.append(_create(new_ids, item, position, document))
    kept = set(pairs.values())
    gone = [
        one
        for index, one in enumerate(stored)
        if index not in kept and not one.archived and not one.elsewhere
    ]
    # A document that breaks off, or has nothing left, says nothing of what it lacks.
    archive = archive_missing and bool(entries) and not any(i.truncated for i in document.items)
    fate = Verdict.ARCHIVED if archive else Verdict.MISSING
    fields = ("status",) if archive else ()
    lost = (Entry(fate, one.id, one.item, fields=fields) for one in gone)
    return Plan(document, (*entries, *lost))


def is_draft(item: Item) -> bool:
    """Say whether an item is not fit to be served: it breaks off and nobody has completed it."""
    return item.truncated and item.completion is None


class _NewIds:
    """Public ids for new questions: the same wherever the same document is imported."""

    def __init__(self, slug: str, taken: set[uuid.UUID]) -> None:
        self._slug = slug
        self._taken = taken
        self._equals: Counter[str] = Counter()

    def take(self, item: Item) -> uuid.UUID:
        """Return the id of the item's own key if that is one, else one made of source and title.

        Among equal titles the order in the document tells them apart.
        """
        for candidate in self._candidates(item, _identity(item)):
            if candidate not in self._taken:
                self._taken.add(candidate)
                return candidate
        raise AssertionError("unreachable: candidates never end")

    def _candidates(self, item: Item, identity: str) -> Iterator[uuid.UUID]:
        explicit = _named_id(item)
        if explicit:
            yield explicit
        while True:
            self._equals[identity] += 1
            yield _derived(self._slug, identity, self._equals[identity])


def likely_ids(document: Document) -> set[uuid.UUID]:
    """Return the public ids that a document's questions name, or would be given first."""
    named = {public_id for item in document.items if (public_id := _named_id(item))}
    return named | {_derived(document.slug, _identity(item), 1) for item in document.items}


def _identity(item: Item) -> str:
    return item.key or compare_key(item.title)


def _derived(slug: str, identity: str, place: int) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{slug}\n{identity}\n{place}")


def _named_id(item: Item) -> uuid.UUID | None:
    """Return the public id that an item says it has, beside its key or as its key."""
    return item.public_id or as_uuid(item.key)


def _own_key(item: Item) -> str | None:
    """Return the key that an item has beside the public id, None where it has no other."""
    return item.key if item.public_id or not as_uuid(item.key) else None


def _create(ids: _NewIds, item: Item, position: int, document: Document) -> Entry:
    complete = _with_language(item, document)
    if complete.key != _own_key(item):
        complete = replace(complete, key=None)
    return Entry(Verdict.CREATED, ids.take(item), complete, position, item.line)


def _compare(old: Stored, item: Item, position: int, document: Document) -> Entry:
    if is_draft(item) and not old.draft:
        # A cut copy of a complete question: losing the rest would be worse than staying behind.
        return Entry(
            Verdict.SUSPECT, old.id, old.item, position, item.line, reason="cut_copy_of_complete"
        )
    new = _with_language(_inherit(item, old.item), document)
    fields = tuple(name for name in _CONTENT if _content(new, name) != _content(old.item, name))
    if old.archived or old.draft != is_draft(new):
        fields = (*fields, "status")
    verdict = Verdict.UPDATED if fields else Verdict.UNCHANGED
    return Entry(verdict, old.id, new, position, item.line, fields)


def _content(item: Item, field: str) -> object:
    """Return a field as it is compared: tags have no order."""
    value = getattr(item, field)
    return frozenset(value or ()) if field == "tags" else value


def _inherit(item: Item, old: Item) -> Item:
    """Complete an item by what the bank knows of it and the document leaves unsaid."""
    return replace(
        item,
        key=_own_key(item) or old.key,
        topics=item.topics or old.topics,
        tags=old.tags if item.tags is None else item.tags,
        difficulty=old.difficulty if item.difficulty is None else item.difficulty,
        ordered=old.ordered if item.ordered is None else item.ordered,
        points=_inherit_points(item.points, old.points),
    )


def _inherit_points(points: tuple[Point, ...], old: tuple[Point, ...]) -> tuple[Point, ...]:
    """Give points the names, wordings, weight and requirement that their old selves have."""
    known = {_point_identity(point): point for point in old if _is_enriched(point)}
    if not known:
        return points
    return tuple(
        _inherit_point(point, known.get(_point_identity(point), point)) for point in points
    )


def _is_enriched(point: Point) -> bool:
    said = point.aliases or point.accepted or point.required
    return bool(said) or point.weight != _UNSAID.weight


def _inherit_point(point: Point, old: Point) -> Point:
    return replace(
        point,
        aliases=point.aliases or old.aliases,
        accepted=point.accepted or old.accepted,
        weight=old.weight if point.weight == _UNSAID.weight else point.weight,
        required=point.required or old.required,
    )


def _point_identity(point: Point) -> str:
    return compare_key(point.title or point.text)


def _with_language(item: Item, document: Document) -> Item:
    language = (
        item.language
        or document.language
        or detect_language(f"{item.title}\n{item.prompt}\n{item.answer}")
    )
    # Order that does not matter is what silence means, so that a re-import finds no difference.
    return replace(item, language=language, tags=item.tags or (), ordered=item.ordered or None)
