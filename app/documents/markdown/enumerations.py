"""Enumerations that are no Markdown lists: `（1）…`, `①…`, `**甲：** …`, also inside one line."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

_ENUMERATOR = re.compile(
    r"\s*(?:[（(]\d{1,2}[)）]|\d{1,2}[、）．]|[①-⑳]|[一二三四五六七八九十]{1,3}、|[•·●▪◦])"
    r"[ \t]*(?=\S)"
)
_INNER = re.compile(
    r"(?:^|(?<=[：:；;。，,\s]))"
    r"(?:[（(](?P<bracket>\d{1,2})[)）]|(?P<plain>\d{1,2})[、）)](?!\d)|(?P<circled>[①-⑳]))"
)
_NAME = re.compile(
    r"(?:^|(?<=[。；;！？!?.：:，,…）)])[ \t]*)"
    r"(?=(?P<mark>\*\*|__)[^*_\s](?:(?!(?P=mark))[^\n：:]){0,48}"
    r"(?:[:：][ \t]*(?P=mark)|(?P=mark)[ \t]*(?:[（(][^（）()\n]{1,30}[)）][ \t]*)?[:：]))",
    re.MULTILINE,
)
_NEXT_NUMBER = re.compile(
    r"(?<=[。；;！？!?.，,）)])\s*(?P<number>\d{1,2})[.．、)）](?!\d)[ \t]*(?=\S)"
)
_SEVERAL = 2


def named_texts(paragraph: str) -> list[tuple[int, str]]:
    """Return what stands behind several bold names of a paragraph, each with its line's offset.

    A name begins a line or follows the end of a sentence: `**甲**：一。**乙**：二。` What stands in
    front of the first is left out. Fewer than two names are none.
    """
    starts = [match.end() for match in _NAME.finditer(paragraph)]
    if len(starts) < _SEVERAL:
        return []
    parts = [paragraph[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]
    above = [paragraph[: starts[0]], *parts[:-1]]
    offsets = accumulate(part.count("\n") for part in above)
    return [(offset, part.strip()) for offset, part in zip(offsets, parts, strict=True)]


def split_counted(text: str, number: int) -> list[str]:
    """Split the text of item `number` in front of the next numbers: `一；2. 二；3. 三`."""
    if str(number + 1) not in text:
        return [text]
    starts, ends = [0], []
    for match in _NEXT_NUMBER.finditer(text):
        if int(match["number"]) == number + len(starts):
            ends.append(match.start())
            starts.append(match.end())
    return [text[start:end] for start, end in zip(starts, [*ends, None], strict=True)]


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
