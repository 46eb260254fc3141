"""An answer cut into clauses and sentences, each with the way back to the original text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.text import NormalText, normalise

# Numbering stands at the start of a piece; `f(1)` and `3.14` do not number anything.
_BREAKS = re.compile(
    r"""
    (?P<hard> [。！？!?；;\n\r\u2028\u2029]+ | \.(?=\s|$) | [\u2460-\u2473]
      | (?<![A-Za-z0-9_])[（(]\s?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）]
      | (?<![^\s。；;])(?:\d{1,2}\s?[.、)．](?!\d)|[一二三四五六七八九十]{1,3}、) )
    | (?P<soft> ， | ,(?!\d) | [：:](?!\d) | —— | \s[-–|]\s
      | (?<![从反因然进])而(?![且是不后]) | 但是?(?!书) | \b(?=(?:but|whereas|while)\b) )
    """,
    re.VERBOSE,
)
_LONGEST_CLAUSE = 240  # code points; text without punctuation must not become one giant clause
_LONGEST_WINDOW = 8  # clauses


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch between two punctuation marks; never empty.

    `text` is its normal form, `offset` where it begins in the original, `sentence` the number of
    the sentence that it belongs to, `line` that of its line, `asked` whether it ends in
    a question mark.
    """

    text: NormalText
    offset: int
    sentence: int
    line: int
    asked: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The half-open range of the original that it covers, in code points."""
        start, end = self.text.span(0, len(self.text.text))
        return self.offset + start, self.offset + end


def split_clauses(text: str) -> tuple[Clause, ...]:
    """Cut a text at its punctuation, line breaks and list numbering."""
    clauses: list[Clause] = []
    sentence = line = 0
    for start, end, mark in _pieces(text):
        asked = mark is not None and ("?" in mark[0] or "？" in mark[0])
        clauses.extend(
            Clause(normal, offset, sentence, line, asked)
            for offset, normal in _chunks(text, start, end)
        )
        if mark and mark.lastgroup == "hard" and clauses:
            sentence = clauses[-1].sentence + 1
        line += mark is not None and "\n" in mark[0]
    return tuple(clauses)


def windows(clauses: Sequence[Clause], chosen: Iterable[int]) -> list[tuple[int, int]]:
    """Return the ranges of clauses to look at around the chosen ones: (first, end) each.

    One to three adjacent clauses, the sentence, the sentence with the next one, and the whole
    answer; none longer than eight clauses. Shortest first.
    """
    sentences = _sentence_ranges(clauses)
    found = {(0, len(clauses))}
    for index in chosen:
        number = clauses[index].sentence
        first, end = sentences[number]
        found.add((first, end))
        found.add((first, sentences.get(number + 1, (first, end))[1]))
        found.update(_around(index, len(clauses)))
    kept = (window for window in found if window[1] - window[0] <= _LONGEST_WINDOW)
    return sorted(kept, key=lambda window: (window[1] - window[0], window))


def _around(index: int, count: int) -> Iterator[tuple[int, int]]:
    for first in range(max(0, index - 2), index + 1):
        for end in range(index + 1, min(first + 3, count) + 1):
            yield first, end


def _pieces(text: str) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    position = 0
    for match in _BREAKS.finditer(text):
        yield position, match.start(), match
        position = match.end()
    yield position, len(text), None


def _chunks(text: str, start: int, end: int) -> Iterator[tuple[int, NormalText]]:
    for offset in range(start, end, _LONGEST_CLAUSE):
        normal = normalise(text[offset : min(offset + _LONGEST_CLAUSE, end)])
        if any(character.isalnum() for character in normal.text):
            yield offset, normal


def _sentence_ranges(clauses: Sequence[Clause]) -> dict[int, tuple[int, int]]:
    ranges: dict[int, tuple[int, int]] = {}
    for index, clause in enumerate(clauses):
        first, _ = ranges.get(clause.sentence, (index, index))
        ranges[clause.sentence] = (first, index + 1)
    return ranges
