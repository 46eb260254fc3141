"""Words and tokens: what is one word, what is the same word, and what an index looks up."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.batches import tokenise_many
from app.search.query import parse_query
from app.search.words import (
    MOST_CHARACTERS,
    index_tokens,
    make_words,
)

# Runs, words, numbers, marks and blanks, so that most strings have several kinds of words.
TEXTS = st.text(
    st.sampled_from("图像分类目标識别模型 ，。-+#.*`ab c1２\"'”"), max_size=40
) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("图像分类", " 图像分类 "),
        ("**图像**分类", " 图像分类 "),
        ("圖像，分類", " 图像 分类 "),
        ("Models ＡＮＤ models", " model and model "),
        ("C C++ C# c++11", " c c++ c# c++ 11 "),
        (".NET 和 ASP.NET 与 .network", " .net 和 asp .net 与 network "),
        ("1,000 3.14 12,5", " 1000 3.14 12,5 "),
        ("GPT-4o", " gpt 4 o "),
        ("don't don’t", " dont dont "),
        ("人々はテスト", " 人々はテスト "),
        ("？！…", "  "),
        ("", "  "),
    ],
)
def test_words_are_read_in_one_form(text: str, words: str) -> None:
    """Width, case, script and marks of emphasis do not count; C, C++ and C# are kept apart."""
    assert make_words([[text]]) == words


def test_fields_and_parts_are_kept_apart() -> None:
    """No needle can reach from one part into the next."""
    words = make_words([["深度"], [], ["学习", "", "模型"]])

    assert words == " 深度 \n \n 学习 \t 模型 "


def test_tokens_are_characters_pairs_and_words() -> None:
    """A run gives each character and each pair, everything else itself."""
    assert index_tokens(" 图像分 c++ \n 7 ") == {"图", "像", "分", "图像", "像分", "c++", "7"}


def test_what_is_too_long_is_cut_after_a_word() -> None:
    """Half a run is still found, half a word would be found by mistake."""
    run = make_words([["图" * (MOST_CHARACTERS + 9)]])
    words = make_words([["models " * MOST_CHARACTERS]])

    assert len(run) == MOST_CHARACTERS + 1
    assert MOST_CHARACTERS - 10 < len(words) <= MOST_CHARACTERS
    assert index_tokens(words) == {"model"}


@given(TEXTS, TEXTS)
def test_tokens_find_whatever_has_the_needle(text: str, asked: str) -> None:
    """A text that has a term has all tokens of the term; if they are exact, also conversely."""
    words = make_words([[text]])
    tokens = index_tokens(words)
    for term in parse_query(asked).terms:
        if term.needle in words:
            assert tokens.issuperset(term.tokens)
        if term.exact:
            assert (term.needle in words) == tokens.issuperset(term.tokens)


@given(TEXTS)
def test_tokens_have_nothing_that_an_index_could_read_otherwise(text: str) -> None:
    """No token has blanks, quotes or operators of either engine's query language."""
    for token in index_tokens(make_words([[text]])):
        assert token
        assert not set(token) & set(" \t\n\"'&|!:*()\\")


@given(TEXTS)
def test_every_text_finds_itself(text: str) -> None:
    """What was copied out of a question finds that question, unless it reads as an exclusion."""
    query = parse_query(text)
    words = make_words([[text]])

    assert all(term.needle in words for term in query.terms)


@given(st.lists(TEXTS, max_size=5))
def test_many_texts_have_the_tokens_of_each(texts: list[str]) -> None:
    """In a batch nothing is lost or mixed up, and each token is counted once a text."""
    many = [make_words([[text], [text[::-1]]]) for text in texts]
    written, documents = tokenise_many(many)

    assert [set(tokens.split()) for tokens in written] == [index_tokens(words) for words in many]
    assert all(len(tokens.split()) == len(set(tokens.split())) for tokens in written)
    assert documents == Counter(token for words in many for token in index_tokens(words))
