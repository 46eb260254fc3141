"""Overlays: what editors know about a document beyond its words, kept in a TOML file beside it.

An overlay names topics as a tree, places questions in it, gives tags, difficulty and accepted
aliases, and completes questions that the document cuts off. It is applied to the parsed document,
so the document's bytes stay the author's.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.documents.characters import is_text
from app.documents.document import (
    Document,
    DocumentWarning,
    Item,
    Origin,
    Point,
    Topic,
    WarningKind,
)
from app.documents.markdown.points import read_points
from app.errors import BadOverlayError
from app.text import compare_key

_T = TypeVar("_T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DocumentOverlay(_Strict):
    """What is said of the document as a whole; each replaces the document's own word."""

    slug: str | None = None
    title: str | None = None
    language: str | None = None
    url: str | None = None
    licence: str | None = None


class TopicOverlay(_Strict):
    """A topic: its public slug, its name, and the slug of the topic above it."""

    slug: str
    name: str
    parent: str | None = None


class Completion(_Strict):
    """The editors' words for a question that breaks off: whole answer and explanation, and a note.

    Points that the document has stay the document's; the others are marked as the editors'.
    """

    note: str
    answer: str
    explanation: str = ""


class QuestionOverlay(_Strict):
    """What is said of one question, found by its title.

    Points are named by their title, or by their number from 1: `aliases` gives them other names,
    `accepted` other wordings of the whole, `weights` their weight; those in `required` must be
    there. `ordered` says that the points must come in their order.
    """

    title: str
    topic: str | None = None
    tags: tuple[str, ...] | None = None
    difficulty: int | None = Field(default=None, ge=1, le=5)
    ordered: bool | None = None
    aliases: Mapping[str, tuple[str, ...]] = {}
    accepted: Mapping[str, tuple[str, ...]] = {}
    weights: Mapping[str, Annotated[float, Field(gt=0)]] = {}
    required: tuple[str | int, ...] = ()
    completion: Completion | None = None


class Overlay(_Strict):
    """A whole overlay file."""

    document: DocumentOverlay = DocumentOverlay()
    topics: tuple[TopicOverlay, ...] = ()
    questions: tuple[QuestionOverlay, ...] = ()


def read_overlay(data: bytes, name: str) -> Overlay:
    """Parse an overlay file; raises BadOverlayError that names the place and the fault."""
    try:
        values = tomllib.loads(data.decode())
        overlay = Overlay.model_validate(values)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadOverlayError(name=name, where="TOML", reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadOverlayError(name=name, where=where, reason=first["msg"]) from error
    for text in _texts(values):
        if not is_text(text):
            raise BadOverlayError(name=name, where=repr(text), reason="bad-overlay.no_text")
    _check_topics(overlay, name)
    return overlay


def _texts(value: object) -> Iterator[str]:
    """Yield all texts inside a TOML value, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for member in value.items() for part in member for text in _texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _texts(part))


def apply_overlay(document: Document, overlay: Overlay) -> Document:
    """Return the document with the overlay's knowledge added; warns of entries that fit nothing."""
    by_title = {compare_key(entry.title): entry for entry in overlay.questions}
    items = tuple(
        _apply_to_item(item, by_title.get(compare_key(item.title)), overlay)
        for item in document.items
    )
    said = overlay.document.model_dump(exclude_none=True)
    topics = tuple(Topic(topic.slug, topic.name, topic.parent) for topic in overlay.topics)
    warnings = (*document.warnings, *_unmatched(items, overlay))
    return replace(document, items=items, topics=topics, warnings=warnings, **said)


def _check_topics(overlay: Overlay, name: str) -> None:
    """Make sure that every topic that is named stands before its use, and only once."""
    known: set[str] = set()
    for topic in overlay.topics:
        if topic.slug in known:
            raise BadOverlayError(name=name, where=f"topic {topic.slug}", reason="named twice")
        if topic.parent is not None and topic.parent not in known:
            raise BadOverlayError(
                name=name, where=f"topic {topic.slug}", reason=f"no topic {topic.parent} above it"
            )
        known.add(topic.slug)
    for question in overlay.questions:
        if question.topic is not None and question.topic not in known:
            raise BadOverlayError(
                name=name, where=question.title, reason=f"no topic {question.topic}"
            )


def _apply_to_item(item: Item, entry: QuestionOverlay | None, overlay: Overlay) -> Item:
    if entry is None:
        return item
    if entry.completion and item.truncated:
        item = _complete(item, entry.completion)
    return replace(
        item,
        topics=_path(entry.topic, overlay) or item.topics,
        tags=item.tags if entry.tags is None else entry.tags,
        difficulty=entry.difficulty or item.difficulty,
        ordered=item.ordered if entry.ordered is None else entry.ordered,
        points=_enrich(item.points, entry),
    )


def _complete(item: Item, completion: Completion) -> Item:
    own = {_statement(point) for point in item.points}
    points = tuple(
        point if _statement(point) in own else replace(point, origin=Origin.EDITORS)
        for point in read_points(completion.answer)
    )
    return replace(
        item,
        answer=completion.answer.strip("\n"),
        explanation=completion.explanation.strip("\n") or item.explanation,
        points=points,
        completion=completion.note,
    )


def _statement(point: Point) -> tuple[str, str]:
    return compare_key(point.title or ""), compare_key(point.text)


def _enrich(points: tuple[Point, ...], entry: QuestionOverlay) -> tuple[Point, ...]:
    """Return the points with what an entry says of each; what it does not say stays."""
    required = set(map(str, entry.required))
    return tuple(
        replace(
            point,
            aliases=_said(entry.aliases, names, point.aliases),
            accepted=_said(entry.accepted, names, point.accepted),
            weight=_said(entry.weights, names, point.weight),
            required=point.required or not required.isdisjoint(names),
        )
        for point, names in zip(points, _names(points), strict=True)
    )


def _said(values: Mapping[str, _T], names: Sequence[str], unsaid: _T) -> _T:
    return next((values[name] for name in names if name in values), unsaid)


def _names(points: Sequence[Point]) -> list[tuple[str, ...]]:
    """Return what each point may be called: its title, if it has one, and its number."""
    return [
        (point.title, str(number)) if point.title else (str(number),)
        for number, point in enumerate(points, start=1)
    ]


def _path(slug: str | None, overlay: Overlay) -> tuple[str, ...]:
    """Return the names from the root of the tree down to a topic."""
    by_slug = {topic.slug: topic for topic in overlay.topics}
    names: list[str] = []
    while slug is not None:
        topic = by_slug[slug]
        names.append(topic.name)
        slug = topic.parent
    return tuple(reversed(names))


def _unmatched(items: Sequence[Item], overlay: Overlay) -> list[DocumentWarning]:
    by_title = {compare_key(item.title): item for item in items}
    return [
        DocumentWarning(WarningKind.OVERLAY_UNMATCHED, params={"title": title})
        for entry in overlay.questions
        for title in _unknown(entry, by_title.get(compare_key(entry.title)))
    ]


def _unknown(entry: QuestionOverlay, item: Item | None) -> list[str]:
    """Return what an entry speaks of and the document does not have: its question, or points."""
    if item is None:
        return [entry.title]
    known = {name for names in _names(item.points) for name in names}
    named = (*entry.aliases, *entry.accepted, *entry.weights, *map(str, entry.required))
    return [f"{entry.title} › {name}" for name in dict.fromkeys(named) if name not in known]
