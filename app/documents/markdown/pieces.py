"""Pieces: the flat sequence that the grammar reads, with labels and bold lines set apart."""

import re
from enum import StrEnum
from typing import NamedTuple

from app.documents.markdown.asking import is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.choices import option_lines, option_list
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.numbering import Heading

ANSWERS = frozenset({LabelKind.ANSWER, LabelKind.ANSWER_WITH_EXPLANATION})
REPLIES = ANSWERS | {LabelKind.EXPLANATION, LabelKind.APPROACH}
_LABEL_HEADINGS = REPLIES | {LabelKind.DESCRIPTION, LabelKind.OPTIONS}
_PLAIN_QUESTION_NAMES = frozenset(
    {"题目", "題目", "问题", "問題", "题干", "題幹", "question", "problem"}
)
_MAX_LABEL_REST = 60
_TICKED = re.compile(r"\[[xX✓✔]\]")


class PieceKind(StrEnum):
    """What a piece can be to the grammar."""

    HEADING = "heading"
    BOLD = "bold"
    LABEL = "label"
    SUMMARY = "summary"
    ITEM = "item"
    LIST = "list"
    LIST_END = "list_end"
    BLOCK = "block"
    RULE = "rule"


class Piece(NamedTuple):
    """One piece; `first` and `end` index the source's lines, `indent` is that of its container.

    `heading` is the text of a heading, bold line, list question or summary, taken apart. `block`
    is the content: of a label what follows it, of a block itself.
    """

    kind: PieceKind
    first: int
    end: int
    indent: int = 0
    level: int = 0
    raw: str = ""
    heading: Heading | None = None
    label: Label | None = None
    block: Block | None = None

    @property
    def title(self) -> str:
        """The plain text of a heading, bold line or list question, without its number."""
        return self.heading.title if self.heading else ""

    @property
    def number(self) -> str | None:
        """The number of a heading, bold line or list question."""
        return self.heading.number if self.heading else None

    @property
    def prefixed(self) -> bool:
        """Whether a name such as 面试题1 calls it a question."""
        return bool(self.heading and self.heading.prefixed)

    @property
    def is_numbered_or_asks(self) -> bool:
        """Whether a number, a name or a question mark makes it look like a question."""
        return bool(self.number or self.prefixed or is_marked(self.raw))

    @property
    def is_label_heading(self) -> bool:
        """Whether it is a heading that is a label (`#### 答案`, `#### Answer: D`), no section."""
        return self.kind is PieceKind.HEADING and bool(self.label) and _labels(self.label)

    @property
    def is_section(self) -> bool:
        """Whether it is a heading that begins a section: not a label, not empty."""
        return (
            self.kind is PieceKind.HEADING and bool(self.raw.strip()) and not self.is_label_heading
        )

    @property
    def labelling(self) -> Label | None:
        """The label of a labelled line or heading; None where it only looks like one."""
        return self.label if self.kind is PieceKind.LABEL or self.is_label_heading else None


def _labels(label: Label | None) -> bool:
    if label is None or (label.weak and not label.number):
        return False
    if label.kind is LabelKind.QUESTION:
        return label.name.lower() in _PLAIN_QUESTION_NAMES and not (label.rest or label.number)
    rest_fits = not label.rest or (label.kind in ANSWERS and len(label.rest) <= _MAX_LABEL_REST)
    return label.kind in _LABEL_HEADINGS and rest_fits


def is_options(piece: Piece) -> bool:
    """Say whether a piece is the options of a multiple-choice question."""
    return (
        piece.kind in {PieceKind.LIST, PieceKind.BLOCK}
        and piece.block is not None
        and offers_options(piece.block)
    )


def offers_options(block: Block) -> bool:
    """Say whether a block is a list or paragraph of options."""
    if block.kind is BlockKind.LIST:
        return option_list(block)
    return block.kind is BlockKind.PARAGRAPH and option_lines(block.text)


def is_ticked(piece: Piece) -> bool:
    """Say whether a piece is a list of options with a right one ticked."""
    if piece.kind is not PieceKind.LIST or piece.block is None or not option_list(piece.block):
        return False
    return any(_TICKED.match(item.children[0].text) for item in piece.block.children)


def is_chooser(piece: Piece) -> bool:
    """Say whether a piece is a plain line above options, without a number or name."""
    plain = piece.kind is PieceKind.BOLD and not piece.raw.startswith(("**", "__"))
    return plain and not (piece.number or piece.prefixed)
