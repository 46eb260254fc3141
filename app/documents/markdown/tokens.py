"""Leftovers of a language model's template, such as `<|im_end|>`, outside code."""

import re
from collections.abc import Sequence

from app.documents.document import DocumentWarning, WarningKind
from app.documents.markdown.lines import Line, plain_line

_TOKEN = re.compile(
    r"(?P<code>(?<!`)(?P<ticks>`{1,6})(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<token><[|｜][A-Za-z_][\w▁ -]{0,30}[|｜]>|\[/?INST\]|<</?SYS>>|</s>(?=\s*$))"
)
# A line without one of these has no token: most lines need no look at the pattern.
_SIGN = re.compile(r"<[|｜/<]|INST\]")


def drop_tokens(lines: Sequence[Line]) -> tuple[list[Line], list[DocumentWarning]]:
    """Return the lines split around their tokens, without these, and a warning for each token."""
    kept: list[Line] = []
    warnings: list[DocumentWarning] = []
    for line in lines:
        tokens = [] if line.code or not _SIGN.search(line.text) else _tokens(line.text)
        if not tokens:
            kept.append(line)
            continue
        warnings.extend(
            DocumentWarning(WarningKind.LEAKED_TOKEN, line.number, {"token": token["token"]})
            for token in tokens
        )
        kept.extend(_around(line, tokens))
    return kept, warnings


def _tokens(text: str) -> list[re.Match[str]]:
    return [match for match in _TOKEN.finditer(text) if match["token"]]


def _around(line: Line, tokens: Sequence[re.Match[str]]) -> list[Line]:
    """Return what stands around the tokens of a line; one empty line if there is nothing."""
    starts = [0, *(token.end() for token in tokens)]
    ends = [*(token.start() for token in tokens), len(line.text)]
    parts = [line.text[start:end] for start, end in zip(starts, ends, strict=True)]
    return [plain_line(line.number, part) for part in parts if part.strip()] or [
        plain_line(line.number, "")
    ]
