"""The answer check: a learner's free text against the points of a reference answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.grading.calibration import CALIBRATION
from app.grading.choices import ChoiceCheck, check_choices
from app.grading.evidence import Evidence, find_evidence, speaks_chinese
from app.grading.exact import is_exact, judge_exactly
from app.grading.hinge import judge_value
from app.grading.rules import Case, Finding, find_fault, judge_verdict, read_case
from app.grading.verdict import AnswerCheck, PointVerdict, Reason, ReferencePoint, State
from app.grading.visible import reads_visible
from app.text import CJK, compare_key, fold, grams

__all__ = [
    "CONTRADICTIONS",
    "CREDIT",
    "AnswerCheck",
    "ChoiceCheck",
    "PointVerdict",
    "Reason",
    "ReferencePoint",
    "State",
    "Wording",
    "alternatives",
    "best",
    "check_answer",
    "check_case",
    "check_choices",
    "judge_wordings",
    "score",
]

# Best for F1 and accuracy when each question of the fitted set is judged by the others.
_COVERED_FROM, _TOUCHED_FROM = 0.4, 0.5
_SURE = 0.65  # confidence from which nobody needs to look
_REQUIRED_CAP = 0.5
_NAME_UNITS = 10  # characters of Chinese or words of English up to which an alias is a name
_MOST_ALTERNATIVES = 3  # of a point that are tried on an answer
_UNIT = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")
CREDIT = {State.COVERED: 1.0, State.PARTIAL: 0.5, State.MISSED: 0.0, State.CONTRADICTED: 0.0}
CONTRADICTIONS = frozenset(
    {
        Reason.OPPOSITE,
        Reason.NEGATED,
        Reason.EXCHANGED,
        Reason.NUMBERS_DIFFER,
        Reason.SIBLING_SWAP,
        Reason.VERDICT_DIFFERS,
    }
)
_REASONS = {
    State.COVERED: Reason.WORDS_FOUND,
    State.PARTIAL: Reason.SOME_WORDS_FOUND,
    State.MISSED: Reason.NOT_MENTIONED,
}
# What is left of the probability, and how often such a finding is right on the fitted set.
_AFTER_FAULT = {
    State.CONTRADICTED: (0.1, 0.9),
    State.PARTIAL: (0.3, 0.75),
    State.MISSED: (0.3, 0.75),
}
_FOREIGN = 0.15  # chance of a point when an answer in another language shares no word with it
_ABSENT = 0.02  # chance of a point of which no word is there


@dataclass(frozen=True, slots=True)
class Wording:
    """A point as an answer was held against it, in its own or in accepted words, and the verdict.

    The verdict is that of words alone; `case` is what it was read off.
    """

    point: ReferencePoint
    verdict: PointVerdict
    case: Case


@reads_visible
def check_answer(question: str, points: Sequence[ReferencePoint], answer: str) -> AnswerCheck:
    """Check a free-text answer point by point; pure and deterministic, never raises for any text.

    The score is Σ weight·credit / Σ weight with credit 1 for covered and 0.5 for partial. A
    `required` point that is missed or contradicted caps it at 0.5.
    """
    return check_case(read_case(question, points, answer))


def check_case(case: Case) -> AnswerCheck:
    """Check an answer that has been read beside its points already."""
    verdicts = [best([wording.verdict for wording in said]) for said in judge_wordings(case)]
    return AnswerCheck(
        score=score(case.points, verdicts),
        points=tuple(verdicts),
        engine="lexical",
        version=CALIBRATION.version,
        needs_review=any(verdict.needs_review for verdict in verdicts),
    )


def judge_wordings(case: Case, *, unlikely: bool = False) -> list[list[Wording]]:
    """Return for each point what words say of it as it stands, and in other words that it accepts.

    The point as it stands comes first. `unlikely` includes wordings that share no word with the
    answer, for those who understand more than words.
    """
    return [
        [
            _word(case, at, point),
            *(
                _word(_with(case, at, other), at, other)
                for other in alternatives(point, case.answer, unlikely=unlikely)
            ),
        ]
        for at, point in enumerate(case.points)
    ]


def _word(case: Case, at: int, point: ReferencePoint) -> Wording:
    return Wording(point, judge_point(case, at), case)


def best(verdicts: Sequence[PointVerdict]) -> PointVerdict:
    """Return the verdict that earns most; of equals the likeliest to be covered, then the first."""
    return max(verdicts, key=_worth)


def _worth(verdict: PointVerdict) -> tuple[float, float]:
    # Where nothing is earned the point as it stands says why.
    credit = CREDIT[verdict.state]
    return credit, verdict.probability if credit else 0.0


def alternatives(
    point: ReferencePoint, answer: str, *, unlikely: bool = False
) -> list[ReferencePoint]:
    """Return a point in the other words that an answer may use, the likeliest first, three at most.

    A short alias of a titled point is another title, and must stand in the answer; all else says
    the whole of the point. Trying one costs a whole reading, so the rest is left out.
    """
    if not point.aliases and not point.accepted:
        return []
    key, said = compare_key(answer), frozenset(grams(fold(answer)))
    found: list[tuple[float, ReferencePoint]] = []
    for alias in point.aliases:
        if not _is_name(alias):
            found.append((_shared(alias, said), replace(point, text=alias, title=None)))
        elif compare_key(alias) in key:
            found.append((1.0, _renamed(point, alias)))
    found += [(_shared(one, said), replace(point, text=one, title=None)) for one in point.accepted]
    likely = [entry for entry in found if entry[0] or unlikely]
    ranked = sorted(likely, key=lambda entry: -entry[0])
    return [other for _, other in ranked[:_MOST_ALTERNATIVES]]


def _is_name(alias: str) -> bool:
    return len(_UNIT.findall(fold(alias))) <= _NAME_UNITS


def _renamed(point: ReferencePoint, alias: str) -> ReferencePoint:
    return replace(point, text=alias) if point.title is None else replace(point, title=alias)


def _shared(wording: str, said: frozenset[str]) -> float:
    """Return the share of a wording's grams that an answer has."""
    if is_exact(ReferencePoint(wording), alone=True):
        return 1.0  # 1 GB and 1024 MB share no word
    wanted = set(grams(fold(wording)))
    return len(wanted & said) / len(wanted) if wanted else 0.0


