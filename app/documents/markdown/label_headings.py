"""Headings 题目 and 答案 that head a whole list are sections, those inside a question labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.markdown.labels import LabelKind
from app.documents.markdown.pieces import Piece, PieceKind

_SEVERAL = 2


@dataclass(slots=True)
class _Above:
    """What stands above a heading: numbered parts, its depth, and whether that is a question."""

    parts: int = 0
    level: int = 0
    inside: bool = False
    on_top: bool = True

    def enter(self, heading: Piece, *, first: bool) -> None:
        """Go below a heading that is no label."""
        self.inside = not first and heading.is_numbered_or_asks
        self.on_top = self.level == 0
        self.level = heading.level


def unlabel_sections(pieces: Sequence[Piece]) -> list[Piece]:
    """Make sections of the headings 题目 and 答案 that each head a whole list, not one question.

    Such a heading has several numbered parts below it, and several above it in the section before.
    """
    result: list[Piece] = []
    above = _Above()
    for position, piece in enumerate(pieces):
        if piece.is_label_heading and _is_section(pieces, position, above):
            result.append(piece._replace(label=None))
            above.parts, above.level, above.on_top = 0, piece.level, False
            continue
        if piece.is_label_heading:
            # The questions above have their answer here.
            above.parts = 0
        elif piece.kind is PieceKind.HEADING:
            above.enter(piece, first=not position)
        above.parts += _parts(piece)
        result.append(piece)
    return result


def _is_section(pieces: Sequence[Piece], position: int, above: _Above) -> bool:
    piece = pieces[position]
    asks_first = bool(piece.label and piece.label.kind is LabelKind.QUESTION)
    beside = piece.level <= above.level or (above.on_top and not above.inside)
    heads_list = position + 1 < len(pieces) and bool(_parts(pieces[position + 1]))
    return heads_list and beside and (asks_first or above.parts >= _SEVERAL)


def _parts(piece: Piece) -> int:
    """Return how many numbered parts a piece begins: the items of a list, or one bold number."""
    if piece.kind is PieceKind.LIST and piece.block:
        return len(piece.block.children) if piece.block.ordered else 0
    return int(piece.kind in {PieceKind.BOLD, PieceKind.HEADING} and bool(piece.number))
