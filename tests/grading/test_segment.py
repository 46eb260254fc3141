"""Cutting answers into clauses and windows."""

import pytest

from app.grading.segment import split_clauses, windows


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("先提取，再融合。最后输出", ["先提取", "再融合", "最后输出"]),
        ("1. 甲类\n2、乙类\n（3）丙类④丁类", ["甲类", "乙类", "丙类", "丁类"]),
        ("It scales. It is cheap, too", ["it scales", "it is cheap", "too"]),
        ("甲快而乙慢，从而更好", ["甲快", "乙慢", "从而更好"]),
        ("f(1) 是 3.14，O(1)；1,000 个", ["f(1) 是 3.14", "o(1)", "1,000 个"]),
        ("", []),
        ("，。！\n", []),
    ],
)
def test_clauses_end_at_marks(text: str, clauses: list[str]) -> None:
    """Punctuation and numbering separate clauses; decimals, calls and 从而 do not."""
    assert [clause.text.text for clause in split_clauses(text)] == clauses


def test_spans_lead_back_to_the_original() -> None:
    """Each clause knows where it stands in the text as it was sent."""
    text = "  **特徵**，\u200b提取！"

    spans = [text[slice(*clause.span)] for clause in split_clauses(text)]

    assert spans == ["**特徵**", "提取"]


def test_sentences_and_lines_are_counted() -> None:
    """A comma stays within the sentence, a full stop or line break does not."""
    clauses = split_clauses("甲，乙。丙\n丁")

    assert [clause.sentence for clause in clauses] == [0, 0, 1, 2]
    assert [clause.line for clause in clauses] == [0, 0, 0, 1]


def test_question_marks_are_remembered() -> None:
    """A clause that asks is told from one that states."""
    assert [clause.asked for clause in split_clauses("什么是缓存？缓存很快。")] == [True, False]


def test_text_without_marks_is_cut_all_the_same() -> None:
    """No clause is longer than the limit."""
    clauses = split_clauses("字" * 1000)

    assert len(clauses) == 5
    assert clauses[-1].span == (960, 1000)


def test_windows_are_bounded() -> None:
    """Windows lie around the chosen clauses and hold eight clauses at most."""
    clauses = split_clauses("字，" * 50)

    found = windows(clauses, [10])

    assert (10, 11) in found
    assert (8, 11) in found
    assert all(first <= 10 < end and end - first <= 8 for first, end in found)
