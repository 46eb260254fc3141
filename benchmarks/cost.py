"""What a check costs: milliseconds for 300 characters, and the memory that an engine adds.

`python -m benchmarks.cost hybrid` prints JSON; each engine is measured in a process of its own.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import process_time

from app.config import ROOT
from benchmarks.answer_sets import LabelledAnswer, labelled_answers, one_of_each_question

_LENGTH = 300  # characters
_TURNS = 3
_SAMPLE = 10  # answers after which all is loaded that ever will be


def measure_cost(engine: str) -> Mapping[str, float]:
    """Return p50 and p95 in milliseconds and the memory added in MB, from a fresh process.

    Time is that of the processor, so that other work on the machine counts little; the check
    runs on one thread and waits for nothing.
    """
    command = [sys.executable, "-m", "benchmarks.cost", engine]
    done = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)  # noqa: S603 (our own)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _measure(engine: str) -> Mapping[str, float]:
    answers = labelled_answers("dev")
    tasks = [(one, _long_answer(one, answers)) for one in one_of_each_question(answers)]
    before = _resident()
    from app.grading.engines import Engine, checker  # noqa: PLC0415 (its memory is measured)

    check = checker(Engine(engine))
    for one, text in tasks[:_SAMPLE]:
        check(one.question, one.points, text)
    added = _resident() - before
    spent = []
    for one, text in tasks * _TURNS:
        started = process_time()
        check(one.question, one.points, text)
        spent.append((process_time() - started) * 1000)
    spent.sort()
    return {"p50": spent[len(spent) // 2], "p95": spent[int(0.95 * len(spent))], "memory": added}


def _long_answer(one: LabelledAnswer, answers: list[LabelledAnswer]) -> str:
    """Return 300 characters that answer a question, made of the answers that it has."""
    texts = [other.answer for other in answers if other.question_id == one.question_id]
    return "\n".join(texts)[:_LENGTH]


def _resident() -> float:
    """Return the memory of this process in MB; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("engine")
    print(json.dumps(_measure(parser.parse_args().engine)))
