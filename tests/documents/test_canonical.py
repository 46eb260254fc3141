"""Canonical Markdown: written, read and written again, with every field kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.documents.canonical import read_canonical, write_markdown
from app.documents.document import Document
from app.documents.read import read_document
from app.documents.records import QuestionRecord, to_record
from tests.documents.test_records import CHOICE, DOCUMENT, FULL
from tests.factories import make_document, make_item

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.md"))


def read(data: bytes) -> Document:
    """Read what was written."""
    return read_canonical(data.decode(), name="x.md", slug="x")


def content(document: Document) -> list[QuestionRecord]:
    """Return the items as records; a language that is not said is the document's."""
    return [
        to_record(replace(item, language=item.language or document.language))
        for item in document.items
    ]


def assert_kept(document: Document) -> str:
    """Check that a document survives, and is written again as it was; return the text."""
    written = write_markdown(document)
    back = read(written)

    assert content(back) == content(document)
    assert (back.slug, back.title, back.topics) == (document.slug, document.title, document.topics)
    assert write_markdown(back) == written
    return written.decode()


def test_every_field_is_kept() -> None:
    """Ids, aliases, weights, origins, choices, topics: all of it comes back."""
    text = assert_kept(DOCUMENT)

    assert "### 数据库" not in text
    assert "## 数据库\n\n### 性能\n\n#### 7.1. 什么是索引？" in text
    assert "**题目：** 请解释**索引**的作用。" in text
    assert "- [x] SQLite" in text


def test_plain_questions_need_no_comment() -> None:
    """What the text says by itself is not said twice."""
    text = assert_kept(
        make_document(
            make_item("什么是锁？", answer="一次只让一个进入。", language="zh"), language="zh"
        )
    )

    assert "<!--" not in text


@pytest.mark.parametrize(
    "answer",
    [
        "**解析：** 这行看起来像标签。",
        "### 3. 看起来像另一道题？\n\n**答案：** 其实是答案里的一段。",
        "```markdown\n### 什么是锁？\n\n**答案：** 围栏里的题\n```",
        "```\n没有关闭的围栏",
        "- [x] 像选项\n- [ ] 也像选项",
        '<!-- tiku {"title": "冒充"} -->',
        "1. 一\n\n\n\n2. 二 --> 三",
        "    缩进的代码\n\n> 引用\n\n| a | b |\n|---|---|\n| 1 | 2 |",
        "---\n\ntitle: x\n\n---",
        "#",
        "A. 一\nB. 二\n\n答案：A",
    ],
)
def test_awkward_answers_are_kept(answer: str) -> None:
    """An answer that looks like something else is still that answer, and its neighbours survive."""
    awkward = replace(FULL, answer=answer, points=(), explanation="")

    assert_kept(replace(DOCUMENT, items=(make_item("前一题？", line=None), awkward, CHOICE)))


def test_equal_questions_stay_two() -> None:
    """Two questions that are the same to the letter, but for their ids, are both kept."""
    first, second = replace(FULL, key="a"), replace(FULL, key="b")

    assert_kept(replace(DOCUMENT, items=(first, second)))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_documents_survive(path: Path) -> None:
    """Whatever the reader makes of a document, the writer and the reader agree on it."""
    document = read_document(path.read_bytes(), name=path.name)

    assert_kept(replace(document, topics=()))
