"""An answer to its points: the items of its lists, or its sentences where it has no list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.document import Point
from app.documents.markdown.blocks import Block, BlockKind, parse_blocks
from app.documents.markdown.labels import LabelKind, match_label
from app.documents.markdown.numbering import plain_text
from app.documents.markdown.sentences import split_sentences
from app.documents.markdown.source import read_source

_MAX_TITLE = 40
_MAX_PLAIN_TITLE = 24
_BOLD_LEAD = re.compile(
    r"(?P<mark>\*\*|__)(?P<bold>(?:(?!(?P=mark))[^\n])+?)(?P=mark)(?P<rest>[\s\S]*)$"
)
_COLON_AFTER = re.compile(r"(?P<note>[^\n：:。；;，,！？!?]{0,30})[：:](?P<rest>[\s\S]*)$")
_DASH_AFTER = re.compile(r"\s*(?:[—–]{1,2}|-)\s+(?P<rest>[\s\S]*)$")
_PLAIN_LEAD = re.compile(
    r"(?P<title>[^\n：:。；;，！？!?、]{1,24})(?:：|:(?=\s|$|[^\x00-\x7f]))(?P<rest>[\s\S]*)$"
)
_ENUMERATOR = re.compile(
    r"(?:[（(](?P<n1>\d{1,2})[)）]|(?P<n2>\d{1,2})[、）．]|(?P<circled>[①-⑳])|(?P<cn>[一二三四五六七八九十]{1,3})、"
    r"|[•·●▪◦])[ \t]*(?=\S)"
)
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_NUMBER = re.compile(r"\s*(?:\d{1,3}[.、．)）]|[（(]\d{1,3}[)）])\s*")
_NOT_PROSE = re.compile(
    r"\s*(?:!\[[^\]]*\]\([^)]*\)|\[[^\]]*\]\([^)]*\)|\$\$[\s\S]*\$\$|\\\[[\s\S]*\\\])\s*$"
)
_EXTRA_KINDS = frozenset({LabelKind.EXTRA, LabelKind.SUMMARY})


@dataclass(frozen=True, slots=True)
class Passage:
    """Blocks with the lines that their indices count, ready for reading points."""

    blocks: tuple[Block, ...]
    texts: Sequence[str]
    numbers: Sequence[int]


def read_points(answer_markdown: str, first_line: int = 1) -> tuple[Point, ...]:
    """Return the points of an answer; `first_line` is the line number of its first line.

    The items of lists are the points. Without a list, paragraphs that begin with a bold name are,
    then enumerated lines (（1） …, ① …), then sentences. Code, tables, images and labelled examples
    (举例, 示例, Example …) are none.
    """
    source = read_source(answer_markdown, first_line)
    blocks = parse_blocks(source.texts, source.folded)
    kept = tuple(_without_extras(blocks))
    return points_of([Passage(kept, source.texts, source.numbers)])


def _without_extras(blocks: Sequence[Block]) -> Iterator[Block]:
    """Drop the labelled examples of a bare answer with all that follows each."""
    for block in blocks:
        label = match_label(block.text) if block.kind is BlockKind.PARAGRAPH else None
        if label and label.kind in _EXTRA_KINDS and not label.bare:
            return
        yield block


def points_of(passages: Sequence[Passage]) -> tuple[Point, ...]:
    """Return the points of the passages that make up one answer."""
    groups = [_Reader(passage) for passage in passages]
    for read in (_Reader.list_points, _Reader.named_points, _Reader.sentence_points):
        points = tuple(point for group in groups for point in read(group))
        if points:
            return points
    return ()


class _Reader:
    """Reads the points of one passage, in one of three ways."""

    def __init__(self, passage: Passage) -> None:
        self._texts = passage.texts
        self._numbers = passage.numbers
        self._blocks = tuple(_unquoted(passage.blocks))

    def list_points(self) -> Iterator[Point]:
        """Yield a point for each item of the lists."""
        groups = [
            [point for item, tail in items if (point := self._item_point(item, tail)).text]
            for items in self._item_groups()
        ]
        together = [point for group in groups for point in group]
        titled = _with_plain_titles(together)
        if titled != together:
            yield from titled
            return
        for group in groups:
            yield from _with_plain_titles(group)

    def named_points(self) -> Iterator[Point]:
        """Yield a point for each paragraph with a bold name in front, or enumerated line."""
        paragraphs = [block for block in self._blocks if block.kind is BlockKind.PARAGRAPH]
        enumerated = [point for block in paragraphs for point in self._enumerated(block)]
        if len(enumerated) > 1:
            yield from _with_plain_titles(enumerated)
            return
        if len([block for block in paragraphs if _is_named(block.text)]) < _SEVERAL:
            return
        for position, block in enumerate(self._blocks):
            if block.kind is not BlockKind.PARAGRAPH or not _is_named(block.text):
                continue
            tail = self._prose_after(position)
            point = self._point(block.text, tail, block.first)
            if point.text:
                yield point

    def sentence_points(self) -> Iterator[Point]:
        """Yield a point for each sentence of the paragraphs."""
        for block in self._blocks:
            if block.kind is BlockKind.PARAGRAPH and not _NOT_PROSE.match(block.text):
                yield from self._sentences(block)

    def _sentences(self, block: Block) -> Iterator[Point]:
        title, rest = split_title(block.text)
        line = self._numbers[block.first]
        if title and rest.strip():
            yield Point(rest.strip(), title, line)
            return
        for sentence in split_sentences(block.text):
            yield Point(sentence, None, line)

    def _prose_after(self, position: int) -> list[Block]:
        """Return what follows a named paragraph up to the next one, where the name stands alone."""
        tail: list[Block] = []
        for block in self._blocks[position + 1 :]:
            if block.kind is BlockKind.PARAGRAPH and _is_named(block.text):
                break
            tail.append(block)
        return tail if not split_title(self._blocks[position].text)[1].strip() else tail[:0]

    def _enumerated(self, block: Block) -> Iterator[Point]:
        lines = block.text.split("\n")
        if not _ENUMERATOR.match(lines[0].lstrip()) and len(lines) == 1:
            return
        current: list[str] = []
        first = block.first
        for offset, line in enumerate([*lines, ""]):
            starts = _ENUMERATOR.match(line.lstrip())
            if current and (starts or not line):
                yield self._point("\n".join(current), [], first)
                current = []
            if starts:
                current, first = [line.lstrip()[starts.end() :]], block.first + offset
            elif current:
                current.append(line)

    def _item_groups(self) -> Iterator[list[tuple[Block, list[Block]]]]:
        """Yield the items of each run of lists, each item with the blocks that follow it loosely.

        Between `1.` and `2.` everything belongs to `1.`, indented or not. The last item takes what
        follows if it is only a name.
        """
        position = 0
        while position < len(self._blocks):
            block = self._blocks[position]
            position += 1
            if block.kind is not BlockKind.LIST:
                continue
            items: list[tuple[Block, list[Block]]] = [(item, []) for item in block.children]
            while (tail := self._up_to_next_number(block, position)) is not None:
                items[-1][1].extend(self._blocks[position : position + tail])
                position += tail
                block = self._blocks[position]
                position += 1
                items.extend((item, []) for item in block.children)
            position += self._adopt(items, position)
            yield items

    def _up_to_next_number(self, block: Block, position: int) -> int | None:
        """Return how many blocks stand before the list that continues the numbers, or None."""
        if not block.ordered or block.children[-1].number is None:
            return None
        wanted = block.children[-1].number + 1
        for index in range(position, len(self._blocks)):
            candidate = self._blocks[index]
            if candidate.kind is BlockKind.LIST and candidate.ordered:
                return index - position if candidate.children[0].number == wanted else None
            if candidate.kind is BlockKind.HEADING:
                return None
        return None

    def _adopt(self, items: list[tuple[Block, list[Block]]], position: int) -> int:
        """Give what follows the last item to it where the item is only a name; return how much."""
        item, tail = items[-1]
        adopting = len(items) > 1 and any(others for _, others in items[:-1])
        if tail or position == len(self._blocks) or not (adopting or _is_bare_name(item)):
            return 0
        for offset, block in enumerate(self._blocks[position:]):
            fits = block.kind in {BlockKind.LIST, BlockKind.CODE, BlockKind.TABLE}
            first_prose = block.kind is BlockKind.PARAGRAPH and not offset and _is_bare_name(item)
            if not (fits or first_prose) or (block.kind is BlockKind.LIST and block.ordered):
                return offset
            tail.append(block)
            if block.kind is BlockKind.PARAGRAPH:
                return offset + 1
        return len(self._blocks) - position

    def _item_point(self, item: Block, tail: list[Block]) -> Point:
        if not item.children:
            return Point("", None, self._numbers[item.first])
        head = item.children[0]
        if head.kind is not BlockKind.PARAGRAPH:
            text = self._lines(item.first, item.end, item.indent).strip("\n")
            return Point(text.strip(), None, self._numbers[item.first])
        nested = self._lines(head.end, item.end, item.indent)
        return self._point(_TASK.sub("", head.text, count=1), tail, item.first, nested)

    def _point(self, text: str, tail: list[Block], first: int, nested: str = "") -> Point:
        title, rest = split_title(text)
        after = self._lines(tail[0].first, tail[-1].end, 0) if tail else ""
        body = "\n".join(part for part in (rest, nested) if part.strip())
        body = "\n\n".join(part for part in (body, after) if part.strip())
        line = self._numbers[first]
        if title and not body.strip():
            return Point(title, None, line)
        return Point(_dedent(body).strip(), title, line)

    def _lines(self, first: int, end: int, indent: int) -> str:
        return "\n".join(_cut(text, indent) for text in self._texts[first:end]).rstrip()


_SEVERAL = 2


def _unquoted(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks; an answer that is one quotation counts as what it quotes."""
    if blocks and all(block.kind is BlockKind.QUOTE for block in blocks):
        for block in blocks:
            for child in _unquoted(block.children):
                yield from _unlabelled(child)
    else:
        yield from blocks


