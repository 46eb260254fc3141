"""Comparison questions: which of the two things an answer says a property of."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.grading.lexicon import LEXICON
from app.grading.quantity import numbers
from app.grading.segment import Clause
from app.text import CJK, fold, grams

_THING = rf"(?:[{CJK}]{{2,10}}?|[a-z][a-z0-9+#.]*)"
_PAIR = re.compile(
    rf"(?P<one>{_THING})\s?(?:和|与|跟|同|、|,|and|vs\.?|versus|or)\s?(?P<other>{_THING})"
    r"(?=\s?(?:有|的|之|分别|各|在|是|哪|相比|两|区|异|如何|[?？]|$)|\s(?:differ|compare))"
)
_DENIES = re.compile(r"没有|不能|不会|不可|不是|无|未|\bnot?\b|n't\b|cannot")
_SAME = 0.5  # share of a property's words by which it is recognised
_MORE = 0.2  # how much better it must fit the wrong thing


@dataclass(frozen=True, slots=True)
class Property:
    """What a clause says of one of the two things (0 or 1): its words and its numbers."""

    thing: int
    words: frozenset[str]
    values: frozenset[float]
    denied: bool


def compared_things(question: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the grams of the two things that a question compares, or None."""
    found = _PAIR.search(fold(question))
    if not found:
        return None
    one, other = found["one"], found["other"]
    one = re.split("的|中|什么是|比较|说明|简述|explain|between", one)[-1] or one
    pair = frozenset(grams(one)), frozenset(grams(other))
    return pair if pair[0] and pair[1] and pair[0] != pair[1] else None


def properties(
    things: tuple[frozenset[str], frozenset[str]], clauses: Iterable[Clause]
) -> Iterator[Property]:
    """Yield what is said of exactly one of the two things, clause by clause."""
    for clause in clauses:
        found = frozenset(grams(clause.text.text))
        named = [at for at in (0, 1) if (things[at] - things[1 - at]) <= found]
        if len(named) == 1:
            words = frozenset(gram for gram in found - things[0] - things[1] if len(gram) > 1)
            yield Property(
                thing=named[0],
                words=words - LEXICON.function_words,
                values=frozenset(number.value for number in numbers(clause.text.text)),
                denied=bool(_DENIES.search(clause.text.text)),
            )


def exchanged(reference: Sequence[Property], answer: Sequence[Property]) -> bool:
    """Say whether an answer gives a property of one thing to the other."""
    return any(_belongs_elsewhere(said, reference) for said in answer)


def _belongs_elsewhere(said: Property, reference: Sequence[Property]) -> bool:
    same = [one for one in reference if one.denied == said.denied]
    own = [one for one in same if one.thing == said.thing]
    others = [one for one in same if one.thing != said.thing]
    fits = max((_overlap(one, said) for one in own), default=0.0)
    misfits = max((_overlap(one, said) for one in others), default=0.0)
    if misfits >= _SAME and misfits > fits + _MORE:
        return True
    return said.values <= _values(others, said) and not said.values <= _values(own, said)


def _values(reference: Iterable[Property], said: Property) -> frozenset[float]:
    """Return the numbers that a reference gives where it says the same with words."""
    near = (one.values for one in reference if _overlap(one, said) >= _SAME)
    return frozenset[float]().union(*near)


def _overlap(wanted: Property, said: Property) -> float:
    """Return the share of a reference's words that a clause has; numbers are compared apart."""
    words = [word for word in wanted.words if not word[0].isdigit()]
    return sum(word in said.words for word in words) / len(words) if words else 0.0
