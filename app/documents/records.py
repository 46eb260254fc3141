"""JSON and NDJSON: documents as records, all fields kept both ways; the schema is published.

JSON is one object with `source`, `topics` and `questions`. NDJSON has the same objects a line each:
a first line with `source` and `topics`, which may be left out, then the questions.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    Origin,
    Point,
    QuestionKind,
    Source,
    Topic,
    WarningKind,
    as_uuid,
)
from app.documents.limits import DEFAULT_LIMITS, Limits
from app.documents.markdown.points import read_points
from app.errors import UnreadableDocumentError

_T = TypeVar("_T", bound=BaseModel)
_TOGETHER = 200  # questions that are written at a time


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PointRecord(_Record):
    """An answer point; `origin` tells whether the document's author or editors wrote it.

    `aliases` are other names of the point, `accepted` other wordings that say the whole of it.
    """

    title: str | None = None
    text: str
    aliases: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    weight: float = Field(default=1.0, gt=0)
    required: bool = False
    origin: Origin = Origin.DOCUMENT


class ChoiceRecord(_Record):
    """An option of a question with choices."""

    text: str
    correct: bool


class QuestionRecord(_Record):
    """A question; only `title` is needed.

    Without a prompt the title is what is asked, without points they are read from the answer.

    `ordered` says that the points must come in their order.

    `id` is a public id, or any key that stays the same when the document is edited. A question that
    has both has its own `key` beside a public `id`. `source` is the slug of the source it belongs
    to, one of the document's `sources`. Members that are left out say nothing: an import keeps what
    the bank knows of them.
    """

    id: str | None = Field(default=None, min_length=1, max_length=200)
    key: str | None = Field(default=None, min_length=1, max_length=200)
    source: str | None = Field(default=None, min_length=1)
    number: str | None = None
    title: str = Field(min_length=1, pattern=r"\S")
    prompt: str | None = None
    kind: QuestionKind | None = None
    answer: str = ""
    explanation: str = ""
    points: tuple[PointRecord, ...] | None = None
    choices: tuple[ChoiceRecord, ...] = ()
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    difficulty: int | None = Field(default=None, ge=1, le=5)
    language: str | None = None
    ordered: bool | None = None
    completion: str | None = None

    @model_validator(mode="after")
    def _key_stands_beside_a_public_id(self) -> "QuestionRecord":
        if self.key is not None and as_uuid(self.id) is None:
            raise PydanticCustomError("key_alone", "key stands beside an id that is a UUID")
        return self


class TopicRecord(_Record):
    """A topic: its public slug, its name, and the slug of the one above it."""

    slug: str = Field(min_length=1)
    name: str = Field(min_length=1)
    parent: str | None = None


class SourceRecord(_Record):
    """What the document says of itself."""

    slug: str | None = None
    title: str | None = None
    language: str | None = None
    url: str | None = None
    licence: str | None = None


class OtherSourceRecord(SourceRecord):
    """What a document of several sources says of one of them."""

    slug: str = Field(min_length=1)


class DocumentRecord(_Record):
    """A whole document; `sources` are those that its questions name, if it has several."""

    source: SourceRecord = SourceRecord()
    sources: tuple[OtherSourceRecord, ...] = ()
    topics: tuple[TopicRecord, ...] = ()
    questions: tuple[QuestionRecord, ...]


class HeadingRecord(_Record):
    """What a document says above its questions: the first line of NDJSON."""

    source: SourceRecord = SourceRecord()
    sources: tuple[OtherSourceRecord, ...] = ()
    topics: tuple[TopicRecord, ...] = ()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a document, as published in docs/document.schema.json."""
    return DocumentRecord.model_json_schema()


