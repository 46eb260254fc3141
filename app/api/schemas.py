"""What requests and responses look like: the types behind OpenAPI, with examples to try.

Responses are sent as ready bytes and never pass through these models; a test holds them equal.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from app.documents.diff import Verdict
from app.documents.document import Origin, QuestionKind, WarningKind
from app.grading.explain import Outcome
from app.grading.verdict import Fallback, State
from app.models import Status
from app.search.query import parse_query
from app.services.drawing import Order
from app.services.draws import MAX_PAPER, DrawOrder, DrawOutcome, Quota
from app.services.exporting import Format
from app.services.filters import QuestionFilter
from app.services.rendering import View
from app.services.searching import can_rank

# Question 2 of the bank that comes with Tiku, for trying things out in /docs.
EXAMPLE_ID = "8a7d6901-ec16-5367-beb1-2bf176b31507"
_MAX_LISTED = 100
MAX_QUERY = 200  # characters
MAX_TERMS = 16
_MAX_EXCLUDED = 250  # they go into a token, and that into a URL
_MAX_SEED = 2**53 - 1  # the largest integer that JavaScript holds exactly


def _check_text(text: str) -> str:
    """Refuse what no database and no JSON can hold: NUL, and halves of surrogate pairs."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise PydanticCustomError("not_unicode", "characters that are no text")
    return text


def _check_terms(text: str) -> str:
    query = parse_query(text)
    count = len(query.terms) + len(query.excluded)
    if count > MAX_TERMS:
        raise PydanticCustomError(
            "too_many_terms", "has {count} terms", {"count": count, "limit": MAX_TERMS}
        )
    return text


Text = Annotated[str, AfterValidator(_check_text)]
Slug = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
QuestionId = Annotated[
    uuid.UUID, Path(openapi_examples={"seed": {"summary": "A question", "value": EXAMPLE_ID}})
]
Difficulty = Annotated[int, Field(ge=1, le=5)]


