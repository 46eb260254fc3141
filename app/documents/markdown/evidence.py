"""What stands right below a heading: the labels, answers and options that speak for a question."""

from dataclasses import dataclass, field

from app.documents.markdown.asking import is_marked
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.outline import Outline
from app.documents.markdown.pieces import ANSWERS, REPLIES, Piece, PieceKind, is_ticked

_ASKING = frozenset({LabelKind.QUESTION, LabelKind.DESCRIPTION})


@dataclass(slots=True)
class Evidence:
    """What stands under a heading before the next one; places are indices of pieces.

    `questions` are the labels that ask, `answer` the place of the first answer, `starter` that of
    the first line that begins a question by itself. `weak` and `bare` describe the first answer's
    label, `ticked` says that options with a right one ticked stand in front of any starter.
    """

    questions: list[tuple[int, Label]] = field(default_factory=list)
    answer: int | None = None
    answers: int = 0
    replies: int = 0
    starter: int | None = None
    weak: bool = False
    bare: bool = False
    ticked: bool = False

    @property
    def names(self) -> list[str]:
        """The names of the labels that ask, in lower case."""
        return [label.name.lower() for _, label in self.questions]

    def see(self, at: int, piece: Piece) -> None:
        """Take the next piece into account."""
        if label := piece.labelling:
            self._see_label(at, label, bare=label.bare and piece.kind is PieceKind.LABEL)
        if self.starter is None:
            self.ticked = self.ticked or is_ticked(piece)
            self.starter = at if starts(piece) else None

    def _see_label(self, at: int, label: Label, *, bare: bool) -> None:
        if label.kind in _ASKING:
            self.questions.append((at, label))
        if label.kind in ANSWERS:
            if self.answer is None:
                self.answer, self.weak, self.bare = at, label.weak, bare
            self.answers += 1
        self.replies += label.kind in REPLIES


def gather(outline: Outline) -> dict[int, Evidence]:
    """Return the evidence under every section's heading."""
    found = {}
    for index in outline.sections:
        evidence = found[index] = Evidence()
        for at in range(index + 1, outline.own_end(index)):
            if at not in outline.examples:
                evidence.see(at, outline.pieces[at])
    return found


def starts(piece: Piece) -> bool:
    """Say whether a piece can begin a question by its look alone, headings aside."""
    if piece.kind in {PieceKind.ITEM, PieceKind.SUMMARY}:
        return True
    if piece.kind is PieceKind.LABEL and piece.label:
        return piece.label.kind is LabelKind.QUESTION and bool(piece.label.number)
    asked = bool(piece.number or piece.prefixed or is_marked(piece.title))
    return piece.kind is PieceKind.BOLD and asked
