"""Measures the answer check: every figure of the protocol, the baseline beside it.

    python -m benchmarks.evaluate [--part dev|test|all|held] [--engine hybrid|lexical|both]
                                  [--data DIR] [--rounds 200] [--json]

The labelled answers are those of benchmarks/answers. DIR may hold human-scored sets as NAME.jsonl,
an answer a line: question_id, question, references, answer, and score (0..1) or label (correct,
contradictory, incorrect). The baseline is the cosine of TF-IDF vectors over character one- and
two-grams. Intervals are 95%, by drawing questions anew. benchmarks/README.md explains the figures.
"""

import argparse
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from app.grading.engines import Engine, can_run_network
from app.grading.verdict import State
from benchmarks import scored
from benchmarks.answer_sets import PARTS, ScoredAnswer, labelled_answers
from benchmarks.cost import measure_cost
from benchmarks.figures import FIGURES, in_slices, measure, right, worst
from benchmarks.judging import Decision, copies, judge, judge_by_cosine, undeserved

Row = dict[str, float | str]
BASELINE = "baseline"
WORST = 20
EXCERPT = 60  # characters
_GOALS = {"p95": 100.0, "memory": 250.0}
_SET_GOALS = {"le Pearson": 0.93, "le mean error": 0.07, "ads Pearson": 0.65}
_SET_GOALS |= {"scientsbank weighted F1": 0.78}


def main() -> None:
    """Evaluate and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=PARTS, default="dev")
    parser.add_argument("--engine", choices=[*Engine, "both"], default="both")
    parser.add_argument("--data", type=Path, help="folder of human-scored sets")
    parser.add_argument("--rounds", type=int, default=200, help="bootstrap resamples")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    options = parser.parse_args()
    if options.engine != Engine.LEXICAL and not can_run_network():
        parser.error("the network cannot run here: install onnxruntime, or say --engine lexical")
    engines = list(Engine) if options.engine == "both" else [Engine(options.engine)]
    report = evaluate(engines, options.part, options.rounds)
    for name, answers in scored.read_sets(options.data).items() if options.data else ():
        report["figures"] += set_rows(name, engines, answers, options.rounds)
    if options.json:
        print(json.dumps(_without_nan(report), ensure_ascii=False, indent=1))
    else:
        print("\n\n".join(f"{name}\n{rendered(rows)}" for name, rows in report.items()))


def evaluate(engines: Sequence[Engine], part: str, rounds: int) -> dict[str, list[Row]]:
    """Return tables by their names: the figures, slices, full marks and worst decisions."""
    answers = labelled_answers(part)
    said = {engine.value: judge(engine, answers) for engine in engines}
    first = next(iter(said.values()))
    said[BASELINE] = judge_by_cosine(answers)
    return {
        "figures": [
            *figure_rows(said, rounds),
            *copy_rows(engines, part),
            *cost_rows(engines),
        ],
        "by kind of answer": in_slices(said, lambda one: one.answer.kind),
        "by language of reference and answer": in_slices(
            said, lambda one: f"{one.answer.language} by {one.answer.answer_language}"
        ),
        "undeserved full marks by kind": full_mark_rows(said),
        f"the {WORST} surest mistakes of {engines[0]}": worst_rows(first),
    }


def figure_rows(said: Mapping[str, Sequence[Decision]], rounds: int) -> list[Row]:
    """Return a row a figure of the protocol: what it should be, and each engine's with interval."""
    rows = []
    for figure in FIGURES:
        measured = {
            name: measure(figure, found, rounds)
            for name, found in said.items()
            if figure.baseline or name != BASELINE
        }
        rows.append(
            _row(
                figure.name,
                figure.goal,
                {name: (one.value, one.low, one.high) for name, one in measured.items()},
            )
        )
    return rows


