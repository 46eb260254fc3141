"""Bold lines: questions, parts of an answer, or the heading of a summary at the end."""

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.content import read_content, text_fragment
from app.documents.markdown.drafts import Draft, Rule
from app.documents.markdown.labels import LabelKind
from app.documents.markdown.numbering import Heading, is_next_number
from app.documents.markdown.pieces import Piece, PieceKind, is_chooser, is_ticked
from app.documents.markdown.progress import MUTE, REASONS, Owner, Progress
from app.documents.markdown.sections import CLOSING, HOME, Role, role_of

_ASKING = frozenset({LabelKind.QUESTION, LabelKind.DESCRIPTION})
# Questions that begin with a line of text: a bold line can be the next of them.
_LINE_RULES = frozenset(
    {Rule.BOLD_QUESTION, Rule.LIST_QUESTION, Rule.LABELLED_QUESTION, Rule.DEFERRED_ANSWER}
)


def read_bold(progress: Progress, index: int) -> Owner:
    """Read a bold line as a question, the begin of the tail, or content."""
    piece = progress.pieces[index]
    if piece.heading and _is_question(progress, index, piece.heading):
        rule = Rule.BOLD_QUESTION if piece.title else Rule.DEFERRED_ANSWER
        draft = progress.open_line(index, piece.heading, rule)
        if piece.block:
            draft.add(text_fragment(piece.block))
        return draft.place
    current = progress.current
    role = role_of(piece.heading) if piece.heading else Role.PLAIN
    if role in CLOSING and (current is None or index > progress.survey.last_structural):
        return progress.close(REASONS[role])
    if current:
        current.in_extra = False
        if piece.number:
            current.inner_numbers.add(piece.number)
    return read_content(progress, index)


def _is_question(progress: Progress, index: int, heading: Heading) -> bool:  # noqa: PLR0911 (one rule a line, in order)
    role, current = progress.roles[index], progress.current
    if role in MUTE:
        return False
    if heading.prefixed:
        return True
    if not (heading.number or is_marked(heading.title)):
        return False
    if not heading.title:
        return role is Role.ANSWERS
    if is_chooser(progress.pieces[index]):
        return _chooses(progress, index)
    if _is_asked_below(progress.below(index)):
        return True
    if progress.survey.answered(index) and not _waits(current):
        return not (current and _is_inner_number(current, heading))
    if current and current.answered and not _continues(current, heading):
        return False
    return _asks_here(progress, role, heading)


def _asks_here(progress: Progress, role: Role, heading: Heading) -> bool:
    """Say whether a line without an answer label is a question by its place."""
    current = progress.current
    housed = role in {Role.QUESTIONS, Role.ANSWERS}
    marked = is_marked(heading.title)
    if heading.number and housed:
        return current is None or current.rule in _LINE_RULES
    if role is Role.TITLED and current and current.rule is Rule.BOLD_QUESTION:
        follows = is_next_number(current.heading.number, heading.number)
        return marked or (follows and asks(heading.title))
    return marked and (housed or role is Role.TITLED or progress.survey.bold_questions_abound)


def _waits(current: Draft | None) -> bool:
    """Say whether the open question is no bold line itself and still waits for its answer."""
    return current is not None and not current.answered and current.rule is not Rule.BOLD_QUESTION


def _chooses(progress: Progress, index: int) -> bool:
    """Say whether a plain line above options is a question: none waits, its answer is told.

    Ticks alone tell it where questions stand, or in a document without sections; elsewhere they
    may be those of a checklist.
    """
    current, below = progress.current, progress.below(index)
    if current is not None and not current.answered:
        return False
    home = progress.roles[index] in HOME or not progress.survey.has_sections
    ticked = home and below is not None and is_ticked(below)
    return ticked or progress.survey.answered(index)


def _is_asked_below(following: Piece | None) -> bool:
    """Say whether the next piece is an unnumbered 题目 label."""
    label = following.label if following and following.kind is PieceKind.LABEL else None
    return bool(label and label.kind in _ASKING and not label.number)


def _is_inner_number(current: Draft, heading: Heading) -> bool:
    """Say whether the open question's answer already counts with bold numbers of its own."""
    return any(is_next_number(number, heading.number) for number in current.inner_numbers)


def _continues(current: Draft, heading: Heading) -> bool:
    """Say whether a line can be the question after an answered one."""
    if current.rule not in _LINE_RULES or _is_inner_number(current, heading):
        return False
    return not heading.number or is_next_number(current.heading.number, heading.number)
