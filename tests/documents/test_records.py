"""JSON and NDJSON: every field both ways, and faults named by member and line."""

import json
from dataclasses import replace

import orjson
import pytest

from app.config import ROOT
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
)
from app.documents.read import read_document
from app.documents.records import json_schema, read_json, read_ndjson, write_json, write_ndjson
from app.documents.sources import split_sources
from app.errors import UnreadableDocumentError
from tests.factories import make_document, make_item

FULL = make_item(
    "什么是索引？",
    prompt="请解释**索引**的作用。",
    answer="1. **速度：** 加快查找。\n\n```sql\nSELECT 1;\n```",
    explanation="用空间换时间。",
    points=(
        Point(
            "加快查找。",
            "速度",
            aliases=("faster lookups",),
            accepted=("查得更快。", "lookups take\nless time: a lot"),
            weight=2.5,
            required=True,
            origin=Origin.EDITORS,
        ),
    ),
    topics=("数据库", "性能"),
    tags=("基础", "SQL"),
    difficulty=2,
    language="zh",
    ordered=True,
    key="q-7",
    number="7.1",
    completion="编者补写",
    line=None,
)
CHOICE = make_item(
    "哪个是关系数据库？",
    kind=QuestionKind.SINGLE_CHOICE,
    points=(),
    answer="A",
    choices=(Choice("SQLite", correct=True), Choice("Redis", correct=False)),
    line=None,
)
DOCUMENT = make_document(
    FULL,
    CHOICE,
    topics=(Topic("db", "数据库"), Topic("speed", "性能", "db")),
    language="zh",
    url="https://example.org/notes",
    licence="CC BY 4.0",
)


def lineless(document: Document) -> list[Item]:
    """Return the items as they are compared: where they stand is no content."""
    return [replace(item, line=None, lines=()) for item in document.items]


def test_json_keeps_every_field() -> None:
    """What is written is read back as it was, with its source and topics."""
    read = read_json(write_json(DOCUMENT).decode(), name="x.json", slug="other")

    assert lineless(read) == lineless(DOCUMENT)
    assert (read.slug, read.title, read.language, read.url, read.licence, read.topics) == (
        DOCUMENT.slug,
        DOCUMENT.title,
        DOCUMENT.language,
        DOCUMENT.url,
        DOCUMENT.licence,
        DOCUMENT.topics,
    )
    assert write_json(read) == write_json(DOCUMENT)


def test_ndjson_keeps_every_field() -> None:
    """A line each, the same fields, and the line of each question is known."""
    written = write_ndjson(DOCUMENT)
    read = read_ndjson(written.decode(), name="x.ndjson", slug="other")

    assert lineless(read) == lineless(DOCUMENT)
    assert [item.line for item in read.items] == [2, 3]
    assert len(written.splitlines()) == 3
    assert write_ndjson(read) == written


@pytest.mark.parametrize("count", [0, 1, 3, 450])
def test_json_written_in_parts_is_json_written_at_once(count: int) -> None:
    """The parts join to what one call would have written, to the byte, however many there are."""
    document = replace(DOCUMENT, items=tuple(replace(FULL, key=str(n)) for n in range(count)))
    written = write_json(document)

    assert written == orjson.dumps(
        orjson.loads(written), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    assert len(orjson.loads(written)["questions"]) == count
    assert len(write_ndjson(document).splitlines()) == count + 1


def test_a_title_is_enough() -> None:
    """The prompt is the title, the points are read from the answer."""
    text = (
        '[{"title": "什么是锁？", "answer": "1. **互斥：** 一次一个。\\n2. **等待：** 其余排队。"}]'
    )
    (item,) = read_json(text, name="x.json", slug="x").items

    assert item.prompt == "什么是锁？"
    assert [point.title for point in item.points] == ["互斥", "等待"]
    assert item.tags is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{", "1:2"),
        ('{"questions": [{"titel": "x"}]}', "questions.0"),
        ('{"questions": [{"title": "x", "difficulty": 9}]}', "questions.0.difficulty"),
    ],
)
def test_a_fault_in_json_is_named(text: str, where: str) -> None:
    """A member that does not fit is named by its path."""
    with pytest.raises(UnreadableDocumentError) as caught:
        read_json(text, name="x.json", slug="x")

    assert str(caught.value.params["where"]).startswith(where)


def test_nul_is_refused_also_as_an_escape() -> None:
    """What no database keeps is refused before it gets there."""
    with pytest.raises(UnreadableDocumentError):
        read_document(b'[{"title": "T\\u0000?"}]', name="x.json")


def test_a_fault_in_ndjson_names_the_line() -> None:
    """A bad line is named by its number."""
    with pytest.raises(UnreadableDocumentError) as caught:
        read_ndjson('{"title": "x"}\n\n{"title": 3}\n', name="x.ndjson", slug="x")

    assert caught.value.params["where"] == "3: title"


@pytest.mark.parametrize(
    ("text", "reason", "where"),
    [
        ('{"questions": [{"title": "甲", "source": "b"}]}', "unknown_source", "questions.0.source"),
        ('{"sources": [{"slug": "a"}, {"slug": "a"}], "questions": []}', "source_twice", "sources"),
        ('{"questions": [{"title": "甲", "id": "x", "key": "y"}]}', "record", "questions.0"),
    ],
)
def test_sources_and_keys_must_fit(text: str, reason: str, where: str) -> None:
    """A source that is not described, or twice, is named; so is a key without a public id."""
    with pytest.raises(UnreadableDocumentError) as caught:
        read_document(text.encode(), name="x.json")

    assert caught.value.params["reason"] == f"unreadable.{reason}"
    assert caught.value.params["where"] == where


def test_questions_of_no_source_are_the_documents_own() -> None:
    """In a document of several sources they come first; what was noticed stays with the first."""
    own, part = make_item("什么是甲？"), make_item("什么是乙？", source="b")
    noticed = (DocumentWarning(WarningKind.DUPLICATE, 3),)
    mixed = make_document(
        part, own, sources=(Source("b", "乙"), Source("c", "丙")), warnings=noticed
    )
    first, second = split_sources(mixed)
    (alone,) = split_sources(replace(mixed, items=(part,)))

    assert (first.slug, first.items, first.warnings) == ("notes", (own,), noticed)
    assert (second.slug, second.title, second.items) == ("b", "乙", (part,))
    assert (alone.slug, alone.warnings) == ("b", noticed)
    assert split_sources(replace(mixed, items=())) == (replace(mixed, items=(), sources=()),)


def test_the_published_schema_is_the_code() -> None:
    """docs/document.schema.json is what the reader checks against."""
    published = json.loads((ROOT / "docs" / "document.schema.json").read_text())

    assert published == json_schema()
