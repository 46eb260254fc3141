"""Blocks to pieces: the flat sequence that the grammar reads, labels and bold lines set apart."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.documents.markdown.asking import is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.choices import option_lines, option_list
from app.documents.markdown.labels import Label, LabelKind, match_label
from app.documents.markdown.numbering import Heading, read_heading
from app.documents.markdown.source import SUMMARY_MARK, names_answer


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


@dataclass(frozen=True, slots=True)
class Piece:
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


_BOLD_LINE = re.compile(
    r"(?P<mark>\*\*|__)(?P<text>(?:`[^`]*`|(?!(?P=mark)).)+)(?P=mark)\s*(?P<colon>[:：]?)\s*$"
)
_BOLD_START = re.compile(
    r"(?P<mark>\*\*|__)(?P<text>(?:(?!(?P=mark)).)+)(?P=mark)[:：]?[ \t]*(?P<rest>\S.*)$"
)
_PLAIN_NUMBERED = re.compile(
    r"(?:\d{1,4}[、．]|[（(]\d{1,4}[)）]|(?:面试题|问题|第)\s*\d{1,4}\s*(?:题)?\s*[:：、.])\s*\S"
)


def flatten(blocks: Sequence[Block], indent: int = 0) -> Iterator[Piece]:
    """Yield the pieces of blocks in order; lists stay whole, `open_item` takes one apart."""
    for position, block in enumerate(blocks):
        if block.kind is BlockKind.HEADING:
            yield _heading(block, indent)
        elif block.kind is BlockKind.PARAGRAPH:
            following = blocks[position + 1] if position + 1 < len(blocks) else None
            yield from _paragraph(block, indent, following)
        elif block.kind is BlockKind.LIST:
            yield Piece(PieceKind.LIST, block.first, block.end, indent, block=block)
        elif block.kind is BlockKind.RULE:
            yield Piece(PieceKind.RULE, block.first, block.end, indent)
        else:
            yield Piece(PieceKind.BLOCK, block.first, block.end, indent, block=block)


def open_list(piece: Piece) -> Iterator[Piece]:
    """Yield the pieces of a list whose items are questions or their parts."""
    for item in piece.block.children if piece.block else ():
        yield from _item(item, piece.indent + 0)


def _heading(block: Block, indent: int) -> Piece:
    text = block.text
    label = match_label(text)
    heading = read_heading(text)
    if label and label.kind is LabelKind.QUESTION and label.rest and not label.number:
        heading = replace(read_heading(label.rest), prefixed=True)
    label = match_label(text) or match_label(f"**{heading.title}**")
    return Piece(
        PieceKind.HEADING,
        block.first,
        block.end,
        indent,
        level=block.level,
        raw=text,
        heading=heading,
        label=label,
    )


def _paragraph(block: Block, indent: int, following: Block | None) -> Iterator[Piece]:
    """Split a paragraph where a line begins with a label or is a bold line."""
    if option_lines(block.text) or _is_first_option(block, following):
        yield Piece(PieceKind.BLOCK, block.first, block.end, indent, block=block)
        return
    open_piece: Piece | None = None
    lines = block.text.split("\n")
    below = [*lines[1:], following.text.split("\n")[0] if following else ""]
    for offset, line in enumerate(lines):
        starter = _line_starter(line, block.first + offset, indent, below[offset])
        if starter:
            if open_piece:
                yield open_piece
            open_piece = starter
        elif open_piece and open_piece.kind is not PieceKind.BOLD:
            open_piece = _extended(open_piece, line)
        else:
            if open_piece:
                yield open_piece
            open_piece = _prose(line, block.first + offset, indent)
    if open_piece:
        yield open_piece


def _is_first_option(block: Block, following: Block | None) -> bool:
    """Say whether `A: …` is the first of several options in paragraphs of their own."""
    return (
        following is not None
        and following.kind is BlockKind.PARAGRAPH
        and "\n" not in block.text
        and option_lines(f"{block.text}\n{following.text}")
    )


def _line_starter(line: str, index: int, indent: int, below: str) -> Piece | None:
    text = line.strip()
    if text.startswith(SUMMARY_MARK):
        return _summary(text.removeprefix(SUMMARY_MARK), index, indent)
    if option_lines(f"{text}\n{below}"):
        return _prose(line, index, indent)
    label = match_label(text)
    if label and not _is_question_title(label, text):
        content = _text_block(label.rest, index) if label.rest.strip() else None
        return Piece(
            PieceKind.LABEL, index, index + 1, indent, raw=text, label=label, block=content
        )
    if _PLAIN_NUMBERED.match(text) and (is_marked(text) or _answers(below)):
        heading = read_heading(text)
        return Piece(PieceKind.BOLD, index, index + 1, indent, raw=text, heading=heading)
    return _bold(text, index, indent)


def _answers(line: str) -> bool:
    label = match_label(line)
    return bool(label and label.kind is LabelKind.ANSWER)


def _is_question_title(label: Label, text: str) -> bool:
    """Say whether a bold line is a numbered question as a whole (`**问题1：什么是 X？**`)."""
    return bool(label.kind is LabelKind.QUESTION and label.number and _BOLD_LINE.match(text))


def _bold(text: str, index: int, indent: int) -> Piece | None:
    if match := _BOLD_LINE.match(text):
        return Piece(
            PieceKind.BOLD, index, index + 1, indent, raw=text, heading=read_heading(match["text"])
        )
    match = _BOLD_START.match(text)
    if match:
        heading = read_heading(match["text"])
        if heading.number and not heading.title:
            return _numbered_line(match["rest"], heading, text, index, indent)
        if (heading.number or heading.prefixed) and is_marked(match["text"]):
            rest = _text_block(match["rest"], index)
            return Piece(
                PieceKind.BOLD, index, index + 1, indent, raw=text, heading=heading, block=rest
            )
    return None


def _numbered_line(rest: str, heading: Heading, text: str, index: int, indent: int) -> Piece:
    """Return `**1.** …`: a question if it asks, else a numbered line whose text is its content."""
    if is_marked(rest):
        named = replace(read_heading(rest), number=heading.number)
        return Piece(PieceKind.BOLD, index, index + 1, indent, raw=text, heading=named)
    block = _text_block(rest, index)
    return Piece(PieceKind.BOLD, index, index + 1, indent, raw=text, heading=heading, block=block)


def _summary(text: str, index: int, indent: int) -> Piece:
    if names_answer(text):
        label = Label(LabelKind.ANSWER, text, "")
        return Piece(PieceKind.LABEL, index, index + 1, indent, raw=text, label=label)
    return Piece(PieceKind.SUMMARY, index, index + 1, indent, raw=text, heading=read_heading(text))


def _text_block(text: str, index: int) -> Block:
    return Block(BlockKind.PARAGRAPH, index, index + 1, text)


def _prose(line: str, index: int, indent: int) -> Piece:
    return Piece(PieceKind.BLOCK, index, index + 1, indent, block=_text_block(line, index))


def _extended(piece: Piece, line: str) -> Piece:
    """Add a line of prose to the piece that it continues."""
    block = piece.block or Block(BlockKind.PARAGRAPH, piece.end, piece.end)
    text = f"{block.text}\n{line}" if block.text else line
    grown = replace(block, end=piece.end + 1, text=text)
    return replace(piece, end=piece.end + 1, block=grown)


def _item(item: Block, indent: int) -> Iterator[Piece]:
    """Yield an item as a question, or as the labelled part that it is, then what it holds."""
    children = list(item.children)
    number = str(item.number) if item.number is not None else None
    if not children:
        yield Piece(PieceKind.BLOCK, item.first, item.end, indent)
        return
    head = children[0]
    pieces = list(flatten(children[:1], item.indent)) if head.kind in _TEXT_KINDS else []
    if not pieces:
        yield _item_start("", item, number, None)
        yield from flatten(children, item.indent)
        return
    yield from _item_head(pieces[0], item, number)
    yield from pieces[1:]
    yield from flatten(children[1:], item.indent)


_TEXT_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING})


def _item_head(piece: Piece, item: Block, number: str | None) -> Iterator[Piece]:
    if piece.kind is PieceKind.LABEL and piece.label:
        label = replace(piece.label, number=piece.label.number or number)
        yield replace(piece, label=label)
    elif piece.kind is PieceKind.BLOCK and piece.block:
        first, _, rest = piece.block.text.partition("\n")
        bold = _BOLD_START.match(first)
        if bold and is_marked(bold["text"]):
            more = f"{bold['rest']}\n{rest}" if rest else bold["rest"]
            content = replace(piece.block, text=more)
            yield _item_start(bold["text"], item, number, None, content=content)
            return
        yield _item_start(first, item, number, rest or None)
    else:
        yield _item_start(piece.raw, item, number, None, content=piece.block)


def _item_start(
    text: str, item: Block, number: str | None, rest: str | None, content: Block | None = None
) -> Piece:
    heading = read_heading(text)
    heading = replace(heading, number=heading.number or number)
    if rest:
        lines = rest.count("\n") + 1
        content = Block(BlockKind.PARAGRAPH, item.first + 1, item.first + 1 + lines, rest)
    end = content.end if content else item.first + 1
    return Piece(
        PieceKind.ITEM, item.first, end, item.indent, raw=text, heading=heading, block=content
    )


def is_option_list(piece: Piece) -> bool:
    """Say whether a list piece holds the options of a multiple-choice question."""
    return bool(piece.block and option_list(piece.block))
