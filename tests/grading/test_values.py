"""Numbers and formulas compared by value."""

import pytest

from app.grading.formula import formulas
from app.grading.quantity import Numbers, compare_numbers, numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,000 个", [1000]),
        ("90% 或 0.9", [0.9, 0.9]),
        ("百分之九十", [0.9]),
        ("3.5万人", [35000]),
        ("三次握手、二百五十人、十二个月", [3, 250, 12]),
        ("统一、万一、第三方", []),
        ("md5 与 ipv4", []),
        ("-5 度", [-5]),
    ],
)
def test_numbers_have_values(text: str, values: list[float]) -> None:
    """Digits, per cents and counted Chinese numerals are numbers, parts of words are not."""
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    ("clause", "answer", "outcome"),
    [
        ("首部 20 字节", "首部 20 字节", Numbers.AGREE),
        ("首部 8 字节", "首部 8 字节", Numbers.DIFFER),
        ("首部较大", "首部较大", Numbers.MISSING),
        ("首部较大", "首部较大，20 字节", Numbers.AGREE),
    ],
)
def test_numbers_are_compared_where_the_point_is_named(
    clause: str, answer: str, outcome: Numbers
) -> None:
    """Another number in its place differs, none at all is missing."""
    assert compare_numbers("首部多大", "首部有 20 字节", clause, answer) is outcome


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("n²/2", "移动 n^2*0.5 次"),
        ("O(n log n)", "$O(n \\log n)$"),
        ("O(nlogn)", "O(n·log(n))"),
        ("E=mc²", "mc^2 = E"),
        ("(2n+1)/3", "平均为（2n＋1）÷3。"),
        ("a_1+(n-1)d", "a_1 + d(n-1)"),
        ("S = n(n+1)/2", "和是 n(1+n)/2"),
    ],
)
def test_equal_formulas(one: str, other: str) -> None:
    """Formulas are equal when their values are, however they are written."""
    assert formulas(one)[0] & formulas(other)[0]


@pytest.mark.parametrize(
    ("one", "other"), [("O(n)", "O(n^2)"), ("n/2", "n/3"), ("a+b", "a-b"), ("2n+1/3", "(2n+1)/3")]
)
def test_different_formulas(one: str, other: str) -> None:
    """Formulas of different value are different."""
    assert not formulas(one)[0] & formulas(other)[0]


@pytest.mark.parametrize(
    "text", ["没有公式", "a test (of course)", "2024/01/02", "((((", "x" * 300, ""]
)
def test_no_formula(text: str) -> None:
    """Words, dates and stray brackets are no formula."""
    assert formulas(text) == []
