"""Enumerations that are no Markdown lists: `（1）…`, `1、…`, `①…`, in lines or inside one."""

import re
from collections.abc import Iterator, Sequence

_ENUMERATOR = re.compile(
    r"\s*(?:[（(]\d{1,2}[)）]|\d{1,2}[、）．]|[①-⑳]|[一二三四五六七八九十]{1,3}、|[•·●▪◦])"
    r"[ \t]*(?=\S)"
)
_INNER = re.compile(
    r"(?:^|(?<=[：:；;。，,\s]))"
    r"(?:[（(](?P<bracket>\d{1,2})[)）]|(?P<plain>\d{1,2})[、）)](?!\d)|(?P<circled>[①-⑳]))"
)
_SEVERAL = 2


def enumerated_texts(paragraph: str) -> list[tuple[int, str]]:
    """Return what is enumerated in a paragraph, each with the offset of its line.

    A line that begins with no mark continues the one above; what stands above the first is left
    out. The marks inside a line count where they run 1, 2, 3.
    """
    result: list[tuple[int, str]] = []
    for offset, line in _lines(paragraph.split("\n")):
        if mark := _ENUMERATOR.match(line):
            result.append((offset, line[mark.end() :]))
        elif result:
            at, text = result.pop()
            result.append((at, f"{text}\n{line}"))
    return result


def _lines(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    for offset, line in enumerate(lines):
        for part in _split(line):
            yield offset, part


def _split(line: str) -> list[str]:
    """Split `包括：（1）…；（2）…` in front of each mark."""
    marks = list(_INNER.finditer(line))
    if len(marks) < _SEVERAL or [_value(mark) for mark in marks] != list(range(1, len(marks) + 1)):
        return [line]
    starts = [mark.start() for mark in marks]
    parts = [
        line[start:end].strip() for start, end in zip([0, *starts], [*starts, None], strict=True)
    ]
    return [part for part in parts if part]


def _value(mark: re.Match[str]) -> int:
    if circled := mark["circled"]:
        return ord(circled) - ord("①") + 1
    return int(mark["bracket"] or mark["plain"])
