"""The answer check with the trained network: what it understands, joined with what words show.

The network reads the whole answer beside all points; the lexical engine finds words, numbers and
denials. A small regression weighs both (`network/fusion.json`), and a few rules stay above it:
bare titles and rows of keywords explain nothing, and what states nothing earns nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial, reduce
from importlib.resources import files
from math import log
from operator import or_

from app.grading import check
from app.grading.calibration import CALIBRATION
from app.grading.check import CONTRADICTIONS, Wording, judge_wordings, score
from app.grading.evidence import Statement
from app.grading.exact import is_exact
from app.grading.hinge import judge_value
from app.grading.lexical import Match, recall
from app.grading.network import model
from app.grading.network.model import Chances, Judgement, softmax
from app.grading.rules import (
    Case,
    denies_name,
    find_quoted,
    names_item,
    names_other_item,
    read_case,
)
from app.grading.verdict import AnswerCheck, PointVerdict, Reason, ReferencePoint, State
from app.grading.visible import reads_visible
from app.text import fold, grams

_STATES = (State.COVERED, State.PARTIAL, State.MISSED, State.CONTRADICTED)
_EDGE = 0.01  # chances are kept off zero and one before their logarithm is taken
_QUOTED = 0.7  # share of a point's grams from which an answer is a copy of it
_OWN = 0.5  # share of a clashing clause's grams that are the point's own
_WORDS = 0.3  # what a point's words in a sentence weigh beside the network's attention to it
_STUFFED = 0.3  # what a heap of keywords leaves of the probability
_LIMITED = frozenset({Reason.TITLE_ONLY, Reason.STUFFING})
_ABSENT = frozenset({Reason.OTHER_ITEM, Reason.NOT_MENTIONED})
_DENIALS = frozenset({Reason.NEGATED, Reason.OPPOSITE})
_CREDITED = frozenset({State.COVERED, State.PARTIAL})
_REASONS = {
    State.COVERED: Reason.MEANING_FOUND,
    State.PARTIAL: Reason.MEANING_IN_PART,
    State.MISSED: Reason.NOT_MENTIONED,
    State.CONTRADICTED: Reason.MEANING_DIFFERS,
}


@dataclass(frozen=True, slots=True)
class Fusion:
    """The regression over both verdicts; the numbers are data.

    `coefficients` has for each state an intercept and a slope for each of the features, `sure` is
    the confidence from which nobody needs to look.
    """

    version: str
    coefficients: tuple[tuple[float, ...], ...]
    sure: float

    def chances(self, logits: Chances, words: PointVerdict) -> Chances:
        """Return the probabilities of the four states of a point."""
        values = (1.0, *features(logits, words))
        return softmax(
            [
                sum(slope * value for slope, value in zip(row, values, strict=True))
                for row in self.coefficients
            ]
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A point in the words it was held against: what words, network and both together say of it.

    The network is not asked about a point that is a value; `judgement` and `chances` are None then.
    """

    point: ReferencePoint
    words: PointVerdict
    judgement: Judgement | None
    chances: Chances | None
    verdict: PointVerdict

    @property
    def network(self) -> Chances | None:
        """What the network alone makes of the point, as the chances of the four states."""
        return None if self.judgement is None else softmax(self.judgement.logits)


def features(logits: Chances, words: PointVerdict) -> tuple[float, ...]:
    """Return what the regression weighs, in the order of its slopes."""
    covered, partial, missed, contradicted = logits
    chance = min(max(words.probability, _EDGE), 1 - _EDGE)
    return (
        covered - missed,
        partial - missed,
        contradicted - missed,
        log(chance / (1 - chance)),
        float(words.state is State.COVERED),
        float(words.state is State.PARTIAL),
        float(words.state is State.CONTRADICTED),
        float(words.needs_review),
    )


@reads_visible
def check_answer(question: str, points: Sequence[ReferencePoint], answer: str) -> AnswerCheck:
    """Check a free-text answer point by point; deterministic, never raises for any text."""
    case = read_case(question, points, answer)
    if not points or all(one.silent for one in case.statements):
        return check.check_case(case)
    judged = [best_of(said) for said in judge_points(case)]
    verdicts = [_with_evidence(case, at, one) for at, one in enumerate(judged)]
    return AnswerCheck(
        score=score(points, verdicts),
        points=tuple(verdicts),
        engine="hybrid",
        version=f"{model.version()}-{CALIBRATION.version}-{fusion().version}",
        needs_review=any(verdict.needs_review for verdict in verdicts),
    )


def judge_points(case: Case) -> list[list[Judged]]:
    """Return for each point the verdicts on it as it stands, and in accepted words if need be.

    A point that is covered as it stands is not tried in other words. The network is asked once, and
    once more for each turn of other words, of which there are at most three.
    """
    wordings = judge_wordings(case, unlikely=True)
    alone = len(case.points) == 1
    judged: list[list[Judged]] = [[] for _ in case.points]
    for turn in range(max(map(len, wordings), default=0)):
        wanted = [
            at for at, said in enumerate(wordings) if turn < len(said) and not _done(judged[at])
        ]
        if not wanted:
            break
        asked = [said[turn if at in wanted else 0] for at, said in enumerate(wordings)]
        exact = {at for at in wanted if is_exact(asked[at].point, alone=alone)}
        texts = [one.point.whole for one in asked]
        read = [] if exact == set(wanted) else model.read(case.question, texts, case.answer)
        for at in wanted:
            judged[at].append(
                _exact(asked[at]) if at in exact else _judged(at, asked[at], read[at])
            )
    return judged


