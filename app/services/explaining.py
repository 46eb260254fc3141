"""Why an answer got its verdict, in words and figures that an author of questions understands."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.grading.engines import Engine
from app.grading.explain import Account, Silence, Window, explain, find_silences
from app.grading.verdict import PointVerdict, ReferencePoint, State
from app.messages import Language, render

_STATES = (State.COVERED, State.PARTIAL, State.MISSED, State.CONTRADICTED)
_MOST_NAMED = 6  # missing words in the summary


@dataclass(frozen=True, slots=True)
class ExplainedWindow:
    """A stretch of the answer that was looked at; the first is the one that counted.

    `share` is that of the point's words, by weight, `sibling_share` that of the other point (by its
    position) that the stretch fits best.
    """

    span: tuple[int, int]
    text: str
    share: float
    sibling: int | None
    sibling_share: float


@dataclass(frozen=True, slots=True)
class ExplainedSynonym:
    """A word of the point, and what the answer says for it."""

    wanted: str
    said: str


@dataclass(frozen=True, slots=True)
class ExplainedWords:
    """The words of the point in the stretch that counted: found, missing, said otherwise."""

    found: tuple[str, ...]
    missing: tuple[str, ...]
    synonyms: tuple[ExplainedSynonym, ...]
    share: float
    title_share: float
    other_language: bool


@dataclass(frozen=True, slots=True)
class ExplainedChances:
    """The chances of the states as words, network and both together see them.

    Words tell covered from touched (covered or partial). None where nothing was there to judge, or
    the network was not asked. `sure_from` is the confidence from which nobody needs to look.
    """

    words: dict[str, float] | None
    network: dict[str, float] | None
    together: dict[str, float] | None
    sure_from: float | None


@dataclass(frozen=True, slots=True)
class ExplainedRule:
    """A rule that found something, what it found, and what became of it."""

    rule: str
    reason: str
    state: State
    outcome: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ExplainedPoint:
    """Why one point got its verdict; `wording` is the point in the words that counted."""

    position: int
    wording: str
    exact: bool
    summary: str
    windows: tuple[ExplainedWindow, ...]
    words: ExplainedWords
    chances: ExplainedChances
    rules: tuple[ExplainedRule, ...]


@dataclass(frozen=True, slots=True)
class UnreadClause:
    """A clause of the answer that states nothing, and why it was not read."""

    span: tuple[int, int]
    text: str
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer got its verdict, a part each point, and what of it was not read."""

    points: tuple[ExplainedPoint, ...] = ()
    unread: tuple[UnreadClause, ...] = ()


def explain_verdicts(
    asked: tuple[str, Sequence[ReferencePoint], str],
    verdicts: Sequence[PointVerdict],
    engine: Engine,
    language: Language,
) -> Explanation:
    """Return why the points of a (question, points, answer) got these verdicts."""
    question, points, answer = asked
    if not points or not verdicts:
        return Explanation()
    accounts = explain(engine, question, points, answer, verdicts)
    return Explanation(
        points=tuple(
            _explained(position, account, answer, language)
            for position, account in enumerate(accounts, start=1)
        ),
        unread=tuple(
            _unread(one, answer, language) for one in find_silences(question, points, answer)
        ),
    )


def _explained(position: int, account: Account, answer: str, language: Language) -> ExplainedPoint:
    return ExplainedPoint(
        position=position,
        wording=account.wording,
        exact=account.exact,
        summary=_summary(account, language),
        windows=tuple(_window(window, answer) for window in account.windows),
        words=ExplainedWords(
            found=account.found,
            missing=account.missing,
            synonyms=tuple(ExplainedSynonym(one.wanted, one.said) for one in account.synonyms),
            share=round(account.share, 4),
            title_share=round(account.title_share, 4),
            other_language=account.other_language,
        ),
        chances=ExplainedChances(
            words=_named(("covered", "touched"), account.words_chances),
            network=_named(_STATES, account.network),
            together=_named(_STATES, account.together),
            sure_from=account.sure,
        ),
        rules=tuple(
            ExplainedRule(
                one.rule,
                one.reason,
                one.state,
                one.outcome,
                render(
                    f"explained.{one.outcome}",
                    language,
                    {"found": render(f"reason.{one.reason}", language)},
                ),
            )
            for one in account.rulings
        ),
    )


def _window(window: Window, answer: str) -> ExplainedWindow:
    return ExplainedWindow(
        span=window.span,
        text=answer[slice(*window.span)],
        share=round(window.share, 4),
        sibling=window.sibling,
        sibling_share=round(window.sibling_share, 4),
    )


def _named(names: Sequence[str], chances: Sequence[float] | None) -> dict[str, float] | None:
    if chances is None:
        return None
    return {str(name): round(chance, 4) for name, chance in zip(names, chances, strict=True)}


def _summary(account: Account, language: Language) -> str:
    """Return a sentence on the words, and one on the chances."""
    if account.exact:
        return render("explained.exact", language)
    missing = ("、" if language == "zh" else ", ").join(account.missing[:_MOST_NAMED])
    kind = "words" if missing else "all_words"
    sentences = [
        render(f"explained.{kind}", language, {"share": f"{account.share:.0%}", "missing": missing})
    ]
    if account.together and account.network:
        chances = {
            "words": f"{account.words_chances[0] if account.words_chances else 0:.0%}",
            "network": f"{account.network[0]:.0%}",
            "together": f"{account.together[0]:.0%}",
        }
        sentences.append(render("explained.chances", language, chances))
    return ("" if language == "zh" else " ").join(sentences)


def _unread(silence: Silence, answer: str, language: Language) -> UnreadClause:
    return UnreadClause(
        span=silence.span,
        text=answer[slice(*silence.span)],
        reason=silence.reason,
        sentence=render(f"reason.{silence.reason}", language),
    )
