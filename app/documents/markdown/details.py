"""`<details>`: its tags are taken away where the summary asks a question or names an answer."""

import re
from collections.abc import Iterator, Sequence

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.lines import Line, plain_line

# Put in front of the text of a <summary> that asks a question or names an answer.
SUMMARY_MARK = "\ue000"

_SUMMARY = re.compile(
    r"<summary[^<>]{0,99}>(?P<text>.*?)(?:</summary>|$)(?P<rest>.*)$", re.IGNORECASE
)
_DETAILS = re.compile(r"</?details[^<>]{0,99}>", re.IGNORECASE)
_WRAPPER = re.compile(r"(?:</?(?:p|b|div|strong|summary|br)\b[^>]*>\s*)+$", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{1,40}>")
_ANSWER_SUMMARY = re.compile(
    r"(?:点击|展开|查看|显示|👉|▶|\s)*(?:参考|正确|标准|完整)?(?:答案|解答|解析|答案与解析|答案和解析|答案解析)"
    r"|(?:click\s+(?:here\s+)?to\s+)?(?:see|show|view|reveal|expand|check)?\s*(?:the\s+)?"
    r"(?:answers?|solutions?|explanation)\b",
    re.IGNORECASE,
)
_MOSTLY = 0.6


def open_details(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines without the tags around questions and answers; other details stay."""
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
            yield plain_line(line.number, _DETAILS.sub("", line.text))
        elif inside:
            yield _unwrapped(line)
            inside = "</details" not in line.text.lower()
        else:
            yield line


def names_answer(summary: str) -> bool:
    """Say whether the summary of a `<details>` stands for an answer (查看答案, Show answer)."""
    match = _ANSWER_SUMMARY.match(summary.strip())
    return bool(match) and not is_marked(summary)


def _unwrapped(line: Line) -> Line:
    text = _DETAILS.sub("", line.text)
    return plain_line(line.number, "" if _WRAPPER.match(text.strip()) else text)


def _summary_lines(line: Line) -> Iterator[Line]:
    match = _SUMMARY.search(line.text)
    text, rest = (match["text"], match["rest"]) if match else ("", "")
    before = _DETAILS.sub("", line.text[: match.start()]) if match else ""
    if before.strip():
        yield plain_line(line.number, before)
    yield Line(line.number, "", "")
    marked = SUMMARY_MARK + _plain_summary(text)
    yield Line(line.number, marked, marked)
    rest = _DETAILS.sub("", rest).strip()
    yield Line(line.number, "", "")
    if rest and not _WRAPPER.match(rest):
        yield plain_line(line.number, rest)


def _plain_summary(text: str) -> str:
    return _TAG.sub("", text).strip()


def _structural_summaries(lines: Sequence[Line]) -> set[int]:
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
