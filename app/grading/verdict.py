"""What the answer check takes and gives: points in, a verdict per point and a score out."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How an answer stands to one point."""

    COVERED = "covered"
    PARTIAL = "partial"
    MISSED = "missed"
    CONTRADICTED = "contradicted"


class Reason(StrEnum):
    """Why a state was given; each has the message `reason.<value>` and a line in the docs."""

    WORDS_FOUND = "words_found"
    SOME_WORDS_FOUND = "some_words_found"
    NOT_MENTIONED = "not_mentioned"
    OTHER_LANGUAGE = "other_language"
    TITLE_ONLY = "title_only"
    STUFFING = "stuffing"
    SIBLING_SWAP = "sibling_swap"
    UNDER_OTHER_TITLE = "under_other_title"
    OPPOSITE = "opposite"
    NEGATED = "negated"
    BOTH_WAYS = "both_ways"
    EXCHANGED = "exchanged"
    NUMBERS_DIFFER = "numbers_differ"
    NUMBER_MISSING = "number_missing"
    SAME_VALUE = "same_value"
    SAME_VERDICT = "same_verdict"
    VERDICT_DIFFERS = "verdict_differs"
    OTHER_ITEM = "other_item"
    MEANING_FOUND = "meaning_found"
    MEANING_IN_PART = "meaning_in_part"
    MEANING_DIFFERS = "meaning_differs"
    OUT_OF_ORDER = "out_of_order"
    EMPTY = "empty"
    COPIED_QUESTION = "copied_question"
    INSTRUCTION = "instruction"
    NO_STATEMENT = "no_statement"


class Fallback(StrEnum):
    """Why the embedded check answered in place of the remote one."""

    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    RATE_LIMITED = "rate_limited"
    FAILED = "failed"
    REDIRECTED = "redirected"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    INSTRUCTIONS = "instructions"
    BUSY = "busy"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class ReferencePoint:
    """One statement of a full answer.

    `aliases` are other names: a short one of a titled point stands for its title, a longer one, and
    any of a point without a title, says the whole of it. `accepted` are other wordings of the whole
    point, however short.

    `weight` is relative to 1. A `required` point caps the score when it is not there.
    """

    text: str
    title: str | None = None
    aliases: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    weight: float = 1.0
    required: bool = False

    @property
    def whole(self) -> str:
        """Title and text as one string, the way the network reads a point."""
        return f"{self.title}：{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class PointVerdict:
    """The verdict on one point.

    `probability` is that of being covered, `confidence` that of the state being right: 0..1.
    `span` is the evidence: code points of the learner's own answer, half-open.
    `reason` is the value of a `Reason`.
    """

    state: State
    probability: float
    confidence: float
    needs_review: bool
    span: tuple[int, int] | None
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """The verdict on an answer: a score of 0..1 and the points in the order of the reference.

    `fallback` says why a remote grader that was to be asked is not in it.
    """

    score: float
    points: tuple[PointVerdict, ...]
    engine: str
    version: str
    needs_review: bool
    fallback: str | None = None
