"""Blocks to pieces: labels, bold lines and options are set apart, line by line."""

import re
from collections.abc import Iterator, Sequence

from app.documents.markdown.asking import asks, has_blank, is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.choices import is_first_option, option_lines
from app.documents.markdown.details import SUMMARY_MARK, names_answer
from app.documents.markdown.labels import Label, LabelKind, match_label
from app.documents.markdown.numbering import Heading, read_heading
from app.documents.markdown.pieces import Piece, PieceKind, offers_options
from app.documents.markdown.sections import is_mere_container

_BOLD_MARKS = ("**", "__")
_CODE_SPAN = re.compile(r"`[^`]*`")
_BOLD_START = re.compile(
    r"(?P<mark>\*\*|__)(?P<text>(?:(?!(?P=mark)).)+)(?P=mark)[:：]?[ \t]*(?P<rest>\S.*)$"
)
_PLAIN_NUMBERED = re.compile(
    r"(?:\d{1,4}(?:[、．]|\.(?=[^\s\d.]))|[（(]\d{1,4}[)）]|(?:面试题|问题|第)\s*\d{1,4}\s*(?:题)?\s*[:：、.])\s*\S"
)
_CHAPTER = re.compile(r"(?:第?[一二三四五六七八九十]{1,3}(?:部分|大题)?|[IVX]{1,4})[、.．,，:： ]")
_CHAPTER_BEGINS = frozenset("第一二三四五六七八九十IVX")
_DEEPEST = 6
_ASKED = re.compile(r"[？?][\s*_]*$")
_CUT_LABEL = re.compile(r"(?:\*\*|__|【)(?P<begun>\w{1,12})")
_PROBLEMS = frozenset({"问题", "問題", "problem"})


def flatten(blocks: Sequence[Block], indent: int = 0) -> Iterator[Piece]:
    """Yield the pieces of blocks in order; lists stay whole."""
    for block, following in zip(blocks, [*blocks, None][1:], strict=True):
        if block.kind is BlockKind.HEADING:
            yield _heading(block, indent)
        elif block.kind is BlockKind.PARAGRAPH:
            yield from _paragraph(block, indent, following)
        else:
            kind = _KINDS.get(block.kind, PieceKind.BLOCK)
            content = None if kind is PieceKind.RULE else block
            yield Piece(kind, block.first, block.end, indent, block=content)


_KINDS = {BlockKind.LIST: PieceKind.LIST, BlockKind.RULE: PieceKind.RULE}


def complete_cut_label(pieces: Sequence[Piece]) -> list[Piece]:
    """Read a last line such as `**答` as the label of the document that it begins."""
    last = pieces[-1].block if pieces and pieces[-1].kind is PieceKind.BLOCK else None
    cut = _CUT_LABEL.fullmatch(last.text) if last else None
    labels = [piece.label for piece in pieces if piece.label]
    whole = next((one for one in labels if cut and one.name.startswith(cut["begun"])), None)
    if last is None or whole is None:
        return list(pieces)
    label = whole._replace(rest="", number=None)
    completed = pieces[-1]._replace(kind=PieceKind.LABEL, raw=last.text, label=label, block=None)
    return [*pieces[:-1], completed]


def split_bold_question(line: str) -> tuple[str, str] | None:
    """Split `**What is X?** Text` into the question and what follows it."""
    match = _BOLD_START.match(line)
    return (match["text"], match["rest"]) if match and is_marked(match["text"]) else None


def _heading(block: Block, indent: int) -> Piece:
    heading = read_heading(block.text)
    label = match_label(block.text)
    asked = match_label(heading.title) if heading.number else label
    if asked and asked.rest and _names_question(asked, heading):
        title = read_heading(asked.rest)
        heading = title._replace(number=title.number or heading.number, prefixed=True)
    return Piece(
        PieceKind.HEADING,
        block.first,
        block.end,
        indent,
        level=block.level,
        raw=block.text,
        heading=heading,
        label=label or match_label(f"**{heading.title}**"),
    )


