"""Profiles of one's own, and those that come with the program."""

import pytest

from app.documents.markdown.profiles import load_profile, profile_names, read_profile
from app.documents.read import read_document
from app.errors import BadProfileError, UnknownProfileError

NOTES = """# 笔记

## 虚拟内存

把地址空间分成页。

## 文件系统

把字节组织成文件。

## 🔥 调度

决定谁先运行。
"""


def test_headings_are_questions_only_by_a_profile() -> None:
    """Headings that do not ask become questions where the profile says so, and only there."""
    profile = read_profile(b'question_levels = [2]\n[difficulty]\n"\xf0\x9f\x94\xa5" = 5\n', "mine")
    plain = read_document(NOTES.encode(), name="notes.md")
    read = read_document(NOTES.encode(), name="notes.md", profile=profile)

    assert plain.items == ()
    assert [item.title for item in read.items] == ["虚拟内存", "文件系统", "调度"]
    assert [item.difficulty for item in read.items] == [None, None, 5]


@pytest.mark.parametrize("name", profile_names())
def test_shipped_profiles_are_valid(name: str) -> None:
    """What comes with the program can be loaded."""
    assert load_profile(name).name == name


def test_an_unknown_profile_names_the_known() -> None:
    """A misspelt name says which there are."""
    with pytest.raises(UnknownProfileError) as caught:
        load_profile("heading")

    assert "headings" in str(caught.value.params["known"])


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("containers = [", "TOML"),
        ("container = []", "container"),
        ("skip = ['(']", "skip.0"),
        ("question_levels = [7]", "question_levels.0"),
        ("[difficulty]\nx = 9", "difficulty.x"),
    ],
)
def test_a_fault_is_named_by_its_place(text: str, where: str) -> None:
    """A bad profile is refused with the place and the fault."""
    with pytest.raises(BadProfileError) as caught:
        read_profile(text.encode(), "mine.toml")

    assert caught.value.params["where"] == where
