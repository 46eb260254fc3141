"""Which fields of a question hit, read off its JSON: a view that hides a field has no hit in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.search.highlighting import Snippet, find_snippets
from app.search.query import Query


@dataclass(frozen=True, slots=True)
class FieldHit:
    """Where a question's field hits: `position` counts choices, tags and points from 1."""

    field: str
    position: int | None
    snippet: Snippet


def find_hits(items: Iterable[bytes], query: Query) -> list[list[FieldHit]]:
    """Return for each question's JSON which of the fields it shows hit, each with one snippet.

    Of several points, choices or tags it is the one in which most terms hit, the first such.
    """
    needles = [term.needle for term in query.terms]
    return [_find_hits(orjson.loads(item), needles) if needles else [] for item in items]


def _find_hits(question: Mapping[str, Any], needles: Sequence[str]) -> list[FieldHit]:
    fields = list(_read_fields(question))
    snippets = find_snippets([text for _, _, text in fields], needles)
    best: dict[str, FieldHit] = {}
    for (field, position, _), snippet in zip(fields, snippets, strict=True):
        if snippet is not None:
            before = best.get(field)
            if before is None or len(snippet.terms) > len(before.snippet.terms):
                best[field] = FieldHit(field, position, snippet)
    return list(best.values())


def _read_fields(question: Mapping[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    """Yield each field with its position and text: first what is asked, then what answers it."""
    yield "title", None, question["title"]
    yield "prompt", None, question["prompt"]
    for position, choice in enumerate(question["choices"], start=1):
        yield "choice", position, choice["text"]
    for position, tag in enumerate(question["tags"], start=1):
        yield "tag", position, tag
    for position, point in enumerate(question.get("points", ()), start=1):
        yield "point_title", position, point["title"] or ""
        yield "point", position, point["text"]
        for alias in (*point["aliases"], *point["accepted"]):
            yield "alias", position, alias
    if "answer" in question:
        yield "answer", None, question["answer"]
        yield "explanation", None, question["explanation"]
