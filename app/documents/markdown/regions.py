"""Lines that show by themselves what they are: headings, plain paragraphs and flat lists.

A document of questions is little else. Recognising these line by line leaves the Markdown parser
the rest, and takes a third of the time (docs/decisions/0009-plain-lines-need-no-parser.md).
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

# A first character that begins no other block than a paragraph, whatever stands below it.
_TEXT = r"(?:\*\*[^\s*]|[^\s#*+\-<=>`~|:_\\\d]|\d+(?![\d.)]))"
_LINE = re.compile(
    rf"(?P<blank>[ \t]*$)|(?P<text>{_TEXT})|(?P<heading>\#{{1,6}}[ \t]+[^\s#])"
    rf"|(?P<item>(?:[-*+]|\d{{1,9}}[.)])[ ]{{1,4}}(?={_TEXT}))"
)
_FENCE = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<marks>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)"
)


class RegionKind(StrEnum):
    """What a run of lines is."""

    PLAIN = "plain"
    LIST = "list"
    OTHER = "other"


class Region(NamedTuple):
    """A half-open range of lines; plain ones are headings and paragraphs, none in another."""

    kind: RegionKind
    first: int
    end: int


class _Chunk(NamedTuple):
    """Lines between blank ones; `end` is the line after the last one that is not blank."""

    first: int
    end: int
    kinds: frozenset[str]


def line_kind(line: str) -> str:
    """Return `blank`, `text`, `heading`, `item`, or `other` for what only the parser can tell."""
    match = _LINE.match(line)
    return (match.lastgroup if match else None) or "other"


def find_regions(lines: Sequence[str]) -> Iterator[Region]:
    """Yield the regions of a document in order; blank lines belong to the one above them.

    What is neither plain nor a flat list goes on, through blank lines and code, up to a plain
    line that ends it: in CommonMark one that is not indented ends every list and quotation.
    """
    chunks = list(_chunks(lines))
    begun: int | None = None
    fence: str | None = None
    after_list = False
    for chunk, following in zip(chunks, [*chunks, None][1:], strict=True):
        end = following.first if following else len(lines)
        kind = RegionKind.OTHER if fence else _kind(lines, chunk, following)
        if kind is RegionKind.LIST and (begun is not None or after_list):
            kind = RegionKind.OTHER
        if kind is RegionKind.OTHER:
            begun = chunk.first if begun is None else begun
            fence = _open_fence(lines[chunk.first : chunk.end], fence)
            continue
        if begun is not None:
            yield Region(RegionKind.OTHER, begun, chunk.first)
            begun = None
        yield Region(kind, chunk.first, end)
        after_list = kind is RegionKind.LIST
    if begun is not None:
        yield Region(RegionKind.OTHER, begun, len(lines))


def _chunks(lines: Sequence[str]) -> Iterator[_Chunk]:
    first, kinds = 0, set[str]()
    for index, line in enumerate(lines):
        if not line or (kind := line_kind(line)) == "blank":
            if kinds:
                yield _Chunk(first, index, frozenset(kinds))
            first, kinds = index + 1, set()
        else:
            kinds.add(kind)
    if kinds:
        yield _Chunk(first, len(lines), frozenset(kinds))


_PLAIN = frozenset({"text", "heading"})
_ITEMS = frozenset({"item"})


def _kind(lines: Sequence[str], chunk: _Chunk, following: _Chunk | None) -> RegionKind:
    if chunk.kinds <= _PLAIN:
        return RegionKind.PLAIN
    if chunk.kinds != _ITEMS or not (following is None or _ends_list(lines[following.first])):
        return RegionKind.OTHER
    markers = {_marker(line) for line in lines[chunk.first : chunk.end]}
    return RegionKind.LIST if len(markers) == 1 else RegionKind.OTHER


def _ends_list(line: str) -> bool:
    return line_kind(line) in _PLAIN


def _marker(line: str) -> str:
    """Return the character that all items of a list share: a bullet, or that behind the number."""
    return line.lstrip("0123456789")[0]


def _open_fence(lines: Sequence[str], fence: str | None) -> str | None:
    """Return the marks of the fence that is open below some lines, given the one above them."""
    for line in lines:
        if "```" not in line and "~~~" not in line:
            continue
        match = _FENCE.match(line)
        if match and fence is None:
            fence = match["marks"]
        elif match and fence and match["marks"].startswith(fence) and not match["info"].strip():
            fence = None
    return fence