def _unlabelled(block: Block) -> Iterator[Block]:
    """Yield a quoted block without the label that begins it (`> 参考答案：…`)."""
    label = match_label(block.text) if block.kind is BlockKind.PARAGRAPH else None
    if label is None or label.kind is not LabelKind.ANSWER:
        yield block
    elif label.rest.strip():
        yield replace(block, text=label.rest)


def _is_named(text: str) -> bool:
    return bool(split_title(text)[0]) and text.startswith(("**", "__"))


def _is_bare_name(item: Block) -> bool:
    if len(item.children) != 1 or item.children[0].kind is not BlockKind.PARAGRAPH:
        return False
    text = item.children[0].text.strip()
    title, rest = split_title(text)
    return bool(title and not rest.strip()) or text.endswith(("：", ":"))


def split_title(text: str) -> tuple[str | None, str]:  # noqa: PLR0911 (one form a line, in order)
    """Split the short bold name off a point: (`name`, rest), or (None, text) where there is none.

    The colon stands inside or outside the bold, in either width, or is missing where a line break
    or a dash follows. A whole point in bold is no name but its text.
    """
    match = _BOLD_LEAD.match(text)
    if not match:
        return None, text
    bold, rest = match["bold"].strip(), match["rest"]
    if bold.endswith(("：", ":")):
        return _title(bold, rest, text)
    if colon := _COLON_AFTER.match(rest):
        return _title(bold + plain_text(colon["note"]), colon["rest"], text)
    if dash := _DASH_AFTER.match(rest):
        return _title(bold, dash["rest"], text)
    if not rest.strip():
        inner = _PLAIN_LEAD.match(bold)
        if inner and inner["rest"].strip():
            return _title(inner["title"], inner["rest"], text)
        return _title(bold, "", text)
    if rest.startswith(("\n", "  \n", " \n")):
        return _title(bold, rest, text)
    return None, text


