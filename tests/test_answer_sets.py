"""The labelled answers: well formed, kept apart from what is trained on, the test part frozen."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import ROOT
from app.grading.check import State

LABELLED = ROOT / "benchmarks" / "answers" / "labelled"
SECOND = ROOT / "benchmarks" / "answers" / "second_labels.jsonl"
PAIRS = ROOT / "training" / "pairs"
FROZEN = ("astronomy", "civil-engineering", "contract-law", "photography", "psychology")
FROZEN_SHA256 = "2c2fcb558e7904e0e30b40e16bdcc552b16f8ed92a48754c63a7797c8755c391"
FILES = sorted([*LABELLED.glob("*.jsonl"), *PAIRS.glob("*.jsonl")])


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the questions of a file."""
    for line in path.read_text().splitlines():
        yield json.loads(line)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_decision_is_labelled(path: Path) -> None:
    """Each answer has a state for each point, and the file is of one field."""
    for question in lines(path):
        assert question["field"] == path.stem
        assert all(point["text"].strip() for point in question["points"])
        for answer in question["answers"]:
            assert len(answer["states"]) == len(question["points"]), question["id"]
            assert set(answer["states"]) <= set(State)


def test_nothing_is_trained_on_what_is_measured() -> None:
    """Training pairs and labelled answers share no field and no question."""
    fields = [{path.stem for path in folder.glob("*.jsonl")} for folder in (LABELLED, PAIRS)]
    asked = [
        {question["question"] for path in folder.glob("*.jsonl") for question in lines(path)}
        for folder in (LABELLED, PAIRS)
    ]

    assert fields[0].isdisjoint(fields[1])
    assert asked[0].isdisjoint(asked[1])


def test_ids_are_unique() -> None:
    """No two questions have one id."""
    ids = [question["id"] for path in FILES for question in lines(path)]

    assert len(set(ids)) == len(ids)


def test_the_test_part_is_frozen() -> None:
    """The questions that figures are reported on stay as they are."""
    digest = hashlib.sha256()
    for field in FROZEN:
        digest.update((LABELLED / f"{field}.jsonl").read_bytes())

    assert digest.hexdigest() == FROZEN_SHA256


def test_the_second_grader_labelled_the_same_answers() -> None:
    """Agreement is that of two complete labellings; it is as high as the README says."""
    second = {line["id"]: line["states"] for line in lines(SECOND)}
    pairs = [
        (first, other)
        for path in LABELLED.glob("*.jsonl")
        for question in lines(path)
        for answer, states in zip(question["answers"], second[question["id"]], strict=True)
        for first, other in zip(answer["states"], states, strict=True)
    ]

    assert len(pairs) == 2112
    assert round(sum(first == other for first, other in pairs) / len(pairs), 3) == 0.995
