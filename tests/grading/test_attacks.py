"""Answers that try for marks they do not deserve, and references in other clothes.

What is asserted here the rules promise, whatever the network thinks; `benchmarks.attacks` counts
the rest over all questions.
"""

import random
from collections.abc import Callable

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.grading.check import State
from app.grading.engines import Engine, checker
from app.grading.verdict import AnswerCheck, Reason, ReferencePoint
from benchmarks.attack_texts import (
    FRIENDLY,
    HOSTILE,
    INJECTIONS,
    LONG,
    Maker,
    Task,
    one_number_changed,
    one_point_denied,
    one_word_turned,
    right_and_wrong,
    swapped_siblings,
)
from benchmarks.attacks import read_bank, succeeds
from tests.grading.examples import EXAMPLES

# Every field of the examples, and real questions with titles, lists, formulas, traditional
# characters, English and mixtures of both.
CHOSEN = {
    "algorithms",
    "databases",
    "economics",
    "history",
    "law",
    "networks",
    "physics",
    "security",
    "software-engineering",
    "web",
}
BANK = [
    *(Task(f"example-{at}", one.question, one.points) for at, one in enumerate(EXAMPLES)),
    *(task for task in read_bank(["fit"]) if task.question_id in CHOSEN),
]
# What counts here depends on the engine's feeling for single words, so full marks alone are denied.
TURNING = (one_word_turned, one_point_denied, one_number_changed, right_and_wrong, swapped_siblings)
BARE = tuple(maker for maker in HOSTILE if maker not in TURNING)
engines = pytest.mark.parametrize("engine", Engine)


def check(engine: Engine, task: Task, answer: str) -> AnswerCheck:
    """Check an answer to a question."""
    return checker(engine)(task.question, task.points, answer)


@engines
@pytest.mark.parametrize("maker", FRIENDLY, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("task", BANK, ids=lambda task: task.question_id)
def test_the_reference_in_any_clothes_gets_full_marks(
    engine: Engine, maker: Maker, task: Task
) -> None:
    """Reordered, in traditional characters, full width, bare of punctuation: it is still there."""
    for case in maker(task, BANK):
        verdict = check(engine, task, case.answer)

        assert {point.state for point in verdict.points} == {State.COVERED}, case.answer
        assert verdict.score == 1


@engines
@pytest.mark.parametrize("maker", BARE, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("task", BANK, ids=lambda task: task.question_id)
def test_what_says_nothing_gets_no_full_marks(engine: Engine, maker: Maker, task: Task) -> None:
    """Titles, keywords, the question, another question's answer and pleas are no answer."""
    for case in list(maker(task, BANK))[:6]:
        assert check(engine, task, case.answer).score < 1, case.answer


def with_another_point(text: str) -> Task:
    """Return a question whose first point is a text."""
    return Task(
        "", "请说明要点。", (ReferencePoint(text), ReferencePoint("另有一点，讲的是历史。"))
    )


@engines
@pytest.mark.parametrize(
    ("right", "turned", "into"),
    [
        ("增大反应物的浓度，反应速率加快。", "加快", "减慢"),
        ("加几滴柠檬汁，降低 pH，使泡沫更稳定。", "降低", "升高"),
        ("从底部翻拌，不要画圈搅拌，避免消泡。", "底部", "顶部"),
        ("烘烤前中期不能打开烤箱门。", "不能", "能够"),
        ("事务一旦提交，修改就永久保存。", "保存", "丢弃"),
        ("内存被划分为大小相等的页框。", "相等", "不等"),
        ("奖励耕织，生产多的人免除徭役。", "奖励", "惩罚"),
        ("废除井田制，承认土地私有，允许买卖。", "允许", "禁止"),
        ("組織內部有利的條件，例如品牌和技術。", "有利", "不利"),
        ("夏季高温多雨，雨热同期，利于生长。", "夏季", "冬季"),
        ("TCP 传输前要三次握手，可靠。", "TCP", "并不是 TCP"),
        ("抬高患肢", "抬高", "放低"),
        ("GET is idempotent, POST is not.", " not.", "."),
        ("Containers start in seconds and use little memory.", "little", "much"),
        ("Tighten a tourniquet above the wound.", "Tighten", "Loosen"),
        ("If the quantum is very large, RR degenerates.", "large", "small"),
        ("The change is recorded in writing.", "The", "It is not true that the"),
        ("The harder mineral scratches the softer one.", "scratches", "never scratches"),
        ("An offer may be revoked before it is accepted.", "before", "after"),
        ("同一 process 内的 threads 共享地址空间。", "共享", "独占"),
    ],
)
def test_a_copy_with_one_word_turned_is_not_covered(
    engine: Engine, right: str, turned: str, into: str
) -> None:
    """An opposite or a denial in a near copy contradicts it; beside the copy they cancel it."""
    task, wrong = with_another_point(right), right.replace(turned, into, 1)

    assert check(engine, task, right).points[0].state is State.COVERED
    assert check(engine, task, wrong).points[0].state is State.CONTRADICTED
    assert check(engine, task, f"{right}\n{wrong}").points[0].state is not State.COVERED


@engines
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("每天食盐摄入不超过 5 克。", "每天食盐摄入不超过 16 克。"),
        ("溫度升到 31～32 ℃ 即可使用。", "溫度升到 41～42 ℃ 即可使用。"),
        ("Press down 5 cm at each push.", "Press down 15 cm at each push."),
    ],
)
def test_a_copy_with_another_number_is_contradicted(engine: Engine, right: str, wrong: str) -> None:
    """A number in a near copy counts as much as a word."""
    verdict = check(engine, with_another_point(right), wrong).points[0]

    assert (verdict.state, verdict.reason) == (State.CONTRADICTED, Reason.NUMBERS_DIFFER)


