"""Labels: they begin questions and their parts, or tell its difficulty, tags and order."""

import re
from collections.abc import Sequence

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.content import read_content, text_fragment
from app.documents.markdown.drafts import Draft, Part, Rule
from app.documents.markdown.headings import is_mere_problem
from app.documents.markdown.labels import META, Label, LabelKind, is_numbered_only
from app.documents.markdown.metadata import read_difficulty, read_order, read_tags
from app.documents.markdown.numbering import Heading, read_heading
from app.documents.markdown.pieces import ANSWERS, Piece
from app.documents.markdown.progress import MUTE, Owner, Progress
from app.documents.markdown.sections import SILENT, Role

_META_REST = re.compile(
    r"(?:(?<![ \t])[ \t]+)?[|｜][ \t]*"
    r"|(?<![ \t])[ \t]{2,}(?=标签|標籤|Tags|难度|難度|Difficulty|顺序|順序|Order)"
)
_SURE_NAMES = frozenset({"题目", "題目", "面试题", "面試題"})
_SEVERAL = 2


def read_label(progress: Progress, index: int, piece: Piece, label: Label) -> Owner:
    """Read a label as the begin of a question or part; `piece` may stand for a heading."""
    if progress.roles[index] in MUTE:
        return read_content(progress, index)
    if label.kind in {LabelKind.QUESTION, LabelKind.DESCRIPTION}:
        return _question_label(progress, index, piece, label)
    if label.kind is LabelKind.SUMMARY:
        return _summary_label(progress, index)
    current = progress.current
    if current is None or _answers_another(current, label):
        return _orphan(progress, index, piece, label)
    if label.kind in META:
        return _meta_label(progress, index, current, label)
    begin_part(progress, current, piece, label)
    return current.place


# ---- questions ----


def _question_label(progress: Progress, index: int, piece: Piece, label: Label) -> Owner:
    current = progress.current
    if current and _prompts(current, label):
        draft = current
    elif _is_question(progress, index, label):
        text = label.rest.partition("\n")[0] or _first_line(progress.below(index))
        heading = read_heading(text)._replace(number=label.number)
        draft = progress.open_line(index, heading, Rule.LABELLED_QUESTION)
    else:
        return read_content(progress, index)
    draft.prompted = True
    draft.begin(Part.PROMPT)
    progress.add_labelled(draft, piece)
    return draft.place


def _first_line(piece: Piece | None) -> str:
    block = piece.block if piece else None
    return block.text.partition("\n")[0] if block and block.kind is BlockKind.PARAGRAPH else ""


def _prompts(current: Draft, label: Label) -> bool:
    """Say whether a question label gives the open question its text."""
    inline = current.rule is Rule.LABELLED_QUESTION
    if current.answered or (inline and label.number):
        return False
    if label.kind is LabelKind.DESCRIPTION:
        return True
    if current.prompted:
        begun = any(current.parts[part] for part in (Part.ANSWER, Part.EXPLANATION))
        return not (label.number or inline or begun)
    return not label.number or label.number == current.heading.number or current.untouched


def _is_question(progress: Progress, index: int, label: Label) -> bool:
    """Say whether a question label on its own begins a question: it needs some support."""
    survey, role = progress.survey, progress.roles[index]
    housed = role in {Role.QUESTIONS, Role.ANSWERS}
    asking = asks(label.rest) or is_marked(label.rest)
    if index in survey.examples or _describes_problem(label, supported=asking or housed):
        return False
    if label.weak:
        home = housed or role is Role.TITLED
        # An example of a lecture (例 1) has a number like one of an exercise book.
        home = home or (not is_numbered_only(label) and (bool(label.number) or not label.bare))
        return (home or survey.pairs_only) and survey.replied(index)
    if survey.answered(index):
        return True
    if label.kind is LabelKind.DESCRIPTION and not housed:
        return False
    if (label.number or survey.replied(index)) and (housed or asking):
        return True
    strong = label.name in _SURE_NAMES and survey.usual(label)
    return asking and (housed or role is Role.TITLED or strong or survey.usual(label))


def _describes_problem(label: Label, *, supported: bool) -> bool:
    """Say whether a label names a problem of an article: unsupported, and in English or plain."""
    english = label.name.lower() == "problem"
    return is_mere_problem(label) and not supported and (english or label.bare)


def _summary_label(progress: Progress, index: int) -> Owner:
    if index > progress.survey.last_structural and len(progress.drafts) >= _SEVERAL:
        return progress.close("summary")
    return read_content(progress, index)


