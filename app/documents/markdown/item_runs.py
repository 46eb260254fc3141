"""The items of an answer's lists, each with the blocks that follow it without being indented."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.titles import is_bare_name

_ADOPTED = frozenset({BlockKind.LIST, BlockKind.CODE, BlockKind.TABLE})


@dataclass(slots=True)
class ItemRun:
    """An item, and the blocks below it that belong to it though they are not inside it."""

    item: Block
    tail: list[Block] = field(default_factory=list)


def item_runs(blocks: Sequence[Block]) -> Iterator[list[ItemRun]]:
    """Yield the items of each run of lists.

    Between `1.` and `2.` everything belongs to `1.`, indented or not. The last item takes what
    follows if it is only a name.
    """
    position = 0
    while position < len(blocks):
        block = blocks[position]
        position += 1
        if block.kind is not BlockKind.LIST:
            continue
        run = [ItemRun(item) for item in block.children]
        while (skipped := _up_to_next_number(blocks, block, position)) is not None:
            run[-1].tail.extend(blocks[position : position + skipped])
            block = blocks[position + skipped]
            position += skipped + 1
            run.extend(ItemRun(item) for item in block.children)
        adopted = list(_adopted(run, blocks, position))
        run[-1].tail.extend(adopted)
        position += len(adopted)
        yield run


def _up_to_next_number(blocks: Sequence[Block], block: Block, position: int) -> int | None:
    """Return how many blocks stand before the list that continues the numbers, or None."""
    number = block.children[-1].number
    if not block.ordered or number is None:
        return None
    for index in range(position, len(blocks)):
        candidate = blocks[index]
        if candidate.kind is BlockKind.LIST and candidate.ordered:
            return index - position if candidate.children[0].number == number + 1 else None
        if candidate.kind is BlockKind.HEADING:
            return None
    return None


def _adopted(run: Sequence[ItemRun], blocks: Sequence[Block], position: int) -> Iterator[Block]:
    """Yield what the last item takes: what follows a bare name, or what items above it took."""
    named = _is_bare_name(run[-1].item)
    if not (named or any(entry.tail for entry in run[:-1])):
        return
    for index in range(position, len(blocks)):
        block = blocks[index]
        if block.kind is BlockKind.PARAGRAPH and named and index == position:
            yield block
            return
        if block.kind not in _ADOPTED or (block.kind is BlockKind.LIST and block.ordered):
            return
        yield block


def _is_bare_name(item: Block) -> bool:
    if len(item.children) != 1 or item.children[0].kind is not BlockKind.PARAGRAPH:
        return False
    return is_bare_name(item.children[0].text)
