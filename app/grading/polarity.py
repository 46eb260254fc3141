"""Whether two statements about the same thing contradict: opposites and denials."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from app.grading.lexicon import LEXICON, Term, tokens
from app.text import grams

_CONTEXT = 12  # tokens on either side of a word that say what it is about; a Latin word is two
_SCOPE = 8  # tokens that a denial reaches forward
_RELATIVE = 4  # characters of a relative clause that a denial does not leave
_SHARED = 0.34  # share of the smaller context that two claims must have in common
# By how much the likelier side must lead where a reference names both, and an answer does too.
_LEAD_ONE_SIDED, _LEAD_TWO_SIDED = 0.4, 1.0
_MOSTLY = 0.5  # share of the denied words that must be the other's
_IN_QUESTION = 0.1  # what a word of the question weighs in a context
_VERDICT = re.compile(
    r"\W*(?:答案?[:：是]?|我认为|该说法|说法|这是|这个说法|it is|this is|that is)*\s*(?:"
    r"(?P<no>不正确|不对|错误|错的|错|否|不是|不可以|不能|不会|不一定|没有|不需要"
    r"|no\b|false\b|incorrect\b|wrong\b|not true)"
    r"|(?P<yes>正确|对的|对(?!于)|是的|是(?=$|\W)|可以|能(?!力|量|够?将)|会|有(?=$|\W|的$)|需要"
    r"|yes\b|true\b|correct\b|right\b))"
)
_ASKS = re.compile(
    r"是否|能否|可否|判断|对不对|是不是|能不能|可不可以|吗\s*[?？]?|\btrue or false\b"
    r"|(?:^|[.?!,]\s*)(?:is|are|does|do|did|can|could|will|would|should|has|have)\b"
)


class Agreement(Enum):
    """How an answer stands to a reference; SILENT where it says nothing comparable."""

    SILENT = "silent"
    AGREES = "agrees"
    BOTH = "both"
    CLASHES = "clashes"


@dataclass(frozen=True, slots=True)
class Claim:
    """A word that has an opposite, turned round by each denial before it, and what it is about."""

    pair: int
    positive: bool
    before: frozenset[str]
    after: frozenset[str]


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a clause claims, what it denies, what it says plainly, and if all of it is plain."""

    claims: tuple[Claim, ...]
    denied: frozenset[str]
    plain: frozenset[str]
    affirms: bool


@lru_cache(maxsize=1_024)  # every rule asks again for every point, of clauses that are short
def read_polarity(folded: str) -> Polarity:
    """Read the claims and denials of one clause in normal form."""
    opposites = list(LEXICON.opposite.find(folded))
    denials = list(_denials(folded, opposites))
    softeners = list(LEXICON.softeners.find(folded))
    simple = [word for word in denials if not any(_flips(folded, word, term) for term in opposites)]
    reached = [word.end for word in denials + softeners]
    tail = _content(folded[min(reached) :]) if reached else ()
    return Polarity(
        claims=tuple(_claims(folded, opposites, denials)),
        denied=frozenset(gram for word in simple for gram in _content(_scope(folded, word))),
        plain=frozenset(_content(folded)) - frozenset(tail),
        affirms=not reached,
    )


def compare_claims(
    reference: Iterable[Polarity], answer: Sequence[Polarity], asked: Collection[str]
) -> Agreement:
    """Compare the claims of a reference with those of an answer about the same things.

    `asked` has the grams of the question, which say little about what a claim is about.
    """
    wanted = [claim for part in reference for claim in part.claims]
    given = [claim for part in answer for claim in part.claims]
    sides = {(claim.pair, claim.positive) for claim in wanted}
    votes = {
        _vote(claim, given, asked, two_sided=(claim.pair, not claim.positive) in sides)
        for claim in wanted
    }
    order = (Agreement.CLASHES, Agreement.BOTH, Agreement.AGREES)
    return next((outcome for outcome in order if outcome in votes), Agreement.SILENT)


def compare_denials(reference: Polarity, answer: Polarity) -> frozenset[str]:
    """Return the words that one clause denies and the other says plainly; mostly none."""
    denied = answer.denied & reference.plain
    if denied and _weight(denied) >= _MOSTLY * _weight(answer.denied):
        return denied
    affirmed = reference.denied & answer.plain if answer.affirms else frozenset[str]()
    return affirmed if _weight(affirmed) >= _MOSTLY * _weight(reference.denied) else frozenset()


