"""Counts the attacks on the answer check that succeed, and the copies that do not get full marks.

    python -m benchmarks.attacks [--part dev|held|fit] [--engine hybrid|lexical|both] [--long]
                                 [--show NAME] [--json]

The questions are those of `benchmarks/answers`, the test fields left out: rules may be mended after
a look at what fails here. --show prints the failures of one attack in place of the table.
"""

import argparse
import json
from collections.abc import Iterator, Sequence

from app.grading.engines import Checker, Engine, checker
from app.grading.verdict import AnswerCheck, State
from benchmarks.answer_sets import labelled_answers, one_of_each_question
from benchmarks.attack_texts import FRIENDLY, HOSTILE, LONG, Case, Task, cases
from benchmarks.evaluate import Row, rendered

PARTS = ("dev", "fit", "held")
_FEW = 3  # questions that the very long answers are for
_EXCERPT = 100  # characters


def read_bank(parts: Sequence[str]) -> list[Task]:
    """Return the questions of some parts."""
    answers = [one for part in parts for one in labelled_answers(part)]
    return [
        Task(one.question_id, one.question, one.points) for one in one_of_each_question(answers)
    ]


def succeeds(case: Case, check: AnswerCheck) -> bool:
    """Say whether an answer got what it deserves: see `Case`."""
    states = [verdict.state for verdict in check.points]
    covered = {at for at, state in enumerate(states) if state is State.COVERED}
    if case.full:
        return len(covered) == len(states)
    return len(covered) < len(states) and not covered & case.never


def failures(check: Checker, found: Sequence[Case]) -> Iterator[tuple[Case, AnswerCheck]]:
    """Yield the cases that were not judged as they deserve, with the verdicts."""
    for case in found:
        verdict = check(case.task.question, case.task.points, case.answer)
        if not succeeds(case, verdict):
            yield case, verdict


def main() -> None:
    """Attack, and print a table or failures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=PARTS, action="append", help="by default all")
    parser.add_argument("--engine", choices=[*Engine, "both"], default="both")
    parser.add_argument("--long", action="store_true", help="only answers of 100,000 characters")
    parser.add_argument("--show", metavar="NAME", help="print the failures of this attack")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    engines = list(Engine) if options.engine == "both" else [Engine(options.engine)]
    bank = read_bank(options.part or PARTS)
    makers = LONG if options.long else (*HOSTILE, *FRIENDLY)
    found = {maker.__name__: list(cases(maker, bank)) for maker in makers if not options.long}
    found |= {maker.__name__: list(cases(maker, bank[:_FEW])) for maker in makers if options.long}
    if options.show:
        for engine in engines:
            print("\n".join(described(engine, found[options.show])))
        return
    rows = [row(name, each, engines) for name, each in found.items()]
    print(json.dumps(rows, indent=1) if options.json else rendered(rows))


def row(name: str, found: Sequence[Case], engines: Sequence[Engine]) -> Row:
    """Return how many cases of an attack there are, and how many fail each engine."""
    result: Row = {"attack": name, "cases": float(len(found))}
    for engine in engines:
        failed = list(failures(checker(engine), found))
        result[f"{engine} fails"] = float(len(failed))
        result[f"{engine} full marks"] = float(
            sum(not case.full and verdict.score == 1 for case, verdict in failed)
        )
        result[f"{engine} contradicts"] = float(
            sum(
                case.full and one.state is State.CONTRADICTED
                for case, verdict in failed
                for one in verdict.points
            )
        )
    return result


def described(engine: Engine, found: Sequence[Case]) -> Iterator[str]:
    """Yield a line a point that was misjudged."""
    for case, check in failures(checker(engine), found):
        for at, verdict in enumerate(check.points):
            wrong = verdict.state is State.COVERED
            if case.full != wrong and (case.full or at in case.never):
                point, answer = case.task.points[at].whole, case.answer
                start, end = verdict.span or (0, len(answer))
                yield (
                    f"{engine} {case.task.question_id} {verdict.state} {verdict.reason} "
                    f"{verdict.probability:.2f} | {point[:_EXCERPT]} | "
                    f"{answer[start:end][:_EXCERPT]!r}"
                )


if __name__ == "__main__":
    main()
