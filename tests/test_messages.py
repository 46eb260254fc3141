"""Every message exists in both languages, with the same parameters, and every name is spoken."""

import string

import pytest

from app.documents.document import WarningKind
from app.errors import TikuError
from app.messages import names, pick_language, render, variants


def placeholders(template: str) -> set[str]:
    """Return the names of the parameters of a message."""
    return {field for _, field, _, _ in string.Formatter().parse(template) if field}


@pytest.mark.parametrize("name", sorted(names()))
def test_both_languages_take_the_same_parameters(name: str) -> None:
    """A translation neither drops nor invents a parameter."""
    english, chinese = variants(name)

    assert english
    assert chinese
    assert placeholders(english) == placeholders(chinese)


@pytest.mark.parametrize("error", TikuError.__subclasses__(), ids=lambda error: error.kind)
def test_every_error_has_title_and_detail(error: type[TikuError]) -> None:
    """A new error without its words fails here."""
    assert {error.kind, f"{error.kind}.title"} <= names()


@pytest.mark.parametrize("kind", WarningKind)
def test_every_warning_has_a_message(kind: WarningKind) -> None:
    """A new warning without its words fails here."""
    assert f"warning.{kind}" in names()


@pytest.mark.parametrize(
    ("preferences", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh-TW;q=0.5", "zh"),
        ("en;q=0.2, zh;q=0.7", "zh"),
        ("zh;q=x, en;q=0.1", "en"),
        ("zh_CN.UTF-8", "zh"),
        ("C.UTF-8", "en"),
        ("*", "en"),
    ],
)
def test_the_preferred_language_wins(preferences: str, language: str) -> None:
    """Header and locale names are both understood; English is the last resort."""
    assert pick_language(preferences) == language


def test_parameters_are_filled_in() -> None:
    """A message is a sentence, not a template."""
    assert (
        render("answer-too-long", "zh", {"limit": 5, "length": 9})
        == "答案有 9 个字符，最多检查 5 个。"
    )
