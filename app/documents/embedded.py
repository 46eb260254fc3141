"""What Markdown cannot say in words: a comment `<!-- tiku {…} -->` below a question's heading.

Its JSON has members of a question as in `app.documents.records`; each replaces what was read from
the text. The writer puts in what would be lost otherwise: ids, aliases, weights and the like. A
comment `<!-- tiku-document {…} -->` says the same of the document: its topics and its sources.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import orjson
from pydantic import ValidationError

from app.documents.document import Document, Item, PassedOver, WarningKind
from app.documents.markdown.fences import find_code
from app.documents.records import (
    HeadingRecord,
    QuestionRecord,
    to_heading,
    to_item,
    to_record,
    to_sources,
    to_topics,
)

_COMMENT = re.compile(r"<!-- tiku(?P<whole>-question)? (?P<json>\{.*\}) -->\s*")
_HEADING = re.compile(r"<!-- tiku-document (?P<json>\{.*\}) -->\s*")
_UNSAFE = re.compile("[>\x7f\x85\u2028\u2029]")
_NO_TITLE = "-"  # stands in for a title that the text has and the comment need not repeat


@dataclass(frozen=True, slots=True)
class Comment:
    """What a comment says; a whole one is a question by itself."""

    record: QuestionRecord
    whole: bool


@dataclass(frozen=True, slots=True)
class Embedded:
    """The comments of a text by their line numbers."""

    questions: Mapping[int, Comment]
    headings: Mapping[int, HeadingRecord]


def take_embedded(
    lines: Sequence[str], check_time: Callable[[], None]
) -> tuple[list[str], Embedded]:
    """Return the lines without their comments, and the comments by their line numbers.

    A comment inside code is code; one that is not valid is left where it stands. `check_time` is
    called at every comment.
    """
    questions: dict[int, Comment] = {}
    headings: dict[int, HeadingRecord] = {}
    if not any(line.startswith("<!-- tiku") for line in lines):
        return list(lines), Embedded(questions, headings)
    in_code = {
        index for code in find_code(lines, lambda _: False) for index in range(code.first, code.end)
    }
    kept = list(lines)
    for index, line in enumerate(lines):
        if index in in_code or not line.startswith("<!-- tiku"):
            continue
        check_time()
        if comment := _read(line):
            questions[index + 1] = comment
        elif heading := _read_heading(line):
            headings[index + 1] = heading
        else:
            continue
        kept[index] = ""
    return kept, Embedded(questions, headings)


def apply_embedded(document: Document, embedded: Embedded) -> Document:
    """Return the document with what its comments say of it and of its questions."""
    document = replace(document, items=tuple(_apply_to_items(document.items, embedded.questions)))
    for line, heading in embedded.headings.items():
        document = replace(
            document,
            topics=to_topics(heading),
            sources=to_sources(heading),
            passed_over=(PassedOver(line, line, "front_matter"), *document.passed_over),
        )
    return document


def _apply_to_items(items: Sequence[Item], comments: Mapping[int, Comment]) -> list[Item]:
    """Return the items with what their comments say, in the order of their lines.

    A comment speaks of the question whose heading it stands below.
    """
    result = list(items)
    first_lines = [item.line or 0 for item in items]
    for line, comment in comments.items():
        place = bisect_right(first_lines, line) - 1
        if comment.whole:
            result.append(replace(to_item(comment.record, line), lines=((line, line),)))
        elif place >= 0:
            result[place] = _override(result[place], comment.record, line)
    return sorted(result, key=lambda item: item.line or 0)


def embed(item: Item, members: Sequence[str], *, whole: bool = False) -> str:
    """Return the comment that says these members of an item; empty without any."""
    record = to_record(item).model_dump(mode="json", exclude_none=True)
    said = {name: record.get(name) for name in members}
    if not said:
        return ""
    return _comment(f"tiku{'-question' if whole else ''}", said)


def embed_heading(document: Document) -> str:
    """Return the comment that says the topics and the sources of a document; empty without any."""
    record = to_heading(document).model_dump(mode="json", exclude_none=True)
    said = {name: record[name] for name in ("sources", "topics") if record[name]}
    return _comment("tiku-document", said) if said else ""


def _comment(name: str, said: Mapping[str, object]) -> str:
    json = orjson.dumps(said).decode()
    # Nothing inside may end the comment, or its line.
    return f"<!-- {name} {_UNSAFE.sub(_escape, json)} -->"


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _read_heading(line: str) -> HeadingRecord | None:
    match = _HEADING.fullmatch(line)
    if match is None:
        return None
    try:
        return HeadingRecord.model_validate(orjson.loads(match["json"]))
    except (orjson.JSONDecodeError, ValidationError):
        return None


def _read(line: str) -> Comment | None:
    match = _COMMENT.fullmatch(line)
    if match is None:
        return None
    try:
        value = orjson.loads(match["json"])
        record = QuestionRecord.model_validate({"title": _NO_TITLE} | value)
    except (orjson.JSONDecodeError, ValidationError):
        return None
    return Comment(record, whole=match["whole"] is not None)


# The members that a field is told by, where they have other names.
_MEMBERS_OF = {"key": {"id", "key"}, "public_id": {"id", "key"}}


def _override(item: Item, record: QuestionRecord, line: int) -> Item:
    said = record.model_fields_set - ({"title"} if record.title == _NO_TITLE else set())
    new = to_item(record, item.line)
    changes = {
        field.name: getattr(new, field.name)
        for field in fields(Item)
        if not said.isdisjoint(_MEMBERS_OF.get(field.name, {field.name}))
    }
    # A question that ends with its comment is complete: nobody breaks off right behind one.
    warnings = tuple(
        warning
        for warning in item.warnings
        if warning.kind is not WarningKind.TRUNCATED or (warning.line or 0) > line
    )
    lines = tuple(sorted({*item.lines, (line, line)}))
    return replace(item, lines=lines, warnings=warnings, **changes)
