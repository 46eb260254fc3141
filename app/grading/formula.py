"""Formulas compared by value: n²/2 is n^2 * 0.5, O(n log n) is O(n·log(n))."""

import math
import re
from collections.abc import Iterator, Sequence

from app.grading.lexicon import LEXICON
from app.text import fold

_NAMES = ("log", "ln", "lg", "sqrt")
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)|(?P<word>[a-zα-ω]+)|(?P<operator>[-+*/^()=])"
    r"|(?P<blank>[\s${}\\_]+)|(?P<other>.)",
    re.DOTALL,
)
_FACTORS = re.compile(rf"([a-zα-ω]?)({'|'.join(_NAMES)})([a-zα-ω]?)|([a-zα-ω])([a-zα-ω]?)")
_SPELLINGS = str.maketrans(
    {"²": "^2 ", "³": "^3 ", "×": "*", "·": "*", "÷": "/", "−": "-", "√": " sqrt "}
    | {"[": "(", "]": ")"}
)
_MOST_TOKENS = 60
_BASE, _STEP = (
    1.31,
    0.173,
)  # arbitrary values for the letters, apart enough that sums do not collide


def formulas(text: str) -> list[frozenset[float]]:
    """Return each formula with a letter in it as the values by which it may be recognised.

    An equation is recognised by the difference of its sides, or by either side that is more than
    one symbol. Values are those at one arbitrary point, to nine digits.
    """
    found = (_alternatives(run) for run in _runs(fold(text.translate(_SPELLINGS))))
    return [values for values in found if values]


def _runs(folded: str) -> Iterator[list[str]]:
    """Yield the longest stretches of formula tokens; any other word ends one."""
    run: list[str] = []
    for match in _TOKEN.finditer(folded):
        tokens = _factors(match.group()) if match.lastgroup == "word" else [match.group()]
        if match.lastgroup == "other" or not tokens:
            yield run
            run = []
        elif match.lastgroup != "blank":
            run.extend(tokens)
    yield run


def _factors(word: str) -> list[str]:
    """Read `nlogn` as n log n and `mc` as m c; a word of the language is none of a formula."""
    match = _FACTORS.fullmatch(word)
    known = match is not None and (len(word) == 1 or word not in LEXICON.function_words)
    return [factor for factor in match.groups() if factor] if match and known else []


def _alternatives(run: Sequence[str]) -> frozenset[float]:
    """Return the values of a run that is a formula: letters, and something done with them."""
    letters = sum(token.isalpha() for token in run)
    if not letters or len(run) < 3 or len(run) > _MOST_TOKENS:  # noqa: PLR2004 (a, +, b)
        return frozenset()
    sides = _split(_balanced(run))
    values = [_value(side) for side in sides]
    known = [value for value in values if value is not None]
    result = {
        value
        for side, value in zip(sides, values, strict=True)
        if value is not None and (len(side) > 1 and any(token.isalpha() for token in side))
    }
    if len(known) == len(sides) == 2:  # noqa: PLR2004 (left and right)
        result.add(_rounded(abs(known[0] - known[1])))
    return frozenset(result)


def _balanced(run: Sequence[str]) -> Sequence[str]:
    """Drop brackets that belong to the sentence around a formula, and operators hanging over."""
    while run and (run[0] in ")*/^=+" or (_depth(run) > 0 and run[0] == "(")):
        run = run[1:]
    while run and (run[-1] in "(*/^=+-" or (_depth(run) < 0 and run[-1] == ")")):
        run = run[:-1]
    return run


def _depth(run: Sequence[str]) -> int:
    return run.count("(") - run.count(")")


def _split(run: Sequence[str]) -> list[Sequence[str]]:
    sides: list[list[str]] = [[]]
    for symbol in run:
        if symbol == "=":
            sides.append([])
        else:
            sides[-1].append(symbol)
    return [side for side in sides if side]


def _value(run: Sequence[str]) -> float | None:
    try:
        value = _Reader(run).read()
    except (ArithmeticError, ValueError, IndexError, RecursionError):
        return None  # not a formula after all: brackets of a sentence, a date, a path
    return _rounded(value)


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


class _Reader:
    """Reads a formula by recursive descent: sums of products of powers."""

    def __init__(self, run: Sequence[str]) -> None:
        self._run = run
        self._at = 0

    def read(self) -> float:
        value = self._sum()
        if self._at < len(self._run):
            raise ValueError
        return value

    def _next(self) -> str:
        return self._run[self._at] if self._at < len(self._run) else ""

    def _take(self) -> str:
        token = self._run[self._at]
        self._at += 1
        return token

    def _sum(self) -> float:
        value = -self._signed() if self._next() == "-" else self._product()
        while self._next() in {"+", "-"}:
            value += self._product() if self._take() == "+" else -self._product()
        return value

    def _signed(self) -> float:
        self._take()
        return self._product()

    def _product(self) -> float:
        value = self._power()
        while self._next() and self._next() not in {"+", "-", ")"}:
            if self._next() == "/":
                self._take()
                value /= self._power()
            else:
                if self._next() == "*":
                    self._take()
                value *= self._power()
        return value

    def _power(self) -> float:
        base = self._atom()
        if self._next() == "^":
            self._take()
            return math.pow(base, self._power())
        return base

    def _atom(self) -> float:
        symbol = self._take()
        if symbol == "(":
            value = self._sum()
            if self._take() != ")":
                raise ValueError
            return value
        if symbol in _NAMES:
            return math.sqrt(self._power()) if symbol == "sqrt" else math.log(self._power())
        if symbol[0].isdigit():
            return float(symbol)
        if symbol.isalpha():
            return _BASE + _STEP * math.pow(ord(symbol) % 64, 1.1)
        raise ValueError
