"""A list of questions to pieces: each item as a question, or as the labelled part that it is."""

from collections.abc import Iterator

from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.flattening import flatten, split_bold_question
from app.documents.markdown.numbering import read_heading
from app.documents.markdown.pieces import Piece, PieceKind

_TEXT_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.HEADING})


def open_list(piece: Piece) -> Iterator[Piece]:
    """Yield the pieces of a list whose items are questions or their parts."""
    for item in piece.block.children if piece.block else ():
        yield from _item(item, piece.indent)


def _item(item: Block, indent: int) -> Iterator[Piece]:
    head = item.children[0] if item.children else None
    if head is None:
        yield Piece(PieceKind.BLOCK, item.first, item.end, indent)
    elif head.kind in _TEXT_KINDS:
        first, *others = flatten([head], item.indent)
        yield _item_head(first, item)
        yield from others
        yield from flatten(item.children[1:], item.indent)
    else:
        yield _question("", item)
        yield from flatten(item.children, item.indent)


def _item_head(piece: Piece, item: Block) -> Piece:
    if piece.kind is PieceKind.LABEL and piece.label:
        label = piece.label._replace(number=piece.label.number or _number(item))
        return piece._replace(label=label)
    if piece.kind is not PieceKind.BLOCK or piece.block is None:
        level = piece.level if piece.kind is PieceKind.HEADING else 0
        return _question(piece.raw, item, piece.block)._replace(level=level)
    first, _, rest = piece.block.text.partition("\n")
    if split := split_bold_question(first):
        more = "\n".join(part for part in (split[1], rest) if part)
        return _question(split[0], item, piece.block._replace(text=more))
    lines = rest.count("\n") + 1
    below = Block(BlockKind.PARAGRAPH, item.first + 1, item.first + 1 + lines, rest)
    return _question(first, item, below if rest else None)


def _question(text: str, item: Block, content: Block | None = None) -> Piece:
    heading = read_heading(text)
    return Piece(
        PieceKind.ITEM,
        item.first,
        content.end if content else item.first + 1,
        item.indent,
        raw=text,
        heading=heading._replace(number=heading.number or _number(item)),
        block=content,
    )


def _number(item: Block) -> str | None:
    return None if item.number is None else str(item.number)
