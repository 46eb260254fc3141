"""Pieces to drafts: one pass opens, fills and closes questions and accounts for each piece."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.markdown.asking import is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.bold_lines import read_bold
from app.documents.markdown.content import read_content, text_fragment
from app.documents.markdown.drafts import Draft, Part, Rule
from app.documents.markdown.labelled import read_label
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.numbering import Heading, is_next_number, plain_text
from app.documents.markdown.pieces import Piece, PieceKind
from app.documents.markdown.profiles import Profile
from app.documents.markdown.progress import MUTE, NO_LEVEL, REASONS, Owner, Progress
from app.documents.markdown.sections import CLOSING, SILENT, Role, role_of

_INLINE = frozenset(
    {Rule.BOLD_QUESTION, Rule.LIST_QUESTION, Rule.LABELLED_QUESTION, Rule.DEFERRED_ANSWER}
)
_CONTAINERS = frozenset({Role.QUESTIONS, Role.ANSWERS})


@dataclass(frozen=True, slots=True)
class Reading:
    """What the grammar found: the drafts, and for each piece a draft's index or a reason."""

    drafts: tuple[Draft, ...]
    owners: tuple[Owner, ...]
    title: str | None


def read_pieces(
    pieces: Sequence[Piece], texts: Sequence[str], roles: Sequence[Role], profile: Profile
) -> Reading:
    """Read all pieces, once, in order; `roles` are those of their sections."""
    progress = Progress(pieces, texts, roles, profile)
    owners = tuple(_read_piece(progress, index) for index in range(len(pieces)))
    titles = (plain_text(pieces[at].raw) for at, owner in enumerate(owners) if owner == "title")
    return Reading(tuple(progress.drafts), owners, next(titles, None))


def _read_piece(progress: Progress, index: int) -> Owner:
    piece = progress.pieces[index]
    if piece.kind is PieceKind.LIST_END:
        progress.current = None
    if piece.kind in {PieceKind.LIST_END, PieceKind.RULE}:
        return progress.owner(index)
    if piece.kind is PieceKind.LABEL and piece.label:
        return read_label(progress, index, piece, piece.label)
    read = _READERS.get(piece.kind, read_content)
    return read(progress, index)


# ---- headings ----


def _read_heading(progress: Progress, index: int) -> Owner:
    piece = progress.pieces[index]
    if piece.is_label_heading:
        return _read_label_heading(progress, index)
    if not piece.raw.strip():
        return progress.owner(index)
    rule = progress.survey.rule(index) or _other_rule(progress, index)
    if rule and piece.heading:
        progress.leave(piece.level)
        return progress.open(index, piece.heading, rule, piece.level).place
    if progress.current and _is_inner(progress, index, progress.current):
        return read_content(progress, index)
    return _read_section(progress, index)


def _other_rule(progress: Progress, index: int) -> Rule | None:
    """Return the rule of a heading that only its place makes a question or answer."""
    piece = progress.pieces[index]
    last = progress.drafts[-1] if progress.drafts else None
    at_end = index == len(progress.pieces) - 1 and last and piece.level == last.level
    if at_end and last and is_next_number(last.heading.number, piece.number):
        return Rule.CUT_HEADING
    plain = piece.heading is not None and role_of(piece.heading) is Role.PLAIN
    if piece.number and plain and progress.roles[index] is Role.ANSWERS:
        return Rule.DEFERRED_ANSWER
    return None


def _is_inner(progress: Progress, index: int, current: Draft) -> bool:
    """Say whether a heading is a part of the open question's answer."""
    piece = progress.pieces[index]
    if piece.level <= current.level or current.level == NO_LEVEL:
        return False
    role = role_of(piece.heading) if piece.heading else Role.PLAIN
    if role in CLOSING:
        return index < progress.survey.last_structural
    if role in _CONTAINERS or current.rule in _INLINE:
        return not progress.survey.has_starters(index)
    return True


def _read_section(progress: Progress, index: int) -> str:
    piece, role = progress.pieces[index], progress.roles[index]
    progress.enter(piece)
    if index == progress.survey.title:
        return "title"
    own = role_of(piece.heading) if piece.heading else Role.PLAIN
    if own in _CONTAINERS:
        return "container"
    return REASONS[role] if role in SILENT else "heading"


def _read_label_heading(progress: Progress, index: int) -> Owner:
    """Read a heading such as `#### 答案` as a label, or as the section of several answers."""
    piece, current = progress.pieces[index], progress.current
    inside = current is not None and piece.level > current.level
    inside = inside and not progress.survey.heads_numbered_answers(index)
    if piece.label is None or (not inside and progress.survey.has_starters(index)):
        return _read_section(progress, index)
    if current is None and progress.drafts and piece.label.kind is not LabelKind.QUESTION:
        progress.current = progress.drafts[-1]
    if progress.current is None and not _asks(progress, index, piece.label):
        return _read_section(progress, index)
    rest = Block(BlockKind.PARAGRAPH, piece.first, piece.end, piece.label.rest)
    labelled = piece._replace(
        kind=PieceKind.LABEL,
        raw=progress.raw(piece).strip(),
        block=rest if rest.text else None,
    )
    return read_label(progress, index, labelled, piece.label)


def _asks(progress: Progress, index: int, label: Label) -> bool:
    """Say whether a heading is 题目 and the answer follows it."""
    return label.kind is LabelKind.QUESTION and progress.survey.answered(index)


# ---- items and summaries ----


def _read_item(progress: Progress, index: int) -> Owner:
    piece = progress.pieces[index]
    if progress.roles[index] is Role.ANSWERS and not is_marked(piece.title):
        return _read_answer_item(progress, index)
    draft = progress.open(index, piece.heading or Heading(""), Rule.LIST_QUESTION, NO_LEVEL)
    if piece.block:
        draft.add(text_fragment(piece.block))
    return draft.place


def _read_answer_item(progress: Progress, index: int) -> Owner:
    """Read an item of an answer section: its number says whose answer it is."""
    piece = progress.pieces[index]
    draft = progress.open(index, Heading("", piece.number), Rule.DEFERRED_ANSWER, NO_LEVEL)
    draft.begin(Part.ANSWER)
    draft.answered = True
    text = Block(BlockKind.PARAGRAPH, piece.first, piece.first + 1, piece.raw)
    draft.add(text_fragment(text))
    if piece.block:
        draft.add(text_fragment(piece.block))
    return draft.place


def _read_summary(progress: Progress, index: int) -> Owner:
    piece = progress.pieces[index]
    if progress.roles[index] in MUTE:
        return read_content(progress, index)
    heading = piece.heading or Heading("")
    return progress.open_line(index, heading, Rule.SUMMARY_QUESTION).place


_READERS = {
    PieceKind.HEADING: _read_heading,
    PieceKind.BOLD: read_bold,
    PieceKind.ITEM: _read_item,
    PieceKind.SUMMARY: _read_summary,
}