def read_verdict(folded: str) -> bool | None:
    """Read yes or no, right or wrong at the head of a clause; None where it has no verdict."""
    found = _VERDICT.match(folded)
    return None if found is None else found["yes"] is not None


def asks_for_verdict(question: str) -> bool:
    """Say whether a question in normal form wants a yes or no."""
    return _ASKS.search(question) is not None


def _vote(
    claim: Claim, others: Iterable[Claim], asked: Collection[str], *, two_sided: bool
) -> Agreement:
    """Compare one claim with the most similar claims of the same pair of opposites."""
    likeness = {True: 0.0, False: 0.0}
    for other in others:
        if other.pair == claim.pair:
            agrees = other.positive == claim.positive
            likeness[agrees] = max(likeness[agrees], _likeness(claim, other, asked))
    if max(likeness.values()) < _SHARED:
        return Agreement.SILENT
    lead = likeness[False] - likeness[True]
    if two_sided:
        needed = _LEAD_TWO_SIDED if min(likeness.values()) else _LEAD_ONE_SIDED
        return Agreement.CLASHES if lead >= needed else Agreement.AGREES
    if lead == 0:
        return Agreement.BOTH
    return Agreement.CLASHES if lead > 0 else Agreement.AGREES


def _likeness(one: Claim, other: Claim, asked: Collection[str]) -> float:
    """Compare what two claims are about: words on the same side of the claim count twice."""
    whole = one.before | one.after
    others = other.before | other.after
    smaller = min(_weight(whole, asked), _weight(others, asked))
    if not smaller:
        return 0.0
    near = max(_weight(one.after & other.after, asked), _weight(one.before & other.before, asked))
    return (near + _weight(whole & others, asked)) / smaller


def _weight(found: Iterable[str], asked: Collection[str] = ()) -> float:
    return sum(LEXICON.rarity(gram) * (_IN_QUESTION if gram in asked else 1) for gram in found)


def _claims(folded: str, opposites: Sequence[Term], denials: Sequence[Term]) -> Iterator[Claim]:
    for term in opposites:
        denied = sum(_flips(folded, denial, term) for denial in denials) % 2 == 1
        for side in term.groups:
            rivals = [other for other in opposites if {side, side ^ 1} & other.groups]
            before, after = _context(folded, term, rivals)
            yield Claim(side // 2, (side % 2 == 0) != denied, before, after)


def _context(
    folded: str, term: Term, rivals: Sequence[Term]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words before and after a term, up to the next word of the same pair."""
    first = max([other.end for other in rivals if other.end <= term.start], default=0)
    last = min([other.start for other in rivals if other.start >= term.end], default=len(folded))
    before = _tail(folded[first : term.start], _CONTEXT)
    after = _head(folded[term.end : last], _CONTEXT)
    return frozenset(_content(before)), frozenset(_content(after))


def _denials(folded: str, opposites: Sequence[Term]) -> Iterator[Term]:
    """Yield the words that deny, without lookalikes and without the `不` of a listed opposite."""
    for term in LEXICON.negations.find(folded):
        inside = any(word.start < term.end and term.start < word.end for word in opposites)
        if 1 not in term.groups and not inside:
            yield term


def _flips(folded: str, denial: Term, term: Term) -> bool:
    return denial.end <= term.start <= denial.end + len(_scope(folded, denial))


def _scope(folded: str, denial: Term) -> str:
    """Return the words that a denial reaches; `没见过的数据` denies the seeing, not the data."""
    near = _head(folded[denial.end :], _SCOPE)
    clause = near.find("的")
    relative = 1 < clause <= _RELATIVE and not folded[denial.start : denial.end].endswith("是")
    return near[:clause] if relative else near


def _head(piece: str, limit: int) -> str:
    """Cut a text after so many tokens, a Latin word counting two."""
    room = limit
    for token, _, end in tokens(piece):
        room -= 2 if token.isascii() else 1
        if room <= 0:
            return piece[:end]
    return piece


def _tail(piece: str, limit: int) -> str:
    room = limit
    for token, start, _ in reversed(list(tokens(piece))):
        room -= 2 if token.isascii() else 1
        if room <= 0:
            return piece[start:]
    return piece


def _content(piece: str) -> Iterator[str]:
    """Yield the grams that name things: pairs and Latin words, no single Chinese characters."""
    for gram in grams(piece):
        if len(gram) > 1 and gram not in LEXICON.function_words:
            yield gram
