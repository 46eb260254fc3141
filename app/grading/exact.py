"""Points that are a value and nothing else: a number, a formula, right or wrong; checked exactly.

`3.14±0.01`, `3..4`, `10 km`, `1/3`, `三分之一`, `O(n log n)`, `对`. Where a point is such a
value no likelihood decides, neither of words nor of the network.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from app.grading.formula import Worth, constants, formulas, spell, whole_formula
from app.grading.quantity import SCALES, Number, is_same, numbers, read_numeral
from app.grading.rules import Case
from app.grading.truth import find_truth, read_truth
from app.grading.units import UNIT
from app.grading.verdict import PointVerdict, Reason, ReferencePoint, State

_LONGEST = 200  # characters of a point that may be a value
_AROUND = " \t\n。.!！;；,，$"
_ABOUT = re.compile(
    r"^(?:大约|约等于|约为?|大概|about|approximately|approx\.?|≈|[a-zα-ω]\s?=|=)\s*"
)
_RANGE = re.compile(r"\s?(?:\.\.|~|–|—|-|到|至|\bto\b)\s?(?=[-\d.])")
_UNIT = re.compile(rf"\s?(?P<unit>{UNIT})")
HEDGED = re.compile(r"或|可能|要么|也许|大概是|\bor\b|\beither\b|\bmaybe\b|\bperhaps\b")
_DENIED = re.compile(r"(?:不是|并非|而非|不等于|≠|不为|\bnot\b|n't)\s*$")
_THEREFORE = re.compile(
    r"^\s*(?:所以|因此|故|因而|综上|则|so|therefore|thus|hence)\s*", re.IGNORECASE
)
_BEFORE = 8  # characters in front of a number in which a denial stands
_SURE, _UNSURE = 0.98, 0.5
_TRUE_CHANCE, _FALSE_CHANCE = 0.98, 0.02


@dataclass(frozen=True, slots=True)
class Expected:
    """What a point wants: one of these is set. A range is a number with its half as tolerance."""

    number: Number | None = None
    formula: frozenset[Worth] = frozenset()
    truth: bool | None = None


@lru_cache(maxsize=4_096)
def read_expected(text: str) -> Expected | None:
    """Return the value that a text is, None where it is anything else or more."""
    if len(text) > _LONGEST:
        return None
    truth = read_truth(text)
    if truth is not None and not (len(text.strip(_AROUND)) == 1 and text.isascii()):
        return Expected(truth=truth)
    spelled = _ABOUT.sub("", spell(text).strip(_AROUND))
    number = _read_range(spelled) or _read_number(spelled)
    if number is not None:
        return Expected(number=number)
    worths = whole_formula(text)
    return Expected(formula=worths) if worths else None


def is_exact(point: ReferencePoint, *, alone: bool) -> bool:
    """Say whether a point is checked by value; `alone` says that it is its question's only one.

    Among others only numbers without a title are: whether 443 belongs to HTTPS, words must tell.
    """
    expected = read_expected(point.text)
    if expected is None:
        return False
    return alone or (point.title is None and expected.number is not None)


def judge_exactly(case: Case, at: int) -> PointVerdict | None:
    """Return the verdict on a point that is a value, None for any other point."""
    alone = len(case.points) == 1
    expected = read_expected(case.points[at].text)
    if expected is None or not is_exact(case.points[at], alone=alone):
        return None
    if expected.truth is not None:
        return _judge_truth(case, right=expected.truth)
    if expected.number is not None:
        return _judge_number(case, expected.number, alone=alone)
    return _judge_formula(case, expected.formula)


def _read_range(spelled: str) -> Number | None:
    """Read `3..4`, `3~4 km`, `3 到 4`."""
    for match in _RANGE.finditer(spelled):
        low = _read_number(spelled[: match.start()])
        high = _read_number(spelled[match.end() :])
        if low and high and low.value < high.value and low.unit in {None, high.unit}:
            middle, half = (low.value + high.value) / 2, (high.value - low.value) / 2
            return replace(high, value=middle, tolerance=half)
    return None


def _read_number(spelled: str) -> Number | None:
    """Read a text that is one number, with its unit and tolerance, or a sum of such."""
    numeral = read_numeral(spelled)
    if numeral is not None:
        return Number(numeral, 0, len(spelled), decimals=0)
    found = read_values(spelled)
    if len(found) == 1 and (found[0].start, found[0].end) == (0, len(spelled)):
        return found[0]
    return None


def read_values(spelled: str) -> list[Number]:
    """Return the numbers of a text that `spell` gave, sums and fractions by value, in order."""
    sums = []
    for one in constants(spelled):
        scale = SCALES.get(spelled[one.end : one.end + 1])
        unit = _UNIT.match(spelled, one.end + bool(scale))
        end = unit.end() if unit else one.end + bool(scale)
        value = one.value * (scale or 1)
        sums.append(Number(value, one.start, end, unit=unit["unit"] if unit else None))
    plain = [
        number
        for number in numbers(spelled)
        if not any(one.start <= number.start < one.end for one in sums)
    ]
    return sorted([*sums, *plain], key=lambda number: number.start)


def is_denied_at(spelled: str, start: int) -> bool:
    """Say whether a value that begins at `start` is denied by what stands in front of it."""
    return _DENIED.search(spelled[max(0, start - _BEFORE) : start]) is not None


def _judge_truth(case: Case, *, right: bool) -> PointVerdict:
    given = find_truth(case.answer)
    span = _trimmed(case.answer)
    if given is None:
        found = {index: find_truth(_conclusion(case, index)) for index in _speaking(case)}
        said = [index for index, truth in found.items() if truth is not None]
        if not said:
            return _missed(case)
        if {found[index] for index in said} == {True, False}:
            return _unclear(_span(case, said[-1]))
        given, span = found[said[-1]], _span(case, said[-1])
    if given is right:
        return _verdict(State.COVERED, Reason.SAME_VERDICT, span)
    return _verdict(State.CONTRADICTED, Reason.VERDICT_DIFFERS, span)


def _conclusion(case: Case, index: int) -> str:
    return _THEREFORE.sub("", case.statement(index))


def _judge_formula(case: Case, wanted: frozenset[Worth]) -> PointVerdict:
    given = [
        (index, found)
        for index in _speaking(case)
        if (found := frozenset[Worth]().union(*formulas(case.statement(index))))
    ]
    for index, found in given:
        if wanted & found:
            return _verdict(State.COVERED, Reason.SAME_VALUE, _span(case, index))
    if given:
        return _verdict(State.CONTRADICTED, Reason.NUMBERS_DIFFER, _span(case, given[-1][0]))
    return _missed(case)


def _judge_number(case: Case, wanted: Number, *, alone: bool) -> PointVerdict:
    asked = read_values(spell(case.question))
    right: list[int] = []
    wrong: list[int] = []
    for index in _speaking(case):
        spelled = spell(case.statement(index))
        for number in _numbers_said(spelled):
            denied = is_denied_at(spelled, number.start)
            if is_same(wanted, number) and not denied:
                right.append(index)
            elif is_same(wanted, number) or not (denied or _is_among(asked, number)):
                wrong.append(index)
    if right and (not alone or not wrong or _settled(case, right, wrong)):
        return _verdict(State.COVERED, Reason.SAME_VALUE, _span(case, right[-1]))
    if right:
        return _unclear(_span(case, right[-1]))
    if wrong and alone:
        return _verdict(State.CONTRADICTED, Reason.NUMBERS_DIFFER, _span(case, wrong[-1]))
    return _missed(case)


def _numbers_said(spelled: str) -> list[Number]:
    numeral = read_numeral(spelled.strip(_AROUND))
    if numeral is None:
        return read_values(spelled)
    return [Number(numeral, 0, len(spelled), decimals=0)]


def _is_among(asked: Sequence[Number], number: Number) -> bool:
    return any(is_same(one, number) for one in asked)


def _settled(case: Case, right: Sequence[int], wrong: Sequence[int]) -> bool:
    """Say whether wrong numbers are steps on the way to the right one, which comes last."""
    hedged = any(HEDGED.search(case.statement(index)) for index in (*right, *wrong))
    return not hedged and right[-1] >= wrong[-1]


def _speaking(case: Case) -> list[int]:
    return [index for index, one in enumerate(case.statements) if not one.silent]


def _span(case: Case, index: int) -> tuple[int, int]:
    return case.statements[index].clause.span


def _trimmed(answer: str) -> tuple[int, int]:
    start = len(answer) - len(answer.lstrip())
    return start, start + len(answer.strip())


def _unclear(span: tuple[int, int]) -> PointVerdict:
    """Return the verdict on an answer that says the right value and another one."""
    both = _verdict(State.PARTIAL, Reason.BOTH_WAYS, span)
    return replace(both, confidence=_UNSURE, needs_review=True)


def _missed(case: Case) -> PointVerdict:
    silent = next((one.silent for one in case.statements if one.silent), None)
    reason = Reason.NOT_MENTIONED if case.statements else Reason.EMPTY
    return _verdict(State.MISSED, silent or reason, None)


def _verdict(state: State, reason: Reason, span: tuple[int, int] | None) -> PointVerdict:
    covered = state is State.COVERED
    return PointVerdict(
        state=state,
        probability=_TRUE_CHANCE
        if covered
        else _UNSURE
        if state is State.PARTIAL
        else _FALSE_CHANCE,
        confidence=_SURE,
        needs_review=False,
        span=span,
        reason=reason,
    )
