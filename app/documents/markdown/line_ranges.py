"""Which lines belong to which question, and which are passed over for what reason."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.documents.document import PassedOver
from app.documents.markdown.grammar import Reading
from app.documents.markdown.pieces import Piece
from app.documents.markdown.progress import Owner
from app.documents.markdown.source import Source


class _Region(NamedTuple):
    """A run of lines with one owner; the lines are counted from 1, both included."""

    owner: Owner
    first: int
    last: int


def assign_lines(
    pieces: Sequence[Piece], reading: Reading, source: Source, lines: Sequence[str]
) -> list[PassedOver]:
    """Give every draft its line ranges; return the lines that belong to none, with the reason.

    `lines` are those of the document, front matter included.
    """
    passed = []
    for region in _regions(pieces, reading, source, lines):
        if isinstance(region.owner, int):
            reading.drafts[region.owner].ranges.append((region.first, region.last))
        else:
            passed.append(PassedOver(region.first, region.last, region.owner))
    return passed


def _regions(
    pieces: Sequence[Piece], reading: Reading, source: Source, lines: Sequence[str]
) -> Iterator[_Region]:
    """Yield the runs of lines with one owner, from the first line of the text to its last."""
    if not pieces:
        yield from _trimmed("leaked_token", source.numbers[0], source.numbers[-1], lines)
        return
    start = 0
    for position, owner in enumerate(reading.owners):
        is_last = position + 1 == len(pieces)
        if not is_last and reading.owners[position + 1] == owner:
            continue
        end = len(source.numbers) if is_last else _begin(pieces[position + 1], source)
        if end > start:
            yield from _trimmed(owner, source.numbers[start], source.numbers[end - 1], lines)
        start = max(start, end)


def _begin(piece: Piece, source: Source) -> int:
    """Return the index where a piece's own line begins, blank parts of that line included."""
    index = piece.first
    if index >= len(source.numbers):
        return index
    number = source.numbers[index]
    while index and source.numbers[index - 1] == number and not source.texts[index - 1].strip():
        index -= 1
    return index


def _trimmed(owner: Owner, first: int, last: int, lines: Sequence[str]) -> Iterator[_Region]:
    """Yield a run of lines without the blank ones around it, if anything is left."""
    while last >= first and not lines[last - 1].strip():
        last -= 1
    while first <= last and not lines[first - 1].strip():
        first += 1
    if first <= last:
        yield _Region(owner, first, last)
