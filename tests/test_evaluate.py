"""The evaluation: what its figures mean, and that it goes through the product's own doors."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.grading.engines import Engine
from app.grading.verdict import ReferencePoint
from benchmarks import evaluate
from benchmarks.answer_sets import (
    DEVELOPMENT,
    TEST,
    LabelledAnswer,
    labelled_answers,
    one_of_each_question,
)
from benchmarks.attacks import read_bank
from benchmarks.figures import (
    FIGURES,
    covered_f1,
    hard_separation,
    hostile_full_marks,
    measure,
    right_where_sure,
    separation,
    worst,
)
from benchmarks.judging import Decision, copies, judge, judge_by_cosine, undeserved
from benchmarks.scored import agreement, judge_set, label_of, read_sets

ANSWER = LabelledAnswer(
    question_id="q",
    field="field",
    part="dev",
    question="有哪些？",
    language="zh",
    points=(ReferencePoint("运输"), ReferencePoint("包装")),
    kind="keyword_soup",
    answer_language="zh",
    answer="运输",
    states=("covered", "missed"),
)


def decision(truth: str, state: str, probability: float, *, number: int = 0) -> Decision:
    """Return a decision on one point, as sure as it is far from one half."""
    sure = abs(probability - 0.5) > 0.3
    return Decision(number, 0, ANSWER, truth, state, probability, max(probability, 0.5), sure)


def test_parts_share_no_question() -> None:
    """Development and test are apart, and all is both."""
    dev, test, every = (labelled_answers(part) for part in ("dev", "test", "all"))

    assert {one.field for one in dev} == set(DEVELOPMENT)
    assert {one.field for one in test} == set(TEST)
    assert len(dev) + len(test) == len(every)
    assert {one.part for one in labelled_answers("held")} == {"held"}


def test_attacks_leave_the_test_fields_alone() -> None:
    """Rules are mended after a look at what fails, so nothing may come from the test part."""
    attacked = {task.question for task in read_bank(["dev", "fit", "held"])}

    assert attacked.isdisjoint({one.question for one in labelled_answers("test")})


def test_partial_takes_no_side() -> None:
    """AUC is of covered against missed and contradicted."""
    found = [
        decision("covered", "covered", 0.9),
        decision("missed", "covered", 0.6),
        decision("contradicted", "missed", 0.2),
        decision("partial", "covered", 1.0),
    ]

    assert separation(found) == 1
    assert covered_f1(found) == pytest.approx(0.5)


def test_hard_kinds_are_counted_alone() -> None:
    """Soup is no hard kind."""
    hard = replace(decision("covered", "covered", 0.1), answer=replace(ANSWER, kind="paraphrase"))
    other = replace(decision("missed", "missed", 0.5), answer=replace(ANSWER, kind="partial"))

    assert hard_separation([hard, other, decision("missed", "missed", 0.0)]) == 0


def test_full_marks_are_counted_by_answer() -> None:
    """Every point covered is one full mark, undeserved if one should not be."""
    wrong = [decision("covered", "covered", 0.9), decision("missed", "covered", 0.9)]
    deserved = [decision("covered", "covered", 0.9, number=1)]

    assert undeserved([*wrong, *deserved]) == {"keyword_soup": 1}
    assert hostile_full_marks([*wrong, *deserved, *wrong]) == 2


def test_sure_decisions_and_the_worst() -> None:
    """Only the sure ones count where sure; the surest mistake comes first."""
    found = [
        decision("covered", "covered", 0.95),
        decision("missed", "covered", 0.9),
        decision("missed", "covered", 0.6),
    ]

    assert right_where_sure(found) == pytest.approx(0.5)
    assert [one.probability for one in worst(found, 2)] == [0.9, 0.6]


def test_intervals_draw_questions() -> None:
    """With one question there is nothing to vary."""
    figure = next(one for one in FIGURES if one.name == "F1 of covered")
    found = [decision("covered", "covered", 0.9), decision("missed", "covered", 0.9)]
    measured = measure(figure, found, 20)

    assert measured.low == measured.value == measured.high


def test_the_baseline_sees_what_is_there() -> None:
    """The cosine of a point and an answer that has it is the higher one."""
    there, absent = judge_by_cosine([ANSWER])

    assert there.probability > absent.probability
    assert "contradicted" not in {there.state, absent.state}


def test_copies_are_the_references() -> None:
    """A copy has every point and deserves all of them."""
    answers = labelled_answers("held")
    made = copies(answers)

    assert len(made) == len(one_of_each_question(answers))
    assert all(set(one.states) == {"covered"} for one in made)
    assert {one.state for one in judge(Engine.LEXICAL, made[:3])} == {"covered"}


@pytest.mark.parametrize(
    ("states", "score", "label"),
    [
        (["covered", "covered", "covered", "missed"], 0.75, "correct"),
        (["covered", "missed"], 0.5, "incorrect"),
        (["partial", "missed"], 0.25, "incorrect"),
        (["covered", "contradicted"], 0.5, "contradictory"),
    ],
)
def test_labels_are_derived_from_the_verdict(states: list[str], score: float, label: str) -> None:
    """A contradiction comes first, then three quarters of the score."""
    assert label_of(states, score) == label


def test_scored_sets_take_the_way_of_the_command_line(tmp_path: Path) -> None:
    """References are split as `tiku check` splits them, so a list is judged item by item."""
    write_sets(tmp_path)
    answers = read_sets(tmp_path)["lists"]
    marks = judge_set(Engine.LEXICAL, answers)

    assert [mark.score for mark in marks] == [1, 0.5, 0]
    assert agreement(marks, 5)["Pearson"][0] == pytest.approx(1)


def test_one_command_prints_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures, baseline, slices, full marks, worst decisions and the scored sets, as JSON too."""
    write_sets(tmp_path)
    arguments = ["--part", "held", "--engine", "lexical", "--rounds", "2", "--data", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["evaluate", *arguments, "--json"])
    evaluate.main()
    report = json.loads(capsys.readouterr().out)
    named = {row["figure"]: row for row in report["figures"]}

    assert named["F1 of covered"]["lexical"] > named["F1 of covered"]["baseline"]
    assert named["contradiction, recall"].get("baseline") is None
    assert named["copies of references: covered"]["lexical"] == 1
    assert named["lists Pearson"]["lexical"] == pytest.approx(1)
    assert named["labels weighted F1"]["goal"] is None
    assert {row["slice"] for row in report["by kind of answer"]} >= {"paraphrase", "negated"}
    assert len(report["the 20 surest mistakes of lexical"]) == 20


def test_tables_are_aligned() -> None:
    """Whole numbers are plain, what was not measured is a dash."""
    table = evaluate.rendered([{"figure": "one", "value": 2.0}, {"figure": "other", "low": 0.25}])

    assert table.splitlines() == [
        "figure  value  low",
        "one     2      -",
        "other   -      0.250",
    ]


def write_sets(folder: Path) -> None:
    """Write a set of scores and a set of labels."""
    reference = {
        "question_id": "1",
        "question": "配送有哪些？",
        "references": ["配送：空运；海运。"],
    }
    scores = [("空运和海运", 1.0), ("空运", 0.5), ("天气很好", 0.0)]
    lines = [{**reference, "answer": answer, "score": score} for answer, score in scores]
    labels = [("空运和海运", "correct"), ("天气很好", "incorrect")]
    named = [{**reference, "answer": answer, "label": label} for answer, label in labels]
    for name, rows in (("lists", lines), ("labels", named)):
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