def _title(name: str, rest: str, text: str) -> tuple[str | None, str]:
    title = plain_text(name).rstrip("：: ").strip()
    if number := _NUMBER.match(title):
        title = title[number.end() :]
    if not title or len(title) > _MAX_TITLE or title.endswith(("。", "！", "；")):
        return None, plain_text(text) if not rest.strip() else text
    return title, rest.lstrip(" \t\n")


def _with_plain_titles(points: Sequence[Point]) -> list[Point]:
    """Read `name: text` without bold as a titled point where all points have that form."""
    split = [_PLAIN_LEAD.match(point.text) for point in points]
    uniform = len(points) > 1 and all(
        point.title is None and match and match["rest"].strip()
        for point, match in zip(points, split, strict=True)
    )
    if not uniform:
        return list(points)
    return [
        replace(point, title=plain_text(match["title"]), text=match["rest"].strip())
        for point, match in zip(points, split, strict=True)
        if match
    ]


def _cut(text: str, columns: int) -> str:
    """Take up to that many columns of white space, and quotation marks, off a line's start."""
    if not columns:
        return text
    position = 0
    while position < len(text) and columns > 0 and text[position] in " \t\u3000\xa0>":
        columns -= 4 if text[position] == "\t" else 1
        position += 1
    return text[position:]


def _dedent(text: str) -> str:
    lines = text.split("\n")
    rest = [line for line in lines[1:] if line.strip()]
    if not rest:
        return text
    indent = min(len(line) - len(line.lstrip(" ")) for line in rest)
    first = lines[0]
    if first.strip() and not first.startswith(" "):
        return "\n".join([first, *(line[indent:] if line.strip() else line for line in lines[1:])])
    return text
