"""Reading whole documents: the seed, limits, pathological input, and nothing lost."""

import gc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import messages
from app.documents.document import Document, WarningKind
from app.documents.limits import Limits
from app.documents.markdown.profiles import Profile, find_profile, profile_names
from app.documents.read import read_document
from app.errors import UnreadableDocumentError
from tests.documents.accounting import unaccounted_lines

_SEED = Path(__file__).parents[2] / "seed" / "multimodal-llm.md"

_LINES = st.sampled_from(
    [
        "# 题库",
        "## 面试题",
        "### 1. 什么是甲？",
        "### 2. 乙的原理",
        "#### 答案",
        "## 参考答案",
        "## 目录",
        "## 总结",
        "**1. 什么是丙？**",
        "**题目：** 丁是什么？",
        "**问题1：** 戊",
        "**答案：** 甲。",
        "**答案：**",
        "**解析：** 说明。",
        "**举例：**",
        "难度：中等",
        "Q1: what?",
        "A1: that.",
        "问：谁？",
        "答：我。",
        "1. **甲：** 一。",
        "1. 什么是己？",
        "   **答案：** 己。",
        "2. 二",
        "- 三",
        "  - 四",
        "- [x] A",
        "- A. 甲",
        "A. 甲",
        "B. 乙",
        "```python",
        "```",
        "> 引用",
        "<details><summary>答案</summary>",
        "</details>",
        "<summary>什么？</summary>",
        "<|im_end|>",
        "前言。### 3. 什么是庚？",
        "| a | b |",
        "|---|---|",
        "**1. 甲**：一。**2. 乙**：二。",
        "一、单选题",
        "3. 栈先进先出。（×）",
        "**例 1** 求极限。",
        "**解：** 由定义。",
        "**题目：** [在此填写]",
        "## 待解决问题",
        "### 题目格式",
        "**第一步：做**",
        "> **答案：** 引",
        "> | a |",
        "- > 引",
        "- ```",
        "1. **什么是甲**",
        "<!-- 注",
        "-->",
        "---",
        "",
        "",
        "    缩进",
        "以上就是全部面试题，希望对读者有帮助。",
        "\u200b",
        "普通的一段话。还有一句。",
    ]
)


def _read(text: str) -> Document:
    return read_document(text.encode(), name="a.md")


def _read_or_reason(data: bytes) -> Document | str:
    try:
        return read_document(data, name="a.md")
    except UnreadableDocumentError as error:
        return str(error.params["reason"])


def test_the_seed_document_has_eight_questions_and_breaks_off_in_the_last() -> None:
    """Seven complete questions with the points of their lists, and one cut in its second point."""
    document = read_document(_SEED.read_bytes(), name=_SEED.name)

    assert len(document.items) == 8
    assert [len(item.points) for item in document.items] == [2, 4, 4, 4, 4, 4, 4, 2]
    assert {point.title for point in document.items[0].points} == {None}
    assert [point.title for point in document.items[1].points] == [
        "特征提取与融合",
        "对齐与匹配",
        "模型架构",
        "数据增强",
    ]
    assert [
        (item.truncated, item.warnings[0].line) for item in document.items if item.warnings
    ] == [(True, 100)]
    assert unaccounted_lines(document, _SEED.read_text(encoding="utf-8")) == []


def test_line_ends_and_encodings_do_not_change_the_reading() -> None:
    """The same document with CRLF, as UTF-16 or as GB18030 has the same items."""
    text = _SEED.read_text(encoding="utf-8")
    items = _read(text).items

    assert _read(text.replace("\n", "\r\n")).items == items
    for encoding in ("utf-8-sig", "utf-16", "gb18030"):
        assert read_document(text.encode(encoding), name="a.md").items == items


def test_a_document_without_questions_is_read_with_a_warning() -> None:
    """No question is no error."""
    document = _read("只是一段话。\n")

    assert document.items == ()
    assert [warning.kind for warning in document.warnings] == [WarningKind.NO_QUESTIONS]


@pytest.mark.parametrize("text", ["", "\n\n", "\u200b\n", "---\n---\n"])
def test_an_empty_document_is_no_error(text: str) -> None:
    """Nothing in, nothing out."""
    assert _read(text).items == ()


def test_the_slug_comes_from_the_caller_the_front_matter_or_the_name() -> None:
    """In this order."""
    data = b"---\nslug: from-matter\n---\n"

    assert read_document(data, name="My File.md", slug="given").slug == "given"
    assert read_document(data, name="My File.md").slug == "from-matter"
    assert read_document(b"", name="My  File_2.md").slug == "my-file-2"
    assert read_document(b"", name="？.md").slug.startswith("document-")


@settings(max_examples=300, deadline=None)
@given(st.lists(_LINES, max_size=30))
def test_no_line_is_ever_lost(lines: list[str]) -> None:
    """However lines are mixed, each one that is not blank is accounted for."""
    text = "\n".join(lines)

    assert unaccounted_lines(_read(text), text) == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    """Any characters give a document or an error that names the reason."""
    read = _read_or_reason(text.encode("utf-8", "surrogatepass"))

    assert isinstance(read, Document) or read.startswith("unreadable.")


