"""A document from above: what its headings are, and what follows its labels and bold lines."""

import re
from collections.abc import Sequence

from app.documents.markdown.asking import asks, is_marked, is_rhetorical
from app.documents.markdown.drafts import Rule
from app.documents.markdown.evidence import gather, starts
from app.documents.markdown.headings import HeadingJudge
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.outline import Outline
from app.documents.markdown.pieces import ANSWERS, REPLIES, Piece, PieceKind
from app.documents.markdown.profiles import Profile
from app.documents.markdown.sections import CLOSING, Role

_PROSE = frozenset({PieceKind.BLOCK, PieceKind.RULE, PieceKind.BOLD})
_MOST = 0.7
_SEVERAL = 2
# A conversation says you and I; a set of questions does not.
_SPOKEN = re.compile(
    r"[你您我咱吧]|(?:那|呢)[，,？?。]|\b(?:you|your|I|I'm|my|we|our|me)\b", re.IGNORECASE
)


class Survey:
    """Answers questions about headings and labels, from one look over all pieces."""

    def __init__(self, pieces: Sequence[Piece], roles: Sequence[Role], profile: Profile) -> None:
        self._pieces = pieces
        self._roles = roles
        self._outline = Outline(pieces)
        evidence = gather(self._outline)
        self._rules = HeadingJudge(self._outline, evidence, roles, profile).judge()
        self.title = self._outline.title
        self.examples = self._outline.examples
        self.has_sections = bool(self._outline.sections)
        self.last_structural = self._find_last_structural()
        self.pairs_only = self._is_pairs_only()
        self.bold_questions_abound = self._bold_questions_abound()
        self._answered_labels = self._names_of_answered_labels()
        self._only_prose = self._find_prose()

    def rule(self, index: int) -> Rule | None:
        """Return the rule by which a heading is a question, or None."""
        return self._rules.get(index)

    def answered(self, index: int) -> bool:
        """Say whether an answer follows a label or bold line before the next question begins."""
        return self._is_followed_by(index, ANSWERS)

    def replied(self, index: int) -> bool:
        """Say whether an answer, approach or explanation follows before the next question."""
        return self._is_followed_by(index, REPLIES)

    def has_starters(self, index: int) -> bool:
        """Say whether numbered or asking lines begin parts of the section of a heading."""
        return any(
            starts(self._pieces[at]) or self._begins_numbered(at)
            for at in range(index + 1, self._outline.section_end(index))
        )

    def heads_numbered_answers(self, index: int) -> bool:
        """Say whether `答案1：…` stands right below a heading: it heads the answers of several."""
        below = index + 1
        return (
            below < len(self._pieces)
            and not self._pieces[below].is_section
            and self._begins_numbered(below)
        )

    def only_prose_after(self, index: int) -> bool:
        """Say whether only prose stands between a piece and the next section or the end."""
        return self._only_prose[index + 1]

    def usual(self, label: Label) -> bool:
        """Say whether the document answers other questions under the same label."""
        return label.name.lower() in self._answered_labels

    def _begins_numbered(self, index: int) -> bool:
        piece = self._pieces[index]
        if piece.is_section:
            return bool(piece.number)
        label = piece.label if piece.kind is PieceKind.LABEL else None
        return bool(label and label.kind in ANSWERS and label.number)

    def _is_followed_by(self, index: int, kinds: frozenset[LabelKind]) -> bool:
        for at in range(index + 1, len(self._pieces)):
            piece = self._pieces[at]
            if label := piece.labelling:
                if label.kind in kinds:
                    return True
                if label.kind is LabelKind.QUESTION:
                    return False
            elif piece.is_section or starts(piece) or piece.kind is PieceKind.LIST_END:
                return False
        return False

    def _find_prose(self) -> list[bool]:
        """Say for each piece whether only prose stands from there to the next section or the end.

        That section must be no question.
        """
        result = [True]
        for index in range(len(self._pieces) - 1, -1, -1):
            piece = self._pieces[index]
            if piece.is_section:
                result.append(self.rule(index) is None)
            elif piece.label and piece.label.kind is LabelKind.SUMMARY:
                result.append(True)
            else:
                result.append(result[-1] and piece.kind in _PROSE)
        return result[::-1]

    def _find_last_structural(self) -> int:
        """Return the index of the last piece that shapes a question, or -1."""
        found = (index for index in range(len(self._pieces) - 1, -1, -1) if self._shapes(index))
        return next(found, -1)

    def _shapes(self, index: int) -> bool:
        piece = self._pieces[index]
        if label := piece.labelling:
            return label.kind in REPLIES or label.kind is LabelKind.QUESTION
        return piece.kind in {PieceKind.ITEM, PieceKind.SUMMARY} or index in self._rules

    def _is_pairs_only(self) -> bool:
        """Say whether the document is nothing but `Q: … A: …`, and nobody speaks to anyone."""
        kinds = {PieceKind.RULE, PieceKind.LABEL}
        body = [piece for piece in self._pieces if not piece.is_section]
        labels = [piece.label for piece in body if piece.label]
        asked = [label for label in labels if label.kind is LabelKind.QUESTION]
        return (
            all(piece.kind in kinds for piece in body)
            and all(asks(label.rest) for label in asked)
            and not any(_SPOKEN.search(piece.block.text) for piece in body if piece.block)
        )

    def _bold_questions_abound(self) -> bool:
        """Say whether bold lines ask throughout; one is enough where it begins the document."""
        bold = [
            piece
            for piece, role in zip(self._pieces, self._roles, strict=True)
            if piece.kind is PieceKind.BOLD and role not in CLOSING
        ]
        marked = [piece for piece in bold if is_marked(piece.raw)]
        if any(is_rhetorical(piece.raw) for piece in marked):
            return False
        alone = len(bold) == 1 and bold[0] is self._pieces[0] and not self._outline.sections
        several = len(marked) >= _SEVERAL and len(marked) >= _MOST * len(bold)
        return alone or several

    def _names_of_answered_labels(self) -> frozenset[str]:
        return frozenset(
            piece.label.name.lower()
            for index, piece in enumerate(self._pieces)
            if piece.kind is PieceKind.LABEL
            and piece.label
            and piece.label.kind is LabelKind.QUESTION
            and self.answered(index)
        )
