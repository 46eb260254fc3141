"""What Markdown cannot say in words: a comment `<!-- tiku {…} -->` below a question's heading.

Its JSON has members of a question as in `app.documents.records`; each replaces what was read from
the text. The writer puts in what would be lost otherwise: ids, aliases, weights and the like.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import orjson
from pydantic import ValidationError

from app.documents.document import Item, WarningKind
from app.documents.markdown.fences import find_code
from app.documents.records import QuestionRecord, to_item, to_record

_COMMENT = re.compile(r"<!-- tiku(?P<whole>-question)? (?P<json>\{.*\}) -->\s*")
_NO_TITLE = "-"  # stands in for a title that the text has and the comment need not repeat


@dataclass(frozen=True, slots=True)
class Comment:
    """What a comment says; a whole one is a question by itself."""

    record: QuestionRecord
    whole: bool


Embedded = Mapping[int, Comment]


def take_embedded(lines: Sequence[str]) -> tuple[list[str], Embedded]:
    """Return the lines without their comments, and the comments by their line numbers.

    A comment inside code is code; one that is not valid is left where it stands.
    """
    if not any(line.startswith("<!-- tiku") for line in lines):
        return list(lines), {}
    found: dict[int, Comment] = {}
    in_code = {
        index for code in find_code(lines, lambda _: False) for index in range(code.first, code.end)
    }
    kept = list(lines)
    for index, line in enumerate(lines):
        comment = None if index in in_code else _read(line)
        if comment is not None:
            found[index + 1] = comment
            kept[index] = ""
    return kept, found


def apply_embedded(items: Sequence[Item], embedded: Embedded) -> list[Item]:
    """Return the items with what their comments say, in the order of their lines.

    A comment speaks of the question whose heading it stands below.
    """
    result = list(items)
    first_lines = [item.line or 0 for item in items]
    for line, comment in embedded.items():
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
    # Nothing inside may end the comment.
    json = orjson.dumps(said).decode().replace(">", "\\u003e")
    return f"<!-- tiku{'-question' if whole else ''} {json} -->"


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


_MEMBER_OF = {"key": "id"}


def _override(item: Item, record: QuestionRecord, line: int) -> Item:
    said = record.model_fields_set - ({"title"} if record.title == _NO_TITLE else set())
    new = to_item(record, item.line)
    changes = {
        field.name: getattr(new, field.name)
        for field in fields(Item)
        if _MEMBER_OF.get(field.name, field.name) in said
    }
    # A question that ends with its comment is complete: nobody breaks off right behind one.
    warnings = tuple(
        warning
        for warning in item.warnings
        if warning.kind is not WarningKind.TRUNCATED or (warning.line or 0) > line
    )
    lines = tuple(sorted({*item.lines, (line, line)}))
    return replace(item, lines=lines, warnings=warnings, **changes)
