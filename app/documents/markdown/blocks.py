"""Lines to blocks: the token tree of markdown-it-py as frozen records with line numbers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from app.documents.markdown.regions import Region, RegionKind, find_regions

# Deeper structure is kept as the text of the block that holds it: reading stays bounded.
MAX_NESTING = 40
_CHECK_TIME = "check_time"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad"))
_TO_SPACE = dict.fromkeys(map(ord, "\xa0\u3000\u2002\u2003\u2009\u202f"), " ")
_FOLD = _INVISIBLE | _TO_SPACE
_ODD_CHARACTER = re.compile("[" + "".join(map(chr, _FOLD)) + "]")
_CLOSING_MARKS = re.compile(r"\s#+\s*$")
_INDENT = re.compile(r"\s*")
_MARKER = re.compile(r"[ \t>]*(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_RULE_LENGTH = 3
_SENTENCE_END = re.compile(r"[。！？；，,.!?;:：]\s*$")


class BlockKind(StrEnum):
    """What a block is, in CommonMark's terms."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST = "list"
    ITEM = "item"
    QUOTE = "quote"
    CODE = "code"
    HTML = "html"
    TABLE = "table"
    RULE = "rule"


class Block(NamedTuple):
    """One block; `first` and `end` are a half-open range of indices into the source's lines.

    `text` is the content of a heading or paragraph as stored, without the markers of the blocks
    around it. `level` is a heading's depth; `number` an ordered item's marker; `ordered` is of
    lists; `indent` is the column where an item's content begins.
    """

    kind: BlockKind
    first: int
    end: int
    text: str = ""
    level: int = 0
    number: int | None = None
    ordered: bool = False
    indent: int = 0
    children: tuple["Block", ...] = ()


def fold_line(line: str) -> str:
    """Return a line as the grammar sees it: invisible characters gone, odd spaces plain.

    Ideographic or no-break spaces in front are typography, never Markdown indentation.
    """
    if not _ODD_CHARACTER.search(line):
        return line
    lead = _INDENT.match(line.translate(_INVISIBLE))
    indent = lead.group() if lead else ""
    rest = line.translate(_FOLD).lstrip()
    return "".join(character for character in indent if character in " \t") + rest


def parse_blocks(
    texts: Sequence[str],
    folded: Sequence[str] | None = None,
    max_nesting: int = MAX_NESTING,
    check_time: Callable[[], None] | None = None,
) -> tuple[Block, ...]:
    """Parse lines to blocks; `folded` is what the Markdown parser sees in their place.

    Only the block structure is parsed, inline text stays as it is. Time is linear in the size;
    `check_time` is called at every block, and may end the parsing by raising.
    """
    seen = [fold_line(line) for line in texts] if folded is None else folded
    env = {_CHECK_TIME: check_time} if check_time else {}
    found = []
    for block in _Reader(texts, seen, _parser(max_nesting), env).read():
        if check_time:
            check_time()
        found.append(block)
    return tuple(found)


def parse_wholly(texts: Sequence[str], max_nesting: int = MAX_NESTING) -> tuple[Block, ...]:
    """Parse lines to blocks as `parse_blocks` does, all of them by the Markdown parser."""
    seen = [fold_line(line) for line in texts]
    return tuple(_Reader(texts, seen, _parser(max_nesting), {}).parse(0, len(seen)))


@cache
def _parser(max_nesting: int) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": max_nesting}).enable("table")
    # A link definition is content here: it must not vanish from the token tree.
    parser.disable(["reference"])
    parser.core.ruler.enableOnly(["block"])
    parser.block.ruler.before("table", _CHECK_TIME, _look_at_the_clock, {"alt": []})
    return parser


def _look_at_the_clock(state: StateBlock, _first: int, _end: int, _silent: bool) -> bool:  # noqa: FBT001 (the parser's calling convention)
    """Be a rule that never fits: the parser asks it first at every block."""
    if check_time := state.env.get(_CHECK_TIME):
        check_time()
    return False


