"""Points that say no more than their question but for a value: the value decides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.grading.engines import Engine, checker
from app.grading.formula import formulas
from app.grading.hinge import judge_value
from app.grading.rules import read_case
from app.grading.verdict import ReferencePoint

UNTOLD = "-"  # a point of which no value tells
LETTERS = {"c": "covered", "p": "partial", "m": "missed", "x": "contradicted"}
BOILING = ("标准大气压下水的沸点是多少？", ["标准大气压下水的沸点是100℃"])
BYTE = ("How many bits are in a byte?", ["A byte has 8 bits."])
MOVES = (
    "等概率时平均移动多少个元素？不等概率时呢？",
    ["等概率时，平均移动 n/2 个元素", "不等概率时，平均移动 (2n+1)/3 个元素"],
)
TREE = (
    "二叉树第 i 层最多有多少个结点？深度为 k 的呢？",
    ["第 i 层最多有 2^(i-1) 个结点", "深度为 k 的最多有 2^k - 1 个结点"],
)
SORT = ("快速排序的时间复杂度是多少？", ["平均：O(n log n)", "最坏情况：O(n^2)"])
PORTS = ("HTTP 和 HTTPS 的默认端口是多少？", ["HTTP 的默认端口是 80", "HTTPS 的默认端口是 443"])
MOON = (
    "How long does the Moon take to orbit the Earth?",
    ["The Moon orbits the Earth in about 27.3 days."],
)
SHARE = ("一个班有 30 人，其中女生 12 人，男生占几分之几？", ["男生占 3/5"])
FALL = ("自由落体 2 秒下落多少米？（g=9.8）", ["下落 19.6 米"])

Asked = tuple[str, list[str]]


def read_points(texts: list[str]) -> list[ReferencePoint]:
    """Return points, `title：text` among them."""
    parts = [text.rpartition("：") for text in texts]
    return [ReferencePoint(text, title or None) for title, _, text in parts]


@pytest.mark.parametrize(
    ("asked", "answer", "states"),
    [
        (BOILING, "100度", "c"),
        (BOILING, "98℃", "x"),
        (BOILING, "不是 100℃，是 98℃", "x"),
        (BOILING, "100℃ 或者 90℃", "p"),
        (BYTE, "8", "c"),
        (BYTE, "16", "x"),
        (BYTE, "A byte has 16 bits.", "x"),
        (MOVES, "n/2，(2n+1)/3", "cc"),
        (MOVES, "1. n/2\n2. (2n+1)/3", "cc"),
        (MOVES, "等概率 n/2；不等概率 (2n+1)/3", "cc"),
        (MOVES, "等概率时移动 (n-1)/2 个", "x-"),
        (MOVES, "n 的一半", "cm"),
        (MOVES, "(n-1)/2", "mm"),
        (TREE, "第i层：2的i-1次方个，深度k：2的k次方减1", "cc"),
        (TREE, "2^i；2^k", "mm"),
        (SORT, "一般情况下 O(nlogn)，最坏情况下 n 方", "cc"),
        (SORT, "平均 O(n)，最坏 O(n²)", "xc"),
        (SORT, "平均 O(n^2)，最坏 O(n log n)", "xx"),
        (SORT, "最坏是 n log n", "-x"),
        (PORTS, "80 和 443", "cc"),
        (PORTS, "HTTP 443，HTTPS 80", "xx"),
        (PORTS, "HTTP 用 80，HTTPS 用 8080", "cx"),
        (MOON, "27 days", "c"),
        (MOON, "about 30 days", "x"),
        (SHARE, "60%", "c"),
        (SHARE, "30-12=18，18/30=3/5", "c"),
        (SHARE, "五分之二", "x"),
        (FALL, "h=1/2*9.8*4=19.6", "c"),
        (FALL, "1960 厘米", "c"),
        (FALL, "9.8*2=19.6 m/s", "x"),
    ],
)
@pytest.mark.parametrize("engine", Engine)
def test_the_value_decides(engine: Engine, asked: Asked, answer: str, states: str) -> None:
    """In however few words the value earns the point, and another one does not, in any engine."""
    question, texts = asked
    check = checker(engine)(question, read_points(texts), answer)

    pairs = zip(check.points, states, strict=True)
    told = [(one.state, LETTERS[letter]) for one, letter in pairs if letter != UNTOLD]
    assert [state for state, _ in told] == [wanted for _, wanted in told]


@pytest.mark.parametrize(
    ("question", "point", "answer"),
    [
        ("三次握手的过程？", "客户端发送 SYN=1，进入 SYN-SENT 状态", "客户端发 2 个包"),
        ("低筋面粉有什么特点？", "蛋白质含量 8.5% 以下，适合做蛋糕", "含量 12%，适合做蛋糕"),
        ("箱子的长和宽是多少？", "长 3 米，宽 2 米", "长 3 米"),
        ("整数的范围是多少？", "例如 50", "42"),
        ("错误率最大是多少？", "可以超过 100%", "百分之七百"),
        ("需求量的含义？", "需求量 Q = 3", "Q = 4"),
        ("水的沸点是多少？", "水的沸点是 100℃", "很高，水会变成气体"),
        ("水的沸点是多少？", "水的沸点是 100℃", "沸点是 100℃。高原上的沸点是 90℃。"),
        ("收入变化多少？", "收入增加 500 亿元", "收入减少 500 亿元"),
        ("求批量，写出公式。", "公式：Q = 2DS/H", "公式是 D 乘 S 的两倍除以 H"),
        ("1949 年发生了什么？", "1949 年新中国成立", "1950 年新中国成立"),
    ],
)
def test_elsewhere_the_value_does_not_decide(question: str, point: str, answer: str) -> None:
    """Points that say more, answers without a value, and two values are for words and network."""
    case = read_case(question, [ReferencePoint(point)], answer)

    assert judge_value(case, 0) is None


@pytest.mark.parametrize(
    ("words", "signs"),
    [
        ("2的n次方", "2^n"),
        ("2 的 n-1 次幂", "2^(n-1)"),
        ("n方", "n^2"),
        ("n的平方减1", "n^2-1"),
        ("r 的立方乘以4", "r^3*4"),
        ("n squared", "n^2"),
        ("x cubed", "x^3"),
        ("n的一半", "n/2"),
        ("n 除以 2", "n/2"),
    ],
)
def test_formulas_in_words(words: str, signs: str) -> None:
    """A power, a half and the four operations are read where a formula is around them."""
    assert formulas(words)[0] & formulas(signs)[0]


@pytest.mark.parametrize("text", ["这种方法", "3 平方米", "第 2 次方案", "a 方法", "加上 b 计划"])
def test_words_that_are_no_formula(text: str) -> None:
    """Methods, areas and plans are left alone."""
    assert formulas(text) == []


@settings(max_examples=50)
@given(question=st.text(max_size=30), point=st.text(max_size=40), answer=st.text(max_size=60))
def test_any_text_hinges_or_not(question: str, point: str, answer: str) -> None:
    """Nothing that is said raises, and the same is said twice."""
    case = read_case(question + "是多少", [ReferencePoint(point), ReferencePoint("3 米")], answer)

    assert judge_value(case, 0) == judge_value(case, 0)
