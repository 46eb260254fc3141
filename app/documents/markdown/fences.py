"""Code fences line by line: which lines are code, and which fence was never closed.

CommonMark lets an unclosed fence swallow the rest of a document. A document of questions shows
where the code was meant to end: at the next question or label.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_FENCE = re.compile(
    r"(?P<lead>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)(?P<marks>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$"
)
_MARKDOWN_LANGUAGES = frozenset({"markdown", "md", "mdx"})


@dataclass(frozen=True, slots=True)
class FenceLine:
    """A line that opens or closes a fence; a line with an info string can only open."""

    index: int
    lead: str
    marks: str
    info: str


class Code(NamedTuple):
    """A run of code: `first` is its opening line, `end` the line after its last one.

    `closed` is False where no closing line ends it: the code then stops in front of `end`.
    """

    first: int
    end: int
    closed: bool
    lead: str
    marks: str


def find_code(lines: Sequence[str], resumes: Callable[[int], bool]) -> list[Code]:
    """Return every fenced run of code, in order; linear in the number of lines.

    `resumes(index)` says whether the document's own structure begins again at a line, which ends
    a fence that was left open.
    """
    fences = [
        FenceLine(index, match["lead"], match["marks"], match["info"].strip())
        for index, line in enumerate(lines)
        if ("```" in line or "~~~" in line) and (match := _FENCE.match(line))
    ]
    closings = _closings(fences)
    ends_open = _ends_open(closings)
    found = []
    position = 0
    while position < len(fences):
        closing = closings[position]
        code = _code(lines, fences, position, closing, ends_open=ends_open, resumes=resumes)
        found.append(code)
        position += 1
        while position < len(fences) and fences[position].index < code.end:
            position += 1
    return found


def _code(
    lines: Sequence[str],
    fences: Sequence[FenceLine],
    position: int,
    closing: int | None,
    *,
    ends_open: Sequence[bool],
    resumes: Callable[[int], bool],
) -> Code:
    opening = fences[position]
    end = len(lines) if closing is None else fences[closing].index + 1
    trusted = closing is not None and opening.info.lower() in _MARKDOWN_LANGUAGES
    stop = None if trusted else _first(range(opening.index + 1, end), resumes)
    if stop is not None and (
        closing is None
        or ends_open[closing + 1]
        or any(fence.info and fence.index > stop for fence in fences[position + 1 : closing])
    ):
        return Code(opening.index, stop, closed=False, lead=opening.lead, marks=opening.marks)
    return Code(
        opening.index, end, closed=closing is not None, lead=opening.lead, marks=opening.marks
    )


def _first(indices: range, resumes: Callable[[int], bool]) -> int | None:
    return next((index for index in indices if resumes(index)), None)


def _closings(fences: Sequence[FenceLine]) -> list[int | None]:
    """Return for each fence line the position of the one that would close it, if there is one."""
    result: list[int | None] = [None] * len(fences)
    nearest: dict[tuple[str, int], int] = {}
    for position in range(len(fences) - 1, -1, -1):
        fence = fences[position]
        kind = (fence.marks[0], len(fence.marks))
        result[position] = min(
            (at for (mark, size), at in nearest.items() if mark == kind[0] and size >= kind[1]),
            default=None,
        )
        if not fence.info:
            nearest[kind] = position
    return result


def _ends_open(closings: Sequence[int | None]) -> list[bool]:
    """Say for each fence line whether a document that opens a fence there ends inside code."""
    result = [False] * (len(closings) + 1)
    for position in range(len(closings) - 1, -1, -1):
        closing = closings[position]
        result[position] = True if closing is None else result[closing + 1]
    return result
