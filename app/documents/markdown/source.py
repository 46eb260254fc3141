"""Text to source lines: what the grammar reads, each with the line number it came from.

One line of the document can give several source lines (a heading glued to a sentence, a leaked
token between two parts) and some give an empty one (the tags of `<details>`). What the Markdown
parser sees (`folded`) may differ from what is stored (`texts`), line by line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.document import DocumentWarning, WarningKind
from app.documents.markdown.asking import is_marked
from app.documents.markdown.details import open_details
from app.documents.markdown.fences import Code, find_code
from app.documents.markdown.glued import split_glued
from app.documents.markdown.labels import LabelKind, match_label
from app.documents.markdown.lines import Line, plain_line
from app.documents.markdown.tokens import drop_tokens

_AFTER_FENCE = re.compile(r"(?P<fence>\s*(?:`{3,}|~{3,}))\s*(?P<heading>#{2,6}[ \t]+\S.*)$")
_HEADING = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<text>\S.*)$")
_LABEL_REACH = 4
_STRUCTURAL_KINDS = frozenset(
    {
        LabelKind.QUESTION,
        LabelKind.DESCRIPTION,
        LabelKind.ANSWER,
        LabelKind.ANSWER_WITH_EXPLANATION,
        LabelKind.EXPLANATION,
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """The lines of a document: `texts` as stored, `folded` as parsed, `numbers` counted from 1."""

    texts: tuple[str, ...]
    folded: tuple[str, ...]
    numbers: tuple[int, ...]
    warnings: tuple[DocumentWarning, ...]
    open_end: bool

    @property
    def last_number(self) -> int:
        """The number of the last line that is not blank, or 0."""
        lines = zip(self.numbers[::-1], self.texts[::-1], strict=True)
        return next((number for number, text in lines if text.strip()), 0)


def read_source(text: str, first_number: int = 1) -> Source:
    """Prepare a text for parsing: close open fences, set glued parts apart, drop leaked tokens."""
    raw = text.split("\n")
    codes = find_code(raw, lambda index: _resumes(raw, index))
    lines, warnings = drop_tokens(list(_lay_out(raw, codes, first_number)))
    warnings += _fence_warnings(codes, first_number)
    lines = list(open_details(list(split_glued(lines))))
    return Source(
        tuple(line.text for line in lines),
        tuple(line.folded for line in lines),
        tuple(line.number for line in lines),
        tuple(sorted(warnings, key=lambda warning: warning.line or 0)),
        open_end=bool(codes) and not codes[-1].closed and codes[-1].end == len(raw),
    )


def _resumes(lines: Sequence[str], index: int) -> bool:
    """Say whether questions go on at a line: a label set off in bold, or the heading of one."""
    line = lines[index]
    if not line.startswith(("*", "#", "_", "【")):
        return False
    if _is_structural(line):
        return True
    heading = _HEADING.match(line)
    deep = bool(heading and len(heading["marks"]) > 1)
    if heading and deep and is_marked(heading["text"]):
        return True
    if not (deep or line.startswith("**")):
        return False
    following = (text for text in lines[index + 1 : index + 1 + _LABEL_REACH] if text.strip())
    return _is_structural(next(following, ""))


def _is_structural(line: str) -> bool:
    label = match_label(line) if line.startswith(("*", "_", "【")) else None
    return bool(label and not label.bare and label.kind in _STRUCTURAL_KINDS)


def _lay_out(raw: Sequence[str], codes: Sequence[Code], first: int) -> Iterator[Line]:
    """Yield every line, marked as code or not, with the closing lines that fences lack."""
    position = 0
    for code in codes:
        for index in range(position, code.first):
            yield plain_line(first + index, raw[index])
        for index in range(code.first, code.end):
            yield from _code_line(first + index, raw[index], code)
        if not code.closed and code.end < len(raw):
            lead = "".join(c if c in " \t>" else " " for c in code.lead)
            yield Line(first + code.end - 1, "", lead + code.marks, code=True)
        position = code.end
    for index in range(position, len(raw)):
        yield plain_line(first + index, raw[index])


def _code_line(number: int, text: str, code: Code) -> Iterator[Line]:
    glued = _AFTER_FENCE.match(text) if "##" in text else None
    if glued and glued["fence"].strip().startswith(code.marks):
        yield Line(number, glued["fence"], glued["fence"], code=True)
        yield plain_line(number, glued["heading"])
    else:
        yield Line(number, text, text.replace("\u200b", ""), code=True)


def _fence_warnings(codes: Sequence[Code], first: int) -> Iterator[DocumentWarning]:
    for code in codes:
        if not code.closed:
            yield DocumentWarning(WarningKind.UNCLOSED_FENCE, first + code.first)
