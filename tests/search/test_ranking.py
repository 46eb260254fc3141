"""Ranks: title before prompt before points before answer, rare before common, near before far."""

from app.search.query import parse_query
from app.search.ranking import (
    measure_overlap,
    most_telling,
    pick_tokens,
    rank,
    telling_tokens,
    weigh,
)
from app.search.words import make_words


def words(
    title: str = "甲乙", prompt: str = "", label: str = "", point: str = "", answer: str = ""
) -> str:
    """Return the words of a question."""
    return make_words([[title], [prompt], [label], [point], [answer]])


def ranked(query: str, *questions: str, weights: tuple[int, ...] = (3, 3, 3)) -> list[int]:
    """Return the questions' numbers in the order of their ranks."""
    terms = parse_query(query).terms
    found = rank(enumerate(map(str.encode, questions)), terms, weights[: len(terms)])
    return [row_id for _, row_id in found]


def test_fields_rank_in_their_order() -> None:
    """The earlier field wins, however often the later one repeats the term."""
    questions = (
        words(answer="缓存" * 9),
        words(point="缓存"),
        words(label="缓存"),
        words(prompt="缓存"),
        words(title="缓存一致性的若干问题"),
    )

    assert ranked("缓存", *questions) == [4, 3, 2, 1, 0]


def test_a_title_of_little_else_comes_first() -> None:
    """Who asks for a thing finds the question that asks for just that thing."""
    assert ranked("缓存", words(title="缓存和磁盘的一致性怎样保证"), words(title="什么是缓存")) == [
        1,
        0,
    ]


def test_rare_terms_count_more() -> None:
    """Of two questions with one term in the title each, the rarer term's is first."""
    questions = (words(title="模型", answer="蒸馏"), words(title="蒸馏", answer="模型"))

    assert ranked("模型 蒸馏", *questions, weights=(2, 9)) == [1, 0]


def test_terms_close_together_count_more() -> None:
    """Terms in one phrase beat terms at the two ends of an answer."""
    far = words(answer="图像" + "，啊啊啊" * 90 + "分割")

    assert ranked("图像 分割", far, words(answer="图像的分割")) == [1, 0]


def test_equal_scores_stay_in_the_order_of_the_bank() -> None:
    """There is one order only."""
    assert ranked("缓存", *[words(title="缓存")] * 3) == [0, 1, 2]


def test_weights_halve_the_bank() -> None:
    """A term that every question has weighs 1, and each halving adds 1."""
    assert [weigh(documents, 1_000) for documents in (1_000, 500, 250, 1, 0)] == [1, 2, 3, 10, 10]


def test_few_and_telling_tokens_fetch_what_is_similar() -> None:
    """Together they find no more than is allowed; a common one is taken where there is no other."""
    weights = {"罕见": 9, "少见": 5, "常见": 2}
    documents = {"罕见": 5, "少见": 90, "常见": 20}

    assert pick_tokens(weights, documents, 30) == ["罕见", "常见"]
    assert pick_tokens(weights, documents, 4) == ["罕见"]


def test_a_copy_overlaps_wholly() -> None:
    """What no other question has tells nothing; a question shares all the rest with a copy."""
    text = words(title="什么是缓存", answer="独一无二")
    counts = telling_tokens(text)
    weights = most_telling(counts, {"什么": 50, "缓存": 2, "是缓": 2}, 100)

    assert "什" not in counts
    assert list(weights) == ["是缓", "缓存", "什么"]
    assert measure_overlap(text, weights) == 1
    assert measure_overlap(words(title="缓存"), weights) == weights["缓存"] / sum(weights.values())
