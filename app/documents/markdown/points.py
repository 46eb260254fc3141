"""An answer to its points: the items of its lists, or its sentences where it has no list."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.documents.document import Point
from app.documents.markdown.blocks import Block, BlockKind, parse_blocks
from app.documents.markdown.enumerations import enumerated_texts, named_texts, split_counted
from app.documents.markdown.indentation import cut, dedent_below
from app.documents.markdown.item_runs import ItemRun, item_runs
from app.documents.markdown.labels import LabelKind, match_label
from app.documents.markdown.numbering import read_heading
from app.documents.markdown.sentences import split_sentences
from app.documents.markdown.source import read_source
from app.documents.markdown.titles import bold_title, is_named, split_title, with_plain_titles

_TASK = re.compile(r"\[[ xX]\][ \t]+")
_NOT_PROSE = re.compile(
    r"\s*(?:!\[[^\]]*\]\([^)]*\)|\[[^\]]*\]\([^)]*\)|\$\$[\s\S]*\$\$|\\\[[\s\S]*\\\])\s*$"
)
_WORD = re.compile(r"\w")
_EXTRA_KINDS = frozenset({LabelKind.EXTRA, LabelKind.SUMMARY})
_SEVERAL = 2


class Passage(NamedTuple):
    """Blocks with the lines that their indices count, ready for reading points."""

    blocks: tuple[Block, ...]
    texts: Sequence[str]
    numbers: Sequence[int]

    def lines(self, first: int, end: int, indent: int) -> str:
        """Return the lines of a half-open range without their indentation."""
        if first >= end:
            return ""
        return "\n".join(cut(text, indent) for text in self.texts[first:end]).rstrip()


def read_points(answer_markdown: str, first_line: int = 1) -> tuple[Point, ...]:
    """Return the points of an answer; `first_line` is the line number of its first line.

    The items of lists are the points. Without a list, paragraphs that begin with a bold name are,
    then enumerated lines (（1） …, ① …), then sentences. Code, tables, images and labelled examples
    (举例, 示例, Example …) are none.
    """
    if not answer_markdown:
        return ()
    source = read_source(answer_markdown, first_line)
    blocks = parse_blocks(source.texts, source.folded)
    kept = tuple(_without_extras(blocks))
    return points_of([Passage(kept, source.texts, source.numbers)])


def points_of(passages: Sequence[Passage]) -> tuple[Point, ...]:
    """Return the points of the passages that make up one answer, read in the first way that fits.

    Headings or bold lines over lists that have no names of their own come first, then list items,
    enumerated lines, named paragraphs, and sentences.
    """
    plain = [passage._replace(blocks=tuple(_unquoted(passage.blocks))) for passage in passages]
    for read in (_headed, _listed, _enumerated, _named, _sentences):
        points = tuple(point for passage in plain for point in read(passage))
        if points:
            return points
    return ()


def _headed(passage: Passage) -> list[Point]:
    """Return a point for each of several headings or bold lines that head all of the lists."""
    blocks = passage.blocks
    heads = [place for place, block in enumerate(blocks) if _is_head(block)]
    lists = [place for place, block in enumerate(blocks) if block.kind is BlockKind.LIST]
    in_bold = any(blocks[place].kind is BlockKind.PARAGRAPH for place in heads)
    in_headings = any(blocks[place].kind is BlockKind.HEADING for place in heads)
    if len(heads) < _SEVERAL or in_bold == in_headings or (in_bold and not lists):
        return []
    if lists and (lists[0] < heads[0] or any(_has_names(blocks[place]) for place in lists)):
        return []
    ends = [*heads[1:], len(blocks)]
    points = [_head_point(passage, place, end) for place, end in zip(heads, ends, strict=True)]
    return [point for point in points if point.text]


def _head_point(passage: Passage, place: int, end: int) -> Point:
    head = passage.blocks[place]
    title = read_heading(split_title(head.text)[0] or head.text).title
    tail = passage.blocks[place + 1 : end]
    return Point(_text_of(passage, tail), title, passage.numbers[head.first])


def _text_of(passage: Passage, blocks: Sequence[Block]) -> str:
    return passage.lines(blocks[0].first, blocks[-1].end, 0).strip("\n") if blocks else ""


def _listed(passage: Passage) -> list[Point]:
    """Return a point for each item of the lists."""
    runs = [
        [point for item in run for point in _item_points(passage, item) if point.text]
        for run in item_runs(passage.blocks)
    ]
    together = [point for run in runs for point in run]
    titled = with_plain_titles(together)
    if titled != together:
        return titled
    return [point for run in runs for point in with_plain_titles(run)]


def _item_points(passage: Passage, entry: ItemRun) -> Iterator[Point]:
    """Yield the point of an item, or several where the next ones are glued to its text."""
    item, tail = entry.item, entry.tail
    head = item.children[0] if item.children else None
    if head is None or head.kind is not BlockKind.PARAGRAPH:
        text = passage.lines(item.first, item.end, item.indent) if head else ""
        yield Point(text.strip(), None, passage.numbers[item.first])
        return
    nested = passage.lines(head.end, item.end, item.indent)
    text = _TASK.sub("", head.text, count=1)
    *glued, last = split_counted(text, item.number) if item.number else [text]
    yield from (_point(passage, part, item.first) for part in glued)
    yield _point(passage, last, item.first, nested, tail)


def _point(
    passage: Passage, text: str, first: int, nested: str = "", tail: Sequence[Block] = ()
) -> Point:
    """Return the point of a text with what is nested in its item and what follows it loosely."""
    title, rest = split_title(text)
    if not (nested or tail or "\n" in rest):
        return Point(
            rest.strip() or title or "", title if rest.strip() else None, passage.numbers[first]
        )
    after = passage.lines(tail[0].first, tail[-1].end, 0) if tail else ""
    body = "\n".join(part for part in (rest, nested) if part.strip())
    body = "\n\n".join(part for part in (body, after) if part.strip())
    line = passage.numbers[first]
    if title and not body.strip():
        return Point(title, None, line)
    return Point(dedent_below(body).strip(), title, line)


def _enumerated(passage: Passage) -> list[Point]:
    """Return a point for each enumerated line, if there are several."""
    points = [
        _point(passage, text, min(block.first + offset, block.end - 1))
        for block in passage.blocks
        if block.kind is BlockKind.PARAGRAPH
        for offset, text in enumerated_texts(block.text)
    ]
    return with_plain_titles(points) if len(points) >= _SEVERAL else []


def _named(passage: Passage) -> list[Point]:
    """Return a point for each bold name that begins a paragraph, a line or a sentence.

    There must be several.
    """
    points = [
        _point(passage, text, min(block.first + offset, block.end - 1))
        for block in passage.blocks
        if block.kind is BlockKind.PARAGRAPH
        for offset, text in named_texts(block.text)
    ]
    return points or _named_paragraphs(passage)


def _named_paragraphs(passage: Passage) -> list[Point]:
    """Return a point for each paragraph with a bold name in front, if there are several."""
    places = [
        place
        for place, block in enumerate(passage.blocks)
        if block.kind is BlockKind.PARAGRAPH and is_named(block.text)
    ]
    if len(places) < _SEVERAL:
        return []
    ends = [*places[1:], len(passage.blocks)]
    points = [_named_point(passage, place, end) for place, end in zip(places, ends, strict=True)]
    return [point for point in points if point.text]


def _named_point(passage: Passage, place: int, end: int) -> Point:
    """Return a named paragraph; one that is only a name has what follows it for its text."""
    block = passage.blocks[place]
    whole = bold_title(block.text)
    tail = passage.blocks[place + 1 : end] if whole else ()
    if whole and tail:
        return Point(_text_of(passage, tail), whole, passage.numbers[block.first])
    return _point(passage, block.text, block.first, tail=tail)


def _sentences(passage: Passage) -> Iterator[Point]:
    """Yield a point for each sentence of the paragraphs; a named one is a point as a whole."""
    for block in passage.blocks:
        if block.kind is not BlockKind.PARAGRAPH or _NOT_PROSE.match(block.text):
            continue
        title, rest = split_title(block.text)
        line = passage.numbers[block.first]
        if title and rest.strip():
            yield Point(rest.strip(), title, line)
        else:
            sentences = split_sentences(block.text)
            yield from (Point(text, None, line) for text in sentences if _WORD.search(text))


def _is_head(block: Block) -> bool:
    """Say whether a block is a heading, or a line in bold and nothing else."""
    if block.kind is BlockKind.HEADING:
        label = match_label(f"**{block.text}**")
        return label is None or label.kind not in _EXTRA_KINDS
    if block.kind is not BlockKind.PARAGRAPH:
        return False
    title, rest = split_title(block.text)
    return bool(title) and not rest.strip()


def _has_names(block: Block) -> bool:
    heads = [item.children[0] for item in block.children if item.children]
    return any(head.kind is BlockKind.PARAGRAPH and is_named(head.text) for head in heads)


def _without_extras(blocks: Sequence[Block]) -> Iterator[Block]:
    """Drop the labelled examples of a bare answer with all that follows each."""
    for block in blocks:
        label = match_label(block.text) if block.kind is BlockKind.PARAGRAPH else None
        if label and label.kind in _EXTRA_KINDS and not label.bare:
            return
        yield block


def _unquoted(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks; an answer that is one quotation counts as what it quotes."""
    if not blocks or any(block.kind is not BlockKind.QUOTE for block in blocks):
        yield from blocks
        return
    for block in blocks:
        for child in _unquoted(block.children):
            yield from _unlabelled(child)


def _unlabelled(block: Block) -> Iterator[Block]:
    """Yield a quoted block without the label that begins it (`> 参考答案：…`)."""
    label = match_label(block.text) if block.kind is BlockKind.PARAGRAPH else None
    if label is None or label.kind is not LabelKind.ANSWER:
        yield block
    elif label.rest.strip():
        yield block._replace(text=label.rest)