class _Request(BaseModel):
    """A query or a body: what is not known is refused, since ignoring it would mislead."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoQuery(_Request):
    """A route that takes no query parameters."""


class ViewQuery(_Request):
    """How much of a question is shown."""

    view: View = Field(
        default=View.FULL, description="`prompt` leaves out the reference answer; `full` has all."
    )


class FilterQuery(_Request):
    """Which questions; conditions combine with AND."""

    topic: list[Slug] = Field(
        default=[],
        max_length=_MAX_LISTED,
        description="A topic's slug, its subtree included; repeat for AND.",
        examples=[["applications"]],
    )
    tag: list[Slug] = Field(
        default=[], max_length=_MAX_LISTED, description="A tag; repeat for AND."
    )
    any_tag: list[Slug] = Field(
        default=[], max_length=_MAX_LISTED, description="A tag; repeat for OR."
    )
    kind: QuestionKind | None = Field(default=None, description="How it is answered.")
    difficulty_min: Difficulty | None = Field(default=None, description="1 is easiest.")
    difficulty_max: Difficulty | None = Field(default=None, description="5 is hardest.")
    language: Slug | None = Field(
        default=None, description="A BCP 47 tag; `zh` includes `zh-Hant`.", examples=["zh"]
    )
    source: Slug | None = Field(
        default=None, description="The slug of a document.", examples=["multimodal-llm"]
    )
    ids: list[uuid.UUID] = Field(
        default=[], max_length=_MAX_LISTED, description="These questions only; repeat."
    )
    q: Annotated[Text, AfterValidator(_check_terms)] = Field(
        default="",
        max_length=MAX_QUERY,
        description="Words, all to be found. Quotes keep words together, `-word` excludes; "
        "traditional finds simplified, `models` finds `model`.",
        examples=["图像"],
    )

    @model_validator(mode="after")
    def _range_is_not_empty(self) -> "FilterQuery":
        low, high = self.difficulty_min, self.difficulty_max
        if low is not None and high is not None and low > high:
            raise PydanticCustomError("range_empty", "difficulty_min > difficulty_max")
        return self

    def chosen(self) -> QuestionFilter:
        """Return the filter that these parameters mean."""
        return QuestionFilter(
            topics=tuple(self.topic),
            tags=tuple(self.tag),
            any_tags=tuple(self.any_tag),
            kind=self.kind,
            difficulty_min=self.difficulty_min,
            difficulty_max=self.difficulty_max,
            language=self.language,
            source=self.source,
            ids=tuple(self.ids),
            query=self.q,
        )


class ExportQuery(FilterQuery):
    """A file of questions."""

    format: Format = Field(description="What the file is.")


class ListQuery(FilterQuery, ViewQuery):
    """A page of questions."""

    limit: int = Field(default=20, ge=1, le=_MAX_LISTED, description="Questions on a page.")
    cursor: str | None = Field(
        default=None, max_length=500, description="The `next_cursor` of the page before."
    )
    order: Order | None = Field(
        default=None,
        description="`relevance`, the default with `q`; `document`, the default without; "
        "or `random`: shuffled by `seed`, without repeats.",
    )
    seed: int | None = Field(
        default=None, ge=0, le=_MAX_SEED, description="With `order=random`: which shuffle."
    )

    @model_validator(mode="after")
    def _seed_goes_with_random(self) -> "ListQuery":
        if (self.order is Order.RANDOM) != (self.seed is not None):
            raise PydanticCustomError("seed_without_order", "seed and order=random")
        if self.order is Order.RELEVANCE and not self.q.strip():
            raise PydanticCustomError("relevance_without_query", "order=relevance without q")
        return self

    def is_ranked(self) -> bool:
        """Say whether the best come first; a query that only excludes has nothing to rank by."""
        return self.order in {None, Order.RELEVANCE} and can_rank(self.q)


class SimilarQuery(ViewQuery):
    """Questions like one."""

    limit: int = Field(default=10, ge=1, le=_MAX_LISTED, description="How many at most.")


class RandomQuery(FilterQuery, ViewQuery):
    """A draw of questions."""

    count: int = Field(default=1, ge=1, le=_MAX_LISTED, description="How many different ones.")
    seed: int | None = Field(
        default=None, ge=0, le=_MAX_SEED, description="Draws the same again; else one is made up."
    )
    exclude: list[uuid.UUID] = Field(
        default=[], max_length=_MAX_LISTED, description="Not these questions; repeat."
    )


class QuotaIn(_Request):
    """How many questions of a draw are to be of a topic, a kind, a difficulty."""

    count: int = Field(ge=1, le=MAX_PAPER, description="How many.")
    topic: Slug | None = Field(default=None, description="A topic's slug, its subtree included.")
    kind: QuestionKind | None = Field(default=None, description="How it is answered.")
    difficulty: Difficulty | None = Field(default=None, description="1 is easiest, 5 hardest.")

    def chosen_quota(self) -> Quota:
        """Return the quota that these members mean."""
        return Quota(self.count, self.topic, self.kind, self.difficulty)


class DrawQuery(ViewQuery):
    """A page of a draw."""

    limit: int = Field(default=20, ge=1, le=_MAX_LISTED, description="Questions on a page.")


class DrawRequest(FilterQuery):
    """A draw: from which questions, how many, with which quotas."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "topic": ["applications"],
                    "size": 3,
                    "quotas": [{"topic": "vision", "count": 1}, {"difficulty": 2, "count": 1}],
                }
            ]
        }
    )

    size: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="How many; null draws what the quotas say, without quotas all that fit.",
    )
    seed: int | None = Field(
        default=None, ge=0, le=_MAX_SEED, description="Draws the same again; else one is made up."
    )
    quotas: list[QuotaIn] = Field(
        default=[], max_length=50, description="Parts of the draw; a question counts for one."
    )
    exclude: list[uuid.UUID] = Field(
        default=[], max_length=_MAX_EXCLUDED, description="Not these questions."
    )

    @model_validator(mode="after")
    def _quotas_fit(self) -> "DrawRequest":
        total = sum(quota.count for quota in self.quotas)
        if self.quotas and self.size is not None and self.size < total:
            raise PydanticCustomError("size_below_quotas", "size < quotas")
        if self.quotas and max(total, self.size or 0) > MAX_PAPER:
            raise PydanticCustomError("paper_too_large", "size > {limit}", {"limit": MAX_PAPER})
        return self

    def order(self, seed: int) -> DrawOrder:
        """Return what is to be drawn, with `seed` if the request has none."""
        return DrawOrder(
            chosen=self.chosen(),
            seed=seed if self.seed is None else self.seed,
            size=self.size,
            quotas=tuple(quota.chosen_quota() for quota in self.quotas),
            exclude=tuple(self.exclude),
        )