def read_json(text: str, *, name: str, slug: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a JSON document, or a bare list of questions.

    Raises UnreadableDocumentError that names the member which is wrong.
    """
    value = _load(text, name)
    if not isinstance(value, dict | list):
        raise UnreadableDocumentError(name=name, reason="unreadable.no_record")
    record = _validate(
        DocumentRecord, {"questions": value} if isinstance(value, list) else value, name
    )
    items = []
    for question in record.questions:
        limits.check_time(name)
        items.append(to_item(question))
    heading = HeadingRecord(source=record.source, sources=record.sources, topics=record.topics)
    return _document(heading, tuple(items), slug, "json")


def read_ndjson(text: str, *, name: str, slug: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read NDJSON; raises UnreadableDocumentError that names the line and the member."""
    heading: HeadingRecord | None = None
    items: list[Item] = []
    for number, line in enumerate(text.split("\n"), start=1):
        limits.check_time(name)
        if not line.strip():
            continue
        value = _load(line, name, number)
        if not items and heading is None and _is_heading(value):
            heading = _validate(HeadingRecord, value, name, number)
        else:
            items.append(to_item(_validate(QuestionRecord, value, name, number), number))
    return _document(heading or HeadingRecord(), tuple(items), slug, "ndjson")


def _is_heading(value: object) -> bool:
    """Say whether a line describes the document: a question's `source` is a mere name."""
    return isinstance(value, dict) and (isinstance(value.get("source"), dict) or "sources" in value)


def write_json(document: Document) -> bytes:
    """Return a document as indented JSON; members that say nothing are left out."""
    return b"".join(stream_json(document))


def stream_json(document: Document) -> Iterator[bytes]:
    """Yield a document as indented JSON, some questions at a time."""
    heading = orjson.dumps(_plain(to_heading(document)), option=orjson.OPT_INDENT_2)
    yield heading.removesuffix(b"\n}") + b',\n  "questions": ['
    separator = b"\n"
    for some in _lots(document.items):
        records = (orjson.dumps(_plain(to_record(one)), option=orjson.OPT_INDENT_2) for one in some)
        yield separator + b",\n".join(_indented(record) for record in records)
        separator = b",\n"
    yield b"\n  ]\n}\n" if document.items else b"]\n}\n"


def write_ndjson(document: Document) -> bytes:
    """Return a document as NDJSON: its heading, then its questions, a line each."""
    return b"".join(stream_ndjson(document))


def stream_ndjson(document: Document) -> Iterator[bytes]:
    """Yield a document as NDJSON, some questions at a time."""
    yield orjson.dumps(_plain(to_heading(document)), option=orjson.OPT_APPEND_NEWLINE)
    for some in _lots(document.items):
        lines = (_plain(to_record(item)) for item in some)
        yield b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)


def _lots(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + _TOGETHER] for start in range(0, len(items), _TOGETHER))


def _indented(record: bytes) -> bytes:
    """Return an object as it stands in a list of the document; strings have no line ends."""
    return b"    " + record.replace(b"\n", b"\n    ")


def _load(text: str, name: str, line: int = 1) -> Any:  # noqa: ANN401 (any JSON)
    try:
        value = orjson.loads(text)
        if not _is_whole(value, text):
            # Which of two equal members was meant is for the author to say.
            json.loads(text, object_pairs_hook=_unrepeated)
    except _RepeatedMemberError as error:
        raise UnreadableDocumentError(
            name=name, reason="unreadable.repeated", where=line, fault=str(error)
        ) from error
    except RecursionError as error:
        raise UnreadableDocumentError(name=name, reason="unreadable.no_record") from error
    except orjson.JSONDecodeError as error:
        raise UnreadableDocumentError(
            name=name,
            reason="unreadable.record",
            where=f"{line + error.lineno - 1}:{error.colno}",
            fault=error.msg,
        ) from error
    return value


def _is_whole(value: object, text: str) -> bool:
    r"""Say whether a value surely has every member of its text; many times as fast as looking.

    A member that was lost took at least the two quotation marks of its name with it, and without
    `\\u0022` there is one way only to write such a mark.
    """
    if "\\u0022" in text:
        return False
    try:
        return text.count('"') == orjson.dumps(value).count(b'"')
    except orjson.JSONEncodeError:  # deeper than it writes
        return False


class _RepeatedMemberError(Exception):
    """An object has a member twice."""


