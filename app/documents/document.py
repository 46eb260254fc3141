"""What a document says: frozen records of items, points, choices and warnings, with their lines.

Every reader (Markdown, JSON, tables …) yields these records and every writer takes them. They know
nothing of the bank. Lines count from 1, as editors show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


def as_uuid(key: str | None) -> UUID | None:
    """Return a key as the public id that it is, or None."""
    try:
        return UUID(key) if key else None
    except ValueError:
        return None


class WarningKind(StrEnum):
    """What a reader can find wrong with a document; each is explained in docs/documents.md."""

    TRUNCATED = "truncated"
    NO_ANSWER = "no_answer"
    DUPLICATE = "duplicate"
    UNCLOSED_FENCE = "unclosed_fence"
    LEAKED_TOKEN = "leaked_token"  # noqa: S105 (a warning's name, not a password)
    NO_QUESTIONS = "no_questions"
    SUSPICIOUS_POINTS = "suspicious_points"
    OVERLAY_UNMATCHED = "overlay_unmatched"
    UNCLOSED = "unclosed"
    LEFT_OUT = "left_out"


class QuestionKind(StrEnum):
    """How a question is answered."""

    FREE_TEXT = "free_text"
    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"


class Origin(StrEnum):
    """Who wrote a point: the document's author, or the bank's editors completing it."""

    DOCUMENT = "document"
    EDITORS = "editors"


@dataclass(frozen=True, slots=True)
class DocumentWarning:
    """Something a person should look at; never a reason to drop a question.

    `params` fill the message `warning.<kind>` of `app.messages`.
    """

    kind: WarningKind
    line: int | None = None
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Point:
    """One answer point: a statement that a full answer makes.

    `title` is the short name in front of the colon, or None; `text` is Markdown without the list
    marker. `aliases` are other names of it, `accepted` other wordings that say the whole of it.
    `weight` is relative to 1.
    """

    text: str
    title: str | None = None
    line: int | None = field(default=None, compare=False)  # where it stands is not what it says
    aliases: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    weight: float = 1.0
    required: bool = False
    origin: Origin = Origin.DOCUMENT


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a multiple-choice question; `text` is Markdown without its letter."""

    text: str
    correct: bool
    line: int | None = field(default=None, compare=False)  # as for points


@dataclass(frozen=True, slots=True)
class Item:
    """One question as a document has it.

    `title` is the heading (plain text, without its number), `prompt` what is asked (Markdown; equal
    to the title where the document says it once), `answer` and `explanation` are Markdown exactly
    as written, empty where absent. `points` were read from the answer.

    `topics` are the headings above it, outermost first, without the document's title and without
    mere containers ("面试题库", "FAQ"). `tags`, `difficulty` (1 easiest to 5) and `language`
    (BCP 47) are None where the document does not say: an import then leaves what the bank has.
    `ordered` says that the points must come in their order; None where the document is silent.
    `key` is an explicit identity (front matter, `id` column …), `number` the question's own number.
    `public_id` is the bank's name for it, which exports have beside the key. `source` is the slug
    of the source that it belongs to, None where that is the document itself.
    `completion` says in the editors' words what they added to a question that was cut off.
    `lines` are the (first, last) line ranges of the document that the item was read from.
    """

    title: str
    prompt: str
    answer: str = ""
    explanation: str = ""
    points: tuple[Point, ...] = ()
    choices: tuple[Choice, ...] = ()
    kind: QuestionKind = QuestionKind.FREE_TEXT
    topics: tuple[str, ...] = ()
    tags: tuple[str, ...] | None = None
    difficulty: int | None = None
    language: str | None = None
    ordered: bool | None = None
    key: str | None = None
    number: str | None = None
    completion: str | None = None
    line: int | None = None
    lines: tuple[tuple[int, int], ...] = ()
    warnings: tuple[DocumentWarning, ...] = ()
    public_id: UUID | None = None
    source: str | None = None

    @property
    def truncated(self) -> bool:
        """Whether the document breaks off inside this item."""
        return any(warning.kind is WarningKind.TRUNCATED for warning in self.warnings)

    @property
    def identity(self) -> str | None:
        """The one name that tells this item from all others: its public id, else its key."""
        return str(self.public_id) if self.public_id else self.key


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Lines that became no part of a question, and why (`reason` names `passed_over.<reason>`)."""

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that is declared with its public slug; `parent` is the slug of the one above."""

    slug: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What a document of several sources says of one of them; `slug` is its name in the bank."""

    slug: str
    title: str
    language: str | None = None
    url: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document: where it is from, its items in order, and what was noticed.

    `slug` names the source in the bank and in the API. `items` carry their own warnings; `warnings`
    are those of the document as a whole. `topics` are declared ones, parents first; items name
    topics by their path of names, declared or not. `sources` are those that items belong to where
    a document, such as the export of a whole bank, has questions of several.
    """

    slug: str
    title: str
    items: tuple[Item, ...] = ()
    warnings: tuple[DocumentWarning, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    topics: tuple[Topic, ...] = ()
    sources: tuple[Source, ...] = ()
    format: str = "markdown"
    sha256: str = ""
    language: str | None = None
    url: str | None = None
    licence: str | None = None
