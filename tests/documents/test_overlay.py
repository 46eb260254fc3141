"""Overlays: what editors add to a document, and what they cannot."""

from dataclasses import replace

import pytest

from app import messages
from app.documents.document import DocumentWarning, Item, Origin, Point, WarningKind
from app.documents.overlay import Overlay, apply_overlay, read_overlay
from app.errors import BadOverlayError
from tests.factories import make_document, make_item

CUT = make_item(
    "如何加速训练？",
    answer="1. **压缩：** 剪枝。\n2. **并行：** 利用",
    points=(Point("剪枝。", "压缩", line=3), Point("利用", "并行", line=4)),
    explanation="",
    warnings=(DocumentWarning(WarningKind.TRUNCATED, 4),),
)
COMPLETION = """
[[questions]]
title = "如何加速训练"
[questions.completion]
note = "编者补写第 2 点。"
answer = \"\"\"
1. **压缩：** 剪枝。
2. **并行：** 利用多块显卡。
\"\"\"
explanation = "两者可以一起用。"
"""


def overlay(text: str) -> Overlay:
    """Read an overlay."""
    return read_overlay(text.encode(), "overlay.toml")


def apply(text: str, item: Item) -> Item:
    """Return an item of a document with an overlay."""
    return apply_overlay(make_document(item), overlay(text)).items[0]


def test_an_empty_overlay_changes_nothing() -> None:
    """Nothing said, nothing done."""
    document = make_document(CUT)

    assert apply_overlay(document, overlay("")) == document


def test_topics_are_paths_in_the_declared_tree() -> None:
    """A question is placed by its topic's slug and carries the path of names."""
    text = """
[[topics]]
slug = "cs"
name = "计算机"
[[topics]]
slug = "training"
name = "训练"
parent = "cs"
[[questions]]
title = "如何加速训练？"
topic = "training"
tags = ["性能"]
difficulty = 3
"""
    item = apply(text, CUT)

    assert item.topics == ("计算机", "训练")
    assert (item.tags, item.difficulty) == (("性能",), 3)


def test_titles_match_whatever_their_punctuation() -> None:
    """Case, width, script and punctuation of a title do not count."""
    item = apply('[[questions]]\ntitle = "如何加速訓練 ?"\ndifficulty = 5\n', CUT)

    assert item.difficulty == 5


def test_aliases_are_given_by_title_or_number() -> None:
    """A point is named by its title, or by its number where it has none."""
    text = (
        '[[questions]]\ntitle = "如何加速训练？"\naliases = { "压缩" = ["pruning"], 2 = ["DDP"] }\n'
    )
    item = apply(text, CUT)

    assert [point.aliases for point in item.points] == [("pruning",), ("DDP",)]


def test_a_completion_marks_what_is_the_editors() -> None:
    """Points of the document stay its own; the note goes with the question."""
    item = apply(COMPLETION, CUT)

    assert [point.origin for point in item.points] == [Origin.DOCUMENT, Origin.EDITORS]
    assert item.completion == "编者补写第 2 点。"
    assert item.explanation == "两者可以一起用。"


def test_a_completion_is_not_used_once_the_document_is_whole() -> None:
    """When the author delivers the rest, the author's words count."""
    whole = replace(CUT, warnings=(), answer="1. **压缩：** 剪枝。\n2. **并行：** 利用集群。")

    assert apply(COMPLETION, whole) == whole


def test_an_entry_that_fits_nothing_is_warned_of() -> None:
    """A question that was renamed away does not vanish in silence."""
    document = apply_overlay(make_document(CUT), overlay('[[questions]]\ntitle = "别的题"\n'))

    assert [(one.kind, one.params["title"]) for one in document.warnings] == [
        (WarningKind.OVERLAY_UNMATCHED, "别的题")
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[[questions]\n", "TOML"),
        ('[[questions]]\ntitel = "x"\n', "questions.0.title"),
        ('[[questions]]\ntitle = "x"\ndifficulty = 6\n', "questions.0.difficulty"),
        ('[[questions]]\ntitle = "x"\ntopic = "nowhere"\n', "x"),
        ('[[topics]]\nslug = "a"\nname = "A"\nparent = "b"\n', "topic a"),
        ('[[topics]]\nslug = "a"\nname = "A"\n[[topics]]\nslug = "a"\nname = "B"\n', "topic a"),
    ],
)
def test_a_fault_is_named_by_its_place(text: str, where: str) -> None:
    """A bad overlay is refused with the place and the fault."""
    with pytest.raises(BadOverlayError) as caught:
        overlay(text)

    assert caught.value.params["where"] == where


def test_an_overlay_is_utf8() -> None:
    """Other encodings are refused, not guessed."""
    with pytest.raises(BadOverlayError):
        read_overlay("名".encode("gb18030"), "overlay.toml")


def test_points_get_wordings_weights_and_requirements() -> None:
    """All that an author can say of a point is given by its title or its number."""
    text = """
[[questions]]
title = "如何加速训练？"
ordered = true
required = ["压缩", 2]
accepted = { 2 = ["把计算分给多台机器"] }
weights = { "压缩" = 2 }
"""
    item = apply(text, CUT)

    assert item.ordered is True
    assert item.points == (
        Point("剪枝。", "压缩", line=3, weight=2, required=True),
        Point("利用", "并行", line=4, accepted=("把计算分给多台机器",), required=True),
    )


def test_what_an_overlay_does_not_say_of_a_point_stays() -> None:
    """Names and weights that the document has are kept where the overlay is silent."""
    own = Point("剪枝。", "压缩", aliases=("pruning",), weight=3)
    item = apply('[[questions]]\ntitle = "如何加速训练？"\n', replace(CUT, points=(own,)))

    assert item.points == (own,)


def test_a_point_that_is_not_there_is_warned_of() -> None:
    """A name or number that no point has is a slip of the pen."""
    text = """
[[questions]]
title = "如何加速训练？"
aliases = { "压 缩" = ["x"], 3 = ["y"] }
required = [1, 9]
"""
    document = apply_overlay(make_document(CUT), overlay(text))

    assert [one.params["title"] for one in document.warnings] == [
        "如何加速训练？ › 压 缩",
        "如何加速训练？ › 3",
        "如何加速训练？ › 9",
    ]


def test_nul_in_an_overlay_is_named() -> None:
    """TOML can escape what no database keeps; the text that has it is shown."""
    with pytest.raises(BadOverlayError) as caught:
        overlay('[[topics]]\nslug = "cs"\nname = "计算\\u0000机"\n')

    assert "计算" in str(caught.value.params["where"])
    assert "NUL" in messages.render("bad-overlay", "en", caught.value.params)
