"""Figures of words alone, the model alone and both fused, on labelled answers kept apart.

    python -m training.evaluate_model --run FOLDER [--checkpoint best.pt] [--frozen] [--json FILE]

Temperature and fusion are fitted by leaving one development field out, so no figure of a field has
seen it; with `--frozen` they are fitted on all development fields and judged on the frozen ones.
"""

# ruff: noqa: T201 (it prints a table)

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import torch

from app.grading.check import PointVerdict
from training.dataset import Example, Reader, read_examples
from training.export import load_model, onnx_forward
from training.fusion import check_words, features, fit_fusion, fit_temperature
from training.model import CLASSES
from training.scoring import (
    Figures,
    Forward,
    Numbers,
    measure_said,
    predict,
    softmax,
    torch_forward,
)
from training.train import DEVELOPMENT, LABELLED
from training.vocabulary import load_unigram

FROZEN = ("contract-law", "astronomy", "psychology", "photography", "civil-engineering")
_UNDESERVING = frozenset(
    {
        "titles_only",
        "keyword_soup",
        "copied_question",
        "injection",
        "swapped_siblings",
        "other_question",
        "empty",
        "dont_know",
        "vague",
    }
)
_HARD = frozenset({"paraphrase", "partial", "other_language"})


@dataclass(frozen=True, slots=True)
class Decision:
    """One point of one answer: the truth, the model's logits and the verdict by words."""

    answer: int
    example: Example
    truth: str
    logits: Numbers
    words: PointVerdict

    @property
    def features(self) -> Numbers:
        """What the fusion rests on."""
        return features(self.logits, self.words)


@dataclass(frozen=True, slots=True)
class Said:
    """What a method says of a decision."""

    decision: Decision
    state: str
    covered: float
    confidence: float


def decide(forward: Forward, reader: Reader, examples: Sequence[Example]) -> list[Decision]:
    """Run the model and the lexical engine over examples."""
    rows = predict(forward, reader, examples)
    decisions = []
    for number, (example, logits) in enumerate(zip(examples, rows, strict=True)):
        verdicts = check_words(example).points
        for truth, values, words in zip(example.states, logits, verdicts, strict=True):
            decisions.append(Decision(number, example, truth, values, words))
    return decisions


def by_words(decisions: Sequence[Decision]) -> list[Said]:
    """Return what the lexical engine says."""
    return [
        Said(one, str(one.words.state), one.words.probability, one.words.confidence)
        for one in decisions
    ]


def by_model(decisions: Sequence[Decision], temperature: float = 1.0) -> list[Said]:
    """Return what the model says at a temperature."""
    return [_likeliest(one, softmax(one.logits, temperature)) for one in decisions]


def by_tempered(fitted: Sequence[Decision], judged: Sequence[Decision]) -> list[Said]:
    """Return what the model says at the temperature that suits other decisions."""
    temperature = fit_temperature([one.logits for one in fitted], [one.truth for one in fitted])
    return by_model(judged, temperature)


def by_fusion(fitted: Sequence[Decision], judged: Sequence[Decision]) -> list[Said]:
    """Return what model and words say together, fitted on other decisions."""
    fusion = fit_fusion([one.features for one in fitted], [one.truth for one in fitted])
    return [_likeliest(one, fusion.chances(one.features)) for one in judged]


def _likeliest(decision: Decision, chances: Numbers) -> Said:
    best = chances.index(max(chances))
    return Said(decision, CLASSES[best], chances[0], chances[best])


def leave_one_out(
    method: Callable[[Sequence[Decision], Sequence[Decision]], list[Said]],
    decisions: Sequence[Decision],
) -> list[Said]:
    """Judge each field with what was fitted on the other fields."""
    fields = sorted({one.example.field for one in decisions})
    said = []
    for name in fields:
        fitted = [one for one in decisions if one.example.field != name]
        said.extend(method(fitted, [one for one in decisions if one.example.field == name]))
    return said


def measure_all(said: Sequence[Said]) -> Figures:
    """Return the figures of what a method said."""
    return measure_said(
        [one.decision.truth for one in said],
        [one.state for one in said],
        [one.covered for one in said],
        [one.confidence for one in said],
    )


def undeserved(said: Sequence[Said]) -> dict[str, int]:
    """Count, by kind, the answers given full marks that deserve less."""
    answers: dict[int, list[Said]] = defaultdict(list)
    for one in said:
        answers[one.decision.answer].append(one)
    counts: dict[str, int] = defaultdict(int)
    for group in answers.values():
        example = group[0].decision.example
        if set(example.states) != {"covered"} and all(one.state == "covered" for one in group):
            counts[example.kind] += 1
    return dict(counts)


def slices(said: Sequence[Said]) -> Mapping[str, list[Said]]:
    """Return what was said by answer kind and by languages of reference and answer."""
    groups: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        example = one.decision.example
        groups[f"kind {example.kind}"].append(one)
        groups[f"{example.reference_language} by {example.language}"].append(one)
        if example.kind in _HARD:
            groups["paraphrase, partial, other language"].append(one)
    return dict(sorted(groups.items()))


def print_figures(methods: Mapping[str, Sequence[Said]]) -> None:
    """Print the table of all methods, then each slice."""
    print(f"{'method':38}{_HEAD}")
    for name, said in methods.items():
        print(f"{name:38}{_line(measure_all(said))}")
    for name, said in methods.items():
        print(f"full marks not deserved, {name}: {undeserved(said)}")
    for name, said in methods.items():
        print(f"\n{name:38}{_HEAD}")
        for title, part in slices(said).items():
            print(f"{title:38}{_line(measure_all(part))}")


_HEAD = "    n   AUC    F1 macro right right80  C-pr  C-re   ECE"


def _line(one: Figures) -> str:
    rates = list(astuple(one)[1:])
    return f"{one.decisions:5}" + "".join(f"{rate:6.3f}" for rate in rates)


def read_fields(names: Iterable[str]) -> list[Example]:
    """Read labelled fields; those not written yet are left out."""
    paths = (LABELLED / f"{name}.jsonl" for name in names)
    return read_examples(path for path in paths if path.exists())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--checkpoint", help="measure this in place of model.onnx")
    parser.add_argument("--frozen", action="store_true", help="judge the frozen fields")
    parser.add_argument("--json", type=Path, help="write the decisions and what was fitted")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    reader = Reader(load_unigram(arguments.run / "vocabulary.json.gz"))
    forward = (
        torch_forward(load_model(arguments.run / arguments.checkpoint))
        if arguments.checkpoint
        else onnx_forward(arguments.run / "model.onnx")
    )
    development = decide(forward, reader, read_fields(DEVELOPMENT))
    if arguments.frozen:
        judged = decide(forward, reader, read_fields(FROZEN))
        tempered, fused = by_tempered(development, judged), by_fusion(development, judged)
    else:
        judged = development
        tempered = leave_one_out(by_tempered, judged)
        fused = leave_one_out(by_fusion, judged)
    print_figures(
        {
            "words": by_words(judged),
            "model": by_model(judged),
            "model, tempered": tempered,
            "fused": fused,
        }
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(_fitted(development), indent=1), encoding="utf-8")


def _fitted(development: Sequence[Decision]) -> dict[str, object]:
    """Return what inference needs, fitted on all development fields."""
    truth = [one.truth for one in development]
    fusion = fit_fusion([one.features for one in development], truth)
    return {
        "temperature": fit_temperature([one.logits for one in development], truth),
        "fusion": asdict(fusion),
    }


if __name__ == "__main__":
    main()
