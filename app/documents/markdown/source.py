"""Text to source lines: what the grammar reads, each with the line number it came from.

One line of the document can give several source lines (a heading glued to a sentence, a leaked
token between two parts) and some give an empty one (the tags of `<details>`). What the Markdown
parser sees (`folded`) may differ from what is stored (`texts`), line by line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.document import DocumentWarning, WarningKind
from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.blocks import fold_line
from app.documents.markdown.fences import Code, find_code
from app.documents.markdown.labels import LabelKind, match_label

# Put in front of the text of a <summary> that asks a question or names an answer.
SUMMARY_MARK = "\ue000"

_TOKEN = re.compile(
    r"(?P<code>(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<token><[|｜][A-Za-z_][\w▁ -]{0,30}[|｜]>|\[/?INST\]|<</?SYS>>|</s>(?=\s*$))"
)
_GLUED_HEADING = re.compile(
    r"(?P<before>[^#|].*?[。！？!?；;：:）)」”》>.*…、，~])\s*(?P<heading>#{2,6}[ \t]+\S.*)$"
)
_GLUED_NUMBERED = re.compile(
    r"(?P<before>[^#|].*?[^\s#&`])\s?"
    r"(?P<heading>#{2,6}[ \t]+(?:\d|[（(]?[一二三四五六七八九十]+[、）)]"
    r"|(?:面试题|问题|题目|算法|编程题|Q)\s*\d).*)$"
)
_AFTER_FENCE = re.compile(r"(?P<fence>\s*(?:`{3,}|~{3,}))\s*(?P<heading>#{2,6}[ \t]+\S.*)$")
_TIGHT_HEADING = re.compile(r"[ ]{0,3}#{2,6}(?=[^\s#!\[{.(:])")
_MIDDLE_LABEL = re.compile(
    r"\s*(?=\*\*(?:答案|参考答案|參考答案|解析|Answer|Explanation)[:：]\*\*)"
)
_SUMMARY = re.compile(
    r"<summary[^<>]{0,99}>(?P<text>.*?)(?:</summary>|$)(?P<rest>.*)$", re.IGNORECASE
)
_DETAILS = re.compile(r"</?details[^<>]{0,99}>", re.IGNORECASE)
_WRAPPER = re.compile(r"(?:</?(?:p|b|div|strong|summary|br)\b[^>]*>\s*)+$", re.IGNORECASE)
_HEADING = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<text>\S.*)$")
_MARKERS = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]*)*")
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
_MOSTLY = 0.6


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
        return next(
            (
                n
                for n, text in zip(self.numbers[::-1], self.texts[::-1], strict=True)
                if text.strip()
            ),
            0,
        )


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    folded: str
    code: bool = False


def read_source(text: str, first_number: int = 1) -> Source:
    """Prepare a text for parsing: close open fences, set glued parts apart, drop leaked tokens."""
    raw = text.split("\n")
    codes = find_code(raw, lambda index: _resumes(raw, index))
    lines = list(_lay_out(raw, codes, first_number))
    lines = list(_split_tokens(lines))
    warnings = [*_token_warnings(raw, codes, first_number), *_fence_warnings(codes, first_number)]
    lines = list(_split_glued(lines))
    lines = list(_open_details(lines))
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
    if heading and len(heading["marks"]) > 1 and is_marked(heading["text"]):
        return True
    if not heading and not line.startswith("**"):
        return False
    if heading and len(heading["marks"]) == 1:
        return False
    following = (text for text in lines[index + 1 : index + 1 + _LABEL_REACH] if text.strip())
    return _is_structural(next(following, ""))


def _is_structural(line: str) -> bool:
    label = match_label(line) if line.startswith(("*", "_", "【")) else None
    return bool(label and not label.bare and label.kind in _STRUCTURAL_KINDS)


def _lay_out(raw: Sequence[str], codes: Sequence[Code], first: int) -> Iterator[_Line]:
    """Yield every line, marked as code or not, with the closing lines that fences lack."""
    position = 0
    for code in codes:
        for index in range(position, code.first):
            yield _plain(first + index, raw[index])
        for index in range(code.first, code.end):
            yield from _code_line(first + index, raw[index], code)
        if not code.closed and code.end < len(raw):
            lead = "".join(c if c in " \t>" else " " for c in code.lead)
            yield _Line(first + code.end - 1, "", lead + code.marks, code=True)
        position = code.end
    for index in range(position, len(raw)):
        yield _plain(first + index, raw[index])


def _plain(number: int, text: str) -> _Line:
    folded = fold_line(text)
    if "##" in folded and (tight := _TIGHT_HEADING.match(folded)):
        folded = f"{tight.group()} {folded[tight.end() :]}"
    return _Line(number, text if folded.strip() else "", folded)


def _code_line(number: int, text: str, code: Code) -> Iterator[_Line]:
    glued = _AFTER_FENCE.match(text) if "##" in text else None
    if glued and glued["fence"].strip().startswith(code.marks):
        yield _Line(number, glued["fence"], glued["fence"], code=True)
        yield _plain(number, glued["heading"])
    else:
        yield _Line(number, text, text.replace("\u200b", ""), code=True)


def _split_tokens(lines: Sequence[_Line]) -> Iterator[_Line]:
    for line in lines:
        pieces = [] if line.code else _without_tokens(line.text)
        if pieces:
            yield from (_plain(line.number, piece) for piece in pieces)
        else:
            yield line


def _without_tokens(text: str) -> list[str]:
    """Return the parts of a line around its leaked tokens; an empty list if it has none."""
    if not ("<" in text or "[" in text):
        return []
    parts, position, found = [], 0, False
    for match in _TOKEN.finditer(text):
        if match["token"]:
            found = True
            parts.append(text[position : match.start()])
            position = match.end()
    if not found:
        return []
    parts.append(text[position:])
    return [part for part in parts if part.strip()] or [""]


def _token_warnings(
    raw: Sequence[str], codes: Sequence[Code], first: int
) -> Iterator[DocumentWarning]:
    in_code = {index for code in codes for index in range(code.first, code.end)}
    for index, text in enumerate(raw):
        if index not in in_code and ("<" in text or "[" in text):
            for match in _TOKEN.finditer(text):
                if match["token"]:
                    yield DocumentWarning(
                        WarningKind.LEAKED_TOKEN, first + index, {"token": match["token"]}
                    )


def _fence_warnings(codes: Sequence[Code], first: int) -> Iterator[DocumentWarning]:
    for code in codes:
        if not code.closed:
            yield DocumentWarning(WarningKind.UNCLOSED_FENCE, first + code.first)


def _split_glued(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Set apart a heading glued to a sentence, and a second label on a labelled line."""
    for line in lines:
        glued = _glued(line.text) if not line.code and "##" in line.text else None
        if glued:
            yield _plain(line.number, glued["before"])
            yield _plain(line.number, glued["heading"])
        elif not line.code and line.text.startswith("**") and _MIDDLE_LABEL.search(line.text, 1):
            parts = _MIDDLE_LABEL.split(line.text)
            yield from (_plain(line.number, part) for part in parts if part.strip())
        else:
            yield line


