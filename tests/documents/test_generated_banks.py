"""Banks written by a generator in every shape of the family: the reading is what was written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.document import Document
from app.documents.read import read_document
from tests.documents.accounting import unaccounted_lines

_TOPICS = ("缓存", "索引", "共识算法", "注意力机制", "垃圾回收", "消息队列", "负载均衡", "事务")
_NAMES = ("定义", "优点", "缺点", "适用场景", "实现方式", "Cost", "一致性（C）")
_SENTENCES = (
    "它把常用的数据放在离使用者近的地方。",
    "代价是写入变慢，并且需要额外的空间。",
    "实践中通常与超时和重试一起使用，例如 `retry(3)`。",
    "当数据量超过 100 万条时，效果最明显。",
    "它由三个部分组成：入口、核心和出口。",
    "It needs about 2.5 seconds on version 1.2.",
    "公式为 $a_1 + b_2$，其中 $a_1$ 是常数。",
)
_CODE = "```python\n# 这是注释，不是标题\nprint('**答案：** 1. 不是要点')\n```"
_TABLE = "| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |"
_QUOTE = "> 问：这是引文吗？\n>\n> 答：是的。"


@dataclass(frozen=True)
class _Question:
    """One question as it is written; `points` are titles (or None) with their texts."""

    title: str
    prompt: str
    points: tuple[tuple[str | None, str], ...]
    explanation: str
    extra: str


_named_points = st.lists(
    st.tuples(st.sampled_from(_NAMES), st.sampled_from(_SENTENCES)),
    min_size=2,
    max_size=5,
    unique_by=lambda point: point[0],
)
_plain_points = st.lists(
    st.tuples(st.none(), st.sampled_from(_SENTENCES)), min_size=2, max_size=4, unique=True
)


@st.composite
def _questions(draw: st.DrawFn) -> tuple[_Question, ...]:
    topics = draw(st.lists(st.sampled_from(_TOPICS), min_size=2, max_size=6, unique=True))
    return tuple(
        _Question(
            title=f"什么是{topic}？",
            prompt=f"请解释{topic}，并说明它的用途。",
            points=tuple(draw(st.one_of(_named_points, _plain_points))),
            explanation=draw(st.sampled_from(("", f"{topic}的关键在于取舍。"))),
            extra=draw(st.sampled_from(("", _CODE, _TABLE, _QUOTE))),
        )
        for topic in topics
    )


@dataclass(frozen=True)
class _Style:
    """How an author writes: the depth of headings, the form of labels and of points."""

    level: int
    label: str
    prompt: str
    answer: str
    explanation: str
    point: str
    marker: str
    loose: bool
    line_end: str


_styles = st.builds(
    _Style,
    level=st.integers(2, 5),
    label=st.sampled_from(("**{}：**", "**{}**：", "**{}:**", "**{}** ：", "【{}】", "**【{}】**")),
    prompt=st.sampled_from(("题目", "问题", "題目", "题目描述")),
    answer=st.sampled_from(("答案", "参考答案", "答案解析", "解答")),
    explanation=st.sampled_from(("解析", "说明", "分析")),
    point=st.sampled_from(("**{}：** {}", "**{}**：{}", "**{}:** {}")),
    marker=st.sampled_from(("{}. ", "- ", "* ", "{}) ")),
    loose=st.booleans(),
    line_end=st.sampled_from(("", "  ")),
)


def _answer(question: _Question, style: _Style) -> str:
    """Return the points as a list, with what belongs to the answer below it."""
    texts = [
        style.marker.format(place) + (style.point.format(title, text) if title else text)
        for place, (title, text) in enumerate(question.points, start=1)
    ]
    points = ("\n\n" if style.loose else f"{style.line_end}\n").join(texts)
    return "\n\n".join(part for part in (points, question.extra) if part)


def _label(style: _Style, name: str) -> str:
    return style.label.format(name)


def _body(question: _Question, style: _Style, *, prompt: bool) -> str:
    parts = [f"{_label(style, style.prompt)} {question.prompt}"] if prompt else []
    parts += [_label(style, style.answer), _answer(question, style)]
    if question.explanation:
        parts.append(f"{_label(style, style.explanation)} {question.explanation}")
    return "\n\n".join(parts)


# A shape writes a question with its number; the second value says whether the prompt is labelled.
_Shape = tuple[Callable[[_Question, _Style, int], str], bool]


def _headed(prefix: str, *, prompt: bool) -> _Shape:
    def write(question: _Question, style: _Style, number: int) -> str:
        heading = f"{'#' * style.level} {prefix.format(number)}{question.title}"
        return f"{heading}\n\n{_body(question, style, prompt=prompt)}"

    return write, prompt


def _bold(question: _Question, style: _Style, number: int) -> str:
    return f"**{number}. {question.title}**\n\n{_body(question, style, prompt=False)}"


_SHAPES: Sequence[_Shape] = (
    _headed("{}. ", prompt=True),
    _headed("2.{} ", prompt=True),
    _headed("面试题{}：", prompt=True),
    _headed("问题 {}：", prompt=True),
    _headed("{}. ", prompt=False),
    _headed("{}、", prompt=False),
    _headed("Q{}: ", prompt=False),
    _headed("", prompt=False),
    (_bold, False),
)
_FRAMES = (
    "# 后端面试题\n\n{}",
    "# 后端\n\n## 1. 背景\n\n这是背景。\n\n# 面试题库\n\n{}\n\n# 总结\n\n1. **回顾：** 完。",
    "---\ntitle: 面试题\n---\n\n{}\n\n---\n\n## 参考文献\n\n1. **[甲](https://example.org)**",
)


def _read(text: str) -> Document:
    return read_document(text.encode(), name="bank.md")


@settings(max_examples=120, deadline=None)
@given(_questions(), _styles, st.sampled_from(_SHAPES), st.sampled_from(_FRAMES))
def test_a_bank_reads_as_it_was_written(
    questions: tuple[_Question, ...], style: _Style, shape: _Shape, frame: str
) -> None:
    """Titles, prompts, points with their titles, explanations; code, tables and quotes are kept."""
    write, prompted = shape
    body = [write(question, style, number) for number, question in enumerate(questions, start=1)]
    text = frame.format("\n\n".join(body))
    document = _read(text)

    assert [item.title for item in document.items] == [one.title for one in questions]
    assert [item.prompt for item in document.items] == [
        one.prompt if prompted else one.title for one in questions
    ]
    assert [
        tuple((point.title, point.text) for point in item.points) for item in document.items
    ] == [one.points for one in questions]
    assert [item.explanation for item in document.items] == [one.explanation for one in questions]
    assert all(
        one.extra in item.answer for one, item in zip(questions, document.items, strict=True)
    )
    assert [item.warnings for item in document.items] == [()] * len(questions)
    assert unaccounted_lines(document, text) == []


@settings(max_examples=60, deadline=None)
@given(questions=_questions(), style=_styles, repeated=st.booleans())
def test_answers_in_a_later_section_join_their_questions(
    *, questions: tuple[_Question, ...], style: _Style, repeated: bool
) -> None:
    """By title where the section repeats it, else by number."""
    asked = "\n".join(f"{at}. **{one.title}**" for at, one in enumerate(questions, start=1))
    answers = "\n\n".join(
        f"### {at}. {one.title if repeated else ''}\n\n{_answer(one, style)}"
        for at, one in enumerate(questions, start=1)
    )
    text = f"# 面试题\n\n## 题目\n\n{asked}\n\n## 参考答案\n\n{answers}\n"
    document = _read(text)

    assert [item.title for item in document.items] == [one.title for one in questions]
    assert [
        tuple((point.title, point.text) for point in item.points) for item in document.items
    ] == [one.points for one in questions]
    assert unaccounted_lines(document, text) == []
