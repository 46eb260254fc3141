r"""Formulas compared by value: n²/2 is n^2 * 0.5, O(n log n) is O(n·log₂(n)), \frac{a}{b} is a/b.

A formula is read by a small grammar and valued at two arbitrary points; two that agree there are
equal. Nothing is ever run as code, and time and size are bounded: what is too long, too deep or too
large to be valued is no formula.
"""

import math
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.grading.lexicon import LEXICON
from app.text import CJK, fold

Worth = tuple[float, ...]  # a formula's values at the two points, to nine digits

_FUNCTIONS = {
    "sqrt": math.sqrt,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "ln": math.log,
}
_LOGS = {"log": (math.e, 2.0, 10.0), "lg": (10.0, 2.0)}  # bases that the bare name may mean
_NAMES = "|".join((*_FUNCTIONS, *_LOGS))
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:e[-+]?\d{1,3}(?![\da-z]))?)"
    r"|(?P<log>(?P<factor>[a-zα-ω]?)log(?:_(?P<base>\d+|[a-z])|(?P<digits>\d+)(?=\s*[(a-zα-ω])))"
    r"|(?P<symbol>[a-zα-ω]_[a-z0-9]+)"
    r"|(?P<word>[a-zα-ω]+)|(?P<operator>[-+*/^()=!])"
    r"|(?P<blank>[\s${}\\_]+)|(?P<other>.)",
    re.DOTALL,
)
_FACTORS = re.compile(rf"([a-zα-ω]?)({_NAMES})([a-zα-ω]?)|([a-zα-ω])([a-zα-ω]?)")
_SPELLINGS = str.maketrans(
    dict.fromkeys("×·⋅∙∗", "*")
    | dict.fromkeys("−–", "-")
    | {"÷": "/", "√": " sqrt ", "[": "(", "]": ")", "⁄": "/"}
)
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣ", "0123456789+-()nx")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₙᵢⱼₖₘ", "0123456789nijkm")
_SUPERSCRIPT, _SUBSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣ]+"), re.compile("[₀₁₂₃₄₅₆₇₈₉ₙᵢⱼₖₘ]+")
# LaTeX from the inside out; what has no braces in its braces can be rewritten.
_LATEX = (
    (re.compile(r"\\(?:text|mathrm|mathbf|operatorname)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"((\1)/(\2))"),
    (re.compile(r"\\sqrt\s*\[([^\[\]{}]*)\]\s*\{([^{}]*)\}"), r"((\2)^(1/(\1)))"),
    (re.compile(r"\\sqrt\s*\{([^{}]*)\}"), r" sqrt(\1)"),
    (re.compile(r"\^\s*\{([^{}]*)\}"), r"^(\1)"),
)
_LOW_BRACES = re.compile(r"_\s*\{([^{}]*)\}")
_COMMANDS = (
    (re.compile(r"\\(?:cdot|times|ast)(?![a-zA-Z])"), "*"),
    (re.compile(r"\\div(?![a-zA-Z])"), "/"),
    (re.compile(r"\\pm(?![a-zA-Z])"), "±"),
    (re.compile(r"\\pi(?![a-zA-Z])"), "π"),
    (re.compile(r"\\(?:left|right|quad|qquad|[,;! ])"), " "),
    (re.compile(rf"\\({_NAMES})"), r" \1 "),
    (re.compile(r"\*\*"), "^"),
)
_GROUPED = re.compile(r"(?<![\d.])\d{1,3}(?: \d{3})+(?![\d.])")  # 100 000
# What people write out in words, where a formula surrounds it: 2的i-1次方减1, n squared.
_BASE = r"(?<=[a-zα-ω0-9)])"
_WORDED = (
    (re.compile(rf"{_BASE}\s?的?\s?([-+*/a-z0-9() ]{{1,12}}?)\s?次(?:方|幂)"), r"^(\1)"),
    (re.compile(rf"{_BASE}\s?(?:的?平方(?!米|千米|公里|厘米)|方(?![{CJK}])|squared\b)"), "^(2)"),
    (re.compile(rf"{_BASE}\s?(?:的?立方(?!米|分米|厘米)|cubed\b)"), "^(3)"),
    (re.compile(rf"{_BASE}\s?的(?:一半|二分之一)"), "/2"),
    (re.compile(rf"{_BASE}\s?减去?\s?(?=[a-zα-ω0-9(])"), "-"),
    (re.compile(rf"{_BASE}\s?加上?\s?(?=[a-zα-ω0-9(])"), "+"),
    (re.compile(rf"{_BASE}\s?乘以?\s?(?=[a-zα-ω0-9(])"), "*"),
    (re.compile(rf"{_BASE}\s?除以\s?(?=[a-zα-ω0-9(])"), "/"),
)
_DEEPEST_LATEX = 8
_LONGEST = 4_000  # characters in which formulas are looked for
_MOST_TOKENS = 80
_FEWEST_TOKENS = 3  # a, +, b
_SIDES = 2
_OPERATORS = frozenset("+-*/^!")
_POINTS = 2
_ORDERS = frozenset("oθωΘΩ")
_CONSTANTS = {"π": math.pi}


@dataclass(frozen=True, slots=True)
class Constant:
    """An expression without letters: its value, and its place in the spelled text."""

    value: float
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression with letters: the values that it may be recognised by, and its place."""

    worths: frozenset[Worth]
    start: int
    end: int


def formulas(text: str) -> list[frozenset[Worth]]:
    """Return each formula with a letter in it as the values by which it may be recognised.

    An equation is recognised by the difference of its sides, or by either side that is more than
    one symbol; an order of growth also without its O, and whatever the base of its logarithms.
    """
    return [found.worths for found in find_formulas(spell(text))]


def find_formulas(spelled: str) -> Iterator[Formula]:
    """Yield the formulas with a letter in a text that `spell` gave, with their places."""
    for run, start, end in _runs(spelled):
        worths = _alternatives(run)
        if worths:
            yield Formula(worths, start, end)


def whole_formula(text: str) -> frozenset[Worth]:
    """Return the values of a text that is one formula and nothing else; empty for any other."""
    spelled = spell(text).strip().rstrip(".。;；")
    runs = [run for run, _, _ in _runs(spelled) if run]
    alone = len(runs) == 1 and not any(m.lastgroup == "other" for m in _TOKEN.finditer(spelled))
    return _alternatives(runs[0]) if alone else frozenset()


def constants(spelled: str) -> Iterator[Constant]:
    """Yield the sums, products, powers and fractions of numbers in a text that `spell` gave."""
    for run, start, end in _runs(spelled):
        if len(run) < _FEWEST_TOKENS or len(run) > _MOST_TOKENS or any(map(_is_letter, run)):
            continue
        for side in _split(_balanced(run)):
            value = _value(side, 0) if len(side) > 1 else _plain(side[0])
            if value is not None and (_OPERATORS & {*run[1:]} or {*_FUNCTIONS} & {*run}):
                yield Constant(value, start, end)


def spell(text: str) -> str:
    """Return a text in normal form, its formulas in plain signs: `x²` is `x^(2)`."""
    text = text[:_LONGEST]
    text = _SUPERSCRIPT.sub(lambda match: f"^({match[0].translate(_RAISED)})", text)
    text = _SUBSCRIPT.sub(lambda match: f"_{match[0].translate(_LOWERED)}", text)
    if "\\" in text or "{" in text:
        text = _plain_latex(text)
    for pattern, plain in _COMMANDS:
        text = pattern.sub(plain, text)
    text = fold(text.translate(_SPELLINGS)).translate(_SPELLINGS)
    text = _GROUPED.sub(lambda match: match[0].replace(" ", ""), text)
    for pattern, plain in _WORDED:
        text = pattern.sub(plain, text)
    return text


def _plain_latex(text: str) -> str:
    for _ in range(_DEEPEST_LATEX):
        before = text
        text = _LOW_BRACES.sub(lambda match: "_" + re.sub(r"\W", "m", match[1]), text)
        for pattern, plain in _LATEX:
            text = pattern.sub(plain, text)
        if text == before:
            break
    return text


def _runs(spelled: str) -> Iterator[tuple[list[str], int, int]]:
    """Yield the longest stretches of formula tokens with their places; any other word ends one."""
    run: list[str] = []
    start = end = 0
    for match in _TOKEN.finditer(spelled):
        tokens = _read_token(match)
        if match.lastgroup == "other" or not tokens:
            if match.lastgroup == "blank":
                continue
            yield run, start, end
            run = []
        else:
            start = start if run else match.start()
            end = match.end()
            run.extend(tokens)
    yield run, start, end


def _read_token(match: re.Match[str]) -> list[str]:
    if match.lastgroup == "word":
        return _factors(match.group())
    if match.lastgroup == "log":
        base = match["base"] or match["digits"]
        return [*([match["factor"]] if match["factor"] else []), f"log:{base}"]
    return [] if match.lastgroup in {"blank", "other"} else [match.group()]


def _factors(word: str) -> list[str]:
    """Read `nlogn` as n log n and `mc` as m c; a word of the language is none of a formula."""
    match = _FACTORS.fullmatch(word)
    known = match is not None and (len(word) == 1 or word not in LEXICON.function_words)
    return [factor for factor in match.groups() if factor] if match and known else []


def _is_letter(token: str) -> bool:
    """Say whether a token is an unknown; the names of functions and π are none."""
    return token[0].isalpha() and token.partition(":")[0] not in {*_FUNCTIONS, *_LOGS, *_CONSTANTS}


def _alternatives(run: Sequence[str]) -> frozenset[Worth]:
    """Return the values of a run that is a formula: letters, and something done with them."""
    if not _FEWEST_TOKENS <= len(run) <= _MOST_TOKENS:
        return frozenset()
    balanced = _balanced(run)
    if not any(token[0].isalpha() for token in balanced):
        return frozenset()
    inside = balanced[2:-1] if _is_order(balanced) else ()
    readings = {
        _rebased(part, place) for part in (balanced, inside) for place in range(_widest(part))
    }
    return frozenset[Worth]().union(*map(_recognised, readings))


def _widest(run: Sequence[str]) -> int:
    """Return in how many ways the bare logarithms of a run may be meant."""
    return max((len(_LOGS.get(token, (1,))) for token in run), default=1)


def _rebased(run: Sequence[str], place: int) -> tuple[str, ...]:
    """Return a run with a base for its bare logarithms; within O() the base does not count."""
    if _is_order(run):
        return tuple("ln" if token.partition(":")[0] in _LOGS else token for token in run)
    bases = {name: f"log:{choice[min(place, len(choice) - 1)]}" for name, choice in _LOGS.items()}
    return tuple(bases.get(token, token) for token in run)


def _recognised(run: Sequence[str]) -> frozenset[Worth]:
    sides = _split(run)
    worths = [_worth(side) for side in sides]
    result = {
        worth
        for side, worth in zip(sides, worths, strict=True)
        if worth is not None and (len(side) > 1 and any(token[0].isalpha() for token in side))
    }
    if len(sides) == _SIDES and worths[0] is not None and worths[1] is not None:
        pairs = zip(worths[0], worths[1], strict=True)
        result.add(tuple(_rounded(abs(left - right)) for left, right in pairs))
    inside = [side[2:-1] for side in sides if _is_order(side)]
    result |= {worth for side in inside if side and (worth := _worth(side)) is not None}
    return frozenset(result)


def _is_order(side: Sequence[str]) -> bool:
    return len(side) > _FEWEST_TOKENS and side[0] in _ORDERS and (side[1], side[-1]) == ("(", ")")


def _balanced(run: Sequence[str]) -> Sequence[str]:
    """Drop brackets that belong to the sentence around a formula, and operators hanging over."""
    while run and (run[0] in ")*/^=+!" or (_depth(run) > 0 and run[0] == "(")):
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


def _worth(run: Sequence[str]) -> Worth | None:
    values = [_value(run, point) for point in range(_POINTS)]
    known = [_rounded(value) for value in values if value is not None]
    return tuple(known) if len(known) == len(values) else None


def _value(run: Sequence[str], point: int) -> float | None:
    try:
        value = _Reader(run, point).read()
    except (ArithmeticError, ValueError, IndexError, RecursionError, TypeError):
        return None  # not a formula after all: brackets of a sentence, a date, a path
    return value if math.isfinite(value) else None


def _plain(token: str) -> float | None:
    return float(token) if token[0].isdigit() else _CONSTANTS.get(token)


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")


class _Reader:
    """Reads a formula by recursive descent: sums of products of powers.

    Each unknown has a value of its own at each point, apart enough that sums do not collide.
    """

    def __init__(self, run: Sequence[str], point: int) -> None:
        self._run = run
        self._point = point
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
        base = self._factorial(self._atom())
        if self._next() == "^":
            self._take()
            negative = self._next() == "-"
            if negative:
                self._take()
            exponent = self._power()
            return math.pow(base, -exponent if negative else exponent)
        return base

    def _factorial(self, value: float) -> float:
        while self._next() == "!":
            self._take()
            value = math.gamma(value + 1)
        return value

    def _atom(self) -> float:
        symbol = self._take()
        if symbol == "(":
            value = self._sum()
            if self._take() != ")":
                raise ValueError
            return value
        if symbol in _FUNCTIONS:
            return _FUNCTIONS[symbol](self._argument())
        if symbol.startswith("log:"):
            base = symbol.removeprefix("log:")
            return math.log(
                self._argument(), self._unknown(base) if base.isalpha() else float(base)
            )
        if symbol[0].isdigit():
            return float(symbol)
        if symbol[0].isalpha():
            return self._unknown(symbol)
        raise ValueError

    def _argument(self) -> float:
        """Return what a function is of: `log n^2` is of n^2, and `log^2 n` is no formula here."""
        return self._power()

    def _unknown(self, symbol: str) -> float:
        if symbol in _CONSTANTS:
            return _CONSTANTS[symbol]
        chance = zlib.crc32(f"{symbol}{self._point}".encode()) / 2**32
        return 3.0 + 6.0 * chance
