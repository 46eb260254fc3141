"""Does a document break off? Told by its last line and by how its other lines end."""

import re
from collections.abc import Iterator, Sequence

from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.details import SUMMARY_MARK
from app.documents.markdown.labels import META, match_label
from app.documents.markdown.source import Source
from app.documents.markdown.titles import split_title

_CLOSERS = " \t*_`~\"'”’」』）)]】》>"
_FINAL = "。！？!?.…；;"
_CUT = re.compile(r"[：:，,、（(“‘「『《【\[]$|[-–—=+]$")
_DANGLING = re.compile(
    r"(?:[^目]的|以及|并且|或者|例如|包括|通过|根据|其中|因此|但是|如果|由于|为了"
    r"|\b(?:the|an?|of|and|or|to|for|with|by|is|are|that|which|from|because"
    r"|in|on|at|as|into|than|its|their|can|will|be|such as))$",
    re.IGNORECASE,
)
_MARKER_ONLY = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s*$")
_LINK_END = re.compile(r"(?:https?://\S{1,2000}|\]\([^)]{0,2000}\)|\$|\\\)|\\\])$")
_LETTERS = re.compile(r"(?:[-*+]|\d{1,9}[.)])?[\s*_`]*[A-H](?:[、,，/\s]*[A-H])*[\s*_`]*")
_HABIT = 0.8
_FEW = 3
_LONG = 20
_SHORT = 8


def breaks_off(blocks: Sequence[Block], source: Source) -> bool:  # noqa: PLR0911 (one sign a line, in order)
    """Say whether the last line of a document stops in the middle of something.

    An open fence, a lone list marker, an open bold, a comma or colon, or an empty label do. A line
    without final punctuation does where the lines like it have some.
    """
    if source.open_end:
        return True
    kind, text = _last_text(blocks)
    last = text.rstrip().split("\n")[-1].strip()
    if _MARKER_ONLY.match(last):
        return True
    if kind is not BlockKind.PARAGRAPH or not last:
        return kind is BlockKind.ITEM
    label = match_label(last)
    if label and not label.rest.strip():
        return True
    if last.startswith(SUMMARY_MARK) or (label and label.kind in META):
        return False
    bare = label.rest.strip() if label else last
    if last.count("**") % 2 or last.count("`") % 2:
        return True
    if _LINK_END.search(last) or _LETTERS.fullmatch(bare):
        return False
    if _CUT.search(last.rstrip("*_ ")) or (len(last) > _SHORT and _DANGLING.search(last)):
        return True
    return not _is_final(last) and _should_be_final(blocks, last)


def _is_final(text: str) -> bool:
    bare = text.rstrip(_CLOSERS)
    return not bare or bare != text.rstrip(" \t*_") or bare[-1] in _FINAL


def _should_be_final(blocks: Sequence[Block], last: str) -> bool:
    """Compare a line with the others of its kind: items with items, paragraphs with paragraphs."""
    in_list = bool(blocks) and blocks[-1].kind is BlockKind.LIST
    others = list(_endings(blocks, in_list=in_list))[:-1]
    if len(others) >= _FEW:
        return sum(map(_is_final, others)) >= _HABIT * len(others)
    if in_list and others:
        return all(map(_is_final, others))
    _, text = split_title(last)
    return len(text) > _LONG and any(mark in text for mark in "。！？，")


def _endings(blocks: Sequence[Block], *, in_list: bool) -> Iterator[str]:
    """Yield the last lines of the paragraphs inside lists, or of those outside."""
    for block in blocks:
        if block.kind is BlockKind.PARAGRAPH and not in_list:
            line = block.text.rstrip().split("\n")[-1]
            # Names and questions end in marks of their own, whatever the author's habit.
            if len(line) > _SHORT and not line.rstrip("* ").endswith(("：", ":", "？", "?")):
                yield line
        elif block.kind is BlockKind.LIST and in_list:
            yield from _item_endings(block)


def _item_endings(block: Block) -> Iterator[str]:
    for item in block.children:
        for child in item.children:
            if child.kind is BlockKind.PARAGRAPH:
                yield child.text.rstrip().split("\n")[-1]
            elif child.kind is BlockKind.LIST:
                yield from _item_endings(child)


def _last_text(blocks: Sequence[Block]) -> tuple[BlockKind | None, str]:
    """Return the kind and text of the innermost last block."""
    if not blocks:
        return None, ""
    block = blocks[-1]
    if block.kind is BlockKind.RULE:
        return _last_text(blocks[:-1])
    if block.kind in {BlockKind.LIST, BlockKind.ITEM, BlockKind.QUOTE}:
        return _last_text(block.children) if block.children else (block.kind, "")
    return block.kind, block.text
