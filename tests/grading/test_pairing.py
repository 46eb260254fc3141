"""Titles, comparisons and keyword heaps: who says what of what."""

import pytest

from app.grading.contrast import compared_things, exchanged, properties
from app.grading.evidence import read_statements
from app.grading.lexical import make_profiles
from app.grading.pairing import owners, subjects
from app.grading.segment import split_clauses
from app.grading.stuffing import is_stuffed
from app.text import grams


def test_subject_is_the_title_or_the_head() -> None:
    """Without a title, the words before the copula are the subject, if no other point has them."""
    found = subjects([("解耦", "互不依赖"), (None, "弃真是拒绝真的假设"), (None, "没有主语的句子")])

    assert found == [set(grams("解耦")), set(grams("弃真")), set()]


def test_title_owns_its_sentence() -> None:
    """A title speaks for the clauses of its sentence, as a heading for the next one too."""
    points = [("解耦", "互不依赖"), ("削峰", "请求排队")]
    statements = read_statements("", "", "解耦，互不依赖。随便说说\n削峰\n请求排队，慢慢处理。完")

    owned = owners(make_profiles("", points), points, statements)

    assert owned == [0, 0, None, 1, 1, 1, None]


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("TCP 和 UDP 有什么区别？", ("tcp", "udp")),
        ("比较进程与线程的不同", ("进程", "线程")),
        ("What is the difference between stack and queue?", ("stack", "queue")),
        ("缓存有什么作用？", None),
    ],
)
def test_compared_things(question: str, things: tuple[str, str] | None) -> None:
    """A comparison names two things."""
    expected = None if things is None else tuple(frozenset(grams(thing)) for thing in things)

    assert compared_things(question) == expected


@pytest.mark.parametrize(
    ("answer", "swapped"),
    [
        ("进程拥有独立的地址空间，线程共享地址空间", False),
        ("线程拥有独立的地址空间，进程共享地址空间", True),
        ("进程有自己的地址", False),
    ],
)
def test_exchanged_properties(answer: str, swapped: bool) -> None:  # noqa: FBT001 (a table's column)
    """What is said of one thing in the reference and of the other in the answer is exchanged."""
    things = compared_things("进程和线程有什么区别？")
    assert things is not None
    reference = list(properties(things, split_clauses("进程拥有独立的地址空间，线程共享地址空间")))

    assert exchanged(reference, list(properties(things, split_clauses(answer)))) is swapped


@pytest.mark.parametrize(
    ("text", "stuffed"),
    [
        ("缓存 内存 数据库 响应 压力 故障", True),
        ("缓存、内存、数据库、响应、压力、故障", True),
        ("cache memory database response load failure stale data", True),
        ("热点数据放在内存里，响应就快了，数据库压力也小", False),
        ("废除旧制，承认私有，允许买卖，统一尺度", False),
        ("运输、储存", False),
        ("the data is kept in memory and the response is fast", False),
    ],
)
def test_keyword_heaps(text: str, stuffed: bool) -> None:  # noqa: FBT001 (a table's column)
    """Rows of keywords are told from sentences, even terse ones."""
    assert is_stuffed(text) is stuffed