def _names_question(label: Label, heading: Heading) -> bool:
    """Say whether a label makes its heading a question; `1. 问题：…` may be one to be solved."""
    if label.kind is not LabelKind.QUESTION or label.number:
        return False
    return not heading.number or label.name.lower() not in _PROBLEMS or asks(label.rest)


def _paragraph(block: Block, indent: int, following: Block | None) -> Iterator[Piece]:
    """Split a paragraph: options stay whole, with the line that asks set apart from them."""
    lines = block.text.split("\n")
    if len(lines) == 1 and (chapter := _chapter(block, indent)):
        yield chapter
    elif _is_options(block, following):
        yield from _options(lines, block.first, indent)
    elif asked := _choice_asked(lines, following):
        chooser = block.first + asked - 1
        yield from _lines(lines[: asked - 1], block.first, indent)
        yield _bold_piece(lines[asked - 1].strip(), chooser, indent)
        yield from _options(lines[asked:], block.first + asked, indent)
    else:
        yield from _lines(lines, block.first, indent, _first_line(following))


def _chapter(block: Block, indent: int) -> Piece | None:
    """Return a line such as `二、多选题（每题 2 分）` as the deepest of headings."""
    line = block.text.strip()
    if line.lstrip("*_")[:1] not in _CHAPTER_BEGINS:  # nearly every line, and quickly seen
        return None
    text = _bold_text(line) or line
    if not _CHAPTER.match(text):
        return None
    heading = read_heading(text)
    if heading.prefixed or not is_mere_container(heading.title):
        return None
    return Piece(
        PieceKind.HEADING, block.first, block.end, indent, level=_DEEPEST, raw=text, heading=heading
    )


def _first_line(block: Block | None) -> str:
    return block.text.partition("\n")[0] if block else ""


def _is_options(block: Block, following: Block | None) -> bool:
    """Say whether a paragraph is options, or the first of several in paragraphs of their own."""
    if not is_first_option(block.text):
        return False
    below = following.text if following and following.kind is BlockKind.PARAGRAPH else ""
    apart = bool(below) and "\n" not in block.text and option_lines(f"{block.text}\n{below}")
    return apart or option_lines(block.text)


def _options(lines: Sequence[str], first: int, indent: int) -> Iterator[Piece]:
    """Yield options as one piece, and what follows a label below them by itself."""
    if not lines:
        return
    labels = enumerate(match_label(line) for line in lines)
    below = (place for place, label in labels if place and label and not label.weak)
    end = next(below, len(lines))
    text = "\n".join(lines[:end])
    block = Block(BlockKind.PARAGRAPH, first, first + end, text)
    yield Piece(PieceKind.BLOCK, first, first + end, indent, block=block)
    yield from _lines(lines[end:], first + end, indent)


def _choice_asked(lines: Sequence[str], following: Block | None) -> int:
    """Return where options begin below a plain line that asks for a choice; 0 if there are none."""
    place = next((at for at, line in enumerate(lines) if is_first_option(line)), len(lines))
    if not place:
        return 0
    text = lines[place - 1].strip()
    asked = _ASKED.search(text) or _PLAIN_NUMBERED.match(text) or has_blank(text)
    if not asked or match_label(text) or _bold_text(text):
        return 0
    if place < len(lines):
        offered = option_lines("\n".join(lines[place:]))
    else:
        offered = following is not None and offers_options(following)
    return place if offered else 0


def _lines(lines: Sequence[str], first: int, indent: int, below: str = "") -> Iterator[Piece]:
    """Yield the pieces of lines; prose continues what stands above it, unless that is bold."""
    pending: Piece | None = None
    prose: list[str] = []
    alone = len(lines) == 1
    for offset, line in enumerate(lines):
        following = lines[offset + 1] if offset + 1 < len(lines) else below
        starter = _starter(line.strip(), first + offset, indent, following, alone=alone)
        if pending and not starter and pending.kind is not PieceKind.BOLD:
            prose.append(line)
            continue
        if pending:
            yield _extended(pending, prose)
        pending, prose = starter or _prose(line, first + offset, indent), []
    if pending:
        yield _extended(pending, prose)