class CheckRequest(_Request):
    """A learner's answer: in words, or for questions with choices as their positions."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "answer": "首先要从图像、文本里分别提取特征再融合到一起；"
                    "另外可以用数据增强来扩充训练数据，让模型泛化更好。"
                }
            ]
        }
    )

    answer: Text | None = Field(
        default=None, description="The answer in words; of choices their letters, numbers or texts."
    )
    choices: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None, max_length=_MAX_LISTED, description="The positions of the chosen options."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "CheckRequest":
        if (self.answer is None) == (self.choices is None):
            raise PydanticCustomError("one_answer", "exactly one of answer and choices")
        return self


class CheckQuery(_Request):
    """How an answer is checked."""

    explain: bool = Field(
        default=False, description="Say of each point what was looked at, and what decided."
    )


class CheckItem(CheckRequest):
    """An answer to a question, as one of a batch."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"question_id": EXAMPLE_ID, "answer": "用数据增强扩充训练数据。"}]
        }
    )

    question_id: uuid.UUID = Field(description="The question's id.")


def _keep_fault(
    value: object, validate: ValidatorFunctionWrapHandler
) -> CheckItem | list[ErrorDetails]:
    """Return an item, or what is wrong with it: it must not take the others with it."""
    try:
        item: CheckItem = validate(value)
    except ValidationError as error:
        return error.errors()
    return item


class CheckBatch(_Request):
    """Answers to be checked; each is judged on its own."""

    checks: list[Annotated[CheckItem, WrapValidator(_keep_fault)]] = Field(
        min_length=1, description="At most `TIKU_MAX_CHECKS` answers, 100 unless set."
    )

    def items(self) -> Sequence[CheckItem | list[ErrorDetails]]:
        """Return each item, or what is wrong with it."""
        return self.checks


class ImportQuery(_Request):
    """How documents are imported."""

    dry_run: bool = Field(default=False, description="Show the plan and write nothing.")
    name: str = Field(
        default="document.md",
        min_length=1,
        max_length=200,
        description="The file name of a document that is the body: its format and its source.",
    )
    profile: Slug | None = Field(
        default=None, description="The name of a profile: what documents cannot say themselves."
    )
    archive_missing: bool = Field(
        default=False, description="Archive the source's questions that the document lacks."
    )


class ChoiceOut(BaseModel):
    """An option; `position` counts from 1."""

    position: int
    text: str


class PointOut(BaseModel):
    """A statement that a full answer makes; `origin` tells who wrote it."""

    position: int
    title: str | None
    text: str
    weight: float
    required: bool
    aliases: list[str]
    accepted: list[str]
    origin: Origin


class QuestionPrompt(BaseModel):
    """A question as a learner may see it before answering."""

    id: uuid.UUID
    revision: int
    status: Status
    source: str
    topic: str | None
    number: str | None
    title: str
    prompt: str
    kind: QuestionKind
    difficulty: Difficulty | None
    language: str
    tags: list[str]
    choices: list[ChoiceOut]
    point_count: int
    ordered: bool
    updated_at: datetime


