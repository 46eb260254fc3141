"""The READMEs promise nothing that is not so: their requests are run and compared."""

import json

import pytest

from app.config import ROOT
from tests.readme import PAGES, Example, examples, run


@pytest.mark.parametrize("example", [*examples()], ids=lambda one: f"{one.page}:{one.command[:60]}")
def test_requests_answer_as_printed(example: Example, server: str) -> None:
    """A reader who copies the command gets the answer that stands below it."""
    assert run(example.command, server) == json.loads(example.answer)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_has_its_examples(page: str) -> None:
    """Both languages show five requests at least."""
    assert len([example for example in examples() if example.page == page]) >= 5


@pytest.mark.parametrize("page", PAGES)
def test_the_two_commands_are_on_the_first_screen(page: str) -> None:
    """What a newcomer needs stands in the first thirty lines."""
    first_screen = (ROOT / page).read_text().splitlines()[:30]

    assert any("make run" in line for line in first_screen)
    assert any("make test" in line for line in first_screen)