def _answers_another(current: Draft, label: Label) -> bool:
    """Say whether a numbered answer (`答案3：`) is not that of the open question."""
    numbers = {label.number, current.heading.number}
    return label.kind in ANSWERS and None not in numbers and len(numbers) > 1


def _orphan(progress: Progress, index: int, piece: Piece, label: Label) -> Owner:
    """Attach a label without a question to the one it belongs to, by number or place."""
    replies = label.kind in ANSWERS or label.kind is LabelKind.EXPLANATION
    if not replies or progress.roles[index] in SILENT or label.weak:
        return read_content(progress, index)
    if label.number:
        draft = progress.open_line(index, Heading("", label.number), Rule.DEFERRED_ANSWER)
    elif progress.drafts and not _is_complete(progress.drafts[-1]):
        draft = progress.current = progress.drafts[-1]
    else:
        return read_content(progress, index)
    begin_part(progress, draft, piece, label)
    return draft.place


def _is_complete(draft: Draft) -> bool:
    return draft.answered and bool(draft.parts[Part.EXPLANATION])


# ---- parts ----


def begin_part(progress: Progress, current: Draft, piece: Piece, label: Label) -> None:
    """Let a label begin its part of the open question."""
    if label.kind in ANSWERS:
        _answer_label(progress, current, piece, label)
    elif label.kind is LabelKind.EXPLANATION:
        again = current.part is Part.EXPLANATION and bool(current.parts[Part.EXPLANATION])
        current.begin(Part.EXPLANATION)
        progress.add_labelled(current, piece, keep_label=again)
    elif label.kind is LabelKind.APPROACH:
        _approach_label(progress, current, piece)
    elif label.kind is LabelKind.OPTIONS:
        current.begin(Part.OPTIONS)
        progress.add_labelled(current, piece)
    else:
        current.in_extra = True
        progress.add_labelled(current, piece, keep_label=True)


def _answer_label(progress: Progress, current: Draft, piece: Piece, label: Label) -> None:
    again = False
    if not current.answered:
        if current.approach:
            current.parts[Part.EXPLANATION][:0] = current.parts[Part.ANSWER]
            current.parts[Part.ANSWER] = []
        current.answered = True
        current.begin(Part.ANSWER)
    elif label.kind is LabelKind.ANSWER_WITH_EXPLANATION:
        current.begin(Part.EXPLANATION)
    else:
        again = bool(current.parts[Part.ANSWER])
        current.begin(Part.ANSWER)
    progress.add_labelled(current, piece, keep_label=again)


def _approach_label(progress: Progress, current: Draft, piece: Piece) -> None:
    if current.answered or current.part is Part.EXPLANATION:
        current.in_extra = True
    else:
        current.approach = True
        current.begin(Part.ANSWER)
    progress.add_labelled(current, piece, keep_label=True)


# ---- difficulty, tags and type ----


def _meta_label(progress: Progress, index: int, current: Draft, label: Label) -> Owner:
    piece = progress.pieces[index]
    late = {LabelKind.TYPE, LabelKind.ORDER}
    if label.kind in late and current.part in {Part.ANSWER, Part.EXPLANATION}:
        # 类型, 顺序 or Level among the content of an answer
        return read_content(progress, index)
    line, _, rest = (piece.block.text if piece.block else "").partition("\n")
    first, *others = _META_REST.split(line)
    if label.kind is LabelKind.DIFFICULTY:
        current.difficulty = read_difficulty(first)
    elif label.kind is LabelKind.TAGS:
        current.tags = read_tags(line)
        others = []
    elif label.kind is LabelKind.ORDER:
        current.ordered = read_order(first)
    else:
        current.many = "多" in first or "multiple" in first.lower()
    _read_other_meta(current, others)
    if rest and piece.block:
        at = piece.block.first + 1
        current.add(text_fragment(Block(BlockKind.PARAGRAPH, at, piece.end, rest)))
    return current.place


def _read_other_meta(current: Draft, others: Sequence[str]) -> None:
    """Read `难度：中等 | 标签：a` after the first of its labels."""
    for other in others:
        name, _, value = re.sub(r"[*_]", "", other).replace("：", ":").partition(":")
        if name.strip().lower() in {"标签", "標籤", "tags", "tag", "关键词"}:
            current.tags = read_tags(value)
        elif name.strip().lower() in {"难度", "難度", "difficulty"}:
            current.difficulty = read_difficulty(value)
        elif name.strip().lower() in {"顺序", "順序", "ordered", "order"}:
            current.ordered = read_order(value)
