"""What is neither heading nor label: it belongs to the open question, or takes leave of it."""

import re

from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.drafts import Draft, Fragment, Part
from app.documents.markdown.pieces import Piece, PieceKind
from app.documents.markdown.progress import Owner, Progress

_CLOSING_PROSE = re.compile(
    r"(?:以上|通过以上|通过本文|希望|本文|综上|总之|总的来说|感谢|如果您|如果你|最后，"
    r"|In summary|In conclusion|I hope|Hope this)"
    r".*(?:面试|题|读者|博客|本文|文章|帮助|阅读|留言|评论|有用|questions|helpful|reading)",
    re.DOTALL,
)
_BYLINE = re.compile(
    r"[\s*_#>]*(?:本文|文章|原文)?(?:作者|版权|来源|转载|author|copyright)\w{0,4}\s*[:：][^\n]{1,80}",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    r"(?:<[^>]{1,60}>|[*_\[⬆↥↑\s]|&\w+;)*"
    r"(?:back to (?:the )?(?:top|contents)|返回(?:顶部|目录)|回到(?:顶部|目录))[\s\S]{0,120}",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*<!--(?:(?!-->)[\s\S])*-->\s*")


def read_content(progress: Progress, index: int) -> Owner:
    """Add a piece to the open question; return that, or why the piece is passed over."""
    current, piece = progress.current, progress.pieces[index]
    if current is None:
        return progress.reason(index)
    if _takes_leave(progress, index, current):
        return progress.close("closing")
    if current.part is Part.PROMPT and current.parts[Part.PROMPT]:
        current.begin(Part.BODY)
    whole = piece.kind is PieceKind.BLOCK and piece.block
    text = (piece.block.text if whole and piece.block else "") or progress.raw(piece)
    if not (_NAVIGATION.fullmatch(text) or _is_beside_question(current, text)):
        end = progress.last_line_with_text(piece)
        blocks = _blocks(progress, piece)
        current.add(Fragment(piece.first, end, text.strip("\n"), blocks, current.in_extra))
    return current.place


def text_fragment(block: Block) -> Fragment:
    """Return a block of text as a fragment."""
    return Fragment(block.first, block.end, block.text, (block,))


def _blocks(progress: Progress, piece: Piece) -> tuple[Block, ...]:
    """Return a piece as blocks; a bold line or inner heading as the block it is to the points."""
    if piece.kind in {PieceKind.BLOCK, PieceKind.LIST} and piece.block:
        return (piece.block,)
    if piece.kind is PieceKind.HEADING:
        return (Block(BlockKind.HEADING, piece.first, piece.end, piece.raw, piece.level),)
    if piece.raw:
        return (Block(BlockKind.PARAGRAPH, piece.first, piece.end, progress.raw(piece)),)
    return ()


def _is_beside_question(current: Draft, text: str) -> bool:
    """Say whether a text is an HTML comment where the question is asked."""
    asking = current.part in {Part.BODY, Part.PROMPT}
    return asking and "<!--" in text and bool(_COMMENT.fullmatch(text))


def _takes_leave(progress: Progress, index: int, current: Draft) -> bool:
    """Say whether a paragraph takes leave of the reader after the last question."""
    block = progress.pieces[index].block
    if block is None or block.kind is not BlockKind.PARAGRAPH:
        return False
    if not (current.parts[Part.ANSWER] or current.parts[Part.EXPLANATION]):
        return False
    if _BYLINE.fullmatch(block.text):
        return index == len(progress.pieces) - 1
    return bool(_CLOSING_PROSE.match(block.text)) and progress.survey.only_prose_after(index)
