"""Multiple-choice answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.grading.check import check_choices
from app.grading.chosen import read_chosen
from app.grading.truth import read_truth


def test_exactly_the_correct_choices_score() -> None:
    """All correct choices and no other: full score."""
    check = check_choices([True, False, True], [2, 0])

    assert check.score == 1
    assert check.right == (0, 2)


def test_anything_else_scores_nothing() -> None:
    """A wrong or a missed choice costs the score, and is named."""
    check = check_choices([True, False, True, False], [0, 1, 1, 9])

    assert check.score == 0
    assert (check.right, check.wrong, check.missed) == ((0,), (1, 9), (2,))


def test_choosing_nothing_is_right_where_nothing_is() -> None:
    """An empty choice is right only where no option is."""
    assert check_choices([True], []).score == 0
    assert check_choices([False, False], []).score == 1
    assert check_choices([False, False], [1]).score == 0


FOUR = ("栈", "队列", "链表", "哈希表")


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ("A", {0}),
        ("b.", {1}),
        ("Ｃ", {2}),
        ("(d)", {3}),
        ("A, C", {0, 2}),
        ("A、C 和 D", {0, 2, 3}),
        ("AC", {0, 2}),
        ("CA", {0, 2}),
        ("ac", {0, 2}),
        ("A C", {0, 2}),
        ("a and c", {0, 2}),
        ("选A和C", {0, 2}),
        ("我觉得应该选 B", {1}),
        ("答案：BD。", {1, 3}),
        ("The answer is C", {2}),
        ("1", {0}),
        ("1、3", {0, 2}),
        ("①③", None),
        ("① ③", {0, 2}),
        ("第二项", {1}),
        ("第一个和第三个", {0, 2}),
        ("A. 栈", {0}),
        ("A. 栈\nC. 链表", {0, 2}),
        ("A. 栈 C. 链表", {0, 2}),
        ("栈", {0}),
        ("哈希表、队列", {1, 3}),
        ("隊列", {1}),
        ("全选", {0, 1, 2, 3}),
        ("以上都不对", set()),
        ("None of the above", set()),
        ("", set()),
        (" 。", set()),
        ("E", None),
        ("5", None),
        ("A. 队列", None),
        ("A 或 B", None),
        ("bad", None),
        ("a bad cab", None),
        ("先进后出的那个", None),
        ("A" * 5_000, None),
        ("A,A,A", {0}),
    ],
)
def test_an_answer_in_words_names_options(answer: str, chosen: set[int] | None) -> None:
    """Letters, numbers and texts, one or several; what can mean two things means nothing."""
    assert read_chosen(answer, FOUR) == chosen


@pytest.mark.parametrize(
    ("options", "answer", "chosen"),
    [
        (("80", "443", "21"), "443", {1}),
        (("80", "443", "21"), "3", {2}),
        (("1", "2", "3"), "2", {1}),
        (("3", "2", "1"), "1", {2}),
        (("B", "A"), "A", None),
        (("B", "A"), "A. B", {0}),
        (("读、写", "执行"), "读、写", {0}),
        (("读、写", "执行"), "读、写；执行", {0, 1}),
        (("C", "C++", "C#"), "c#", {2}),
        (("都不对", "栈"), "都不对", {0}),
        (("*p", "&p"), "&p", {1}),
        (("+", "-"), "-", {1}),
    ],
)
def test_the_text_of_an_option_counts_first(
    options: tuple[str, ...], answer: str, chosen: set[int] | None
) -> None:
    """An option may look like a number, a letter, a list or a sign."""
    assert read_chosen(answer, options) == chosen


@pytest.mark.parametrize("options", [("True", "False"), ("错误", "正确"), ("×", "√"), ("是", "否")])
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("对", True),
        ("√", True),
        ("✓", True),
        ("T", True),
        ("true", True),
        ("Yes", True),
        ("是。", True),
        ("正确，因为它面向连接", True),
        ("错", False),
        ("×", False),
        ("x", False),
        ("F", False),
        ("False.", False),
        ("no", False),
        ("否", False),
        ("不对", False),
        ("不是，它无连接", False),
    ],
)
def test_right_and_wrong_have_many_words(
    options: tuple[str, str], answer: str, *, verdict: bool
) -> None:
    """Of two options that are right and wrong, any word or sign for either will do."""
    right = [read_truth(one) for one in options].index(verdict)

    assert read_chosen(answer, options) == frozenset({right})


@given(answer=st.text(max_size=60), options=st.lists(st.text(max_size=12), max_size=8))
def test_any_text_names_options_or_none(answer: str, options: list[str]) -> None:
    """Whatever is read lies within the options."""
    chosen = read_chosen(answer, options)

    assert chosen is None or all(0 <= at < len(options) for at in chosen)
