"""How much of each point the words of an answer cover: weighted gram recall in the best window."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.grading.lexicon import LEXICON, tokens
from app.grading.segment import split_clauses
from app.text import CJK, fold, grams, words

_IN_QUESTION = 0.1  # words of the question come for free
_OTHER_WORD = 0.8  # credit of a synonym beside the reference's own word
_BILINGUAL = re.compile(
    rf"([{CJK}]{{2,12}})\s?[（(]\s?([A-Za-z][A-Za-z0-9 .\-]{{0,40}})[)）]"
    rf"|([A-Za-z][A-Za-z0-9 .\-]{{0,40}})[（(]([{CJK}]{{2,12}})[)）]"
)
_SHORT_CLAUSE = 3  # content tokens: from here a clause says something by itself
_SHORT_ITEM = 5  # content tokens: up to here a point is an item of a list
_REMEMBERED = 128  # references whose profiles are kept; one of five points takes some 50 kB


@dataclass(frozen=True, slots=True)
class Profile:
    """A point as weighted grams; `text` is its normal form without the title.

    `weights` has every gram of the title and the text, `title` those of the title, `body` the rest;
    `words` and `title_words` are those that are words, `clauses` those of each clause that says
    something by itself. `by_key` says which grams count as said when a synonym group (`~12`) or
    one of the bilingual `twins` is found. `size` and `title_size` count content tokens, `total`
    sums the weights.
    """

    text: str
    weights: Mapping[str, float]
    title: frozenset[str]
    title_words: frozenset[str]
    body: frozenset[str]
    words: frozenset[str]
    clauses: tuple[frozenset[str], ...]
    by_key: Mapping[str, frozenset[str]]
    twins: Mapping[str, frozenset[str]]
    size: int
    title_size: int
    total: float

    @property
    def explained(self) -> bool:
        """Whether there is an explanation beyond the title, or beyond a short item."""
        own = sum(self.weights[gram] for gram in self.body)
        enough = _SHORT_CLAUSE if self.title else _SHORT_ITEM + 1
        return self.size >= enough and own > sum(self.weights[gram] for gram in self.title) / 2


@dataclass(frozen=True, slots=True)
class Bag:
    """What a clause has: its grams and the synonym groups of its words."""

    grams: frozenset[str]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """The grams of one point that a stretch of answer has, as they are or in other words."""

    exact: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()

    def __or__(self, more: "Match") -> "Match":
        return Match(self.exact | more.exact, self.other | more.other)


def read_bag(folded: str) -> Bag:
    """Read the grams and synonym groups of a normal form."""
    return Bag(frozenset(grams(folded)), frozenset(_groups(folded)))


def make_profiles(question: str, points: Sequence[tuple[str | None, str]]) -> Sequence[Profile]:
    """Weigh the grams of (title, text) points: rare ones most, shared and asked ones least.

    weight = rarity in the language * (0.1 if in the question) * ln(1 + points / points having it)
    """
    return _make_profiles(question, tuple(points))


# A question is answered by many: its own words need to be weighed once.
@lru_cache(maxsize=_REMEMBERED)
def _make_profiles(
    question: str, points: tuple[tuple[str | None, str], ...]
) -> tuple[Profile, ...]:
    asked = frozenset(grams(fold(question)))
    bodies = [frozenset(grams(fold(text))) for _, text in points]
    titles = [frozenset(grams(fold(title or ""))) for title, _ in points]
    shared = Counter(
        gram for body, title in zip(bodies, titles, strict=True) for gram in body | title
    )
    return tuple(
        _profile(title, text, _weights(bodies[at] | titles[at], asked, shared, len(points)))
        for at, (title, text) in enumerate(points)
    )


def match(profile: Profile, bag: Bag) -> Match:
    """Find the grams of a point in a clause."""
    keys = bag.groups & profile.by_key.keys()
    keys |= {key for key, twin in profile.twins.items() if twin <= bag.grams}
    found = (profile.by_key[key] for key in keys)
    return Match(bag.grams & profile.weights.keys(), frozenset().union(*found))


def recall(profile: Profile, found: Match, among: Iterable[str] | None = None) -> float:
    """Return the weighted share of a point's grams (or of some of them) that was found: 0..1."""
    weights = profile.weights
    # A part read alone may have a gram that the whole does not: "0." and "¼" are one number.
    wanted = weights.keys() if among is None else weights.keys() & set(among)
    total = profile.total if among is None else sum(weights[gram] for gram in sorted(wanted))
    if not total:
        return 0.0
    exact = sum(weights[gram] for gram in sorted(found.exact & wanted))
    other = sum(weights[gram] for gram in sorted((found.other - found.exact) & wanted))
    return min(1.0, (exact + _OTHER_WORD * other) / total)


