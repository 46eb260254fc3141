"""Points that must come in their order."""

import json
import re

import pytest

from app.config import ROOT
from app.grading.check import CREDIT
from app.grading.engines import Engine, checker
from app.grading.order import judge_order
from app.grading.verdict import AnswerCheck, Reason, ReferencePoint, State
from app.services.offline import check_line

QUESTION = "数据包到达服务器后依次经过哪些处理？"
POINTS = (
    ReferencePoint("网卡收到帧并产生硬件中断。"),
    ReferencePoint("内核协议栈解析 IP 和 TCP 首部。"),
    ReferencePoint("数据被放进套接字的接收缓冲区。"),
    ReferencePoint("应用进程被唤醒并读取数据。"),
)
TEXTS = [point.text.rstrip("。") for point in POINTS]


def check(answer: str, engine: Engine = Engine.LEXICAL) -> AnswerCheck:
    """Check an answer to a question whose order matters."""
    return judge_order(POINTS, answer, checker(engine)(QUESTION, POINTS, answer))


def misplaced(answer: str, engine: Engine = Engine.LEXICAL) -> list[int]:
    """Return the numbers of the points that are out of order."""
    return [
        number
        for number, verdict in enumerate(check(answer, engine).points, start=1)
        if verdict.reason == Reason.OUT_OF_ORDER
    ]


def say(*numbers: int) -> str:
    """Return an answer that gives these points in this order, a sentence each."""
    return "。".join(TEXTS[number - 1] for number in numbers) + "。"


@pytest.mark.parametrize("engine", Engine)
def test_in_order_everything_counts(engine: Engine) -> None:
    """The reference in its order gets full marks."""
    assert misplaced(say(1, 2, 3, 4), engine) == []
    assert check(say(1, 2, 3, 4), engine).score == 1


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        ((2, 1, 3, 4), [2]),
        ((1, 3, 2, 4), [3]),
        ((4, 1, 2, 3), [4]),
        ((2, 3, 4, 1), [1]),
        ((1, 2, 4), []),
        ((3, 1), [3]),
        ((4, 3, 2, 1), [2, 3, 4]),
    ],
)
def test_the_fewest_steps_are_blamed(order: tuple[int, ...], wrong: list[int]) -> None:
    """Of a step that moved only that step is out of order; one left out moves no other."""
    assert misplaced(say(*order)) == wrong


def test_a_step_out_of_order_counts_half() -> None:
    """It is said, so it is partial; the evidence stays, and the others keep their marks."""
    answer = say(4, 1, 2, 3)
    verdicts = check(answer)
    last = verdicts.points[3]

    assert last.state is State.PARTIAL
    assert last.span is not None
    assert answer[slice(*last.span)].startswith("应用进程")
    assert verdicts.score == (3 + CREDIT[State.PARTIAL]) / 4


@pytest.mark.parametrize(
    "answer",
    [
        f"第二步：{TEXTS[1]}。第一步：{TEXTS[0]}。第三步：{TEXTS[2]}。第四步：{TEXTS[3]}。",
        f"2. {TEXTS[1]}\n1. {TEXTS[0]}\n4. {TEXTS[3]}\n3. {TEXTS[2]}",
        f"② {TEXTS[1]}\n① {TEXTS[0]}",
        f"Step 2: {TEXTS[1]}. Step 1: {TEXTS[0]}.",
    ],
)
def test_numbered_steps_may_stand_anywhere(answer: str) -> None:
    """Where an answer numbers its steps, the numbers tell the order."""
    assert misplaced(answer) == []


def test_wrong_numbers_are_out_of_order() -> None:
    """Steps in the right places under the wrong numbers are out of order."""
    assert misplaced(f"第二步：{TEXTS[0]}。第一步：{TEXTS[1]}。") == [2]


def test_steps_within_a_clause_are_told_apart() -> None:
    """Without punctuation the words themselves show what comes first."""
    answer = "应用进程被唤醒并读取数据之前网卡收到帧并产生硬件中断然后内核协议栈解析 IP 和 TCP 首部"

    assert misplaced(answer) == [4]


def test_what_is_not_said_is_not_out_of_order() -> None:
    """Missed points and answers without any text stay as they are."""
    for answer in ("", "我不知道。", say(3)):
        before = checker(Engine.LEXICAL)(QUESTION, POINTS, answer)

        assert check(answer) == before


def test_two_points_in_the_same_words_are_in_order() -> None:
    """Points that the same evidence shows, without words of their own, have no order."""
    points = (ReferencePoint("提交事务。"), ReferencePoint("提交事务。"))
    before = checker(Engine.LEXICAL)("怎么做？", points, "提交事务。")

    assert judge_order(points, "提交事务。", before) == before


def test_points_that_share_their_words_are_told_apart() -> None:
    """The example of the documentation: SYN and ACK stand in several points."""
    page = (ROOT / "docs" / "answer-check.md").read_text(encoding="utf-8")
    example = re.search(r"```json\n(\{\"question\": \"TCP.*?)```", page, re.DOTALL)
    assert example
    line = json.dumps(json.loads(example[1])).encode()
    found = check_line(line, Engine.HYBRID, name="docs", number=1)

    assert found["points"][1]["reason"] == "out_of_order"
    assert found["score"] == 0.8
