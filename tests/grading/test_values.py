"""Numbers and formulas compared by value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.grading.check import check_answer
from app.grading.engines import Engine, checker
from app.grading.formula import formulas
from app.grading.quantity import Numbers, compare_numbers, numbers, read_numeral
from app.grading.verdict import ReferencePoint, State
from app.text import fold


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
        ("-5 度、负5度", [-5, -5]),
        ("1.5*10^8 m、1.5e8", [1.5e8, 1.5e8]),
        ("三分之一，3分之2", [1 / 3, 2 / 3]),
        ("9" * 10_000, []),
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
        ("n(n+1)/2", "(n^2+n)/2"),
        ("n(n+1)/2", r"$\frac{n^2+n}{2}$"),
        ("2x**3", "2·x³"),
        ("x^{-1}y", "y/x"),
        (r"\sqrt{x^2+1}", "(x²+1)^0.5"),
        (r"\sqrt[3]{x+1}", "(x+1)^(1/3)"),
        ("a_{n-1}+d", "d + a_{n-1}"),
        ("a₁+d", "a_1 + d"),
        ("2πr", r"r \times 2\pi"),
        ("n!/2", "0.5*n!"),
        ("O(n log n)", "O(n log₂ n)"),
        ("O(n log n)", "O(n·lg n)"),
        ("O(n log n)", "n log2(n)"),
        ("log_2(n)+1", "1+log2 n"),
        ("log(n)+1", "1+log₂n"),
    ],
)
def test_equal_formulas(one: str, other: str) -> None:
    """Formulas are equal when their values are, however they are written."""
    assert formulas(one)[0] & formulas(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O(n)", "O(n^2)"),
        ("n/2", "n/3"),
        ("a+b", "a-b"),
        ("2n+1/3", "(2n+1)/3"),
        ("x_1+x_2", "x_1+x_1"),
        ("log2(n)+1", "ln(n)+1"),
        ("O(2^n)", "O(n^2)"),
    ],
)
def test_different_formulas(one: str, other: str) -> None:
    """Formulas of different value are different."""
    assert not formulas(one)[0] & formulas(other)[0]


@pytest.mark.parametrize(
    "text",
    [
        "没有公式",
        "a test (of course)",
        "2024/01/02",
        "((((",
        "x" * 300,
        "",
        "9**9**9",
        "x^x^x^x^x^x^x^x",
        "1/0 + x",
        "9" * 10_000,
        f"{'(' * 10_000}x{')' * 10_000}",
        "\\frac{" * 2_000,
        "x^{" * 1_000,
        "+x" * 5_000,
    ],
)
def test_no_formula(text: str) -> None:
    """Words, dates and stray brackets are no formula."""
    assert formulas(text) == []


@pytest.mark.parametrize(
    ("clause", "outcome"),
    [
        ("传输 1024 MB", Numbers.AGREE),
        ("传输 1000mb", Numbers.AGREE),
        ("传输 1 MB", Numbers.DIFFER),
    ],
)
def test_units_are_converted(clause: str, outcome: Numbers) -> None:
    """The same amount in another unit agrees, the same figure in another unit does not."""
    said = fold(clause)

    assert compare_numbers("传输多少？", "传输 1 gb", said, said) is outcome


@pytest.mark.parametrize(
    ("text", "value"),
    [("三点一四", 3.14), ("二百五十", 250), ("一万二千", None), ("二零二四", 2024), ("缓存", None)],
)
def test_chinese_numerals_alone(text: str, value: float | None) -> None:
    """A text that is a numeral has its value; what is more, or too large, has none."""
    assert read_numeral(text) == value


@pytest.mark.parametrize(
    ("point", "answer", "state"),
    [
        ("3.14±0.01", "大约 3.145", "covered"),
        ("3.14±0.01", "3.16", "contradicted"),
        ("100±5%", "104", "covered"),
        ("100±5%", "106", "contradicted"),
        ("3..4", "3.5", "covered"),
        ("3～4 km", "3500 m", "covered"),
        ("3 到 4", "5", "contradicted"),
        ("10 km", "１００００米", "covered"),
        ("10 km", "10", "covered"),
        ("10 km", "10 m", "contradicted"),
        ("1 GB", "1000 MB", "covered"),
        ("1 GB", "1024 MB", "covered"),
        ("90 分钟", "1.5 小时", "covered"),
        ("37 ℃", "37 度", "covered"),
        ("25%", "1/4", "covered"),
        ("25%", "四分之一", "covered"),
        ("25%", "百分之二十五", "covered"),
        ("1/3", "0.333", "covered"),
        ("1/3", "0.34", "contradicted"),
        ("0.33", "1/3", "contradicted"),
        ("3×10⁸ m/s", "300000 km/s", "covered"),
        ("3×10⁸ m/s", "3e8 m/s", "covered"),
        ("12", "十二个", "covered"),
        ("三", "3", "covered"),
        ("约 3.5 万", "35,000", "covered"),
        ("x = 2", "2", "covered"),
        ("-5", "负5", "covered"),
        ("1024", "2^10 = 1024", "covered"),
        ("sqrt(2)", "1.414", "covered"),
        ("80", "80 或 443", "partial"),
        ("80", "是 80，不是 443", "covered"),
        ("80", "不是 80", "contradicted"),
        ("80", "端口很多", "missed"),
        ("80", "我不知道", "missed"),
        ("80", "", "missed"),
        ("100", "9**9**9", "contradicted"),
        ("100", "9" * 10_000, "missed"),
        ("100", "(" * 10_000, "missed"),
        ("n(n+1)/2", "答案是 0.5·n·(n+1)。", "covered"),
        ("n(n+1)/2", "n(n-1)/2", "contradicted"),
        ("n(n+1)/2", "是个等差数列", "missed"),
        ("S = πr²", "πr^2", "covered"),
        ("对", "√", "covered"),
        ("对", "正确，因为有确认", "covered"),
        ("对", "有确认和重传，所以正确", "covered"),
        ("对", "×", "contradicted"),
        ("错误", "False", "covered"),
        ("错误", "对。不，是错的。", "contradicted"),
        ("错误", "不好说", "missed"),
    ],
)
@pytest.mark.parametrize("engine", Engine)
def test_a_point_that_is_a_value_is_checked_exactly(
    engine: Engine, point: str, answer: str, state: str
) -> None:
    """Value, unit, tolerance and verdict decide, in every engine, and nothing else."""
    check = checker(engine)("是多少？", [ReferencePoint(point)], answer)
    (verdict,) = check.points

    assert verdict.state == state
    assert (verdict.span is None) == (state == "missed")


def test_several_values_are_told_by_presence() -> None:
    """Of a list of numbers each is covered by itself; another number contradicts none."""
    points = [ReferencePoint("80"), ReferencePoint("443")]
    check = check_answer("常用端口？", points, "8080 和 443")

    assert [verdict.state for verdict in check.points] == [State.MISSED, State.COVERED]


def test_an_accepted_value_counts() -> None:
    """A second value that is accepted covers the point."""
    point = ReferencePoint("3.14", accepted=("22/7", "π"))

    assert check_answer("圆周率？", [point], "22/7").score == 1
    assert check_answer("圆周率？", [point], "3.2").score == 0


@given(point=st.text(max_size=40), answer=st.text(max_size=80))
def test_any_text_is_a_value_or_none(point: str, answer: str) -> None:
    """Whatever stands in point and answer, there is a verdict."""
    (verdict,) = check_answer("是多少？", [ReferencePoint(point)], answer).points

    assert 0 <= verdict.probability <= 1


@given(st.text(alphabet="0123456789.()+-*/^=nxlog \\{}_frac√²₁", max_size=60))
def test_any_signs_are_a_formula_or_none(text: str) -> None:
    """Signs in any order end, and are equal to themselves."""
    assert formulas(text) == formulas(text)
