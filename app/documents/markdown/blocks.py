"""Lines to blocks: the token tree of markdown-it-py as frozen records with line numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Deeper structure is kept as the text of the block that holds it: reading stays bounded.
MAX_NESTING = 40
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


@dataclass(frozen=True, slots=True)
class Block:
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
    texts: Sequence[str], folded: Sequence[str] | None = None, max_nesting: int = MAX_NESTING
) -> tuple[Block, ...]:
    """Parse lines to blocks; `folded` is what the Markdown parser sees in their place.

    Only the block structure is parsed, inline text stays as it is. Time is linear in the size.
    """
    seen = [fold_line(line) for line in texts] if folded is None else folded
    tokens = _parser(max_nesting).parse("\n".join(seen) + "\n")
    return tuple(_children(iter(tokens), texts, seen))


@cache
def _parser(max_nesting: int) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": max_nesting}).enable("table")
    # A link definition is content here: it must not vanish from the token tree.
    parser.disable(["reference"])
    parser.core.ruler.enableOnly(["block"])
    return parser


def _children(
    tokens: Iterator[Token], texts: Sequence[str], seen: Sequence[str]
) -> Iterator[Block]:
    """Yield the blocks up to the closing token of the block that holds them."""
    for token in tokens:
        if token.nesting < 0:
            return
        if token.type in _LEAVES:
            yield _leaf(token, _LEAVES[token.type])
        elif token.type in _TEXT_BLOCKS:
            content = next(tokens)
            next(tokens)
            yield from _text_blocks(token, content.content, texts, seen)
        elif token.type == "table_open":
            _skip(tokens)
            yield _leaf(token, BlockKind.TABLE)
        elif token.type in _CONTAINERS:
            yield _container(token, tuple(_children(tokens, texts, seen)), seen)


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


def _lines(token: Token) -> tuple[int, int]:
    return (token.map[0], token.map[1]) if token.map else (0, 0)


def _leaf(token: Token, kind: BlockKind) -> Block:
    first, end = _lines(token)
    return Block(kind, first, end)


def _skip(tokens: Iterable[Token]) -> None:
    depth = 1
    for token in tokens:
        depth += token.nesting
        if not depth:
            return


def _container(token: Token, children: tuple[Block, ...], seen: Sequence[str]) -> Block:
    first, end = _lines(token)
    kind = _CONTAINERS[token.type]
    marker = _MARKER.match(seen[first]) if kind is BlockKind.ITEM else None
    return Block(
        kind,
        first,
        end,
        number=int(token.info) if kind is BlockKind.ITEM and token.info else None,
        ordered=token.type == "ordered_list_open",
        indent=len(marker.group().expandtabs(4)) if marker else 0,
        children=children,
    )


def _text_blocks(
    token: Token, content: str, texts: Sequence[str], seen: Sequence[str]
) -> Iterator[Block]:
    first, end = _lines(token)
    stored = texts[first:end]
    if token.type == "heading_open":
        stored = [_CLOSING_MARKS.sub("", line) for line in stored]
    text = _as_stored(content, stored, seen[first:end])
    if token.type == "paragraph_open":
        yield Block(BlockKind.PARAGRAPH, first, end, text)
    elif token.markup in "-=" and _is_prose(content, seen[end - 1]):
        # Prose with a rule right below it: CommonMark's underlined heading was not meant.
        yield Block(BlockKind.PARAGRAPH, first, end - 1, text)
        yield Block(BlockKind.RULE, end - 1, end)
    else:
        yield Block(BlockKind.HEADING, first, end, text, level=int(token.tag[1]))


def _is_prose(content: str, underline: str) -> bool:
    """Say whether a text above `---` is a paragraph; a line longer than that was meant to underline."""
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
