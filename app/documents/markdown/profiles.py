"""Profiles: what a document cannot say by itself, in a few declarative lines of TOML."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

_FOLDER = resources.files(__package__) / "profiles"


@dataclass(frozen=True, slots=True)
class Profile:
    """How to read a kind of document.

    `containers`: patterns of headings that hold questions. `question_headings`: patterns of
    headings that are questions without saying so; `question_levels`: heading depths (1-6) of which
    all are. `skip`: patterns of headings whose sections are passed over. `difficulty`: what marks a
    difficulty, as written anywhere in a heading, to 1-5. Patterns are regular expressions, searched
    in the heading without its number; case does not count.
    """

    name: str = "default"
    containers: tuple[str, ...] = ()
    question_headings: tuple[str, ...] = ()
    question_levels: frozenset[int] = frozenset()
    skip: tuple[str, ...] = ()
    difficulty: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def names_container(self, title: str) -> bool:
        """Say whether a heading holds questions."""
        return _matches(self.containers, title)

    def names_question(self, title: str, level: int) -> bool:
        """Say whether a heading is a question."""
        return level in self.question_levels or _matches(self.question_headings, title)

    def skips(self, title: str) -> bool:
        """Say whether the section below a heading is to be passed over."""
        return _matches(self.skip, title)


DEFAULT = Profile()


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with the program."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in _FOLDER.iterdir()
            if entry.name.endswith(".toml")
        )
    )


def find_profile(name: str) -> Profile | None:
    """Return the profile of this name, or None."""
    return load_profile(name) if name in profile_names() else None


@cache
def load_profile(name: str) -> Profile:
    """Read a profile that comes with the program."""
    data = tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Profile(
        name,
        containers=tuple(data.get("containers", ())),
        question_headings=tuple(data.get("question_headings", ())),
        question_levels=frozenset(data.get("question_levels", ())),
        skip=tuple(data.get("skip", ())),
        difficulty=MappingProxyType(dict(data.get("difficulty", {}))),
    )


def _matches(patterns: tuple[str, ...], title: str) -> bool:
    return any(re.search(pattern, title, re.IGNORECASE) for pattern in patterns)
