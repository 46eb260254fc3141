"""Whether the order of the points matters, as documents say it."""

import pytest

from app.documents.document import Item
from app.documents.markdown.metadata import read_order
from app.documents.read import read_document


def read(text: str) -> Item:
    """Read a Markdown document of one question."""
    (item,) = read_document(text.encode(), name="x.md").items
    return item


@pytest.mark.parametrize(
    ("line", "ordered"),
    [
        ("**顺序：** 重要", True),
        ("**Ordered:** yes", True),
        ("【顺序】按顺序", True),
        ("**順序：** 無關", False),
        ("**难度：** 中等 | **顺序：** 重要", True),
        ("**难度：** 中等\n**顺序：** 重要", True),
        ("- **难度：** 中等\n- **顺序：** 重要", True),
        ("**难度：** 中等", None),
    ],
)
def test_a_label_says_that_the_order_matters(line: str, *, ordered: bool | None) -> None:
    """The label stands with difficulty and tags, alone, beside them or in their list."""
    item = read(f"### 1. 如何启动？\n\n{line}\n\n**答案：**\n\n1. 通电\n2. 自检\n")

    assert item.ordered is ordered
    assert [point.text for point in item.points] == ["通电", "自检"]


@pytest.mark.parametrize(
    "answer",
    ["**顺序：** 先建表，后插入。", "- **顺序：** 先建表\n- **并发：** 加锁", "**顺序：** 重要"],
)
def test_order_as_a_subject_is_content(answer: str) -> None:
    """What an answer says about an order is no label."""
    item = read(f"### 1. 消息队列要注意什么？\n\n**答案：**\n\n{answer}\n")

    assert item.ordered is None
    assert item.answer == answer


@pytest.mark.parametrize("text", ["", "先建表", "maybe", "重要的是先建表"])
def test_other_words_say_nothing(text: str) -> None:
    """Only a plain yes or no is read."""
    assert read_order(text) is None
