"""Which lists hold questions: those are opened into pieces, all others stay content."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.choices import option_list, split_verdict
from app.documents.markdown.labels import META, Label, LabelKind, match_label
from app.documents.markdown.list_items import open_list
from app.documents.markdown.numbering import plain_text
from app.documents.markdown.pieces import ANSWERS, REPLIES, Piece, PieceKind, is_options
from app.documents.markdown.sections import SILENT, Role, role_of
from app.documents.markdown.titles import split_title

# Questions with headings of their own may stand right below a table of contents.
_NO_ITEMS = SILENT - {Role.CONTENTS}
_MOSTLY = 0.6
_SEVERAL = 2
_REACH = 12  # pieces in which the answer to a bold question of a list ends
_INTRODUCING = ("题", "題", "问题", "問題", "常问", "会问", "questions", "Questions")
# "本文将回答：" in front of a list announces an article, not a set of questions.
_ANNOUNCING = re.compile(
    r"(?:本文|本章|本节|以下内容|了解|学习|学到|掌握|目标"
    r"|you will|this (?:article|post|guide))",
    re.IGNORECASE,
)
_PROMISING = re.compile(
    r"(?:本文|本章|本节|文章|我们|接下来)[^。\n]{0,8}(?:回答|解答|讨论|探讨|介绍|围绕|弄清|搞清)"
    r"|(?:we|article|post|guide|chapter) (?:will |tries to )?(?:answer|discuss|cover|explore)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Context:
    """What stands above a list: `asked` a question waits for its answer, `answering` it has one.

    `several` says that lists of questions without answers stood above, `asking` that the document
    has a section of answers, or holds nothing but lists that ask.
    """

    asking: bool
    asked: bool = False
    answering: bool = False
    last_number: int | None = None
    several: bool = False
    previous: Piece | None = None

    def see(self, piece: Piece, role: Role) -> None:
        """Take a piece that is no list into account; `role` is that of its section."""
        label = piece.labelling
        if piece.kind is PieceKind.HEADING and label is None:
            self.asked = piece.prefixed or is_marked(piece.raw)
            self.answering = role is Role.ANSWERS and _heads_answer(piece)
            self.last_number = None
        elif label and label.kind in REPLIES:
            self.asked, self.answering = False, True
        elif (label and label.kind is LabelKind.QUESTION) or _begins(piece):
            self.asked, self.answering = True, False
        self.previous = piece

    def opened(self, block: Block) -> None:
        """Go below a list of questions; a single one may have its answer there."""
        self.last_number = block.children[-1].number
        self.asked = len(block.children) == 1
        self.several = self.several or not self.asked
        self.answering = False


def open_lists(pieces: Sequence[Piece], roles: Sequence[Role]) -> list[Piece]:
    """Replace every list of questions by the pieces of its items.

    `roles[i]` is the role of the section that piece i stands in.
    """
    result: list[Piece] = []
    context = _Context(asking=Role.ANSWERS in roles or _only_asks(pieces))
    for position, piece in enumerate(pieces):
        if piece.kind is not PieceKind.LIST or piece.block is None:
            context.see(piece, roles[position])
            result.append(piece)
            continue
        following = _below(pieces, position)
        context.several = context.several or _begins_bold_run(pieces, position)
        if _is_meta_list(piece.block):
            result.extend(open_list(piece))
        elif _holds_questions(piece.block, following, roles[position], context):
            result.extend(_opened(piece, piece.block, following))
            context.opened(piece.block)
        else:
            result.append(piece)
        context.previous = piece
    return result


def _only_asks(pieces: Sequence[Piece]) -> bool:
    """Say whether a document is nothing but headings and lists of which every item asks."""
    body = [piece for piece in pieces if piece.kind not in {PieceKind.HEADING, PieceKind.RULE}]
    return all(
        piece.kind is PieceKind.LIST
        and piece.block is not None
        and all(is_marked(_item_title(item)) for item in piece.block.children)
        for piece in body
    )


def _begins_bold_run(pieces: Sequence[Piece], position: int) -> bool:
    """Say whether `1. **甲的区别**` and `2. **…**` ask, each alone with prose below it."""
    if not _is_bold_question(pieces[position], 1):
        return False
    below = (piece for piece in pieces[position + 1 : position + _REACH] if _ends_run(piece))
    following = next(below, None)
    return following is not None and _is_bold_question(following, 2)


def _ends_run(piece: Piece) -> bool:
    ordered = piece.kind is PieceKind.LIST and piece.block is not None and piece.block.ordered
    return ordered or piece.kind is PieceKind.HEADING


def _is_bold_question(piece: Piece, number: int) -> bool:
    """Say whether a piece is a list of one item with that number, which asks in bold."""
    items = piece.block.children if piece.block and piece.kind is PieceKind.LIST else ()
    if len(items) != 1 or items[0].number != number or len(items[0].children) != 1:
        return False
    title = _item_title(items[0])
    return title.startswith("**") and title.endswith("**") and asks(plain_text(title))


def _heads_answer(piece: Piece) -> bool:
    """Say whether a numbered heading among answers begins one, so that lists below are its own."""
    plain = piece.heading is not None and role_of(piece.heading) is Role.PLAIN
    return plain and piece.number is not None


def _begins(piece: Piece) -> bool:
    if piece.kind is PieceKind.BOLD:
        return piece.is_numbered_or_asks
    return piece.kind is PieceKind.SUMMARY


def _below(pieces: Sequence[Piece], position: int) -> Piece | None:
    """Return what stands below a list, options passed over."""
    after = pieces[position + 1 : position + 3]
    if len(after) > 1 and is_options(after[0]):
        return after[1]
    return after[0] if after else None


def _opened(piece: Piece, block: Block, following: Piece | None) -> Iterator[Piece]:
    parts = 0
    for part in open_list(piece):
        if part.kind is PieceKind.LIST and _has_answer(part.block):
            yield from open_list(part)
        else:
            yield part
        parts += part.kind not in {PieceKind.ITEM, PieceKind.RULE}
    if len(block.children) >= _SEVERAL and not parts and not _answers(following):
        yield Piece(PieceKind.LIST_END, piece.end, piece.end)


def _answers(piece: Piece | None) -> bool:
    label = piece.label if piece and piece.kind is PieceKind.LABEL else None
    return bool(label and label.kind in REPLIES)


def _holds_questions(  # noqa: PLR0911 (one rule a line, in order)
    block: Block, following: Piece | None, role: Role, context: _Context
) -> bool:
    if role not in _NO_ITEMS and any(_begins_with_heading(item) for item in block.children):
        return True
    answers = role is Role.ANSWERS and block.ordered
    if (option_list(block) and not answers) or role in SILENT:
        return False
    continues = _continues(block, context)
    if _has_answer(block) and (continues or not context.answering):
        return True
    if answers:
        return not context.answering
    titles = [_item_title(item) for item in block.children]
    if continues and (_answers(following) or all(map(_reads_as_question, titles))):
        return True
    if context.asked or context.answering:
        return False
    if block.ordered and _answers(following) and (asks(titles[-1]) or _is_term(titles, following)):
        return True
    return _is_question_list(titles, role, context)


def _is_term(titles: Sequence[str], following: Piece | None) -> bool:
    """Say whether a list is one numbered line to be explained (`1. 善意取得`), its answer below."""
    label = following.label if following else None
    return len(titles) == 1 and bool(titles[0]) and label is not None and label.kind in ANSWERS


def _is_question_list(titles: Sequence[str], role: Role, context: _Context) -> bool:
    """Say whether the items themselves ask: most in a container, all of them elsewhere."""
    above = context.previous.block.text if context.previous and context.previous.block else ""
    introduced = any(word in above for word in _INTRODUCING)
    if _PROMISING.search(above) or (
        not introduced and above.rstrip().endswith(("：", ":")) and _ANNOUNCING.search(above)
    ):
        return False
    if role is Role.QUESTIONS:
        return sum(map(_reads_as_question, titles)) >= max(1, _MOSTLY * len(titles))
    if role is Role.TITLED and (len(titles) >= _SEVERAL or context.several):
        return all(map(_reads_as_question, titles))
    if len(titles) < _SEVERAL or not all(map(is_marked, titles)):
        return False
    above_all = context.previous is None
    headed = context.previous and context.previous.kind in {PieceKind.HEADING, PieceKind.BOLD}
    if above_all or (headed and context.asking):
        return True
    return introduced and above.rstrip().endswith(("：", ":"))


def _is_meta_list(block: Block) -> bool:
    """Say whether every item of a list is a line such as `难度：中等` or `标签：…`."""
    labels = (match_label(_item_title(item)) for item in block.children)
    return all(label and label.kind in META for label in labels)


def _continues(block: Block, context: _Context) -> bool:
    """Say whether a numbered list goes on where the last list of questions stopped."""
    first, last = block.children[0].number, context.last_number
    return first is not None and last is not None and first == last + 1


def _reads_as_question(title: str) -> bool:
    name, rest = split_title(title)
    if name and rest.strip() and not is_marked(name):
        return False
    whole_bold = title.startswith("**") and title.rstrip("：: ").endswith("**")
    return whole_bold or asks(plain_text(title)) or bool(split_verdict(title)[1])


def _item_title(item: Block) -> str:
    if not item.children or item.children[0].kind is not BlockKind.PARAGRAPH:
        return ""
    return item.children[0].text.partition("\n")[0]


def _begins_with_heading(item: Block) -> bool:
    return bool(item.children) and item.children[0].kind is BlockKind.HEADING


def _has_answer(block: Block | None) -> bool:
    """Say whether a label inside the items names an answer (`1. 题目：…` with `答案：…`)."""
    items = block.children if block else ()
    if not any(True for item in items[:1] for _ in _labels(item)):
        return False
    labels = [label for item in items for label in _labels(item)]
    questions = [label for label in labels if label.kind is LabelKind.QUESTION]
    if questions and all(map(_is_field, questions)):
        return False
    asked = bool(questions)
    return any(
        label.kind in ANSWERS
        and (asked or label.name.upper() != "A" or bool(label.number))
        and not _is_parameter(label)
        for label in labels
    )


def _is_field(label: Label) -> bool:
    """Say whether a 问题 is explained, not asked: `**问题**：模型的输入`."""
    return label.name in {"问题", "問題"} and bool(label.rest) and not asks(label.rest)


def _is_parameter(label: Label) -> bool:
    """Say whether a label is the name of a parameter or field: `**answer**: the text`."""
    return label.name.isascii() and label.name.islower()


def _labels(item: Block) -> Iterator[Label]:
    """Yield the labels at the line starts of an item and of the items right below it."""
    for child in item.children:
        if child.kind is BlockKind.PARAGRAPH:
            yield from filter(None, map(match_label, child.text.split("\n")))
        elif child.kind is BlockKind.LIST:
            yield from filter(None, (match_label(_item_title(one)) for one in child.children))