def _with(case: Case, at: int, point: ReferencePoint) -> Case:
    points = [*case.points[:at], point, *case.points[at + 1 :]]
    return read_case(case.question, points, case.answer)


def judge_point(case: Case, at: int) -> PointVerdict:
    exactly = judge_exactly(case, at)
    if exactly:
        return exactly
    decided = judge_verdict(case, at) or judge_value(case, at)
    if decided:
        return _decided(case, decided)
    evidence = find_evidence(case.reading, at)
    if evidence is None:
        return _nothing(case, at)
    chances = CALIBRATION.probabilities(evidence.features)
    state, confidence = _state(*chances)
    fault = find_fault(case, at, evidence)
    if fault and _applies(fault, state):
        return _faulty(case, evidence, fault, chances)
    foreign = bool(evidence["other_language"])
    return PointVerdict(
        state=state,
        probability=chances[0],
        confidence=confidence,
        # A few synonyms across languages are a hint; only a person, or more than words, can tell.
        needs_review=foreign or confidence < _SURE,
        span=_span(case, evidence.first, evidence.end) if state is not State.MISSED else None,
        reason=Reason.OTHER_LANGUAGE if foreign else _REASONS[state],
    )


def _applies(fault: Finding, state: State) -> bool:
    """Say whether a finding counts; a limit to partial lifts no missed point, a title does."""
    limits = fault.state is State.PARTIAL and fault.reason is not Reason.TITLE_ONLY
    return not limits or state is not State.MISSED


def _state(covered: float, touched: float) -> tuple[State, float]:
    """Return the state that the two chances give, and how sure it is."""
    if covered >= _COVERED_FROM:
        return State.COVERED, covered
    if touched >= _TOUCHED_FROM:
        return State.PARTIAL, touched - covered
    return State.MISSED, 1 - touched


def _faulty(
    case: Case, evidence: Evidence, fault: Finding, chances: tuple[float, float]
) -> PointVerdict:
    if fault.state is State.COVERED:
        return _decided(case, fault)
    where = (evidence.first, evidence.end)
    if fault.statement is not None:
        where = (fault.statement, fault.statement + 1)
    left, confidence = _AFTER_FAULT[fault.state]
    return PointVerdict(
        state=fault.state,
        probability=chances[0] * left,
        confidence=confidence,
        needs_review=fault.reason is Reason.BOTH_WAYS,
        span=None if fault.state is State.MISSED else _span(case, *where),
        reason=fault.reason,
    )


def _decided(case: Case, verdict: Finding) -> PointVerdict:
    at = verdict.statement or 0
    end = (at if verdict.last is None else verdict.last) + 1
    return PointVerdict(
        state=verdict.state,
        probability=0.9 if verdict.state is State.COVERED else 0.05,
        confidence=0.9,
        needs_review=False,
        span=None if verdict.state is State.MISSED else _span(case, at, end),
        reason=verdict.reason,
    )


def _nothing(case: Case, at: int) -> PointVerdict:
    silent = next((one.silent for one in case.statements if one.silent), None)
    foreign = not silent and speaks_chinese(case.answer) != speaks_chinese(case.text(at))
    chance = _FOREIGN if foreign and case.statements else _ABSENT
    reason = Reason.NOT_MENTIONED if case.statements else Reason.EMPTY
    return PointVerdict(
        state=State.MISSED,
        probability=chance,
        confidence=1 - chance if chance == _ABSENT else 0.5,
        needs_review=chance == _FOREIGN,
        span=None,
        reason=silent or (Reason.OTHER_LANGUAGE if chance == _FOREIGN else reason),
    )


def _span(case: Case, first: int, end: int) -> tuple[int, int]:
    return case.statements[first].clause.span[0], case.statements[end - 1].clause.span[1]


def score(points: Sequence[ReferencePoint], verdicts: Sequence[PointVerdict]) -> float:
    """Return Σ weight·credit / Σ weight, capped where a required point is not there."""
    total = sum(point.weight for point in points)
    if total <= 0:
        return 0.0
    pairs = list(zip(points, verdicts, strict=True))
    earned = sum(point.weight * CREDIT[verdict.state] for point, verdict in pairs) / total
    absent = any(point.required and not CREDIT[verdict.state] for point, verdict in pairs)
    return min(earned, _REQUIRED_CAP) if absent else earned
