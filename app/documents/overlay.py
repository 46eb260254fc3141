"""Overlays: what editors know about a document beyond its words, kept in a TOML file beside it.

An overlay names topics as a tree, places questions in it, gives tags, difficulty and accepted
aliases, and completes questions that the document cuts off. It is applied to the parsed document,
so the document's bytes stay the author's.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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

    `aliases` maps a point, by its title or by its number from 1, to accepted alternatives.
    """

    title: str
    topic: str | None = None
    tags: tuple[str, ...] | None = None
    difficulty: int | None = Field(default=None, ge=1, le=5)
    aliases: Mapping[str, tuple[str, ...]] = {}
    completion: Completion | None = None


class Overlay(_Strict):
    """A whole overlay file."""

    document: DocumentOverlay = DocumentOverlay()
    topics: tuple[TopicOverlay, ...] = ()
    questions: tuple[QuestionOverlay, ...] = ()


def read_overlay(data: bytes, name: str) -> Overlay:
    """Parse an overlay file; raises BadOverlayError that names the place and the fault."""
    try:
        overlay = Overlay.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadOverlayError(name=name, where="TOML", reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadOverlayError(name=name, where=where, reason=first["msg"]) from error
    _check_topics(overlay, name)
    return overlay


def apply_overlay(document: Document, overlay: Overlay) -> Document:
    """Return the document with the overlay's knowledge added; warns of entries that fit nothing."""
    by_title = {compare_key(entry.title): entry for entry in overlay.questions}
    items = tuple(
        _apply_to_item(item, by_title.get(compare_key(item.title)), overlay)
        for item in document.items
    )
    said = overlay.document.model_dump(exclude_none=True)
    topics = tuple(Topic(topic.slug, topic.name, topic.parent) for topic in overlay.topics)
    warnings = (*document.warnings, *_unmatched(document, overlay))
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
        points=_with_aliases(item.points, entry.aliases),
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


def _with_aliases(
    points: tuple[Point, ...], aliases: Mapping[str, tuple[str, ...]]
) -> tuple[Point, ...]:
    return tuple(
        replace(point, aliases=aliases.get(point.title or "", aliases.get(str(number), ())))
        for number, point in enumerate(points, start=1)
    )


def _path(slug: str | None, overlay: Overlay) -> tuple[str, ...]:
    """Return the names from the root of the tree down to a topic."""
    by_slug = {topic.slug: topic for topic in overlay.topics}
    names: list[str] = []
    while slug is not None:
        topic = by_slug[slug]
        names.append(topic.name)
        slug = topic.parent
    return tuple(reversed(names))


def _unmatched(document: Document, overlay: Overlay) -> list[DocumentWarning]:
    titles = {compare_key(item.title) for item in document.items}
    return [
        DocumentWarning(WarningKind.OVERLAY_UNMATCHED, params={"title": entry.title})
        for entry in overlay.questions
        if compare_key(entry.title) not in titles
    ]
