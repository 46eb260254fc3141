"""Lines on which two things are glued together: a heading, a second label, options."""

import re
from collections.abc import Iterator, Sequence

from app.documents.markdown.lines import Line, plain_line

_GLUED_HEADING = re.compile(
    r"(?P<before>[^#|].*?[。！？!?；;：:）)」”》>.*…、，~])\s*(?P<after>#{2,6}[ \t]+\S.*)$"
)
_GLUED_NUMBERED = re.compile(
    r"(?P<before>[^#|].*?[^\s#&`])\s?"
    r"(?P<after>#{2,6}[ \t]+(?:\d|[（(]?[一二三四五六七八九十]+[、）)]"
    r"|(?:面试题|问题|题目|算法|编程题|Q)\s*\d).*)$"
)
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]*)*")
_SECOND_LABEL = re.compile(
    r"(?=\*\*(?:答案|参考答案|參考答案|解析|答|回答|解答|A|Answer|Explanation)"
    r"(?:[:：]\*\*|\*\*[:：]))"
)
_FIRST_OPTION = re.compile(r"(?<=[？?：:)）_*])\s{1,20}(?=[（(]?A[.、．:：)）][ \t]{0,20}\S)")
_SECOND_OPTION = re.compile(r"\s[（(]?B[.、．:：)）].")


def split_glued(lines: Sequence[Line]) -> Iterator[Line]:
    """Set apart a heading glued to a sentence, a second label and the options on a line."""
    for line in lines:
        parts = [] if line.code else _parts(line.text)
        if parts:
            yield from (plain_line(line.number, part) for part in parts)
        else:
            yield line


def _parts(text: str) -> list[str]:
    """Return the parts of a line; none where it is whole."""
    if "##" in text and (heading := _glued_heading(text)):
        return [heading["before"], heading["after"]]
    if text.startswith("**") and _SECOND_LABEL.search(text, 1):
        return [part.rstrip() for part in _SECOND_LABEL.split(text) if part.strip()]
    return _options(text) if "A" in text and "B" in text else []


def _options(text: str) -> list[str]:
    """Split a line in front of `A. …`, where `B. …` follows on it."""
    second = max((match.start() for match in _SECOND_OPTION.finditer(text)), default=0)
    first = [match for match in _FIRST_OPTION.finditer(text) if match.end() < second]
    return [text[: first[-1].start()], text[first[-1].end() :]] if first else []


def _glued_heading(text: str) -> re.Match[str] | None:
    match = _GLUED_HEADING.match(text) or _GLUED_NUMBERED.match(text)
    if match is None or _MARKERS.fullmatch(match["before"]):
        return None
    return match if match["before"].count("`") % 2 == 0 else None