class Question(QuestionPrompt):
    """A question with its reference answer.

    `completion` is null, or says what editors added to a question whose document breaks off.
    """

    answer: str
    explanation: str
    points: list[PointOut]
    correct_choices: list[int]
    completion: str | None


class QuestionPage(BaseModel):
    """A page of questions; `next_cursor` is null on the last one."""

    items: list[Question | QuestionPrompt]
    next_cursor: str | None


class FieldHitOut(BaseModel):
    """A field in which the query hits, and the part of it where it does.

    `position` counts choices, tags and points from 1 and is null for what a question has one of.
    `text` is that part as it stands there, from `offset` on; `spans` are the hits within `text`,
    half-open. Both count Unicode code points.
    """

    field: Literal[
        "title",
        "prompt",
        "choice",
        "tag",
        "point_title",
        "point",
        "alias",
        "answer",
        "explanation",
    ]
    position: int | None
    offset: int
    text: str
    spans: list[tuple[int, int]]


class HitOut(BaseModel):
    """Where the query hits in the item at the same place; only fields that the view shows."""

    fields: list[FieldHitOut]


class FoundPage(QuestionPage):
    """A page of a search: as many `hits` as `items`.

    `total` counts all that match; where it is `capped`, there are more.
    """

    hits: list[HitOut]
    total: int
    capped: bool


class SimilarQuestions(BaseModel):
    """Similar questions, the most similar first.

    `overlaps` says of each which share of the telling words it has too, from 0 to 1.
    """

    items: list[Question | QuestionPrompt]
    overlaps: list[float]


class DrawnQuestions(BaseModel):
    """Drawn questions, of how many that fit, and the seed that draws them again."""

    items: list[Question | QuestionPrompt]
    available: int
    seed: int


class QuotaOut(BaseModel):
    """A quota as asked for, how many questions it got, and how many would fit it."""

    count: int
    topic: str | None
    kind: QuestionKind | None
    difficulty: Difficulty | None
    drawn: int
    available: int


class DrawOut(BaseModel):
    """A page of a draw.

    `position` counts the questions before it, `outcome` is what the draw as a whole comes to.
    `token` is the draw from its beginning, `next_token` how it goes on, null on the last page.
    """

    items: list[Question | QuestionPrompt]
    position: int
    size: int | None
    available: int
    seed: int
    outcome: DrawOutcome
    quotas: list[QuotaOut]
    token: str
    next_token: str | None


class TopicOut(BaseModel):
    """A topic; `questions` counts those in it and below."""

    slug: str
    name: str
    questions: int
    children: list["TopicOut"]


class TopicTree(BaseModel):
    """The topic tree from its roots."""

    items: list[TopicOut]


class TextCount(BaseModel):
    """A value to filter by, and how many questions have it."""

    value: str
    questions: int


class DifficultyCount(BaseModel):
    """A difficulty, null for questions without one, and how many questions have it."""

    value: Difficulty | None
    questions: int


class StatisticsOut(BaseModel):
    """The questions of a filter, counted; what none of them has is left out."""

    total: int
    topics: list[TopicOut]
    tags: list[TextCount]
    kinds: list[TextCount]
    difficulties: list[DifficultyCount]
    languages: list[TextCount]
    sources: list[TextCount]


class TagOut(BaseModel):
    """A tag and how many questions have it."""

    name: str
    questions: int


class TagList(BaseModel):
    """All tags, the most used first."""

    items: list[TagOut]


class SourceOut(BaseModel):
    """A document that questions came from; `drafts` are not served."""

    slug: str
    title: str
    language: str | None
    format: str
    sha256: str
    url: str | None
    licence: str | None
    imported_at: datetime
    questions: int
    drafts: int


class SourceList(BaseModel):
    """All sources."""

    items: list[SourceOut]


class PointVerdictOut(BaseModel):
    """What the check says of one point.

    `evidence` is the part of the answer that shows it, `span` its start and end in code points.
    """

    position: int
    title: str | None
    text: str
    state: State
    probability: float
    confidence: float
    needs_review: bool
    evidence: str | None
    span: tuple[int, int] | None
    reason: str
    explanation: str