@pytest.mark.parametrize(
    ("text", "limits", "reason"),
    [
        ("x" * 101, Limits(max_bytes=100), "unreadable.too_large"),
        ("x" * 11, Limits(max_line_length=10), "unreadable.long_line"),
        ("\n" * 11, Limits(max_lines=10), "unreadable.too_many_lines"),
        ("# a\n" * 11, Limits(max_headings=10), "unreadable.too_many_headings"),
        ("### 1. 什么？\n" * 3, Limits(max_questions=2), "unreadable.too_many_questions"),
    ],
)
def test_more_than_the_limits_is_refused(text: str, limits: Limits, reason: str) -> None:
    """The error names the limit, in both languages."""
    with pytest.raises(UnreadableDocumentError) as caught:
        read_document(text.encode(), name="a.md", limits=limits)

    assert caught.value.params["reason"] == reason
    for language in ("en", "zh"):
        rendered = messages.render("unreadable-document", language, caught.value.params)
        assert str(caught.value.params["limit"]) in rendered


@pytest.mark.parametrize(
    "text",
    [
        "x" * 30_000_000,
        "# a\n" * 50_000,
        ">" * 200_000,
        "- " * 100_000,
        "1. " * 100_000,
        "\n".join(" " * (2 * depth) + "- a" for depth in range(1_000)),
        "`" * 500_000,
        "*" * 500_000,
        "[" * 500_000,
        "<summary" * 50_000,
        "```python\n" * 20_000,
        "```python\n**答案：**\n" * 5_000,
        "**答案：**" * 50_000,
        "**答案：** x\n" * 20_000,
        "（" * 300_000 + "。" * 300_000,
        "1. a\n\nx\n\n" * 8_000,
        "a " + "#" * 500_000,
        "文。" * 1_000 + "## " * 100_000,
        "**题目：** " + "\t" * 500_000,
        "## 1. " + "★" * 500_000 + "？",
        "**" + "`a" * 250_000,
        "## 1. 什么？\n\n**答案：** " + "`a`。" * 50_000,
        "## 题目" + "()" * 100_000 + "x",
        "本文" * 200_000 + "：\n\n- 什么？\n- 谁？",
        "题：" + "_" * 300_000 + " A. x B. y",
        "\n\n".join("A. x" for _ in range(20_000)),
        "一行文字\n" * 20_000,
    ],
    ids=range(27),
)
def test_pathological_input_ends(text: str) -> None:
    """Huge, deep and degenerate input ends with a reading or a clear error, in time for CI."""
    read = _read_or_reason(text.encode())

    assert isinstance(read, Document) or read.startswith("unreadable.")


@pytest.mark.parametrize("enabled", [True, False])
def test_reading_leaves_the_garbage_collector_as_it_was(*, enabled: bool) -> None:
    """It is paused while a document is read, also where that ends in an error."""
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        _read("### 1. 什么？\n")
        with pytest.raises(UnreadableDocumentError):
            _read_with_one_question_allowed("### 1. 什么？\n\n### 2. 什么？\n")
        after = gc.isenabled()
    finally:
        (gc.enable if before else gc.disable)()

    assert after is enabled


def _read_with_one_question_allowed(text: str) -> Document:
    return read_document(text.encode(), name="a.md", limits=Limits(max_questions=1))


def test_a_profile_makes_questions_of_plain_headings() -> None:
    """What headings do not say themselves, a profile or the front matter's `profile` says."""
    text = (
        "# 笔记\n\n## 虚拟内存\n\n把磁盘当内存用。\n\n## 页表\n\n记录映射。\n\n## 杂项\n\n略过。\n"
    )
    profile = Profile(question_levels=frozenset({2}), skip=("^杂项",), difficulty={"🔥": 5})

    assert _read(text).items == ()
    read = read_document(text.encode(), name="a.md", profile=profile)
    assert [item.title for item in read.items] == ["虚拟内存", "页表"]
    named = f"---\nprofile: headings\n---\n{text}"
    assert [item.title for item in _read(named).items][:2] == ["虚拟内存", "页表"]


def test_a_profile_names_containers_and_difficulty_marks() -> None:
    """A container houses imperative questions; a mark in the title is its difficulty."""
    text = "# 手册\n\n## 必会\n\n- 解释端口 🔥\n- 解释路由\n"
    profile = Profile(containers=("^必会$",), difficulty={"🔥": 5})
    read = read_document(text.encode(), name="a.md", profile=profile)

    assert _read(text).items == ()
    assert [(item.title, item.difficulty) for item in read.items] == [
        ("解释端口", 5),
        ("解释路由", None),
    ]


def test_every_profile_that_comes_with_the_program_loads() -> None:
    """Names are those of the files, and an unknown name is None."""
    assert profile_names()
    assert [profile.name for name in profile_names() if (profile := find_profile(name))] == list(
        profile_names()
    )
    assert find_profile("no-such-profile") is None
