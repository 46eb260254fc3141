"""Prose to sentences, in Chinese and English; code, brackets and numbers stay whole."""

import re
from collections.abc import Iterator

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|fig|eq|no|dr|mr|mrs|ms|prof|st|approx|resp|inc|ltd|co|u\.s|a\.m|p\.m"
    r"|sec|vol|pp|ed|jr|sr)|(?-i:\b[A-Z]))\.$",
    re.IGNORECASE,
)
_OPENING, _CLOSING = "（(「『《【“", "）)」』》】”"
_CODE = re.compile(
    r"(?<!`)(`{1,6})(?!`).*?(?<!`)\1(?!`)|\$[^$\n]+\$|https?://[^\s，。）)]*[^\s，。）).,;]",
    re.DOTALL,
)
_END = re.compile(r"[。！？!?]+[”’」』）)*_]*|\.[\"'”’)*_]*(?=\s|$|[\u3400-\u9fff])|…{2,}(?=\s|$)")
_HARD_BREAK = re.compile(r"(?:(?<! ) {2,}|\\|<br\s*/?>)\n|<br\s*/?>(?=\S)", re.IGNORECASE)
_SOFT_BREAK = re.compile(r"(?<![ \t])[ \t]*\n[ \t]*")
_CJK = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


def split_sentences(paragraph: str) -> list[str]:
    """Return the sentences of a paragraph with their punctuation; soft line breaks are joined."""
    return [
        sentence
        for part in _HARD_BREAK.split(paragraph)
        for sentence in _sentences(_SOFT_BREAK.sub(_join, part.strip()))
    ]


def _join(match: re.Match[str]) -> str:
    """Join two lines: Chinese needs no blank between them."""
    text = match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return "" if _CJK.match(before) and _CJK.match(after) else " "


def _sentences(text: str) -> Iterator[str]:
    protected = iter([*(match.span() for match in _CODE.finditer(text)), (len(text), len(text))])
    first, end = next(protected)
    start = depth = scanned = 0
    for match in _END.finditer(text):
        while end <= match.start() < len(text) and first < len(text):
            first, end = next(protected)
        if first <= match.start() < end:
            continue
        depth = max(0, depth + _balance(text, scanned, match.start()))
        scanned = match.start()
        if depth or _ABBREVIATION.search(text[max(0, match.start() - 8) : match.start() + 1]):
            continue
        if sentence := text[start : match.end()].strip():
            yield sentence
        start = match.end()
    if rest := text[start:].strip():
        yield rest


def _balance(text: str, start: int, end: int) -> int:
    part = text[start:end]
    return sum(part.count(mark) for mark in _OPENING) - sum(part.count(mark) for mark in _CLOSING)
