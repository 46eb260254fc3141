"""The best evidence for each point in an answer, and the features that a verdict rests on."""

import heapq
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import or_

from app.grading.lexical import (
    Bag,
    Match,
    Profile,
    content_size,
    make_profiles,
    match,
    precision,
    read_bag,
    recall,
)
from app.grading.lexicon import LEXICON, tokens
from app.grading.segment import Clause, split_clauses, windows
from app.grading.verdict import Reason
from app.text import compare_key, fold, grams, is_cjk

FEATURES = (
    "recall",
    "body_recall",
    "title_words",
    "elaboration",
    "word_recall",
    "phrase",
    "clause_recall",
    "contrast",
    "whole",
    "precision",
    "short",
    "short_recall",
    "size",
    "size_recall",
    "size_contrast",
    "untitled",
    "other_language",
    "other_recall",
    "other_contrast",
)
_MOST_CLAUSES = 24  # that a point's windows are laid around: bounds the work for long answers
_BEST_WINDOWS = 6
_PER_CLAUSE = 0.015  # what a longer window must bring to be preferred
_SIBLING = 0.3
_NAMED = 0.75  # share of a title's words by which it is named
_EMPTY = Bag(frozenset(), frozenset())
_SHORTEST_ECHO = 6


@dataclass(frozen=True, slots=True)
class Statement:
    """A clause of an answer; its bag is empty where it states nothing (`silent` says why)."""

    clause: Clause
    bag: Bag
    silent: Reason | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer beside a reference: `matches[point][statement]` are the words of a point it has.

    `asked` has the grams of the question.
    """

    profiles: Sequence[Profile]
    statements: Sequence[Statement]
    matches: Sequence[Sequence[Match]]
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The window of an answer that fits a point best: clauses [first, end), and its features."""

    first: int
    end: int
    features: tuple[float, ...]

    def __getitem__(self, name: str) -> float:
        return self.features[FEATURES.index(name)]


def read_statements(question: str, reference: str, answer: str) -> list[Statement]:
    """Cut an answer into statements; questions, echoes, pleas and admissions state nothing.

    `reference` is the text of all points: what stands there is content, no plea and no admission.
    """
    asked, content = compare_key(question), fold(f"{question}\n{reference}")
    empty = {
        reason: pattern
        for reason, pattern in (
            (Reason.INSTRUCTION, LEXICON.instructions),
            (Reason.NO_STATEMENT, LEXICON.non_statements),
        )
        if not pattern.search(content)
    }
    return [_statement(clause, asked, empty) for clause in split_clauses(answer)]


def read_answer(question: str, points: Sequence[tuple[str | None, str]], answer: str) -> Reading:
    """Read an answer beside the (title, text) points of a reference."""
    reference = "\n".join(f"{title or ''} {text}" for title, text in points)
    statements = read_statements(question, reference, answer)
    profiles = make_profiles(question, points)
    return Reading(
        profiles=profiles,
        statements=statements,
        matches=[[match(profile, one.bag) for one in statements] for profile in profiles],
        asked=frozenset(grams(fold(question))),
    )


def find_evidence(reading: Reading, at: int) -> Evidence | None:
    """Return the best evidence for a point, None where no word of it is found."""
    found = find_windows(reading, at)
    return _evidence(reading, at, _trim(reading.matches[at], found[0])) if found else None


def find_windows(reading: Reading, at: int) -> list[tuple[int, int]]:
    """Return the few windows (first, end) that were looked at for a point, the best one first."""
    own = reading.matches[at]
    strength = [
        recall(reading.profiles[at], found) if found.exact or found.other else 0.0 for found in own
    ]
    nearest = heapq.nlargest(_MOST_CLAUSES, range(len(own)), strength.__getitem__)
    chosen = [index for index in nearest if strength[index]]
    if not chosen:
        return []
    clauses = [one.clause for one in reading.statements]
    best = heapq.nlargest(
        _BEST_WINDOWS, windows(clauses, chosen), key=lambda one: _fit(reading, at, one, 0.0)
    )
    return sorted(best, key=lambda one: -_fit(reading, at, one, _SIBLING))


def _statement(clause: Clause, asked: str, empty: Mapping[Reason, re.Pattern[str]]) -> Statement:
    reason = _silence(clause, asked, empty)
    return Statement(clause, _EMPTY if reason else read_bag(clause.text.text), reason)