def _glued(text: str) -> re.Match[str] | None:
    match = _GLUED_HEADING.match(text) or _GLUED_NUMBERED.match(text)
    if match is None or _MARKERS.fullmatch(match["before"]):
        return None
    return match if match["before"].count("`") % 2 == 0 else None


def _open_details(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Take the tags of `<details>` away where its summary asks a question or names an answer."""
    if not any("<summary" in line.text or "<SUMMARY" in line.text for line in lines):
        yield from lines
        return
    opened = _structural_summaries(lines)
    inside = False
    for index, line in enumerate(lines):
        if line.code:
            yield line
        elif index in opened:
            inside = True
            yield from _summary_lines(line)
        elif index + 1 in opened and _DETAILS.match(line.text.strip()):
            yield _plain(line.number, _DETAILS.sub("", line.text))
        elif inside:
            yield _unwrapped(line)
            inside = "</details" not in line.text.lower()
        else:
            yield line


def _unwrapped(line: _Line) -> _Line:
    text = _DETAILS.sub("", line.text)
    stripped = text.strip()
    return _plain(line.number, "" if _WRAPPER.match(stripped) else text)


def _summary_lines(line: _Line) -> Iterator[_Line]:
    match = _SUMMARY.search(line.text)
    text, rest = (match["text"], match["rest"]) if match else ("", "")
    before = _DETAILS.sub("", line.text[: match.start()]) if match else ""
    if before.strip():
        yield _plain(line.number, before)
    yield _Line(line.number, "", "")
    marked = SUMMARY_MARK + _plain_summary(text)
    yield _Line(line.number, marked, marked)
    rest = _DETAILS.sub("", rest).strip()
    yield _Line(line.number, "", "")
    if rest and not _WRAPPER.match(rest):
        yield _plain(line.number, rest)


def _plain_summary(text: str) -> str:
    return re.sub(r"<[^>]{1,40}>", "", text).strip()


def _structural_summaries(lines: Sequence[_Line]) -> set[int]:
    """Return the indices of the summaries that matter: answers, and questions where most ask."""
    summaries = {
        index: _plain_summary(match["text"])
        for index, line in enumerate(lines)
        if not line.code and "<" in line.text and (match := _SUMMARY.search(line.text))
    }
    answers = {index for index, text in summaries.items() if names_answer(text)}
    others = summaries.keys() - answers
    asking = {index for index in others if asks(summaries[index])}
    return answers | (others if len(asking) >= _MOSTLY * len(others) else set())


_ANSWER_SUMMARY = re.compile(
    r"(?:点击|展开|查看|显示|👉|▶|\s)*(?:参考|正确|标准|完整)?(?:答案|解答|解析|答案与解析|答案和解析|答案解析)"
    r"|(?:click\s+(?:here\s+)?to\s+)?(?:see|show|view|reveal|expand|check)?\s*(?:the\s+)?"
    r"(?:answers?|solutions?|explanation)\b",
    re.IGNORECASE,
)


def names_answer(summary: str) -> bool:
    """Say whether the summary of a `<details>` stands for an answer (查看答案, Show answer)."""
    match = _ANSWER_SUMMARY.match(summary.strip())
    return bool(match) and not is_marked(summary)
