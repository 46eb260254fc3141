"""Points that say no more than their question but for a value: `平均移动 n/2 个元素`.

Whoever gives the value has the point, in however few words; whoever gives another one has not, in
however many of the point's own. Where an answer has no value at all, words and network decide.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from app.grading.exact import HEDGED, is_denied_at, read_values
from app.grading.formula import Worth, find_formulas, spell
from app.grading.lexicon import LEXICON
from app.grading.quantity import Number, is_same
from app.grading.rules import Case, Finding, is_denied
from app.grading.verdict import Reason, State
from app.text import fold, grams, is_cjk

_LONGEST = 300  # characters of a point that may hinge on a value
_OWN = 4  # ideographs of a point, a Latin word as two, that neither question nor title have
_BARE = 2  # grams beside a value that is given bare
_NAMED = 0.2  # share of a point's words from which a clause speaks of it
_CLEARLY, _MORE = 0.6, 0.1  # share of another's words, and how much more, where it speaks of that
_ROUGH = re.compile(r"(?:[大≈]?约|大概|近|\babout|\bapproximately|\broughly|≈)\s*$")
_ROOM = 0.02  # how far off a number may be that the point itself calls rough
# What asks for a value.
_QUANTITY = re.compile(
    r"多少|几|多[大长高久重远快深宽厚]|(?<![需要请追])求(?![职学助])|计算|复杂度|公式|"
    r"\bhow (?:many|much|long|far|fast|big|large|high|deep|old|often|heavy)\b|"
    r"\bwhat (?:number|value|size)\b|\bcalculate\b|\bcompute\b|\bcomplexity\b|\bformula\b"
)
# An example may be another one, and a bound is kept by other values as well.
_ELASTIC = re.compile(
    r"[例比]?如|超过|以[上下内]|大于|小于|不[足到超]|至[少多]|[<>≤≥]|e\.g\.|such as|for example|"
    r"at (?:least|most)|(?:more|less) than|\b(?:above|below|over|under)\b"
)

# A value may be told in words that are not read; then what is read is no other value.
_WORDED = re.compile(
    r"根号|开[平立]?[方根]|[乘除加减]|平方|次[方幂]|分之[a-z]|[一二两三四五六七八九十]倍|"
    r"\b(?:root|squared?|power|divided|times|over|half|double|twice|third|quarter)\b"
)

Worded = frozenset[str]


@dataclass(frozen=True, slots=True)
class Value:
    """A number, or a formula as the values by which it is recognised, and where it begins."""

    start: int
    number: Number | None = None
    formula: frozenset[Worth] = frozenset()

    def fits(self, wanted: "Value") -> bool:
        """Say whether this is the value that is wanted."""
        if self.number and wanted.number:
            return is_same(wanted.number, self.number)
        return bool(self.formula & wanted.formula)


@dataclass(frozen=True, slots=True)
class Text:
    """A text as `spell` gives it, its values, and its words aside from them."""

    spelled: str
    values: Sequence[Value]
    words: Worded


@dataclass(frozen=True, slots=True)
class Said:
    """A clause of the answer: its values that the question does not have, and its words."""

    index: int
    values: Sequence[Value]
    words: Worded


def judge_value(case: Case, at: int) -> Finding | None:
    """Compare values where a point hinges on one; None for any other point, or answer."""
    wanted = _hinges(case.question, case.points[at].title or "", case.points[at].text)
    said = [one for one in _said(case) if one.values] if wanted else []
    if wanted is None or not said:
        return None
    names = [_read(point.whole).words for point in case.points]
    right = [one for one in said if _has(one, wanted) and not _names_another(one, at, names)]
    wrong = [
        one
        for one in said
        if one not in right
        and _is_about(one, at, names)
        and not _WORDED.search(case.statement(one.index))
    ]
    right = [one for one in right if not _belongs_elsewhere(case, one, at, names, said)]
    if wrong and all(_leans_to_another(one, at, names) for one in right):
        return Finding(Reason.NUMBERS_DIFFER, State.CONTRADICTED, wrong[-1].index)
    doubtful = wrong or any(_has_more(one, wanted) for one in right)
    if doubtful and _hedges(case, [*right, *wrong]):
        return Finding(Reason.BOTH_WAYS, State.PARTIAL, right[-1].index)
    if right and not (wrong and wrong[-1].index > right[-1].index) and not is_denied(case, at):
        return Finding(Reason.SAME_VALUE, State.COVERED, right[-1].index)
    if not right and all(len(one.words) <= _BARE for one in said):
        return Finding(Reason.NUMBER_MISSING, State.MISSED)
    return None  # two values for one thing, or values of other things: no rule tells


@lru_cache(maxsize=4_096)
def _hinges(question: str, title: str, text: str) -> Value | None:
    """Return the value on which a point hinges: the only one that its question does not have.

    None where the point says more than the question, its title and the value do.
    """
    if len(text) > _LONGEST or _ELASTIC.search(text) or not _QUANTITY.search(fold(question)):
        return None
    asked, said = _read(question), _read(text)
    wanted = [
        _loosened(value, said.spelled)
        for value in said.values
        if not any(value.fits(one) for one in asked.values)
    ]
    own = said.words - asked.words - _read(title).words
    return wanted[0] if len(wanted) == 1 and _size(own) <= _OWN else None


def _loosened(value: Value, spelled: str) -> Value:
    """Give a number that is said to be rough some room."""
    number = value.number
    if number is None or number.tolerance or not _ROUGH.search(spelled[: number.start]):
        return value
    return replace(value, number=replace(number, tolerance=_ROOM * abs(number.value)))


def _said(case: Case) -> Iterator[Said]:
    asked = _read(case.question).values
    for index, one in enumerate(case.statements):
        if one.silent:
            continue
        text = _read(case.statement(index))
        values = [
            value
            for value in text.values
            if not any(value.fits(known) for known in asked)
            and not is_denied_at(text.spelled, value.start)
        ]
        yield Said(index, values, text.words)


# Every point is held against the same clauses, question and siblings.
@lru_cache(maxsize=4_096)
def _read(text: str) -> Text:
    """Read the formulas of a text and the numbers outside of them, and what is left without any."""
    spelled = spell(text)
    found, numbers = list(find_formulas(spelled)), read_values(spelled)
    values = [Value(one.start, formula=one.worths) for one in found]
    values += [
        Value(number.start, number)
        for number in numbers
        if not any(one.start <= number.start < one.end for one in found)
    ]
    spans = [(one.start, one.end) for one in found]
    spans += [(number.start, number.end) for number in numbers]
    rest = list(spelled)
    for start, end in spans:
        rest[start:end] = " " * (end - start)
    empty = LEXICON.function_words | LEXICON.particles
    words = frozenset(
        gram for gram in grams(fold("".join(rest))) if gram not in empty and not gram[0].isdigit()
    )
    return Text(spelled, sorted(values, key=lambda value: value.start), words)


def _size(words: Worded) -> int:
    """Count ideographs, a Latin word as two."""
    return sum(len(word) == 1 if is_cjk(word[0]) else 2 for word in words)


def _has(one: Said, wanted: Value) -> bool:
    return any(value.fits(wanted) for value in one.values)


def _has_more(one: Said, wanted: Value) -> bool:
    return not all(value.fits(wanted) for value in one.values)


def _names_another(one: Said, at: int, names: Sequence[Worded]) -> bool:
    """Say whether a clause has most of another point's words, and fewer of this one's."""
    shares = [_share(one, name) for name in names]
    return max(shares) >= _CLEARLY and max(shares) > shares[at] + _MORE


def _leans_to_another(one: Said, at: int, names: Sequence[Worded]) -> bool:
    """Say whether a clause has words that set another point apart, and none that set this one."""
    apart = [_apart(names, other) for other in range(len(names))]
    return not one.words & apart[at] and any(one.words & words for words in apart)


def _belongs_elsewhere(
    case: Case, one: Said, at: int, names: Sequence[Worded], said: Sequence[Said]
) -> bool:
    """Say whether a clause gives this point's value to another, whose own is nowhere said."""
    if not _leans_to_another(one, at, names):
        return False
    others = (
        _hinges(case.question, point.title or "", point.text)
        for other, point in enumerate(case.points)
        if one.words & _apart(names, other)
    )
    return not any(_has(clause, wanted) for wanted in others if wanted for clause in said)


def _is_about(one: Said, at: int, names: Sequence[Worded]) -> bool:
    """Say whether a clause speaks of a point, as a bare value does of an only one.

    Where words set the point apart from others, it must have one of them.
    """
    if len(names) == 1:
        return len(one.words) <= _BARE or _share(one, names[at]) >= _NAMED
    apart = _apart(names, at)
    if apart:
        return bool(one.words & apart)
    return _share(one, names[at]) >= _NAMED and not _leans_to_another(one, at, names)


def _apart(names: Sequence[Worded], at: int) -> Worded:
    others = frozenset[str]().union(*(names[:at]), *(names[at + 1 :]))
    return names[at] - others


def _share(one: Said, name: Worded) -> float:
    total = sum(map(LEXICON.rarity, name))
    return sum(map(LEXICON.rarity, one.words & name)) / total if total else 0.0


def _hedges(case: Case, said: Iterable[Said]) -> bool:
    return any(HEDGED.search(case.statement(one.index)) for one in said)