def _silence(clause: Clause, asked: str, empty: Mapping[Reason, re.Pattern[str]]) -> Reason | None:
    folded = clause.text.text
    key = "".join(filter(str.isalnum, folded))  # compare_key of what is folded already
    if clause.asked or (len(key) >= _SHORTEST_ECHO and key in asked):
        return Reason.COPIED_QUESTION
    return next((reason for reason, pattern in empty.items() if pattern.search(folded)), None)


def _fit(reading: Reading, at: int, window: tuple[int, int], sibling: float) -> float:
    """Return how well a window fits a point: its recall, less its length and its rivals' claim."""
    length = _PER_CLAUSE * (window[1] - window[0])
    claim = sibling * _rival(reading, at, window) if sibling else 0.0
    return recall(reading.profiles[at], _union(reading.matches[at], window)) - length - claim


def _rival(reading: Reading, at: int, window: tuple[int, int]) -> float:
    """Return the best recall that a window gives any other point."""
    others = (
        recall(profile, _union(reading.matches[index], window))
        for index, profile in enumerate(reading.profiles)
        if index != at
    )
    return max(others, default=0.0)


def _evidence(reading: Reading, at: int, window: tuple[int, int]) -> Evidence:
    profile, own = reading.profiles[at], reading.matches[at]
    found = _union(own, window)
    inside = reading.statements[window[0] : window[1]]
    said = frozenset[str]().union(*(one.bag.grams for one in inside))
    text = " ".join(one.clause.text.text for one in inside)
    share = recall(profile, found)
    lead = share - _rival(reading, at, window)
    short, other = not profile.explained, speaks_chinese(profile.text) != speaks_chinese(text)
    size = math.log(1 + profile.size) / 4
    title = recall(profile, found, profile.title_words)
    beyond = max(0, content_size(_without_fillers(text)) - _named_size(reading, window))
    values = {
        "recall": share,
        "body_recall": recall(profile, found, profile.body),
        "title_words": title,
        "elaboration": title * min(1.0, beyond / profile.size),
        "word_recall": recall(profile, found, profile.words),
        "phrase": _phrase(profile.text, text),
        "clause_recall": max(
            (recall(profile, found, part) for part in profile.clauses), default=share
        ),
        "contrast": lead,
        "whole": recall(profile, reduce(or_, own)),
        "precision": precision(profile, said, reading.asked),
        "short": float(short),
        "short_recall": short * share,
        "size": size,
        "size_recall": size * share,
        "size_contrast": size * lead,
        "untitled": float(not profile.title),
        "other_language": float(other),
        "other_recall": other * share,
        "other_contrast": other * lead,
    }
    return Evidence(*window, tuple(values[name] for name in FEATURES))


def _without_fillers(folded: str) -> str:
    pieces, start = [], 0
    for term in LEXICON.fillers.find(folded):
        pieces.append(folded[start : term.start])
        start = term.end
    return " ".join([*pieces, folded[start:]])


def _named_size(reading: Reading, window: tuple[int, int]) -> int:
    """Count the content tokens of the titles that a window names: listing them says nothing."""
    return sum(
        profile.title_size
        for profile, found in zip(reading.profiles, reading.matches, strict=True)
        if recall(profile, _union(found, window), profile.title_words) >= _NAMED
    )


def _union(found: Sequence[Match], window: tuple[int, int]) -> Match:
    return reduce(or_, found[window[0] : window[1]])


def _trim(own: Sequence[Match], window: tuple[int, int]) -> tuple[int, int]:
    """Drop clauses at either end of a window that have no word of the point."""
    first, end = window
    while end - first > 1 and not own[first].exact:
        first += 1
    while end - first > 1 and not own[end - 1].exact:
        end -= 1
    return first, end


def _phrase(reference: str, said: str) -> float:
    """Return the share of a reference's three-token stretches that an answer has: word order."""
    wanted, there = _triples(reference), _triples(said)
    return len(wanted & there) / len(wanted) if wanted else 0.0


def _triples(folded: str) -> frozenset[tuple[str, str]]:
    found = [token for token, _, _ in tokens(folded)]
    return frozenset(
        (one + two, three) for (one, two), three in zip(pairwise(found), found[2:], strict=False)
    )


def speaks_chinese(text: str) -> bool:
    """Say whether a text has at least half as many ideographs as Latin words."""
    ideographs = sum(map(is_cjk, text))
    return ideographs * 2 >= len(re.findall("[A-Za-z]+", text))
