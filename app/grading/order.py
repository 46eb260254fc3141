"""Points that must come in their order: which of them an answer gives out of it.

The fewest points are marked that, taken away, leave the others in order. Where an answer numbers
its steps, the numbers count; else where each point stands.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.grading.check import CREDIT, score
from app.grading.lexicon import LEXICON, tokens
from app.grading.segment import split_clauses
from app.grading.verdict import AnswerCheck, PointVerdict, Reason, ReferencePoint, State
from app.text import fold, grams, normalise

_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", start=1)}
_STEP = re.compile(
    r"第\s?(?P<chinese>[一二三四五六七八九十]|\d{1,2})\s?(?:个?步骤?|阶段|环)"
    r"|\bstep\s?(?P<english>\d{1,2})\b"
    r"|(?<![^\s。；;.])(?P<number>\d{1,2})\s?[.、)．](?!\d)"
    r"|[（(](?P<bracket>\d{1,2})[)）]|(?P<circle>[\u2460-\u2473])",
    re.IGNORECASE,
)
_CIRCLED_ONE = ord("\u2460")

Span = tuple[int, int]
Clauses = Sequence[tuple[Span, frozenset[str]]]  # of an answer, with their grams
Place = tuple[int, int]  # the number of the step, if steps have numbers, and a place in the answer


@dataclass(frozen=True, slots=True)
class _Step:
    """A mark that numbers what follows it in an answer."""

    start: int
    number: int


def judge_order(points: Sequence[ReferencePoint], answer: str, check: AnswerCheck) -> AnswerCheck:
    """Return the verdict with points that are out of order counted as partial, if covered."""
    marked = find_misplaced(points, answer, check.points)
    if not marked:
        return check
    verdicts = [
        _misplaced(verdict) if at in marked else verdict for at, verdict in enumerate(check.points)
    ]
    return replace(check, points=tuple(verdicts), score=score(points, verdicts))


def find_misplaced(
    points: Sequence[ReferencePoint], answer: str, verdicts: Sequence[PointVerdict]
) -> frozenset[int]:
    """Return the points of which an answer says something, but not at their place."""
    places = _places(points, answer, verdicts)
    kept = _longest_rise([places[at] for at in sorted(places)])
    return frozenset(at for number, at in enumerate(sorted(places)) if number not in kept)


def _misplaced(verdict: PointVerdict) -> PointVerdict:
    return replace(verdict, state=State.PARTIAL, reason=Reason.OUT_OF_ORDER)


def _places(
    points: Sequence[ReferencePoint], answer: str, verdicts: Sequence[PointVerdict]
) -> dict[int, Place]:
    """Return where an answer gives each point; without those whose place cannot be told."""
    said = [
        (at, verdict.span)
        for at, verdict in enumerate(verdicts)
        if verdict.span is not None and CREDIT[verdict.state]
    ]
    wordings = [_wordings(point) for point in points]
    clauses = [
        (clause.span, frozenset(grams(clause.text.text))) for clause in split_clauses(answer)
    ]
    centres: dict[int, int] = {}
    for at, span in said:
        inside = [one for one in clauses if _overlap(one[0], span)]
        centre = _find(wordings, at, answer, span, inside)
        alone = not any(_overlap(span, other) for i, other in said if i != at)
        if centre is not None or alone:
            centres[at] = span[0] if centre is None else centre
    steps = _steps(answer)
    numbers = {at: _number(steps, centre) for at, centre in centres.items()}
    told = set(numbers.values())
    numbered = 0 not in told and len(told) == len(numbers)
    return {at: (numbers[at] if numbered else 0, centre) for at, centre in centres.items()}


def _wordings(point: ReferencePoint) -> list[frozenset[str]]:
    """Return the grams of a point in each of the words that it may be said in."""
    texts = (point.whole, *point.aliases, *point.accepted)
    return [found for text in texts if (found := frozenset(grams(fold(text))))]


def _find(
    wordings: Sequence[Sequence[frozenset[str]]], at: int, answer: str, span: Span, inside: Clauses
) -> int | None:
    """Return the place in a stretch of the answer that speaks of a point more than of others."""
    leads = [_lead(wordings, at, said) for _, said in inside]
    lead = max(leads, default=0.0)
    clause = inside[leads.index(lead)][0] if lead > 0 else None
    others = (one for i, said in enumerate(wordings) if i != at for one in said)
    own = frozenset[str]().union(*wordings[at]).difference(*others)
    centre = _centre(own, answer, clause or span)
    return clause[0] if clause and centre is None else centre


def _lead(wordings: Sequence[Sequence[frozenset[str]]], at: int, said: frozenset[str]) -> float:
    """Return by how much a clause has more of a point than of any other: -1..1."""
    shares = [
        max((len(wanted & said) / len(wanted) for wanted in texts), default=0.0)
        for texts in wordings
    ]
    return shares[at] - max((one for i, one in enumerate(shares) if i != at), default=0.0)


def _centre(own: frozenset[str], answer: str, span: Span) -> int | None:
    """Return the middle of a point's own words inside its evidence, by what they say."""
    text = normalise(answer[slice(*span)])
    found = list(tokens(text.text))
    weights: list[tuple[int, float]] = []
    for index, (token, start, _) in enumerate(found):
        follower = found[index + 1][0] if index + 1 < len(found) else ""
        best = max((token, token + follower), key=lambda gram: (gram in own) * LEXICON.rarity(gram))
        if best in own:
            weights.append((span[0] + text.origins[start], LEXICON.rarity(best)))
    half = sum(weight for _, weight in weights) / 2
    for place, weight in weights:
        half -= weight
        if half <= 0:
            return place
    return None


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _steps(answer: str) -> list[_Step]:
    return [_Step(match.start(), _step_number(match)) for match in _STEP.finditer(answer)]


def _step_number(match: re.Match[str]) -> int:
    if match["circle"]:
        return ord(match["circle"]) - _CIRCLED_ONE + 1
    text = match["chinese"] or match["english"] or match["number"] or match["bracket"]
    return _NUMERALS.get(text) or int(text)


def _number(steps: Sequence[_Step], place: int) -> int:
    """Return the number of the step that a place of the answer belongs to, 0 if none."""
    before = bisect_right([step.start for step in steps], place)
    return steps[before - 1].number if before else 0


def _longest_rise(places: Sequence[Place]) -> frozenset[int]:
    """Return the indexes of a longest run of places that never falls; of equals the earliest."""
    lengths: list[int] = []
    previous: list[int | None] = []
    for at, place in enumerate(places):
        before = [i for i in range(at) if places[i] <= place]
        last = max(before, key=lambda i: (lengths[i], -i), default=None)
        lengths.append(1 if last is None else lengths[last] + 1)
        previous.append(last)
    end: int | None = max(range(len(places)), key=lambda i: (lengths[i], -i), default=None)
    kept: set[int] = set()
    while end is not None:
        kept.add(end)
        end = previous[end]
    return frozenset(kept)
