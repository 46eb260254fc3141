"""The verdict on a multiple-choice answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.grading.chosen import read_chosen

CHOICES_VERSION = "2"


@dataclass(frozen=True, slots=True)
class ChoiceCheck:
    """What was chosen, sorted by position: rightly, wrongly, and what was left out.

    `score` is 1 for exactly the correct choices and 0 otherwise, the rule of Chinese examinations:
    partial credit can be earned by guessing. `right`, `wrong` and `missed` let a caller give it.
    Where no choice is correct, choosing none is right.
    """

    score: float
    right: tuple[int, ...]
    wrong: tuple[int, ...]
    missed: tuple[int, ...]


def check_choices(choices_correct: Sequence[bool], chosen: Sequence[int]) -> ChoiceCheck:
    """Compare the chosen positions, counted from 0, with the choices that are correct.

    A position that no choice has counts as wrong; one chosen twice counts once.
    """
    correct = {position for position, is_correct in enumerate(choices_correct) if is_correct}
    picked = set(chosen)
    return ChoiceCheck(
        score=float(picked == correct),
        right=tuple(sorted(picked & correct)),
        wrong=tuple(sorted(picked - correct)),
        missed=tuple(sorted(correct - picked)),
    )


def has_key(choices_correct: Sequence[bool], options: Sequence[str], answer: str) -> bool:
    """Say whether it is known which options are right.

    Where none is marked, the reference answer must say that none is (都不对, none of the above):
    else the key was lost, and choosing nothing would earn full marks.
    """
    return any(choices_correct) or (
        bool(answer.strip()) and read_chosen(answer, options) == frozenset()
    )