@dataclass(frozen=True, slots=True)
class _Reader:
    """The lines of a document, as stored and as the parser sees them."""

    texts: Sequence[str]
    seen: Sequence[str]
    parser: MarkdownIt
    env: Mapping[str, Callable[[], None]]  # what the parser's rules are given

    def read(self) -> Iterator[Block]:
        """Yield the blocks of all lines."""
        for region in find_regions(self.seen):
            if region.kind is RegionKind.PLAIN:
                yield from self._plain(region)
            elif region.kind is RegionKind.LIST:
                yield self._list(region)
            else:
                blocks = self.parse(region.first, region.end)
                if blocks and self._is_open(blocks[-1], region.end):
                    # Code or HTML goes on below: what follows is not what it seems.
                    yield from self.parse(region.first, len(self.seen))
                    return
                yield from blocks

    def parse(self, first: int, end: int) -> list[Block]:
        """Return the blocks of a half-open range of lines, by the Markdown parser."""
        tokens = self.parser.parse("\n".join(self.seen[first:end]) + "\n", dict(self.env))
        return list(self._children(iter(tokens), first))

    def _is_open(self, block: Block, end: int) -> bool:
        """Say whether a block in front of a line reaches over the blank lines above that."""
        verbatim = block.kind in {BlockKind.CODE, BlockKind.HTML}
        return verbatim and end < len(self.seen) and not self.seen[block.end - 1].strip()

    # ---- lines that show what they are ----

    def _plain(self, region: Region) -> Iterator[Block]:
        """Yield a heading for each heading line and a paragraph for each run of others."""
        first = region.first
        for index in range(region.first, region.end):
            line = self.seen[index]
            if line[:1] != "#" and line.strip(" \t"):
                continue
            if first < index:
                yield self._paragraph(first, index)
            if line[:1] == "#":
                yield self._heading(index)
            first = index + 1
        if first < region.end:
            yield self._paragraph(first, region.end)

    def _paragraph(self, first: int, end: int) -> Block:
        return Block(BlockKind.PARAGRAPH, first, end, self._text(first, end))

    def _text(self, first: int, end: int, indent: int = 0) -> str:
        content = "\n".join(self.seen[first:end])[indent:].strip()
        return _as_stored(content, self.texts[first:end], self.seen[first:end])

    def _heading(self, index: int) -> Block:
        line = self.seen[index]
        text = line.lstrip("#")
        level = len(line) - len(text)
        content = _CLOSING_MARKS.sub("", text.rstrip(" \t")).strip()
        stored = [_CLOSING_MARKS.sub("", self.texts[index])]
        text = _as_stored(content, stored, self.seen[index : index + 1])
        return Block(BlockKind.HEADING, index, index + 1, text, level=level)

    def _list(self, region: Region) -> Block:
        end = region.end
        while not self.seen[end - 1].strip(" \t"):
            end -= 1
        items = [
            self._item(index, region.end if index + 1 == end else index + 1)
            for index in range(region.first, end)
        ]
        ordered = items[0].number is not None
        return Block(
            BlockKind.LIST, region.first, region.end, ordered=ordered, children=tuple(items)
        )

    def _item(self, index: int, end: int) -> Block:
        marker = _MARKER.match(self.seen[index])
        lead = marker.group() if marker else ""
        number = int(lead.rstrip(" .)")) if lead[0].isdigit() else None
        text = self._text(index, index + 1, len(lead))
        child = Block(BlockKind.PARAGRAPH, index, index + 1, text)
        return Block(BlockKind.ITEM, index, end, number=number, indent=len(lead), children=(child,))

    # ---- the token tree ----

    def _children(self, tokens: Iterator[Token], offset: int) -> Iterator[Block]:
        """Yield the blocks up to the closing token of the block that holds them."""
        for token in tokens:
            if token.nesting < 0:
                return
            if token.type in _LEAVES:
                yield Block(_LEAVES[token.type], *_lines(token, offset))
            elif token.type in _TEXT_BLOCKS:
                content = next(tokens)
                next(tokens)
                yield from self._text_blocks(token, content.content, offset)
            elif token.type == "table_open":
                _skip(tokens)
                yield Block(BlockKind.TABLE, *_lines(token, offset))
            elif token.type in _CONTAINERS:
                yield self._container(token, tuple(self._children(tokens, offset)), offset)

    def _container(self, token: Token, children: tuple[Block, ...], offset: int) -> Block:
        first, end = _lines(token, offset)
        kind = _CONTAINERS[token.type]
        marker = _MARKER.match(self.seen[first]) if kind is BlockKind.ITEM else None
        return Block(
            kind,
            first,
            end,
            number=int(token.info) if kind is BlockKind.ITEM and token.info else None,
            ordered=token.type == "ordered_list_open",
            indent=len(marker.group().expandtabs(4)) if marker else 0,
            children=children,
        )

    def _text_blocks(self, token: Token, content: str, offset: int) -> Iterator[Block]:
        first, end = _lines(token, offset)
        stored = self.texts[first:end]
        if token.type == "heading_open":
            stored = [_CLOSING_MARKS.sub("", line) for line in stored]
        text = _as_stored(content, stored, self.seen[first:end])
        if token.type == "paragraph_open":
            yield Block(BlockKind.PARAGRAPH, first, end, text)
        elif token.markup in "-=" and _is_prose(content, self.seen[end - 1]):
            # Prose with a rule right below it: CommonMark's underlined heading was not meant.
            yield Block(BlockKind.PARAGRAPH, first, end - 1, text)
            yield Block(BlockKind.RULE, end - 1, end)
        else:
            yield Block(BlockKind.HEADING, first, end, text, level=int(token.tag[1]))


_LEAVES = {
    "fence": BlockKind.CODE,
    "code_block": BlockKind.CODE,
    "html_block": BlockKind.HTML,
    "hr": BlockKind.RULE,
}
_TEXT_BLOCKS = {"heading_open": BlockKind.HEADING, "paragraph_open": BlockKind.PARAGRAPH}
_CONTAINERS = {
    "bullet_list_open": BlockKind.LIST,
    "ordered_list_open": BlockKind.LIST,
    "list_item_open": BlockKind.ITEM,
    "blockquote_open": BlockKind.QUOTE,
}


def _lines(token: Token, offset: int) -> tuple[int, int]:
    first, end = token.map or (0, 0)
    return first + offset, end + offset


def _skip(tokens: Iterable[Token]) -> None:
    depth = 1
    for token in tokens:
        depth += token.nesting
        if not depth:
            return


def _is_prose(content: str, underline: str) -> bool:
    """Say whether a text above `---` is a paragraph; a longer line was meant to underline."""
    if "\n" in content or content.startswith("**"):
        return True
    return len(underline.strip()) <= _RULE_LENGTH and bool(_SENTENCE_END.search(content))


def _as_stored(content: str, texts: Sequence[str], seen: Sequence[str]) -> str:
    """Return what a folded content was before folding, line by line."""
    if texts == seen:
        return content
    lines = content.split("\n")
    return "\n".join(
        line if text == plain else _unfold(line, text)
        for line, text, plain in zip(lines, texts, seen, strict=False)
    )


def _unfold(folded: str, stored: str) -> str:
    """Return the tail of a stored line whose visible characters are those of `folded`."""
    wanted = len(folded.replace(" ", ""))
    position = len(stored.rstrip())
    while position and wanted:
        position -= 1
        character = stored[position]
        wanted -= not (character.isspace() or ord(character) in _FOLD)
    return stored[position:].rstrip()
