"""Why an answer got its verdict: the windows looked at, the words, the chances and the rules.

This reads the answer a second time, with everything kept that the check throws away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from app.grading.calibration import CALIBRATION
from app.grading.check import Wording, best, judge_wordings
from app.grading.engines import Engine, can_run_network
from app.grading.evidence import find_evidence, find_windows
from app.grading.exact import is_exact
from app.grading.hinge import judge_value
from app.grading.lexical import Match, bilingual_names, recall
from app.grading.lexicon import LEXICON
from app.grading.rules import Case, Finding, all_faults, judge_verdict, read_case
from app.grading.verdict import PointVerdict, Reason, ReferencePoint, State
from app.text import fold, grams, is_cjk, stem, words

_GRAMMAR = "的了和与及或是在"
_LONGEST_WORD = 12  # ideographs of a run that is shown as one word


class Outcome(StrEnum):
    """What became of a rule's finding; each has the message `explained.<value>`."""

    DECIDED = "decided"
    LATER = "later"
    NOTHING_TO_LIMIT = "nothing_to_limit"
    OVERRULED = "overruled"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the answer and how much of the point, and of which other point most, it has.

    Shares are 0..1 by weight; `sibling` counts from 1, None where there is no other point.
    """

    span: tuple[int, int]
    share: float
    sibling: int | None
    sibling_share: float


@dataclass(frozen=True, slots=True)
class Synonym:
    """A word of the point, and what the answer says for it."""

    wanted: str
    said: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule found, and what became of it."""

    rule: str
    reason: str
    state: State
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Account:
    """Why one point got its verdict.

    `wording` is the point in the words that counted, `exact` says that it was compared by value.
    `windows` has the best one first. The words are those of the point, as found or missing in it;
    `share` is their weight, `title_share` that of its title. `words_chances` are those of covered,
    and of covered or partial; `network` and `together` those of covered, partial, missed and
    contradicted, None where the network was not asked. `sure` is the confidence from which nobody
    needs to look, None without the network.
    """

    wording: str
    exact: bool
    windows: tuple[Window, ...]
    found: tuple[str, ...]
    missing: tuple[str, ...]
    synonyms: tuple[Synonym, ...]
    share: float
    title_share: float
    other_language: bool
    words_chances: tuple[float, float] | None
    network: tuple[float, ...] | None
    together: tuple[float, ...] | None
    sure: float | None
    rulings: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """A clause of the answer that was not read, and why."""

    span: tuple[int, int]
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Judged:
    """A point in the words that counted, with what each part of the engine made of it."""

    point: ReferencePoint
    words: PointVerdict
    network: tuple[float, ...] | None = None
    together: tuple[float, ...] | None = None


def explain(
    engine: Engine,
    question: str,
    points: Sequence[ReferencePoint],
    answer: str,
    verdicts: Sequence[PointVerdict],
) -> list[Account]:
    """Return an account for each point; `verdicts` are what the check said of them at last."""
    judged, sure = _judge(engine, question, points, answer)
    return [
        _account(_case(question, points, answer, at, one.point), at, one, sure, verdict)
        for at, (one, verdict) in enumerate(zip(judged, verdicts, strict=True))
    ]


def find_silences(question: str, points: Sequence[ReferencePoint], answer: str) -> list[Silence]:
    """Return the clauses of an answer that state nothing, and why each does not."""
    statements = read_case(question, points, answer).statements
    return [Silence(one.clause.span, one.silent) for one in statements if one.silent]


def _judge(
    engine: Engine, question: str, points: Sequence[ReferencePoint], answer: str
) -> tuple[list[_Judged], float | None]:
    case = read_case(question, points, answer)
    silent = all(one.silent for one in case.statements)
    if engine is Engine.LEXICAL or not can_run_network() or silent:
        return [_by_words(said) for said in judge_wordings(case)], None
    from app.grading import hybrid  # noqa: PLC0415 (its runtime may not be installed)

    chosen = map(hybrid.best_of, hybrid.judge_points(case))
    judged = [_Judged(one.point, one.words, one.network, one.chances) for one in chosen]
    return judged, hybrid.fusion().sure


def _by_words(said: Sequence[Wording]) -> _Judged:
    verdict = best([one.verdict for one in said])
    point = next(one.point for one in said if one.verdict is verdict)
    return _Judged(point, verdict)


def _case(
    question: str, points: Sequence[ReferencePoint], answer: str, at: int, point: ReferencePoint
) -> Case:
    return read_case(question, [*points[:at], point, *points[at + 1 :]], answer)


