"""Lines recognised without the Markdown parser are what the parser makes of them."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.markdown.blocks import BlockKind, parse_blocks, parse_wholly
from app.documents.markdown.regions import Region, RegionKind, find_regions

_GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.md"))
_LINES = st.sampled_from(
    (
        *("", "", "", "  ", "# 甲", "## 乙 ##", "### c # d #", "#", "#\te", "#f", "text #"),
        *("普通的一行。", "plain", "**粗** 体", "***", "**", "2024 年", "3.5 倍", "$a$", "[x]: y"),
        *("1. 一", "2. 二", "12) x", "1.  两个空格", "1. ", "1.", "10. 十", "- 三", "* 四", "+ 五"),
        *("- [x] 甲", "- #x", "-", "  - 里", "   里", "    缩进", "\t缩进", "\u3000全角", "a\xa0b"),
        *(
            "```",
            "```py",
            "~~~",
            "````",
            "> 引",
            ">",
            "<div>",
            "</div>",
            "<!-- 注",
            "-->",
            "<b>x</b>",
        ),
        *("| a | b |", "|---|---|", "---", "===", "-----", "\u200b", "\x0c", "\\a", ":a", "_b_"),
    )
)


@settings(max_examples=600, deadline=None)
@given(st.lists(_LINES, max_size=25))
def test_the_blocks_are_those_of_the_parser(lines: list[str]) -> None:
    """However lines are mixed, reading plain ones by themselves changes nothing."""
    assert parse_blocks(lines) == parse_wholly(lines)


@pytest.mark.parametrize("path", _GOLDEN, ids=lambda path: path.stem)
def test_golden_documents_have_the_blocks_of_the_parser(path: Path) -> None:
    """Whole documents too."""
    lines = path.read_text().split("\n")

    assert parse_blocks(lines) == parse_wholly(lines)


def test_a_bank_needs_no_parser() -> None:
    """Headings, labels and flat lists are told by their lines; the blank lines go with them."""
    text = "### 1. 甲\n\n**答案：**\n\n1. **子：** 一。\n2. **丑：** 二。\n\n**解析：** 完。"
    lines = text.split("\n")

    assert list(find_regions(lines)) == [
        Region(RegionKind.PLAIN, 0, 2),
        Region(RegionKind.PLAIN, 2, 4),
        Region(RegionKind.LIST, 4, 7),
        Region(RegionKind.PLAIN, 7, 8),
    ]


def test_code_goes_on_through_blank_lines() -> None:
    """What looks plain inside a fence, a comment or HTML is none of the document's own lines."""
    for opening, closing in (("```", "```"), ("~~~py", "~~~"), ("<!-- x", "-->")):
        blocks = parse_blocks([opening, "", "# 注释", "", closing, "", "正文"])

        assert [block.kind for block in blocks][-1] is BlockKind.PARAGRAPH
        assert BlockKind.HEADING not in [block.kind for block in blocks]
