"""Highlights: spans in code points of the text as it stands."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from app.search.highlighting import SNIPPET, Snippet, find_snippets, find_spans
from app.search.query import parse_query
from app.search.words import make_words
from tests.search.test_words import TEXTS


def find_snippet(text: str, needles: Sequence[str]) -> Snippet | None:
    """Return the snippet of one text."""
    (snippet,) = find_snippets([text], needles)
    return snippet


def marked(text: str, query: str) -> str | None:
    """Return the snippet with its hits in brackets, None without one."""
    snippet = find_snippet(text, [term.needle for term in parse_query(query).terms])
    if snippet is None:
        return None
    assert text[snippet.offset :].startswith(snippet.text)
    result = snippet.text
    for start, end in reversed(snippet.spans):
        result = f"{result[:start]}[{result[start:end]}]{result[end:]}"
    return result


def test_hits_are_marked_in_the_original() -> None:
    """Script, width, case, endings and marks of emphasis stay as the author wrote them."""
    assert marked("多模態模型", "多模态") == "[多模態]模型"
    assert marked("ＣＮＮ and Models", "cnn model") == "[ＣＮＮ] and [Models]"
    assert marked("**图像**分类", "图像分类") == "**[图像**分类]"
    assert marked("C++ 和 C", "c") == "C++ 和 [C]"
    assert marked("目标检测", "目标 检测") == "[目标检测]"
    assert marked("e\u0301te\u0301…了吗", "了") == "e\u0301te\u0301…[了]吗"
    assert marked("图像", "语音") is None


def test_long_texts_are_shown_where_most_terms_hit() -> None:
    """The snippet is where the terms stand together, not where one of them comes first."""
    text = "模型。" + "啊" * 300 + "图像模型" + "哦" * 300
    snippet = find_snippet(text, ["图像", "模型"])

    assert snippet is not None
    assert len(snippet.text) == SNIPPET
    assert snippet.text[slice(*snippet.spans[0])] == "图像模型"


def test_snippets_do_not_cut_latin_words() -> None:
    """A snippet begins and ends between words."""
    text = "convolutional networks " * 30 + "needle " + "recurrent networks " * 30
    snippet = find_snippet(text, [" needl "])

    assert snippet is not None
    assert {*snippet.text.split()} == {"convolutional", "networks", "needle", "recurrent"}


@given(TEXTS, TEXTS)
def test_there_are_spans_exactly_where_there_are_hits(text: str, asked: str) -> None:
    """A text has a span of a term if and only if its words have the needle; spans lie within."""
    needles = [term.needle for term in parse_query(asked).terms]
    hits = find_spans(text, needles)

    assert {term for _, term in hits} == {
        number for number, needle in enumerate(needles) if needle in make_words([[text]])
    }
    assert all(0 <= start < end <= len(text) for (start, end), _ in hits)


@given(st.text(st.sampled_from("图像分类ab ，"), min_size=100, max_size=400), TEXTS)
def test_snippets_hold_their_hits(text: str, asked: str) -> None:
    """Spans are in order, apart from each other and within the snippet, which has one at least."""
    snippet = find_snippet(text, [term.needle for term in parse_query(asked).terms])
    if snippet is not None:
        flat = [place for span in snippet.spans for place in span]

        assert snippet.spans
        assert flat == sorted(set(flat))
        assert flat[-1] <= len(snippet.text)


@given(st.lists(TEXTS, min_size=1, max_size=4), TEXTS)
def test_several_texts_have_the_snippets_of_each(texts: list[str], asked: str) -> None:
    """Together or one by one, texts have the same snippets."""
    needles = [term.needle for term in parse_query(asked).terms]

    assert find_snippets(texts, needles) == [find_snippet(text, needles) for text in texts]
