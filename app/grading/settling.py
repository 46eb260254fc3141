"""The embedded verdict joined with what a language model says: what of it is believed, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.grading.check import score
from app.grading.evidence import Statement, read_statements
from app.grading.remote import Claim, read_claims
from app.grading.verdict import (
    AnswerCheck,
    Fallback,
    PointVerdict,
    Reason,
    ReferencePoint,
    State,
)
from app.text import normalise

# What a claim says of the probability of being covered; a model gives none that means anything.
_CLAIMED = {
    State.COVERED: 0.75,
    State.PARTIAL: 0.4,
    State.MISSED: 0.1,
    State.CONTRADICTED: 0.05,
}
_CONFIDENCE = 0.6  # where the two disagree
_REASONS = {
    State.COVERED: Reason.MEANING_FOUND,
    State.PARTIAL: Reason.MEANING_IN_PART,
    State.MISSED: Reason.NOT_MENTIONED,
    State.CONTRADICTED: Reason.MEANING_DIFFERS,
}
_LIMITED = frozenset({Reason.TITLE_ONLY, Reason.STUFFING})


@dataclass(frozen=True, slots=True)
class _Believed:
    """A claim, with where its quote stands in the answer; a missed point has none."""

    state: State
    span: tuple[int, int] | None


def settle(
    question: str,
    points: Sequence[ReferencePoint],
    answer: str,
    embedded: AnswerCheck,
    content: str,
    model: str,
) -> AnswerCheck:
    """Join the embedded verdict with what the model wrote; the score is computed here.

    A claim counts where its quote stands in what the answer states; elsewhere the embedded verdict
    does. Whatever is not certain is for a person to look at: a claim that did not count, and every
    point of which the two say different things. A reply that cannot be read leaves the embedded
    check, with the reason in `fallback`.
    """
    claims = read_claims(content, points)
    if isinstance(claims, Fallback):
        return replace(embedded, fallback=claims.value)
    reference = "\n".join(f"{point.title or ''} {point.text}" for point in points)
    statements = read_statements(question, reference, answer)
    if any(one.silent is Reason.INSTRUCTION for one in statements):
        return _unasked(embedded)
    verdicts = [
        _settle_point(verdict, _believe(claim, answer, statements))
        for verdict, claim in zip(embedded.points, claims, strict=True)
    ]
    return AnswerCheck(
        score=score(points, verdicts),
        points=tuple(verdicts),
        engine="remote",
        version=f"{model}-{embedded.version}",
        needs_review=any(verdict.needs_review for verdict in verdicts),
    )


def _unasked(embedded: AnswerCheck) -> AnswerCheck:
    """Leave a model out of it where the answer gives orders, which one may obey; a person decides.

    It might quote the orders, or whatever else stands there, as proof of every point.
    """
    points = tuple(replace(verdict, needs_review=True) for verdict in embedded.points)
    return replace(embedded, points=points, needs_review=True, fallback=Fallback.INSTRUCTIONS.value)


def _believe(claim: Claim, answer: str, statements: Sequence[Statement]) -> _Believed | None:
    """Return a claim that its quote proves, or None."""
    if claim.state is State.MISSED:
        return _Believed(State.MISSED, None)
    span = _find(claim.quote or "", answer)
    if span is None:
        return None
    touched = [one for one in statements if _overlap(one.clause.span, span)]
    stated = any(not one.silent for one in touched)
    return _Believed(claim.state, span) if stated else None


def _find(quote: str, answer: str) -> tuple[int, int] | None:
    """Return where a quote stands in an answer when case, width, script and blanks do not count."""
    wanted, said = normalise(quote).text, normalise(answer)
    start = said.text.find(wanted)
    if start < 0 or not any(map(str.isalnum, wanted)):
        return None
    return said.span(start, start + len(wanted))


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _settle_point(embedded: PointVerdict, claim: _Believed | None) -> PointVerdict:
    if claim is None:
        return replace(embedded, needs_review=True)
    if claim.state is embedded.state:
        return embedded
    # A bare title or a row of keywords explains nothing, whoever is asked.
    if embedded.reason in _LIMITED and claim.state is State.COVERED:
        return replace(embedded, needs_review=True)
    return PointVerdict(
        state=claim.state,
        probability=_CLAIMED[claim.state],
        confidence=_CONFIDENCE,
        needs_review=True,
        span=claim.span,
        reason=_REASONS[claim.state],
    )
