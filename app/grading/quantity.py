"""Numbers compared by value: 1,000 is 1000, 90% is 0.9, 三次 is 3."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_SCALES = {"万": 10_000, "亿": 100_000_000, "%": 0.01, "‰": 0.001}
_COUNTED = "次个种层步类级位条天年月日倍项点段阶维轮篇章届名人份分秒时元米克吨成"
_NUMBER = re.compile(
    rf"(?<![a-z_\d.])-?(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)\s?(?P<scale>[万亿%‰])?(?![a-z_]*\d)"
    rf"|百分之(?P<percent>[零一二三四五六七八九十百两]+|\d+(?:\.\d+)?)"
    rf"|(?P<chinese>[二三四五六七八九两十百千][零一二三四五六七八九十百千两]*(?P<big>[万亿])?)(?=[{_COUNTED}])"
)


class Numbers(Enum):
    """How the numbers of an answer stand to those of a reference."""

    AGREE = "agree"
    MISSING = "missing"
    DIFFER = "differ"


@dataclass(frozen=True, slots=True)
class Number:
    """A number at its place in a normal form."""

    value: float
    start: int
    end: int


def numbers(folded: str) -> Iterator[Number]:
    """Yield the numbers of a normal form; Chinese numerals only where something is counted."""
    for match in _NUMBER.finditer(folded):
        yield Number(_value(match), match.start(), match.end())


def _value(match: re.Match[str]) -> float:
    if match["percent"]:
        return round(_plain(match["percent"]) * 0.01, 12)
    if match["chinese"]:
        return _plain(match["chinese"].rstrip("万亿")) * _SCALES.get(match["big"] or "", 1)
    sign = -1 if match.group().startswith("-") else 1
    return sign * round(_plain(match["digits"]) * _SCALES.get(match["scale"] or "", 1), 12)


def _plain(numeral: str) -> float:
    if numeral[0].isdigit() and numeral[0].isascii():
        return float(numeral.replace(",", ""))
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
    asked = _values(question)
    wanted = _values(reference) - asked
    absent = wanted - _values(answer)
    if absent and _values(clause) - asked - wanted:
        return Numbers.DIFFER
    return Numbers.MISSING if len(absent) * 2 > len(wanted) else Numbers.AGREE


def _values(folded: str) -> frozenset[float]:
    return frozenset(number.value for number in numbers(folded))