def precision(profile: Profile, bag_grams: Iterable[str], asked: frozenset[str]) -> float:
    """Return the weighted share of a window's own words that the point has: 0..1."""
    total = got = 0.0
    for gram in bag_grams:
        weight = LEXICON.rarity(gram) * (_IN_QUESTION if gram in asked else 1)
        total += weight
        got += weight * (gram in profile.weights)
    return got / total if total else 0.0


def _profile(title: str | None, text: str, weights: Mapping[str, float]) -> Profile:
    folded = fold(f"{title or ''} {text}")
    heading = frozenset(grams(fold(title or "")))
    twins = _twins(f"{title or ''} {text}")
    by_key: dict[str, frozenset[str]] = {}
    for term in LEXICON.same.find(folded):
        inside = frozenset(grams(folded[term.start : term.end]))
        for group in term.groups:
            by_key[f"~{group}"] = by_key.get(f"~{group}", frozenset()) | inside
    for name, twin in twins:
        by_key[name] = twin & weights.keys()
    return Profile(
        text=fold(text),
        weights=weights,
        title=heading,
        title_words=_known_words(heading),
        body=frozenset(weights.keys() - heading),
        words=_known_words(weights),
        clauses=_clause_grams(text),
        by_key=by_key,
        twins={name: frozenset(grams(name)) for name, _ in twins},
        size=max(1, content_size(fold(text))),
        title_size=content_size(fold(title or "")),
        total=sum(weights.values()),
    )


def _known_words(found: Iterable[str]) -> frozenset[str]:
    pairs = frozenset(gram for gram in found if len(gram) > 1)
    return frozenset(filter(LEXICON.is_word, pairs)) or pairs or frozenset(found)


def _clause_grams(text: str) -> tuple[frozenset[str], ...]:
    clauses = (clause.text.text for clause in split_clauses(text))
    return tuple(
        frozenset(grams(clause)) for clause in clauses if content_size(clause) >= _SHORT_CLAUSE
    )


def _weights(
    own: frozenset[str], asked: frozenset[str], shared: Mapping[str, int], count: int
) -> dict[str, float]:
    return {
        gram: LEXICON.rarity(gram)
        * (_IN_QUESTION if gram in asked else 1)
        * math.log(1 + count / shared[gram])
        for gram in own
    }


def _twins(text: str) -> list[tuple[str, frozenset[str]]]:
    """Return the pairs in 中文（English）: a name, and the grams that it stands for; both ways."""
    result = []
    for found in _BILINGUAL.finditer(text):
        chinese, latin = (fold(found[1] or found[4]), fold(found[2] or found[3]))
        chinese = chinese[-2 * len(list(tokens(latin))) - 2 :]
        result.append((latin, frozenset(grams(chinese))))
        result.append((chinese, frozenset(grams(latin))))
    return result


def bilingual_names(text: str) -> list[tuple[str, str]]:
    """Return the pairs in 中文（English）, the Latin name first, in normal form."""
    names = [name for name, _ in _twins(text)]
    return list(zip(names[::2], names[1::2], strict=True))


def _groups(folded: str) -> Iterable[str]:
    for term in LEXICON.same.find(folded):
        for group in term.groups:
            yield f"~{group}"


def content_size(folded: str) -> int:
    """Count what a text says: a Chinese character is half a word."""
    units = 0.0
    for start, end in words(folded):
        piece = folded[start:end]
        if piece[0].isascii():
            units += piece not in LEXICON.function_words
        else:
            units += sum(0.5 for character in piece if character not in LEXICON.function_words)
    return math.ceil(units)
