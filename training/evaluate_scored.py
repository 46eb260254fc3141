"""Agreement of the model with people's scores of whole answers, beside the lexical engine's.

    python -m training.evaluate_scored --run FOLDER --data DIR [SET …]

DIR holds NAME.jsonl as for benchmarks.evaluate. The model's score of an answer is the mean over
the points of P(covered) + P(partial) / 2; of several references the best one counts.
"""

# ruff: noqa: T201 (it prints a table)

import argparse
from collections.abc import Sequence
from pathlib import Path

from app.documents.references import read_reference
from app.grading.engines import Engine, check_against_references
from app.grading.verdict import ReferencePoint
from benchmarks.answer_sets import ScoredAnswer, scored_answers
from benchmarks.metrics import mean, mean_error, pearson
from training.dataset import Example, Point, Reader
from training.export import onnx_forward
from training.scoring import Forward, predict, softmax
from training.vocabulary import load_unigram

_MOST_POINTS = 8


def model_scores(
    forward: Forward, reader: Reader, answers: Sequence[ScoredAnswer], temperature: float
) -> list[float]:
    """Return a score 0..1 for each answer."""
    examples, owners = [], []
    for number, answer in enumerate(answers):
        for example in _examples(answer):
            examples.append(example)
            owners.append(number)
    best = [0.0] * len(answers)
    for owner, logits in zip(owners, predict(forward, reader, examples), strict=True):
        chances = (softmax(point, temperature) for point in logits)
        best[owner] = max(best[owner], mean([row[0] + row[1] / 2 for row in chances]))
    return best


def _examples(answer: ScoredAnswer) -> list[Example]:
    found = []
    for reference in answer.references:
        points = read_reference(answer.question, reference)[:_MOST_POINTS]
        found.append(
            Example(
                question_id=answer.question_id,
                question=answer.question,
                points=tuple(Point(point.text, point.title) for point in points),
                answer=answer.answer,
                states=("missed",) * len(points),
                kind="scored",
            )
        )
    return found


def word_score(answer: ScoredAnswer) -> float:
    """Return the lexical engine's score."""
    references = [
        [ReferencePoint(p.text, p.title) for p in read_reference(answer.question, text)]
        for text in answer.references
    ]
    return check_against_references(
        Engine.LEXICAL, answer.question, references, answer.answer
    ).score


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("sets", nargs="*", default=["le", "ads"])
    arguments = parser.parse_args()
    reader = Reader(load_unigram(arguments.run / "vocabulary.json.gz"))
    forward = onnx_forward(arguments.run / "model.onnx", threads=2)
    for name in arguments.sets:
        answers = list(scored_answers(arguments.data / f"{name}.jsonl"))
        truth = [answer.score or 0.0 for answer in answers]
        model = model_scores(forward, reader, answers, arguments.temperature)
        words = [word_score(answer) for answer in answers]
        both = [(one + other) / 2 for one, other in zip(model, words, strict=True)]
        for title, scores in (("words", words), ("model", model), ("mean of both", both)):
            figures = f"{pearson(truth, scores):.3f}  MAE {mean_error(truth, scores):.3f}"
            print(f"{name:5} {len(answers):5} {title:14} Pearson {figures}")


if __name__ == "__main__":
    main()
