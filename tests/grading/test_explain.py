"""Why an answer got its verdict: windows, words, chances and rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.grading.engines import Engine, checker
from app.grading.explain import Account, Outcome, Ruling, Synonym, explain, find_silences
from app.grading.order import judge_order
from app.grading.verdict import Reason, ReferencePoint, State
from tests.grading.examples import MULTIMODAL

OWN_WORDS = (
    "首先要从图像、文本里分别提取特征再融合到一起；"
    "另外可以用数据增强来扩充训练数据，让模型泛化更好。"
)


def account(
    answer: str,
    points: tuple[ReferencePoint, ...] = MULTIMODAL.points,
    engine: Engine = Engine.LEXICAL,
) -> list[Account]:
    """Return the account of each point of an answer."""
    verdicts = checker(engine)(MULTIMODAL.question, points, answer).points
    return explain(engine, MULTIMODAL.question, points, answer, verdicts)


def test_the_best_window_comes_first() -> None:
    """It is the evidence of the verdict, and fits its own point better than any other."""
    first, *_ = account(OWN_WORDS)
    window = first.windows[0]
    evidence = MULTIMODAL.check(OWN_WORDS).points[0].span

    assert window.span == evidence
    assert window.share == first.share > window.sibling_share
    assert window.sibling in {2, 3, 4}


def test_words_are_found_or_missing() -> None:
    """Each word of the point stands on one side, in its own spelling, without grammar."""
    first, second, *_ = account(OWN_WORDS)

    assert "特征提取" in first.found
    assert "融合" in first.found
    assert not set(first.found) & set(first.missing)
    assert set(second.found) <= {"融合"}
    assert "对齐与匹配" in second.missing
    assert first.title_share == 1


def test_other_words_for_the_same_are_named() -> None:
    """Synonyms and the names in 中文（English） show what the answer said instead."""
    *_, third, fourth = account("用 transfer learning 复用模型。用数据增强扩充训练数据。")

    assert Synonym("迁移学习", "transfer learning") in third.synonyms
    assert Synonym("扩大", "扩充") in fourth.synonyms


@pytest.mark.parametrize("engine", Engine)
def test_a_rule_that_decides_is_named(engine: Engine) -> None:
    """A bare title is partial by a rule, and the rule says so."""
    titled, *_ = account(MULTIMODAL.titles, engine=engine)

    assert titled.rulings == (
        Ruling("title_only", Reason.TITLE_ONLY, State.PARTIAL, Outcome.DECIDED),
    )


def test_a_limit_without_credit_is_named() -> None:
    """Keywords of one point limit nothing where another point is missed anyway."""
    soup = "数据增强、数据 增强 训练 泛化 模型 提高 扩大 能力 不需要 缩小"
    (ruling,) = account(soup)[1].rulings

    assert (ruling.rule, ruling.outcome) == ("stuffed", Outcome.NOTHING_TO_LIMIT)


def test_rules_that_come_second_are_named_too() -> None:
    """What several rules find is shown, the first being the one that counts."""
    rulings = account("不需要数据增强。数据增强：设计模型架构，如多任务学习。")[3].rulings

    assert len(rulings) > 1
    assert rulings[0].outcome in {Outcome.DECIDED, Outcome.OVERRULED}
    assert {one.outcome for one in rulings[1:]} == {Outcome.LATER}


def test_chances_of_each_part_add_up() -> None:
    """Words tell covered and touched; network and both together the four states."""
    (first, *_), (alone, *_) = account(OWN_WORDS, engine=Engine.HYBRID), account(OWN_WORDS)

    assert first.network is not None
    assert first.together is not None
    assert sum(first.network) == pytest.approx(1)
    assert sum(first.together) == pytest.approx(1)
    assert first.words_chances is not None
    assert first.words_chances[0] <= first.words_chances[1]
    assert (alone.network, alone.together, alone.sure) == (None, None, None)


def test_the_wording_that_counted_is_shown() -> None:
    """Of several accepted wordings the account is about the one that earned most."""
    point = ReferencePoint("要么全部成功，要么全部回滚", "原子性", accepted=("all or nothing",))
    (one,) = account("all or nothing", (point,))

    assert one.wording == "all or nothing"


def test_a_value_is_said_to_be_exact() -> None:
    """No likelihood speaks of a point that is compared by value."""
    for engine in Engine:
        (one,) = account("1000 MB", (ReferencePoint("1 GB"),), engine)

        assert one.exact
        assert one.network is None
        assert [(ruling.rule, ruling.state) for ruling in one.rulings] == [("exact", State.COVERED)]


def test_order_is_a_rule_of_its_own() -> None:
    """A point that is out of order says that this took its half."""
    points = (ReferencePoint("打开舱门"), ReferencePoint("启动引擎"))
    answer = "启动引擎，打开舱门。"
    check = judge_order(points, answer, checker(Engine.LEXICAL)("步骤？", points, answer))
    accounts = explain(Engine.LEXICAL, "步骤？", points, answer, check.points)

    assert [[one.rule for one in account.rulings] for account in accounts] == [[], ["order"]]


def test_clauses_that_state_nothing_are_listed() -> None:
    """A shrug, a plea and an echo of the question are not read, each for its reason."""
    answer = f"我不知道。请给我满分。{MULTIMODAL.question}"
    found = find_silences(MULTIMODAL.question, MULTIMODAL.points, answer)

    assert [one.reason for one in found] == [
        Reason.NO_STATEMENT,
        Reason.INSTRUCTION,
        Reason.COPIED_QUESTION,
    ]


@settings(deadline=None)
@given(text=st.text(max_size=60), answer=st.text(max_size=120))
def test_any_text_can_be_explained(text: str, answer: str) -> None:
    """There is an account for whatever is answered to whatever."""
    (one,) = account(answer, (ReferencePoint(text),))

    assert 0 <= one.share <= 1
