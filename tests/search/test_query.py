"""Queries: terms, phrases, exclusions, and that there is no wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.query import parse_query


def needles(text: str) -> tuple[list[str], list[str]]:
    """Return what a query wants and what it excludes."""
    query = parse_query(text)
    return [one.needle for one in query.terms], [one.needle for one in query.excluded]


@pytest.mark.parametrize(
    ("text", "wanted", "excluded"),
    [
        ("图像 分类", ["图像", "分类"], []),
        ("图像，分类、图像", ["图像", "分类"], []),
        ("深度學習 MODELS", ["深度学习", " model "], []),
        ('"machine learning" data', [" machin learn ", " data "], []),
        ("“图像 分类”", ["图像 分类"], []),
        ('什么是"image data"呢', ["什么是", " imag data ", "呢"], []),
        ("模型 -图像", ["模型"], ["图像"]),
        ('模型 -"deep learning"', ["模型"], [" deep learn "]),
        ("－模型", [], ["模型"]),
        ("client-server", [" client server "], []),
        ("node.js a/b", [" node js ", " a b "], []),
        ("BERT模型", [" bert 模型"], []),
        ("模型BERT", ["模型 bert "], []),
        ("GPT4 gpt-4", [" gpt 4 "], []),
        ("C++/C# C .net", [" c++ c# ", " c ", " .net "], []),
        ('"never closed', [" never close "], []),
        ("- -- ---", [], []),
        ('" ”', [], []),
        ("？！", [], []),
        ("a - b", [" a ", " b "], []),
        ("图", ["图"], []),
    ],
)
def test_queries_are_read(text: str, wanted: list[str], excluded: list[str]) -> None:
    """What stands together is one term, what is quoted too, `-` excludes."""
    assert needles(text) == (wanted, excluded)


def test_a_blank_query_asks_for_nothing() -> None:
    """Blanks are no query; marks alone are one, which finds nothing."""
    assert not parse_query(" \t\u3000").asked
    assert parse_query("？").asked


def test_long_runs_need_few_tokens() -> None:
    """However long a term is, an index is asked for a few tokens of it."""
    (term,) = parse_query("图像分类目标检测语义分割实例分割全景分割姿态估计").terms

    assert len(term.tokens) == 8
    assert not term.exact


@given(st.text())
def test_nothing_is_a_wrong_query(text: str) -> None:
    """Any text is read, and its terms have something to look up."""
    query = parse_query(text)

    assert all(term.tokens and term.needle.strip() for term in query.terms + query.excluded)
