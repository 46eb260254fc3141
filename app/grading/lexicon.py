"""The words that the answer check knows: same, opposite, denying, grammatical; read from data."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from app.text import is_cjk, stem, words

_RARE, _RARE_CHARACTER, _STRADDLING = 1.0, 0.6, 0.5
_LONGEST_TERM = 6  # characters of a Chinese term; no English one has as many words


@dataclass(frozen=True, slots=True)
class Term:
    """A listed word at its place in a normal form; `groups` are the numbers it is listed under."""

    start: int
    end: int
    groups: frozenset[int]


class TermIndex:
    """Finds listed words in a normal form: the longest first, English ones by their stems."""

    def __init__(self, groups: Sequence[Iterable[str]]) -> None:
        self._groups: dict[tuple[str, ...], frozenset[int]] = {}
        for number, terms in enumerate(groups):
            for term in terms:
                key = tuple(token for token, _, _ in tokens(term.replace("_", " ")))
                self._groups[key] = self._groups.get(key, frozenset()) | {number}
        self._heads = frozenset(key[0] for key in self._groups)

    def find(self, folded: str) -> Iterator[Term]:
        """Yield the terms of a text from left to right, none inside another."""
        found = list(tokens(folded))
        for first, end, groups in self.find_tokens([token for token, _, _ in found]):
            yield Term(found[first][1], found[end - 1][2], groups)

    def find_tokens(self, found: Sequence[str]) -> Iterator[tuple[int, int, frozenset[int]]]:
        """Yield the terms of a row of tokens as (first, end, groups), none inside another."""
        position = 0
        while position < len(found):
            term = self._longest(found[position : position + _LONGEST_TERM])
            if term is None:
                position += 1
            else:
                length, groups = term
                yield position, position + length, groups
                position += length

    def _longest(self, ahead: Sequence[str]) -> tuple[int, frozenset[int]] | None:
        if ahead[0] not in self._heads:
            return None
        for length in range(len(ahead), 0, -1):
            groups = self._groups.get(tuple(ahead[:length]))
            if groups:
                return length, groups
        return None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything in lexicon.toml and gram_weights.json, ready to be looked up.

    `same` numbers groups of synonyms; `opposite` numbers sides, 2k against 2k + 1, and so does
    `opposite_in_copy` with words that oppose each other only where all around them is the same;
    `negations` has the words that deny as 0 and their lookalikes as 1; `wrong` has what calls the
    words before it wrong, `hedges` what leaves two ways open; `fillers` say
    nothing of any subject.
    """

    same: TermIndex
    opposite: TermIndex
    opposite_in_copy: TermIndex
    wrong: TermIndex
    hedges: TermIndex
    fillers: TermIndex
    negations: TermIndex
    softeners: TermIndex
    function_words: frozenset[str]
    non_statements: re.Pattern[str]
    instructions: re.Pattern[str]
    particles: frozenset[str]
    gram_weights: Mapping[str, float]

    def rarity(self, gram: str) -> float:
        """How much a gram says, from its frequency in the language: 0..1.

        A single character is part of many words, so even a rare one says less than a word. A
        Chinese pair that is in no word straddles two and says little more than its characters.
        """
        weight = self.gram_weights.get(gram)
        if weight is None:
            weight = _RARE_CHARACTER if len(gram) == 1 else _RARE
            weight = _STRADDLING if len(gram) == 2 and is_cjk(gram[0]) else weight  # noqa: PLR2004
        return weight

    def is_word(self, gram: str) -> bool:
        """Say whether a gram is a word or inside one, not two halves of neighbours."""
        return len(gram) > 1 and (gram in self.gram_weights or not is_cjk(gram[0]))


def tokens(folded: str) -> Iterator[tuple[str, int, int]]:
    """Yield each Chinese character and each stemmed Latin word of a normal form with its place."""
    for start, end in words(folded):
        if is_cjk(folded[start]):
            yield from ((folded[at], at, at + 1) for at in range(start, end))
        else:
            yield stem(folded[start:end]), start, end


def _load() -> Lexicon:
    folder = files(__package__)
    data = tomllib.loads((folder / "lexicon.toml").read_text(encoding="utf-8"))
    weights = json.loads((folder / "gram_weights.json").read_text(encoding="utf-8"))
    sides = [side.split() for pair in data["opposite"] for side in pair]
    in_copy = [side.split() for pair in data["opposite_in_copy"] for side in pair]
    return Lexicon(
        same=TermIndex([group.split() for group in data["same"]]),
        opposite=TermIndex(sides),
        opposite_in_copy=TermIndex(in_copy),
        wrong=TermIndex([data["wrong"].split()]),
        hedges=TermIndex([data["hedges"].split()]),
        fillers=TermIndex([data["fillers"].split()]),
        negations=TermIndex([data["negations"].split(), data["lookalikes"].split()]),
        softeners=TermIndex([data["softeners"].split()]),
        function_words=frozenset(data["function_words"].split()),
        non_statements=re.compile("|".join(data["non_statements"])),
        instructions=re.compile("|".join(data["instructions"])),
        particles=frozenset(data["particles"].split()),
        gram_weights={
            gram: int(weight) / 100 for weight, found in weights.items() for gram in found.split()
        },
    )


LEXICON = _load()
