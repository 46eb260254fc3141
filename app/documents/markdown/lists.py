"""Which lists hold questions: those are opened into pieces, all others stay content."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.labels import Label, LabelKind, match_label
from app.documents.markdown.numbering import plain_text
from app.documents.markdown.pieces import Piece, PieceKind, is_option_list, open_list
from app.documents.markdown.points import split_title
from app.documents.markdown.sections import SILENT, Role

_ANSWERS = frozenset({LabelKind.ANSWER, LabelKind.ANSWER_WITH_EXPLANATION})
_REPLIES = _ANSWERS | {LabelKind.EXPLANATION, LabelKind.APPROACH}
_MOSTLY = 0.6
_SEVERAL = 2
_INTRODUCING = ("题", "題", "问题", "問題", "常问", "会问", "questions", "Questions")
# "本文将回答：" in front of a list announces an article, not a set of questions.
_ANNOUNCING = re.compile(
    r"(?:本文|本章|本节|以下内容|了解|学习|学到|掌握|目标"
    r"|you will|this (?:article|post|guide)).*[：:]\s*$",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(slots=True)
class _Context:
    """What stands above a list: `asked` a question waits for its answer, `answering` it has one."""

    asked: bool = False
    answering: bool = False
    last_number: int | None = None
    previous: Piece | None = None

    def see(self, piece: Piece) -> None:
        """Take a piece that is no list into account."""
        if piece.kind is PieceKind.HEADING and not is_label_heading(piece):
            self.asked = bool(piece.heading and (piece.heading.prefixed or is_marked(piece.raw)))
            self.answering = False
            self.last_number = None
        elif piece.kind in {PieceKind.HEADING, PieceKind.LABEL} and piece.label:
            if piece.label.kind in _REPLIES:
                self.asked, self.answering = False, True
            elif piece.label.kind is LabelKind.QUESTION:
                self.asked, self.answering = True, False
        elif piece.kind is PieceKind.SUMMARY or (
            piece.kind is PieceKind.BOLD and piece.heading and _starts(piece)
        ):
            self.asked, self.answering = True, False
        self.previous = piece


def _starts(piece: Piece) -> bool:
    heading = piece.heading
    return bool(heading and (heading.number or heading.prefixed or is_marked(piece.raw)))


LABEL_HEADINGS = frozenset(
    {
        LabelKind.DESCRIPTION,
        LabelKind.ANSWER,
        LabelKind.ANSWER_WITH_EXPLANATION,
        LabelKind.APPROACH,
        LabelKind.EXPLANATION,
        LabelKind.OPTIONS,
    }
)
_PLAIN_QUESTION_NAMES = frozenset(
    {"题目", "題目", "问题", "問題", "题干", "題幹", "question", "problem"}
)
_MAX_LABEL_REST = 60


def is_label_heading(piece: Piece) -> bool:
    """Say whether a heading is a label (`#### 答案`, `#### Answer: D`) rather than a section."""
    label = piece.label
    if label is None or (label.weak and not label.number):
        return False
    if label.kind is LabelKind.QUESTION:
        return label.name.lower() in _PLAIN_QUESTION_NAMES and not label.rest and not label.number
    rest_fits = not label.rest or (label.kind in _ANSWERS and len(label.rest) <= _MAX_LABEL_REST)
    return label.kind in LABEL_HEADINGS and rest_fits


def unlabel_sections(pieces: Sequence[Piece]) -> list[Piece]:
    """Make sections of the headings 题目 and 答案 that each head a whole list, not one question.

    Such a heading has several numbered parts below it, and several above it in the section before.
    """
    result: list[Piece] = []
    parts_above, level, inside, on_top = 0, 0, False, True
    for position, piece in enumerate(pieces):
        if piece.kind is PieceKind.HEADING and is_label_heading(piece):
            below = pieces[position + 1] if position + 1 < len(pieces) else None
            asks_first = bool(piece.label and piece.label.kind is LabelKind.QUESTION)
            several = asks_first or parts_above >= _SEVERAL
            beside = piece.level <= level or (on_top and not inside)
            if _parts(below) and several and beside:
                result.append(replace(piece, label=None))
                parts_above, level, on_top = 0, piece.level, False
                continue
        elif piece.kind is PieceKind.HEADING and piece.heading:
            heading = piece.heading
            inside = bool(position) and bool(
                heading.prefixed or heading.number or is_marked(piece.raw)
            )
            on_top, level = level == 0, piece.level
        parts_above += _parts(piece)
        result.append(piece)
    return result


def _parts(piece: Piece | None) -> int:
    """Return how many numbered parts a piece begins: the items of a list, or one bold number."""
    if piece is None:
        return 0
    if piece.kind is PieceKind.LIST and piece.block:
        count = len(piece.block.children)
        return count if piece.block.ordered else 0
    numbered = bool(piece.heading and piece.heading.number)
    return int(piece.kind in {PieceKind.BOLD, PieceKind.HEADING} and numbered)


def open_lists(pieces: Sequence[Piece], roles: Sequence[Role]) -> list[Piece]:
    """Replace every list of questions by the pieces of its items.

    `roles[i]` is the role of the section that piece i stands in.
    """
    result: list[Piece] = []
    context = _Context()
    for position, piece in enumerate(pieces):
        if piece.kind is not PieceKind.LIST:
            context.see(piece)
            result.append(piece)
            continue
        following = pieces[position + 1] if position + 1 < len(pieces) else None
        if _holds_questions(piece, following, roles[position], context):
            result.extend(_opened(piece, following, context))
        else:
            context.previous = piece
            result.append(piece)
    return result


def _opened(piece: Piece, following: Piece | None, context: _Context) -> Iterator[Piece]:
    count = len(piece.block.children) if piece.block else 0
    nested = 0
    for part in open_list(piece):
        if part.kind is PieceKind.LIST and _has_answer(part.block):
            yield from open_list(part)
        else:
            yield part
        nested += part.kind not in {PieceKind.ITEM, PieceKind.RULE}
    if piece.block and piece.block.children:
        context.last_number = piece.block.children[-1].number
    context.asked = count == 1
    context.answering = False
    context.previous = piece
    if count >= _SEVERAL and not nested and not _answers(following):
        yield Piece(PieceKind.LIST_END, piece.end, piece.end)


def _answers(piece: Piece | None) -> bool:
    return bool(
        piece and piece.kind is PieceKind.LABEL and piece.label and piece.label.kind in _REPLIES
    )


def _holds_questions(  # noqa: PLR0911 (one rule a line, in order)
    piece: Piece, following: Piece | None, role: Role, context: _Context
) -> bool:
    block = piece.block
    if block is None or is_option_list(piece) or role in SILENT:
        return False
    if any(_begins_with_heading(item) for item in block.children):
        return True
    if _has_answer(block) and not (context.answering and not _continues(block, context)):
        return True
    if role is Role.ANSWERS and block.ordered:
        return not context.answering
    titles = [_item_title(item) for item in block.children]
    if _continues(block, context) and (_answers(following) or all(map(_reads_as_question, titles))):
        return True
    if context.asked:
        return False
    if block.ordered and _answers(following) and asks(titles[-1]) and not context.answering:
        return True
    return not context.answering and _is_question_list(titles, block, role, context)


def _is_question_list(titles: Sequence[str], block: Block, role: Role, context: _Context) -> bool:
    """Say whether the items themselves ask: most in a container, all of them elsewhere."""
    text = context.previous.block.text if context.previous and context.previous.block else ""
    if _ANNOUNCING.search(text) and not any(word in text for word in _INTRODUCING):
        return False
    if role is Role.QUESTIONS:
        asking = [title for title in titles if _reads_as_question(title)]
        return len(asking) >= max(1, _MOSTLY * len(titles))
    if role is Role.TITLED and len(titles) >= _SEVERAL:
        return all(map(_reads_as_question, titles))
    if len(block.children) < _SEVERAL or not all(is_marked(title) for title in titles):
        return False
    previous = context.previous
    if previous is None or previous.kind in {PieceKind.HEADING, PieceKind.BOLD}:
        return True
    return text.rstrip().endswith(("：", ":")) and any(word in text for word in _INTRODUCING)


def _continues(block: Block, context: _Context) -> bool:
    """Say whether a numbered list goes on where the last list of questions stopped."""
    first = block.children[0].number if block.children else None
    return (
        first is not None and context.last_number is not None and first == context.last_number + 1
    )


def _reads_as_question(title: str) -> bool:
    name, rest = split_title(title)
    if name and rest.strip() and not is_marked(name):
        return False
    whole_bold = title.startswith("**") and title.rstrip("：: ").endswith("**")
    return whole_bold or asks(plain_text(title))


def _item_title(item: Block) -> str:
    if not item.children or item.children[0].kind is not BlockKind.PARAGRAPH:
        return ""
    return item.children[0].text.split("\n")[0]


def _begins_with_heading(item: Block) -> bool:
    return bool(item.children) and item.children[0].kind is BlockKind.HEADING


def _has_answer(block: Block | None) -> bool:
    """Say whether a label inside the items names an answer (`1. 题目：…` with `答案：…`)."""
    labels = [label for item in (block.children if block else ()) for label in _labels(item)]
    asked = any(label.kind is LabelKind.QUESTION for label in labels)
    return any(
        label.kind in _ANSWERS and (asked or label.name.upper() != "A" or bool(label.number))
        for label in labels
    )


def _labels(item: Block) -> Iterator[Label]:
    """Yield the labels at the line starts of an item and of the items right below it."""
    for child in item.children:
        if child.kind is BlockKind.PARAGRAPH:
            for line in child.text.split("\n"):
                if label := match_label(line):
                    yield label
        elif child.kind is BlockKind.LIST:
            for nested in child.children:
                if label := match_label(_item_title(nested)):
                    yield label
