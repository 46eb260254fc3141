"""The answer check with the trained network: what it understands, joined with what words show.

The network reads the whole answer beside all points; the lexical engine finds words, numbers and
denials. A small regression weighs both (`network/fusion.json`), and a few rules stay above it:
bare titles and rows of keywords explain nothing, and what states nothing earns nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import log

from app.grading import check
from app.grading.calibration import CALIBRATION
from app.grading.check import CONTRADICTIONS, Wording, judge_wordings, score
from app.grading.evidence import read_statements
from app.grading.exact import is_exact
from app.grading.network import model
from app.grading.network.model import Chances, softmax
from app.grading.segment import split_clauses
from app.grading.verdict import AnswerCheck, PointVerdict, Reason, ReferencePoint, State
from app.text import fold, grams

_STATES = (State.COVERED, State.PARTIAL, State.MISSED, State.CONTRADICTED)
_EDGE = 0.01  # chances are kept off zero and one before their logarithm is taken
_QUOTED = 0.7  # share of a point's grams from which an answer is a copy of it
_OWN = 0.5  # share of a clashing clause's grams that are the point's own
_MOST_PARTS = 4  # stretches of an answer that are read one by one for evidence
_LIMITED = frozenset({Reason.TITLE_ONLY, Reason.STUFFING})
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

    The network is not asked about a point that is a value; `logits` and `chances` are None then.
    """

    point: ReferencePoint
    words: PointVerdict
    logits: Chances | None
    chances: Chances | None
    verdict: PointVerdict

    @property
    def network(self) -> Chances | None:
        """What the network alone makes of the point, as the chances of the four states."""
        return None if self.logits is None else softmax(self.logits)


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


def check_answer(question: str, points: Sequence[ReferencePoint], answer: str) -> AnswerCheck:
    """Check a free-text answer point by point; deterministic, never raises for any text."""
    if not points or not _states_anything(question, points, answer):
        return check.check_answer(question, points, answer)
    judged = [best_of(said) for said in judge_points(question, points, answer)]
    texts = [one.point.whole for one in judged]
    verdicts = _locate(question, texts, answer, [one.verdict for one in judged])
    return AnswerCheck(
        score=score(points, verdicts),
        points=tuple(verdicts),
        engine="hybrid",
        version=f"{model.version()}-{CALIBRATION.version}-{fusion().version}",
        needs_review=any(verdict.needs_review for verdict in verdicts),
    )


def judge_points(
    question: str, points: Sequence[ReferencePoint], answer: str
) -> list[list[Judged]]:
    """Return for each point the verdicts on it as it stands, and in accepted words if need be.

    A point that is covered as it stands is not tried in other words. The network is asked once, and
    once more for each turn of other words, of which there are at most three.
    """
    wordings = judge_wordings(question, points, answer, unlikely=True)
    alone = len(points) == 1
    judged: list[list[Judged]] = [[] for _ in points]
    for turn in range(max(map(len, wordings), default=0)):
        wanted = [
            at for at, said in enumerate(wordings) if turn < len(said) and not _done(judged[at])
        ]
        if not wanted:
            break
        asked = [said[turn if at in wanted else 0] for at, said in enumerate(wordings)]
        exact = {at for at in wanted if is_exact(asked[at].point, alone=alone)}
        texts = [one.point.whole for one in asked]
        logits = [] if exact == set(wanted) else model.judge(question, texts, answer)
        for at in wanted:
            judged[at].append(
                _exact(asked[at]) if at in exact else _judged(asked[at], logits[at], answer)
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


def _states_anything(question: str, points: Sequence[ReferencePoint], answer: str) -> bool:
    """Say whether an answer has a clause that states something: no question, no request."""
    reference = "\n".join(f"{point.title or ''} {point.text}" for point in points)
    return any(not one.silent for one in read_statements(question, reference, answer))


def _exact(wording: Wording) -> Judged:
    return Judged(wording.point, wording.verdict, None, None, wording.verdict)


def _judged(wording: Wording, logits: Chances, answer: str) -> Judged:
    chances = fusion().chances(logits, wording.verdict)
    verdict = _fuse(wording.verdict, chances, wording.point, answer)
    return Judged(wording.point, wording.verdict, logits, chances, verdict)


def _fuse(
    words: PointVerdict, chances: Chances, point: ReferencePoint, answer: str
) -> PointVerdict:
    """Return the verdict of both; rules of the words that no likelihood may overrule stay."""
    confidence = max(chances)
    state = _STATES[chances.index(confidence)]
    if words.reason in _LIMITED and state is not State.CONTRADICTED:
        return words
    if state is State.COVERED and _turns_a_copy(words, point, answer):
        return replace(words, needs_review=True)
    agreed = state is words.state
    return PointVerdict(
        state=state,
        probability=chances[0],
        confidence=confidence,
        needs_review=confidence < fusion().sure,
        span=words.span if state is not State.MISSED else None,
        reason=words.reason if agreed else _REASONS[state],
    )


def _turns_a_copy(words: PointVerdict, point: ReferencePoint, answer: str) -> bool:
    """Say whether an answer quotes a point but for the word or number that turns it round."""
    if words.reason not in CONTRADICTIONS or words.span is None:
        return False
    wanted = set(grams(fold(point.whole)))
    clash = set(grams(fold(answer[slice(*words.span)])))
    said = set(grams(fold(answer)))
    return len(wanted & said) >= _QUOTED * len(wanted) and len(clash & wanted) >= _OWN * len(clash)


def _locate(
    question: str, texts: Sequence[str], answer: str, verdicts: Sequence[PointVerdict]
) -> list[PointVerdict]:
    """Give evidence to verdicts that words found none for: the stretch that says it best alone."""
    missing = [
        at
        for at, verdict in enumerate(verdicts)
        if verdict.span is None and verdict.state is not State.MISSED
    ]
    located = list(verdicts)
    if not missing:
        return located
    spans = _parts(answer)
    if len(spans) == 1:
        return [
            replace(one, span=spans[0]) if at in missing else one for at, one in enumerate(located)
        ]
    sought = missing[: model.MOST_POINTS]
    parts = [answer[slice(*span)] for span in spans]
    read = model.judge_parts(question, [texts[at] for at in sought], parts)
    for place, at in enumerate(missing):
        wanted = _STATES.index(verdicts[at].state)
        rated = [softmax(part[place])[wanted] for part in read] if place < len(sought) else [1.0]
        located[at] = replace(verdicts[at], span=spans[rated.index(max(rated))])
    return located


def _parts(answer: str) -> list[tuple[int, int]]:
    """Return the sentences of an answer, long answers in as many stretches as are read."""
    clauses = split_clauses(answer)
    starts = [
        clause.span[0]
        for before, clause in pairwise([None, *clauses])
        if clause is not None and (before is None or before.sentence != clause.sentence)
    ]
    step = -(-len(starts) // _MOST_PARTS)
    edges = [*starts[::step], clauses[-1].span[1]]
    ends = {clause.span[1] for clause in clauses}
    return [
        (start, max(end for end in ends if end <= following))
        for start, following in pairwise(edges)
    ]
