"""A question while it is being read: its parts as fragments of the source."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from app.documents.markdown.blocks import Block
from app.documents.markdown.numbering import Heading


class Rule(StrEnum):
    """What made a question of a place in the document; each is explained in docs/documents.md."""

    LABELLED_HEADING = "labelled_heading"
    NAMED_HEADING = "named_heading"
    ASKING_HEADING = "asking_heading"
    PROFILE_HEADING = "profile_heading"
    CUT_HEADING = "cut_heading"
    BOLD_QUESTION = "bold_question"
    LABELLED_QUESTION = "labelled_question"
    LIST_QUESTION = "list_question"
    SUMMARY_QUESTION = "summary_question"
    DEFERRED_ANSWER = "deferred_answer"


class Part(StrEnum):
    """The parts of a question; the body is what stands under its title without a label."""

    PROMPT = "prompt"
    BODY = "body"
    OPTIONS = "options"
    ANSWER = "answer"
    EXPLANATION = "explanation"


_PARTS = tuple(Part)


class Fragment(NamedTuple):
    """A stretch of Markdown: `first` and `end` index the source's lines, `text` is what to store.

    `extra` marks labelled examples and references: kept in the text, no points.
    """

    first: int
    end: int
    text: str
    blocks: tuple[Block, ...] = ()
    extra: bool = False


@dataclass(slots=True)
class Draft:
    """A question being read; `level` is the heading depth that ends it, `place` its index."""

    heading: Heading
    rule: Rule
    first: int
    level: int
    place: int
    topics: tuple[str, ...] = ()
    parts: dict[Part, list[Fragment]] = field(default_factory=lambda: {part: [] for part in _PARTS})
    part: Part = Part.BODY
    in_extra: bool = False
    approach: bool = False
    prompted: bool = False
    answered: bool = False
    deferred: bool = False
    many: bool = False
    difficulty: int | None = None
    tags: tuple[str, ...] | None = None
    ordered: bool | None = None
    inner_numbers: set[str] = field(default_factory=set)
    ranges: list[tuple[int, int]] = field(default_factory=list)

    @property
    def untouched(self) -> bool:
        """Whether nothing stands under the title yet."""
        return not any(self.parts.values()) and not self.answered

    def add(self, fragment: Fragment) -> None:
        """Add a fragment to the part that is being read."""
        self.parts[self.part].append(fragment)

    def begin(self, part: Part) -> None:
        """Let what follows belong to a part."""
        self.part = part
        self.in_extra = False


def render(fragments: Sequence[Fragment], texts: Sequence[str]) -> str:
    """Return the Markdown of fragments, with the blank lines and rules between them as written."""
    result: list[str] = []
    previous: Fragment | None = None
    for fragment in fragments:
        if not fragment.text:
            continue
        if previous is not None:
            result.append(_gap(texts[previous.end : fragment.first], previous, fragment))
        result.append(fragment.text)
        previous = fragment
    return "".join(result).strip("\n")


_RULES = ("---", "***", "___", "- - -", "* * *")


def _gap(between: Sequence[str], previous: Fragment, fragment: Fragment) -> str:
    if fragment.first < previous.end:
        return "\n\n"
    if all(not line.strip() or line.strip() in _RULES for line in between):
        return "\n" + "".join(f"{line.strip()}\n" for line in between)
    return "\n\n"
