"""Profiles: what a document cannot say by itself, in a few declarative lines of TOML."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.errors import BadProfileError, UnknownProfileError

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


def _check_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from error
    return pattern


_Pattern = Annotated[str, AfterValidator(_check_pattern)]


class _ProfileFile(BaseModel):
    """A profile's TOML."""

    model_config = ConfigDict(extra="forbid")

    containers: tuple[_Pattern, ...] = ()
    question_headings: tuple[_Pattern, ...] = ()
    question_levels: frozenset[Annotated[int, Field(ge=1, le=6)]] = frozenset()
    skip: tuple[_Pattern, ...] = ()
    difficulty: dict[str, Annotated[int, Field(ge=1, le=5)]] = {}


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
    """Read a profile that comes with the program; raises UnknownProfileError."""
    if name not in profile_names():
        raise UnknownProfileError(name=name, known=", ".join(profile_names()))
    return read_profile((_FOLDER / f"{name}.toml").read_bytes(), name)


def read_profile(data: bytes, name: str) -> Profile:
    """Read a profile from TOML; raises BadProfileError that names the place and the fault."""
    try:
        said = _ProfileFile.model_validate(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadProfileError(name=name, where="TOML", reason=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadProfileError(name=name, where=where, reason=first["msg"]) from error
    return Profile(name, **dict(said))


def _matches(patterns: tuple[str, ...], title: str) -> bool:
    return any(re.search(pattern, title, re.IGNORECASE) for pattern in patterns)