def _account(
    case: Case, at: int, judged: _Judged, sure: float | None, verdict: PointVerdict
) -> Account:
    profile, point = case.profiles[at], case.points[at]
    evidence = find_evidence(case.reading, at)
    inside = range(evidence.first, evidence.end) if evidence else range(0)
    match = Match()
    for index in inside:
        match |= case.matches[at][index]
    said = "\n".join(case.statement(index) for index in inside)
    found, missing = _split_words(point, match.exact)
    exact = is_exact(point, alone=len(case.points) == 1)
    return Account(
        wording=point.whole,
        exact=exact,
        windows=tuple(_window(case, at, *window) for window in find_windows(case.reading, at)),
        found=found,
        missing=missing,
        synonyms=tuple(_synonyms(point, said)),
        share=recall(profile, match),
        title_share=recall(profile, match, profile.title_words),
        other_language=bool(evidence and evidence["other_language"]),
        words_chances=CALIBRATION.probabilities(evidence.features) if evidence else None,
        network=judged.network,
        together=judged.together,
        sure=sure,
        rulings=tuple(_rulings(case, at, judged.words, verdict, exact=exact)),
    )


def _window(case: Case, at: int, first: int, end: int) -> Window:
    shares = []
    for profile, own in zip(case.profiles, case.matches, strict=True):
        match = Match()
        for found in own[first:end]:
            match |= found
        shares.append(recall(profile, match))
    others = [index for index in range(len(shares)) if index != at]
    rival = max(others, key=shares.__getitem__, default=None)
    span = case.statements[first].clause.span[0], case.statements[end - 1].clause.span[1]
    return Window(
        span=span,
        share=shares[at],
        sibling=None if rival is None else rival + 1,
        sibling_share=0.0 if rival is None else shares[rival],
    )


def _split_words(
    point: ReferencePoint, exact: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a point that an answer has, and those it has not, each once, in order."""
    folded = fold(f"{point.title or ''} {point.text}")
    parts = [part for start, end in words(folded) for part in _parts(folded[start:end], exact)]
    found = dict.fromkeys(text for text, there in parts if there and text)
    missing = dict.fromkeys(text for text, there in parts if not there and text not in found)
    return tuple(found), tuple(text for text in missing if text)


def _parts(word: str, exact: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """Cut a word or a run of ideographs into what was found of it and what was not."""
    if not is_cjk(word[0]):
        if word not in LEXICON.function_words:
            yield word, stem(word) in exact
        return
    there = [
        any(pair in exact for pair in (word[max(0, at - 1) : at + 1], word[at : at + 2]))
        for at in range(len(word))
    ]
    for found, group in groupby(range(len(word)), key=there.__getitem__):
        run = "".join(word[at] for at in group)
        yield _bare(run)[:_LONGEST_WORD] if found else _bare(run), found


def _bare(run: str) -> str:
    """Return a run without the grammar at its ends; a single character is no word to show."""
    bare = run.strip(_GRAMMAR)
    return bare if len(bare) > 1 else ""


def _synonyms(point: ReferencePoint, said: str) -> Iterator[Synonym]:
    wanted, given = fold(f"{point.title or ''} {point.text}"), fold(said)
    there = frozenset(grams(given))
    for term in LEXICON.same.find(wanted):
        word = wanted[term.start : term.end]
        if frozenset(grams(word)) <= there:
            continue
        for other in LEXICON.same.find(given):
            if other.groups & term.groups:
                yield Synonym(word, given[other.start : other.end])
                break
    for pair in bilingual_names(f"{point.title or ''} {point.text}"):
        for said_name, wanted_name in (pair, pair[::-1]):
            named = frozenset(grams(said_name)) <= there
            if named and not frozenset(grams(wanted_name)) <= there:
                yield Synonym(wanted_name, said_name)


def _rulings(
    case: Case, at: int, by_words: PointVerdict, verdict: PointVerdict, *, exact: bool
) -> Iterator[Ruling]:
    if verdict.reason == Reason.OUT_OF_ORDER:
        yield Ruling("order", verdict.reason, verdict.state, Outcome.DECIDED)
    if exact:
        yield Ruling("exact", by_words.reason, by_words.state, Outcome.DECIDED)
        return
    first = True
    for name, finding in _findings(case, at):
        yield Ruling(
            name,
            finding.reason,
            finding.state,
            _outcome(finding.reason, by_words, verdict) if first else Outcome.LATER,
        )
        first = False


def _findings(case: Case, at: int) -> Iterator[tuple[str, Finding]]:
    evidence = find_evidence(case.reading, at)
    found = [("verdict", judge_verdict(case, at)), ("value", judge_value(case, at))]
    found += all_faults(case, at, evidence) if evidence else []
    for name, finding in found:
        if finding is not None:
            yield name, finding


def _outcome(reason: Reason, by_words: PointVerdict, verdict: PointVerdict) -> Outcome:
    if by_words.reason != reason:
        return Outcome.NOTHING_TO_LIMIT
    decided = verdict.reason in {reason, Reason.OUT_OF_ORDER}
    return Outcome.DECIDED if decided else Outcome.OVERRULED
