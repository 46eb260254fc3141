"""Multiple-choice answers."""

from app.grading.check import check_choices


def test_exactly_the_correct_choices_score() -> None:
    """All correct choices and no other: full score."""
    check = check_choices([True, False, True], [2, 0])

    assert check.score == 1
    assert check.right == (0, 2)


def test_anything_else_scores_nothing() -> None:
    """A wrong or a missed choice costs the score, and is named."""
    check = check_choices([True, False, True, False], [0, 1, 1, 9])

    assert check.score == 0
    assert (check.right, check.wrong, check.missed) == ((0,), (1, 9), (2,))


def test_choosing_nothing_scores_nothing() -> None:
    """No choice is never right, not even where no choice is marked correct."""
    assert check_choices([True], []).score == 0
    assert check_choices([False], []).score == 0
