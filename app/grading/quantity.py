"""Numbers compared by value: 1,000 is 1000, 90% is 0.9, 三次 is 3, 10 km is 10000 m."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from app.grading.units import UNIT, measure

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
SCALES = {"万": 10_000, "亿": 100_000_000, "%": 0.01, "‰": 0.001}
_COUNTED = "次个种层步类级位条天年月日倍项点段阶维轮篇章届名人份分秒时元米克吨成度岁"
_NUMERAL = "零一二三四五六七八九十百千两"
_SIZE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_POWER = r"e(?P<e>[-+]?\d{1,3})(?![a-z0-9])|\s?[*x×]\s?10\s?\^\s?\(?(?P<ten>[-+]?\d{1,3})\)?"
_NUMBER = re.compile(
    rf"(?:(?P<below>[{_NUMERAL}]+|\d{{1,9}})分之(?P<above>[{_NUMERAL}]+|\d{{1,9}})"
    rf"|(?<![a-z_\d.])[-负]?(?P<digits>{_SIZE})(?:{_POWER})?"
    rf"(?:\s?(?P<scale>[万亿%‰]))?(?![a-z_]*\d)"
    rf"|百分之(?P<percent>[零一二三四五六七八九十百两]+|\d+(?:\.\d+)?)"
    rf"|(?P<chinese>[二三四五六七八九两十百千][{_NUMERAL}]*(?P<big>[万亿])?)(?=[{_COUNTED}]))"
    rf"(?:\s?(?:±|\+/-|\+-)\s?(?P<tolerance>{_SIZE})(?P<relative>%)?)?"
    rf"(?:\s?(?P<unit>{UNIT}))?"
)
_ALONE = re.compile(
    rf"(?P<chinese>[{_NUMERAL}]+)(?P<big>[万亿])?(?:点(?P<decimals>[零一二三四五六七八九]+))?"
)
_LONGEST = 60  # digits; longer ones are compared as they are written, which floats cannot


class Numbers(Enum):
    """How the numbers of an answer stand to those of a reference."""

    AGREE = "agree"
    MISSING = "missing"
    DIFFER = "differ"


@dataclass(frozen=True, slots=True)
class Number:
    """A number at its place in a normal form.

    `tolerance` is how far off it may be, in its own unit; `decimals` counts those written, None
    where the number is exact by nature, as a fraction is; `figures` counts the significant ones.
    """

    value: float
    start: int
    end: int
    tolerance: float = 0.0
    unit: str | None = None
    decimals: int | None = None
    figures: int = 0


def numbers(folded: str) -> Iterator[Number]:
    """Yield the numbers of a normal form; Chinese numerals only where something is counted."""
    for match in _NUMBER.finditer(folded):
        value = _value(match)
        if not math.isfinite(value):
            continue
        decimals, figures = _precision(match)
        yield Number(
            value=value,
            start=match.start(),
            end=match.end(),
            tolerance=_tolerance(match, value),
            unit=match["unit"],
            decimals=decimals,
            figures=figures,
        )


def read_numeral(folded: str) -> float | None:
    """Return what a text says that is a Chinese numeral and nothing else: 三点一四, 二百五十."""
    match = _ALONE.fullmatch(folded)
    if match is None or len(folded) > _LONGEST:
        return None
    whole = _plain(match["chinese"]) * SCALES.get(match["big"] or "", 1)
    decimals = "".join(str(_DIGITS[one]) for one in match["decimals"] or "")
    return whole + (float(f"0.{decimals}") if decimals else 0.0)


def is_same(expected: Number, given: Number) -> bool:
    """Say whether a number is what is expected: within its tolerance, in whatever unit.

    A number without a unit is compared as it stands. A decimal of three figures or more may be a
    number that is exact by nature, rounded: 0.333 is 1/3.
    """
    sizes = measure(1.0, expected.unit), measure(1.0, given.unit)
    if not all(sizes):
        return _is_near(expected, given, given.value)
    return any(
        _is_near(expected, given, given.value * size / wanted_size)
        for wanted_dimension, wanted_size in sizes[0]
        for dimension, size in sizes[1]
        if dimension == wanted_dimension
    )


def _is_near(expected: Number, given: Number, value: float) -> bool:
    if math.isclose(value, expected.value, rel_tol=1e-9, abs_tol=1e-12):
        return True
    if expected.tolerance:
        return abs(value - expected.value) <= expected.tolerance * (1 + 1e-9)
    if value != given.value:
        return False  # rounding is told in the unit that it was written in
    for exact, rounded in ((expected, given), (given, expected)):
        if exact.decimals is None and rounded.decimals is not None and rounded.figures >= _ROUNDED:
            return round(exact.value, rounded.decimals) == round(rounded.value, rounded.decimals)
    return False


_ROUNDED = 3


def _precision(match: re.Match[str]) -> tuple[int | None, int]:
    """Return how many decimals a number is written with, and how many significant figures."""
    digits = match["digits"]
    if digits is None:
        return (None, 0) if match["below"] else (0, 0)
    fraction = digits.partition(".")[2]
    shift = {"%": 2, "‰": 3}.get(match["scale"] or "", 0) - _exponent(match)
    figures = digits.replace(",", "").replace(".", "").lstrip("0")
    return max(0, len(fraction) + shift), len(figures)


def _exponent(match: re.Match[str]) -> int:
    return int(match["e"] or match["ten"] or 0)


def _tolerance(match: re.Match[str], value: float) -> float:
    if match["tolerance"] is None:
        return 0.0
    size = float(match["tolerance"].replace(",", ""))
    return abs(value) * size * 0.01 if match["relative"] else size


def _value(match: re.Match[str]) -> float:
    if match["percent"]:
        return round(_plain(match["percent"]) * 0.01, 12)
    if match["below"]:
        below = _plain(match["below"])
        return _plain(match["above"]) / below if below else math.nan
    if match["chinese"]:
        return _plain(match["chinese"].rstrip("万亿")) * SCALES.get(match["big"] or "", 1)
    if len(match["digits"]) > _LONGEST:
        return math.nan
    sign = -1 if match.group().startswith(("-", "负")) else 1
    power = float(f"1e{_exponent(match)}")
    return sign * round(_plain(match["digits"]) * SCALES.get(match["scale"] or "", 1), 12) * power


def _plain(numeral: str) -> float:
    if numeral[0].isdecimal():  # of whatever script
        return float(numeral.replace(",", ""))
    if len(numeral) > 1 and all(character in _DIGITS for character in numeral):
        return float("".join(str(_DIGITS[character]) for character in numeral))  # 二零二四
    total, digit = 0, 0
    for character in numeral:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS[character]
    return float(total + digit)


def compare_numbers(question: str, reference: str, clause: str, answer: str) -> Numbers:
    """Compare the numbers of a reference with those of the closest clause and the whole answer.

    All are normal forms; numbers of the question do not count.
    """
    asked = _distinct(numbers(question))
    wanted = _without(_distinct(numbers(reference)), asked)
    absent = _without(wanted, _distinct(numbers(answer)))
    if absent and _without(_distinct(numbers(clause)), [*asked, *wanted]):
        return Numbers.DIFFER
    return Numbers.MISSING if len(absent) * 2 > len(wanted) else Numbers.AGREE


def _distinct(found: Iterable[Number]) -> list[Number]:
    return list({(number.value, number.unit): number for number in found}.values())


def _without(found: Iterable[Number], others: Iterable[Number]) -> list[Number]:
    """Return the numbers that are none of the others."""
    known = list(others)
    return [
        number
        for number in found
        if not any(is_same(number, other) or is_same(other, number) for other in known)
    ]