def _unrepeated(members: list[tuple[str, object]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise _RepeatedMemberError(next(name for name in names if names.count(name) > 1))


def _validate(model: type[_T], value: object, name: str, line: int | None = None) -> _T:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        where = place if line is None else f"{line}: {place}"
        raise UnreadableDocumentError(
            name=name, reason="unreadable.record", where=where, fault=first["msg"]
        ) from error


def _document(heading: HeadingRecord, items: tuple[Item, ...], slug: str, format_: str) -> Document:
    nothing = DocumentWarning(WarningKind.NO_QUESTIONS)
    source = heading.source
    return Document(
        slug=source.slug or slug,
        title=source.title or source.slug or slug,
        items=items,
        warnings=() if items else (nothing,),
        topics=to_topics(heading),
        sources=to_sources(heading),
        format=format_,
        language=source.language,
        url=source.url,
        licence=source.licence,
    )


def to_item(record: QuestionRecord, line: int | None = None) -> Item:
    """Return the item that a record says; points it does not say are read from the answer."""
    points = (
        read_points(record.answer)
        if record.points is None and not record.choices
        else tuple(map(_to_point, record.points or ()))
    )
    return Item(
        title=record.title,
        prompt=record.title if record.prompt is None else record.prompt,
        answer=record.answer,
        explanation=record.explanation,
        points=points,
        choices=tuple(Choice(choice.text, choice.correct) for choice in record.choices),
        kind=record.kind or _kind(record),
        topics=record.topics,
        tags=record.tags,
        difficulty=record.difficulty,
        language=record.language,
        ordered=record.ordered,
        key=record.key or record.id,
        public_id=as_uuid(record.id) if record.key else None,
        source=record.source,
        number=record.number,
        completion=record.completion,
        line=line,
        warnings=() if record.answer or record.choices else (_no_answer(line),),
    )


def _to_point(record: PointRecord) -> Point:
    return Point(
        text=record.text,
        title=record.title,
        aliases=record.aliases,
        accepted=record.accepted,
        weight=record.weight,
        required=record.required,
        origin=record.origin,
    )


def _kind(record: QuestionRecord) -> QuestionKind:
    if not record.choices:
        return QuestionKind.FREE_TEXT
    one = sum(choice.correct for choice in record.choices) == 1
    return QuestionKind.SINGLE_CHOICE if one else QuestionKind.MULTIPLE_CHOICE


def _no_answer(line: int | None) -> DocumentWarning:
    return DocumentWarning(WarningKind.NO_ANSWER, line)


def _source(document: Document) -> SourceRecord:
    return SourceRecord(
        slug=document.slug,
        title=document.title,
        language=document.language,
        url=document.url,
        licence=document.licence,
    )


def to_topics(heading: HeadingRecord) -> tuple[Topic, ...]:
    """Return the topics that a heading declares."""
    return tuple(Topic(topic.slug, topic.name, topic.parent) for topic in heading.topics)


def to_sources(heading: HeadingRecord) -> tuple[Source, ...]:
    """Return the sources that a heading describes beside the document itself."""
    return tuple(
        Source(one.slug, one.title or one.slug, one.language, one.url, one.licence)
        for one in heading.sources
    )


def to_heading(document: Document) -> HeadingRecord:
    """Return what stands above the questions of a document as a record."""
    return HeadingRecord(
        source=_source(document),
        sources=tuple(
            OtherSourceRecord(
                slug=one.slug,
                title=one.title,
                language=one.language,
                url=one.url,
                licence=one.licence,
            )
            for one in document.sources
        ),
        topics=tuple(
            TopicRecord(slug=topic.slug, name=topic.name, parent=topic.parent)
            for topic in document.topics
        ),
    )


def to_record(item: Item) -> QuestionRecord:
    """Return an item as a record."""
    return QuestionRecord(
        id=item.identity,
        key=_own_key(item),
        source=item.source,
        number=item.number,
        title=item.title,
        prompt=item.prompt,
        kind=item.kind,
        answer=item.answer,
        explanation=item.explanation,
        points=tuple(
            PointRecord(
                title=point.title,
                text=point.text,
                aliases=point.aliases,
                accepted=point.accepted,
                weight=point.weight,
                required=point.required,
                origin=point.origin,
            )
            for point in item.points
        ),
        choices=tuple(ChoiceRecord(text=one.text, correct=one.correct) for one in item.choices),
        topics=item.topics,
        tags=item.tags,
        difficulty=item.difficulty,
        language=item.language,
        ordered=item.ordered,
        completion=item.completion,
    )


def _own_key(item: Item) -> str | None:
    """Return the key that stands beside the public id, if there are both."""
    return item.key if item.public_id and item.key != str(item.public_id) else None


def _plain(record: _Record) -> dict[str, Any]:
    said: dict[str, Any] = record.model_dump(mode="json", exclude_none=True)
    if not said.get("sources", True):
        del said["sources"]  # hardly a document has several
    return said
