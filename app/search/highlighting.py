"""Where terms stand in a text: spans in code points, and the part of the text worth showing."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from app.search.words import WORD, is_run, read_word
from app.text import NormalText, fold_in_place, normalise

Span = tuple[int, int]

SNIPPET = 120  # code points
_BEFORE = 24


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a text: where it begins there, and the spans of the hits within it.

    Spans are half-open and, like `offset`, count Unicode code points. `terms` are those that hit.
    """

    offset: int
    text: str
    spans: tuple[Span, ...]
    terms: frozenset[int]


def find_snippets(texts: Sequence[str], needles: Sequence[str]) -> list[Snippet | None]:
    """Return of each text the part in which most terms hit, the first such; None without a hit."""
    starts = {needle.strip()[0] for needle in needles}
    return [
        _cut(text, _find_spans(folded, way_back, needles))
        if any(start in folded for start in starts)
        else None
        for text, (folded, way_back) in zip(texts, _fold_all(texts), strict=True)
    ]


def find_spans(text: str, needles: Sequence[str]) -> list[tuple[Span, int]]:
    """Return the span of every hit and the number of its term, in order."""
    ((folded, way_back),) = _fold_all([text])
    return _find_spans(folded, way_back, needles)


def _fold_all(texts: Sequence[str]) -> list[tuple[str, NormalText | None]]:
    """Return the normal form of each text and the way back, which most texts do not need."""
    folded = fold_in_place("\n".join([text.replace("\n", " ") for text in texts]))
    if folded is not None:
        return [(one, None) for one in folded.split("\n")]
    found: list[tuple[str, NormalText | None]] = []
    for text in texts:
        plain = fold_in_place(text)
        normal = normalise(text) if plain is None else None
        found.append((normal.text, normal) if normal else (plain or "", None))
    return found


def _find_spans(
    folded: str, way_back: NormalText | None, needles: Sequence[str]
) -> list[tuple[Span, int]]:
    if "*" in folded or "`" in folded or any(" " in needle for needle in needles):
        words, starts, ends = _place_words(folded)
    else:  # Within runs, words are the text itself.
        words, starts, ends = folded, range(len(folded)), range(1, len(folded) + 1)
    found = []
    for term, needle in enumerate(needles):
        at = words.find(needle)
        while at >= 0:
            start = starts[at + (needle[0] == " ")]
            end = ends[at + len(needle) - (needle[-1] == " ") - 1]
            found.append((way_back.span(start, end) if way_back else (start, end), term))
            at = words.find(needle, at + 1)
    return sorted(found)


def _cut(text: str, hits: Sequence[tuple[Span, int]]) -> Snippet | None:
    if not hits:
        return None
    start, end = _window(text, hits)
    inside = [span for span, _ in hits if start <= span[0] and span[1] <= end]
    spans = tuple((first - start, last - start) for first, last in _merge(inside))
    return Snippet(start, text[start:end], spans, frozenset(term for _, term in hits))


def _place_words(folded: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the words of a folded text, and for each of their characters where it came from."""
    pieces, starts, ends = [" "], [0], [0]
    for found in WORD.finditer(folded):
        start, end = found.span()
        word = read_word(found[0])
        if is_run(word):
            places: Sequence[int] = range(start, end)
            if len(word) < end - start:
                places = [place for place in places if folded[place] not in "*`"]
            starts += places
            ends += [place + 1 for place in places]
        else:
            starts += [start] * len(word)
            ends += [end] * len(word)
        pieces += (word, " ")
        starts.append(end)
        ends.append(end)
    return "".join(pieces), starts, ends


def _window(text: str, hits: Sequence[tuple[Span, int]]) -> Span:
    """Return the range of the snippet; it cuts neither hits nor Latin words."""
    if len(text) <= SNIPPET:
        return 0, len(text)
    best, most = hits[0][0], 0
    for span, _ in hits:
        terms = {
            term for other, term in hits if span[0] <= other[0] and other[1] <= span[0] + SNIPPET
        }
        if len(terms) > most:
            best, most = span, len(terms)
    start = max(min(best[0] - _BEFORE, len(text) - SNIPPET), 0)
    end = max(start + SNIPPET, best[1])
    while 0 < start < best[0] and _within_word(text, start):
        start += 1
    while best[1] < end < len(text) and _within_word(text, end):
        end -= 1
    return start, end


def _within_word(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    return (before.isalnum() and after.isalnum() and not is_run(after)) or bool(
        unicodedata.combining(after)
    )


def _merge(spans: Sequence[Span]) -> list[Span]:
    """Join spans that overlap or touch."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