def _done(judged: Sequence[Judged]) -> bool:
    return any(one.verdict.state is State.COVERED for one in judged)


def best_of(judged: Sequence[Judged]) -> Judged:
    """Return the one of a point's wordings whose verdict counts."""
    verdict = check.best([one.verdict for one in judged])
    return next(one for one in judged if one.verdict is verdict)


@cache
def fusion() -> Fusion:
    """Return the regression that comes with the program."""
    data = json.loads((files("app.grading.network") / "fusion.json").read_text(encoding="utf-8"))
    rows = tuple(tuple(row) for row in data["coefficients"])
    return Fusion(data["version"], rows, data["sure"])


def _exact(wording: Wording) -> Judged:
    return Judged(wording.point, wording.verdict, None, None, wording.verdict)


def _judged(at: int, wording: Wording, judgement: Judgement) -> Judged:
    chances = fusion().chances(judgement.logits, wording.verdict)
    verdict = _fuse(wording.case, at, wording.verdict, chances)
    return Judged(wording.point, wording.verdict, judgement, chances, verdict)


def _fuse(case: Case, at: int, words: PointVerdict, chances: Chances) -> PointVerdict:
    """Return the verdict of both; rules of the words that no likelihood may overrule stay."""
    if judge_value(case, at):
        return words
    confidence = max(chances)
    state = _STATES[chances.index(confidence)]
    if _stays(case, at, words, state):
        return replace(words, needs_review=words.needs_review or state is not words.state)
    if state is State.COVERED and case.stuffed and case.profiles[at].explained:
        return _limited(words, chances)
    agreed = state is words.state
    return PointVerdict(
        state=state,
        probability=chances[0],
        confidence=confidence,
        needs_review=confidence < fusion().sure,
        span=words.span if state is not State.MISSED else None,
        reason=words.reason if agreed else _REASONS[state],
    )


def _stays(case: Case, at: int, words: PointVerdict, state: State) -> bool:
    """Say whether the words' verdict stands against the `state` that is likeliest.

    It does for a bare title, also one that is denied, for a row of keywords, a quotation, a short
    item that is there as it stands, and another item in its place. An alias may have made void what
    a quotation shows.
    """
    if words.reason in _LIMITED:
        return state is not State.CONTRADICTED
    if words.reason in _DENIALS and state in _CREDITED and denies_name(case, at):
        return True
    quoted = find_quoted(case, at)
    if quoted and quoted.state is words.state and quoted.reason == words.reason:
        return True
    if state is State.COVERED:
        other = words.reason in _ABSENT and names_other_item(case, at)
        return other or _turns_a_copy(words, case.points[at], case.answer)
    return words.state is State.COVERED and names_item(case, at)


def _limited(words: PointVerdict, chances: Chances) -> PointVerdict:
    """Hold a heap of keywords to half of what has an explanation, whatever the network saw."""
    return replace(
        words,
        state=State.PARTIAL,
        probability=min(words.probability, _STUFFED * chances[0]),
        reason=Reason.STUFFING,
        needs_review=True,
    )


def _turns_a_copy(words: PointVerdict, point: ReferencePoint, answer: str) -> bool:
    """Say whether an answer quotes a point but for the word or number that turns it round."""
    if words.reason not in CONTRADICTIONS or words.span is None:
        return False
    wanted = set(grams(fold(point.whole)))
    clash = set(grams(fold(answer[slice(*words.span)])))
    said = set(grams(fold(answer)))
    return len(wanted & said) >= _QUOTED * len(wanted) and len(clash & wanted) >= _OWN * len(clash)


def _with_evidence(case: Case, at: int, judged: Judged) -> PointVerdict:
    """Give evidence to a verdict that words found none for: the sentence that speaks of it most."""
    verdict, judgement = judged.verdict, judged.judgement
    if verdict.span is not None or verdict.state is State.MISSED or judgement is None:
        return verdict
    return replace(
        verdict, span=max(_sentences(case.statements), key=partial(_speaks, case, at, judgement))
    )


def _speaks(case: Case, at: int, judgement: Judgement, span: tuple[int, int]) -> float:
    """Return how much a stretch of the answer speaks of a point, to the network and in words."""
    start, end = span
    inside = (
        found
        for found, one in zip(case.matches[at], case.statements, strict=True)
        if start <= one.clause.span[0] < end
    )
    words = recall(case.profiles[at], reduce(or_, inside, Match()))
    return judgement.share(start, end) + _WORDS * words


def _sentences(statements: Sequence[Statement]) -> list[tuple[int, int]]:
    """Return the sentences of an answer, each from its first clause to its last."""
    spans: dict[int, tuple[int, int]] = {}
    for one in statements:
        start, end = one.clause.span
        spans[one.clause.sentence] = (spans.get(one.clause.sentence, (start, end))[0], end)
    return list(spans.values())