@engines
@pytest.mark.parametrize(
    ("right", "said"),
    [
        ("栈是后进先出的线性表，只能在一端操作。", "栈是先进后出的线性表，只能在一端操作。"),
        ("教师是帮助者，而不是知识的灌输者。", "教师是帮助者，而不是知识的灌输者，这点很重要。"),
        ("后端慢慢处理，不被压垮。", "后端慢慢处理，不会被压垮。"),
        ("彼此不需要知道对方的存在。", "彼此不用知道对方存在。"),
        ("信息具有传递性。", "信息具有传递性、不对称性和共享性。"),
        ("Never peel off the first cloth.", "Do not peel off the first cloth."),
    ],
)
def test_a_copy_that_says_the_same_is_not_contradicted(
    engine: Engine, right: str, said: str
) -> None:
    """Two turns may cancel, 不用 denies as 不需要 does, and a new clause turns nothing."""
    verdict = check(engine, with_another_point(right), said).points[0]

    assert verdict.state is not State.CONTRADICTED


@engines
@pytest.mark.parametrize("task", [one for one in BANK if one.points[0].title][:5])
def test_swapped_explanations_are_contradicted(engine: Engine, task: Task) -> None:
    """Each title with the next point's explanation covers nothing."""
    for case in swapped_siblings(task, BANK):
        assert succeeds(case, check(engine, task, case.answer)), case.answer


@engines
@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("事务提交后数据永久保存在磁盘", "要么{0}，要么不{0}。"),
        ("committed data is kept on disk forever", "Either {0} or not {0}."),
    ],
)
def test_leaving_both_ways_open_is_not_covered(engine: Engine, text: str, link: str) -> None:
    """Whoever says both has said neither."""
    verdict = check(engine, with_another_point(text), link.format(text)).points[0]

    assert verdict.state is not State.COVERED


@engines
@pytest.mark.parametrize("maker", LONG, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize("task", BANK[1:4:2], ids=lambda task: task.question_id)
def test_a_hundred_thousand_characters(engine: Engine, maker: Maker, task: Task) -> None:
    """Small talk and one word over and over get nothing, the reference over and over gets all."""
    for case in maker(task, BANK):
        assert succeeds(case, check(engine, task, case.answer))


def unchanged(text: str) -> str:
    """Leave a text as it is."""
    return text


CLOTHES: tuple[Callable[[str], str], ...] = (
    opencc.OpenCC("s2t").convert,
    str.upper,
    lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "\u200b".join,
    lambda text: text.replace("：", " ").replace("，", " ").replace("。", " "),
    lambda text: text.replace("\n", "\n\n"),
    lambda text: f"答：\n{text}\n以上。",
    lambda text: f"> {text}".replace("\n", "\n> "),
    unchanged,
)


@settings(max_examples=30, deadline=None)
@given(
    task=st.sampled_from(BANK),
    clothes=st.lists(st.sampled_from(CLOTHES), min_size=1, max_size=3, unique=True),
    seed=st.integers(0, 9),
)
def test_clothes_on_clothes_change_nothing(
    task: Task, clothes: list[Callable[[str], str]], seed: int
) -> None:
    """However it is dressed and ordered, the whole reference is never contradicted or missed."""
    lines = [f"{point.whole}。" for point in task.points]
    random.Random(seed).shuffle(lines)  # noqa: S311 (any order)
    answer = "\n".join(lines)
    for dress in clothes:
        answer = dress(answer)

    assert check(Engine.LEXICAL, task, answer).score == 1, answer


@settings(max_examples=30, deadline=None)
@given(data=st.data(), task=st.sampled_from([one for one in BANK if one.points[0].title]))
def test_attacks_on_attacks_get_no_full_marks(data: st.DataObject, task: Task) -> None:
    """Titles, pleas, the question and small talk add up to nothing."""
    titles = "\n".join(point.title or "" for point in task.points)
    parts = [
        *INJECTIONS,
        titles,
        titles.replace("\n", "、"),
        task.question,
        "今天天气很好。",
        "非常重要。",
    ]
    chosen = data.draw(st.lists(st.sampled_from(parts), min_size=1, max_size=6))
    mark = data.draw(st.sampled_from(["\n", " ", "。", "\u200b\n"]))

    for engine in Engine:
        assert check(engine, task, mark.join(chosen)).score < 1
