"""The words that mark the parts of a question (题目, 答案, Answer …) and how they are set off."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

from app.documents.markdown.metadata import read_order
from app.documents.markdown.numbering import CHINESE_NUMBER


class LabelKind(StrEnum):
    """What a label announces."""

    QUESTION = "question"
    DESCRIPTION = "description"
    ANSWER = "answer"
    ANSWER_WITH_EXPLANATION = "answer_with_explanation"
    APPROACH = "approach"
    EXPLANATION = "explanation"
    EXTRA = "extra"
    OPTIONS = "options"
    DIFFICULTY = "difficulty"
    TAGS = "tags"
    ORDER = "order"
    TYPE = "type"
    SUMMARY = "summary"


# What tells of a question without being a part of it.
META = frozenset({LabelKind.DIFFICULTY, LabelKind.TAGS, LabelKind.TYPE, LabelKind.ORDER})
_DATA = tomllib.loads((resources.files(__package__) / "labels.toml").read_text(encoding="utf-8"))
SYNONYMS: Mapping[LabelKind, tuple[str, ...]] = {
    LabelKind(kind): tuple(names) for kind, names in _DATA["spellings"].items()
}
_WEAK = frozenset(name.lower() for name in _DATA["traits"]["weak"])
_SURE = frozenset(name.lower() for name in _DATA["traits"]["sure"])
_SPOKEN = frozenset(name.lower() for name in _DATA["traits"]["spoken"])
_NUMBERED = frozenset(_DATA["traits"]["numbered"])
_KIND_OF = {name.lower(): kind for kind, names in SYNONYMS.items() for name in names}
_SHORT = 200  # characters; longer lines are not worth being remembered
# Bounded, as are all repeats side by side: a line of blanks must not cost its square.
_GAP = "[\\s\u200b\u200c\u200d\u2060\ufeff]{0,8}"
_VALUE_END = re.compile(r"[\n|｜]")
_NUMBER = rf"\d{{1,4}}(?:\.\d{{1,3}})*|[{CHINESE_NUMBER}]{{1,4}}"


class Label(NamedTuple):
    """A label found at the start of a line: its kind, its own number and what follows it.

    `name` is the word as written, `bare` says that neither bold nor brackets set it off, `weak`
    that the word alone is no evidence (问, 答, Q, A).
    """

    kind: LabelKind
    name: str
    rest: str
    number: str | None = None
    bare: bool = False
    weak: bool = False


def _any_of(names: Iterable[str]) -> str:
    """Return a pattern of names, longest first, that tries those with the right first letter."""
    by_first: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_first.setdefault(name[0], []).append(name[1:])
    return "|".join(
        f"{re.escape(first)}(?:{'|'.join(map(_spelling, rest))})"
        for first, rest in by_first.items()
    )


def _spelling(text: str) -> str:
    return re.escape(text).replace(r"\ ", r"\s+")


@cache
def _pattern() -> re.Pattern[str]:
    names = _any_of(_KIND_OF)
    begins = "".join(sorted({name[0] for name in _KIND_OF}))
    return re.compile(
        rf"""{_GAP}
        (?:[✅✔☑💡📝❓❔🔍📌🎯👉➡▶★☆]\ufe0f?{_GAP})?
        (?P<open>[*_]{{0,3}}[【〖「\[]|[*_]{{1,3}}|<b>|<strong>)?{_GAP}
        (?:(?P<before>\d{{1,3}})[.、．]{_GAP})?
        (?=[{begins}])(?P<name>{names}){_GAP}
        (?:[#№]?(?P<number>{_NUMBER})(?P<stop>[.、．])?)?{_GAP}
        (?P<dot>[.。](?=\*\*|__))?
        (?:(?P<inside>[:：])|(?P<note>[（(][^（）()]{{1,20}}[)）]){_GAP}(?P<inside2>[:：])?)?{_GAP}
        (?P<close>(?(open)(?:(?:】|〗|」|\](?!\())[*_]{{0,3}}|[*_]{{1,3}}|</b>|</strong>)|(?!)))?{_GAP}
        (?:(?P<outside>[:：])(?:[*_]{{2,3}}(?=\s|$))?)?{_GAP}
        (?P<rest>.*)$""",
        re.VERBOSE | re.IGNORECASE | re.DOTALL,
    )


def match_label(line: str) -> Label | None:
    """Return the label that a line begins with, if it is written as one; see `_match`.

    Lines are asked about more than once, and labels such as `**答案：**` stand everywhere.
    """
    return _match_short(line) if len(line) < _SHORT else _match(line)


def _match(line: str) -> Label | None:
    """Return the label that a line begins with, if it is written as one.

    A label is set off by a colon of either width (inside or outside bold), by brackets (【答案】),
    ends in a full stop inside bold (`**Solution.**`), is numbered in bold (`**例 1**`), or stands
    alone in bold. `**答案是**` and `答案在下文` are prose, and so is `顺序：先建表`, which does not
    say whether the order matters.
    """
    match = _pattern().match(line)
    if not match:
        return None
    name = " ".join(match["name"].lower().split())
    if _KIND_OF[name] is LabelKind.ORDER and read_order(_VALUE_END.split(match["rest"])[0]) is None:
        return None
    colon = bool(match["inside"] or match["inside2"] or match["outside"])
    numbered = bool(match["number"]) or name not in _NUMBERED
    if not (numbered and _is_set_off(match, name, colon=colon)):
        return None
    return Label(
        _KIND_OF[name],
        match["name"],
        _rest(match),
        number=match["number"] or match["before"],
        bare=not match["open"],
        weak=name in _WEAK,
    )


_match_short = lru_cache(maxsize=4096)(_match)


def is_spoken(label: Label) -> bool:
    """Say whether the name of a label is that of a speaker (问, 答)."""
    return label.name.lower() in _SPOKEN


def is_numbered_only(label: Label) -> bool:
    """Say whether the name of a label is one only with a number (例 1)."""
    return label.name in _NUMBERED


def _is_set_off(match: re.Match[str], name: str, *, colon: bool) -> bool:
    if match["open"] and match["open"][-1] in "【〖「[":
        return bool(match["close"]) and name not in _WEAK
    if colon:
        return True
    closed = bool(match["open"] and match["close"])
    if match["number"] and match["stop"] and name in {"q", "a"}:
        return True
    if closed and (match["dot"] or (match["number"] and _KIND_OF[name] is LabelKind.QUESTION)):
        return True
    if match["rest"]:
        return closed and name in _SURE
    return closed and name not in _WEAK


def _rest(match: re.Match[str]) -> str:
    """Return what follows; a bold that spans the whole line leaves its closing mark behind."""
    rest: str = match["rest"]
    opening = match["open"]
    if opening and opening[0] in "*_" and not match["close"]:
        head, mark, tail = rest.partition(opening)
        rest = head + tail if mark else rest
    return rest.strip("\n")