def copy_rows(engines: Sequence[Engine], part: str) -> list[Row]:
    """Return what is said of the references themselves as answers."""
    answers = copies(labelled_answers(part))
    said = {engine.value: judge(engine, answers) for engine in engines}
    found = {
        name: float(sum(one.state == State.CONTRADICTED for one in each))
        for name, each in said.items()
    }
    covered = {name: right(each) for name, each in said.items()}
    return [
        _with_goal("copies of references: covered", 1.0) | covered,
        _with_goal("copies of references: contradictions found", 0.0) | found,
    ]


def cost_rows(engines: Sequence[Engine]) -> list[Row]:
    """Return time and memory."""
    costs = {engine.value: measure_cost(engine) for engine in engines}
    names = {
        "p50": "ms of processor for 300 characters, median",
        "p95": "ms of processor for 300 characters, 95th percentile",
        "memory": "MB of memory added",
    }
    return [
        _with_goal(name, _GOALS.get(key)) | {engine: cost[key] for engine, cost in costs.items()}
        for key, name in names.items()
    ]


def full_mark_rows(said: Mapping[str, Sequence[Decision]]) -> list[Row]:
    """Return a row a kind whose answers got full marks that they should not have."""
    counts = {name: undeserved(found) for name, found in said.items()}
    kinds = sorted({kind for count in counts.values() for kind in count})
    return [
        {"kind": kind, **{name: float(count.get(kind, 0)) for name, count in counts.items()}}
        for kind in kinds
    ]


def worst_rows(found: Sequence[Decision]) -> list[Row]:
    """Return the wrong decisions that were thought surest, with their texts."""
    return [
        {
            "expected": one.truth,
            "said": one.state,
            "covered": one.probability,
            "sure": one.confidence,
            "kind": one.answer.kind,
            "question": f"{one.question_id}: {excerpt(one.answer.question)}",
            "point": excerpt(one.answer.points[one.at].whole),
            "answer": excerpt(one.answer.answer),
        }
        for one in worst(found, WORST)
    ]


def set_rows(
    name: str, engines: Sequence[Engine], answers: Sequence[ScoredAnswer], rounds: int
) -> list[Row]:
    """Return a row a figure of one human-scored set."""
    marks = {engine.value: scored.judge_set(engine, answers) for engine in engines}
    marks[BASELINE] = scored.judge_set_by_cosine(answers)
    figures = {engine: scored.agreement(each, rounds) for engine, each in marks.items()}
    return [
        _row(
            f"{name} {figure}",
            _SET_GOALS.get(f"{name} {figure}"),
            {engine: each[figure] for engine, each in figures.items()},
        )
        for figure in next(iter(figures.values()))
    ]


def excerpt(text: str) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1]}…"


def rendered(rows: Sequence[Row]) -> str:
    """Lay out rows as a table; a column is there if any row has it, NaN is a dash."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = [[shown(row.get(column, math.nan)) for column in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    return "\n".join(line(row, widths) for row in [columns, *cells])


def line(cells: Iterable[str], widths: Iterable[int]) -> str:
    """Return one line of a table."""
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def shown(value: float | str) -> str:
    """Return a cell's text: whole numbers plain, large ones without digits, others with three."""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "-"
    return f"{value:.0f}" if float(value).is_integer() or value > EXCERPT else f"{value:.3f}"


def _row(name: str, goal: float | None, measured: Mapping[str, tuple[float, float, float]]) -> Row:
    row = _with_goal(name, goal)
    for engine, (value, low, high) in measured.items():
        row[engine] = value
        row[f"{engine} 95%"] = f"{shown(low)} to {shown(high)}"
    return row


def _with_goal(name: str, goal: float | None) -> Row:
    """Begin the row of a figure."""
    return {"figure": name, "goal": math.nan if goal is None else goal}


def _without_nan(report: Mapping[str, Sequence[Row]]) -> dict[str, list[dict[str, object]]]:
    """Return the tables with null where nothing was measured, as JSON has no NaN."""
    return {
        name: [
            {
                key: None if isinstance(value, float) and math.isnan(value) else value
                for key, value in row.items()
            }
            for row in rows
        ]
        for name, rows in report.items()
    }


if __name__ == "__main__":
    main()
