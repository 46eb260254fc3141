"""What is wrong with references: found in bad ones, not in good ones."""

import pytest

from app.grading.audit import Fault, FaultKind, Reference, audit
from app.grading.engines import Engine
from app.grading.verdict import ReferencePoint
from tests.grading.examples import CACHE, LIQUIDS, LOGISTICS, Example


def faults(
    *points: ReferencePoint,
    question: str = "事务有哪些特性？",
    answer: str = "",
    ordered: bool = False,
    engine: Engine = Engine.LEXICAL,
) -> list[Fault]:
    """Return the faults of a reference."""
    return audit(Reference(question, points, answer, ordered), engine)


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("example", [CACHE, LIQUIDS, LOGISTICS])
def test_good_references_have_no_faults(example: Example, engine: Engine) -> None:
    """Points that are told apart, with full marks for themselves."""
    assert faults(*example.points, question=example.question, engine=engine) == []


@pytest.mark.parametrize("engine", Engine)
def test_points_alike_are_a_pair(engine: Engine) -> None:
    """Two points in almost the same words are named once, the third is not."""
    found = faults(
        ReferencePoint("提交后的数据永久保存，断电也不会丢失。"),
        ReferencePoint("并发的事务互不干扰。"),
        ReferencePoint("提交后的数据永久保存，断电之后也不会丢失。"),
        engine=engine,
    )

    assert Fault(FaultKind.INDISTINCT, (1, 3)) in found
    assert [one.points for one in found if one.kind is FaultKind.INDISTINCT] == [(1, 3)]


def test_an_answer_without_its_points_is_named() -> None:
    """A stored answer that does not say what its points say loses marks, and which."""
    points = (ReferencePoint("提交后的数据永久保存。"), ReferencePoint("并发的事务互不干扰。"))
    found = faults(*points, answer="并发的事务互不干扰。")

    assert found == [Fault(FaultKind.STORED_ANSWER, (1,), "50%")]
    assert faults(*points, answer="- 提交后的数据永久保存。\n- 并发的事务互不干扰。") == []


def test_an_answer_out_of_order_loses_marks() -> None:
    """Where order matters the stored answer has to keep it."""
    points = (ReferencePoint("踩下离合器踏板。"), ReferencePoint("转动钥匙点火。"))
    answer = "转动钥匙点火。踩下离合器踏板。"

    assert faults(*points, answer=answer) == []
    assert [one.kind for one in faults(*points, answer=answer, ordered=True)] == [
        FaultKind.STORED_ANSWER
    ]


def test_a_reference_that_states_nothing_gets_no_marks() -> None:
    """A point that only repeats the question can never be covered."""
    found = faults(ReferencePoint("事务有哪些特性"), question="事务有哪些特性？")

    assert Fault(FaultKind.OWN_REFERENCE, (1,), "0%") in found


@pytest.mark.parametrize("text", ["的", "……", "略", "TODO"])
def test_empty_points_are_named(text: str) -> None:
    """Grammar, dots and placeholders say nothing."""
    assert Fault(FaultKind.EMPTY_POINT, (1,)) in faults(ReferencePoint(text))


@pytest.mark.parametrize("text", ["8", "对", "n^2"])
def test_values_are_not_empty(text: str) -> None:
    """A number, a verdict and a formula are short, and say something."""
    assert faults(ReferencePoint(text)) == []


def test_names_of_several_points_collide() -> None:
    """A name, title or wording stands for one point only; case and width do not count."""
    found = faults(
        ReferencePoint("要么全做，要么全不做。", "原子性", aliases=("ACID",)),
        ReferencePoint("提交后的数据永久保存。", "持久性", accepted=("Ａcid",)),
    )

    assert Fault(FaultKind.ALIAS_COLLISION, (1, 2), "ACID") in found


def test_long_points_are_cut_for_the_network_only() -> None:
    """What the network does not read is counted in tokens; words read everything."""
    long = ReferencePoint("缓存把热点数据放在内存里，" * 20 + "因此读取更快。")
    cut = [one for one in faults(long, engine=Engine.HYBRID) if one.kind is FaultKind.TOO_LONG]

    assert [one.points for one in cut] == [(1,)]
    assert int(cut[0].detail) > 0
    assert FaultKind.TOO_LONG not in {one.kind for one in faults(long)}


def test_the_whole_of_a_fitting_point_is_read() -> None:
    """No token of a short point is said to be cut, alone or among thirty."""
    points = [ReferencePoint(f"第{number}台机器负责备份") for number in range(30)]
    for some in (points[:1], points):
        kinds = {one.kind for one in faults(*some, engine=Engine.HYBRID)}

        assert FaultKind.TOO_LONG not in kinds
