"""The normal form that search, import and the answer check share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import compare_key, detect_language, fold, fold_all, grams, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("數據增強", "数据增强"),
        ("A\u200bB\ufeff\u00adC", "abc"),
        ("  a \n\t b  ", "a b"),
        ("①ﬁ㎏", "1fikg"),
        ("e\u0301", "é"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    """Width, case, script, invisible characters and white space do not count."""
    assert fold(text) == folded


def test_compare_key_ignores_punctuation() -> None:
    """Two texts are the same when their letters and digits are."""
    assert compare_key("數據，增強！") == compare_key("数据 增强")


def test_compare_key_tells_languages_apart() -> None:
    """Signs that are part of a name are no punctuation."""
    assert len({compare_key(name) for name in ("C", "C++", "C#")}) == 3


def test_span_covers_combining_marks() -> None:
    """A position in the normal form leads back to the whole character of the original."""
    text = "xe\u0301y"
    normal = normalise(text)

    assert normal.text == "xéy"
    assert normal.span(1, 2) == (1, 3)


def test_grams_are_pairs_and_stems() -> None:
    """Chinese gives characters and pairs, English stems, numbers themselves."""
    assert grams(fold("数据集 models 3.5%")) == ["数", "据", "集", "数据", "据集", "model", "3.5%"]


@pytest.mark.parametrize(
    ("text", "language"),
    [("数据增强", "zh"), ("數據增強與訓練", "zh-Hant"), ("data augmentation", "en"), ("", "en")],
)
def test_language(text: str, language: str) -> None:
    """The script that dominates names the language."""
    assert detect_language(text) == language


@given(st.text(max_size=200))
def test_origins_point_into_the_original(text: str) -> None:
    """Every character of a normal form has its place in the original, in order."""
    normal = normalise(text)

    assert len(normal.origins) == len(normal.text)
    assert list(normal.origins) == sorted(normal.origins)
    assert all(0 <= origin < len(text) for origin in normal.origins)


PLAIN = st.text(
    st.one_of(st.characters(codec="gb18030"), st.sampled_from("Ａｂ １，。「…—中國\n "))
)


@given(st.one_of(st.text(), PLAIN))
def test_the_fast_way_folds_the_same(text: str) -> None:
    """Folding with and without the way back gives one normal form."""
    assert fold(text) == normalise(text).text


def test_plain_characters_fold_as_all_others_do() -> None:
    """The quick way of folding gives for every character what the thorough way gives."""
    characters = [chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000]

    assert all(fold(f"a{one}b") == normalise(f"a{one}b").text for one in characters)


def test_many_texts_fold_as_each() -> None:
    """Folded together or one by one, texts have the same normal forms."""
    for texts in (["繁體，Ｗｉｄｅ", "a\tb\nc", ""], ["繁體", "e\u0301\nf", "…"], [""]):
        folded = fold_all(texts)

        assert [" ".join(text.split()) for text in folded] == [fold(text) for text in texts]