def _starter(text: str, index: int, indent: int, below: str, *, alone: bool) -> Piece | None:
    """Return the piece that a line begins, or None for prose."""
    if text.startswith(SUMMARY_MARK):
        return _summary(text.removeprefix(SUMMARY_MARK), index, indent)
    if is_first_option(text) and option_lines(f"{text}\n{below}"):
        return _prose(text, index, indent)
    label = match_label(text)
    if label and not _is_question_title(label, text):
        content = _text_block(label.rest, index) if label.rest.strip() else None
        return Piece(
            PieceKind.LABEL, index, index + 1, indent, raw=text, label=label, block=content
        )
    if _PLAIN_NUMBERED.match(text) and _is_question(text, below, alone=alone):
        return _bold_piece(text, index, indent)
    return _bold(text, index, indent)


def _is_question(text: str, below: str, *, alone: bool) -> bool:
    """Say whether a plain numbered line looks like a question."""
    label = match_label(below)
    answered = bool(label and label.kind is LabelKind.ANSWER)
    return answered or is_marked(text) or (alone and asks(read_heading(text).title))


def _is_question_title(label: Label, text: str) -> bool:
    """Say whether a bold line is a numbered question as a whole (`**问题1：什么是 X？**`)."""
    return bool(label.kind is LabelKind.QUESTION and label.number and _bold_text(text))


def _bold_text(line: str) -> str | None:
    """Return what stands in bold in a line that is bold as a whole, a colon behind it aside."""
    text = line.strip()
    if text.endswith(("：", ":")):
        text = text[:-1].rstrip()
    mark = text[:2]
    if mark not in _BOLD_MARKS or not text.endswith(mark):
        return None
    inner = text[2:-2]
    return inner if inner and mark not in _CODE_SPAN.sub("", inner) else None


def _bold(text: str, index: int, indent: int) -> Piece | None:
    if not text.startswith(("**", "__")):
        return None
    if whole := _bold_text(text):
        return _bold_piece(text, index, indent, read_heading(whole))
    match = _BOLD_START.match(text)
    return _bold_start(match, index, indent) if match else None


def _bold_start(match: re.Match[str], index: int, indent: int) -> Piece | None:
    """Return a line of which only the begin is bold, if that is a number or asks."""
    heading, rest = read_heading(match["text"]), match["rest"]
    if heading.number and not heading.title:
        if is_marked(rest):
            asked = read_heading(rest)._replace(number=heading.number)
            return _bold_piece(match.string, index, indent, asked)
        return _bold_piece(match.string, index, indent, heading, rest)
    if (heading.number or heading.prefixed) and is_marked(match["text"]):
        return _bold_piece(match.string, index, indent, heading, rest)
    return None


def _bold_piece(
    text: str, index: int, indent: int, heading: Heading | None = None, rest: str = ""
) -> Piece:
    """Return a line as a possible question; `rest` is what follows its bold part."""
    return Piece(
        PieceKind.BOLD,
        index,
        index + 1,
        indent,
        raw=text,
        heading=heading or read_heading(text),
        block=_text_block(rest, index) if rest else None,
    )


def _summary(text: str, index: int, indent: int) -> Piece:
    if names_answer(text):
        label = Label(LabelKind.ANSWER, text, "")
        return Piece(PieceKind.LABEL, index, index + 1, indent, raw=text, label=label)
    return Piece(PieceKind.SUMMARY, index, index + 1, indent, raw=text, heading=read_heading(text))


def _text_block(text: str, index: int) -> Block:
    return Block(BlockKind.PARAGRAPH, index, index + 1, text)


def _prose(line: str, index: int, indent: int) -> Piece:
    return Piece(PieceKind.BLOCK, index, index + 1, indent, block=_text_block(line, index))


def _extended(piece: Piece, lines: Sequence[str]) -> Piece:
    """Add lines of prose to the piece that they continue."""
    if not lines:
        return piece
    block = piece.block or Block(BlockKind.PARAGRAPH, piece.end, piece.end)
    text = "\n".join([block.text, *lines] if block.text else lines)
    end = piece.end + len(lines)
    return piece._replace(end=end, block=block._replace(end=end, text=text))