class ChoiceVerdictOut(BaseModel):
    """What the check says of one option: whether it was chosen, and whether it is right."""

    position: int
    chosen: bool
    correct: bool


class AnswerCheckOut(BaseModel):
    """The verdict on an answer: a score from 0 to 1, point by point, with feedback in words.

    `fallback` is null, or says why the remote grader that is set up had no part in it.
    """

    question_id: uuid.UUID
    revision: int
    score: float
    needs_review: bool
    engine: str
    version: str
    fallback: Fallback | None
    feedback: str
    points: list[PointVerdictOut]
    choices: list[ChoiceVerdictOut]


class WindowOut(BaseModel):
    """A stretch of the answer that was looked at; the first one counted.

    `share` is the weighted share of the point's words that it has, `sibling_share` that of the
    other point, by its position, that it fits best.
    """

    span: tuple[int, int]
    text: str
    share: float
    sibling: int | None
    sibling_share: float


class SynonymOut(BaseModel):
    """A word of the point, and what the answer says for it."""

    wanted: str
    said: str


class PointWordsOut(BaseModel):
    """The words of a point: found, missing, and said in other words; shares are by weight."""

    found: list[str]
    missing: list[str]
    synonyms: list[SynonymOut]
    share: float
    title_share: float
    other_language: bool


class ChancesOut(BaseModel):
    """The chances of the states by words (covered, touched), by the network, and together.

    Null where there was nothing to judge, or the network was not asked.
    """

    words: dict[str, float] | None
    network: dict[str, float] | None
    together: dict[str, float] | None
    sure_from: float | None


class RuleOut(BaseModel):
    """A rule that found something: what, and whether that decided."""

    rule: str
    reason: str
    state: State
    outcome: Outcome
    sentence: str


class ExplainedPointOut(BaseModel):
    """Why a point got its verdict; `wording` is the point in the words that counted."""

    position: int
    wording: str
    exact: bool
    summary: str
    windows: list[WindowOut]
    words: PointWordsOut
    chances: ChancesOut
    rules: list[RuleOut]


class UnreadOut(BaseModel):
    """A clause of the answer that states nothing, and why it was not read."""

    span: tuple[int, int]
    text: str
    reason: str
    sentence: str


class ExplanationOut(BaseModel):
    """Why an answer got its verdict."""

    points: list[ExplainedPointOut]
    unread: list[UnreadOut]


class ExplainedCheckOut(AnswerCheckOut):
    """The verdict on an answer, explained."""

    explained: ExplanationOut


class BatchedCheckOut(BaseModel):
    """What became of one answer of a batch: its check, or the problem; the other one is null."""

    check: AnswerCheckOut | None
    problem: "Problem | None"


class CheckBatchOut(BaseModel):
    """What became of each answer of a batch, in the order in which they were sent."""

    items: list[BatchedCheckOut]


class WarningOut(BaseModel):
    """Something in a document that a person should look at."""

    kind: WarningKind
    line: int | None
    message: str


class PassedOverOut(BaseModel):
    """Lines that became no part of a question, and why."""

    first: int
    last: int
    reason: str
    message: str


class PlannedQuestion(BaseModel):
    """What an import does with one question."""

    verdict: Verdict
    id: uuid.UUID
    title: str
    line: int | None
    draft: bool
    fields: list[str]
    reason: str | None


class DocumentReport(BaseModel):
    """What an import does with one document."""

    source: str
    title: str
    sha256: str
    counts: dict[Verdict, int]
    questions: list[PlannedQuestion]
    warnings: list[WarningOut]
    passed_over: list[PassedOverOut]


class ImportReport(BaseModel):
    """What an import does, a report each document."""

    documents: list[DocumentReport]


class FieldProblem(BaseModel):
    """One bad field of a request."""

    location: Literal["query", "path", "body", "header"]
    field: str
    message: str
    code: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it; `type` is stable, `errors` names every bad field."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []
