"""What the grammar has read so far: drafts, the open question, the sections around it."""

import re
from collections.abc import Sequence

from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.drafts import Draft, Fragment, Rule
from app.documents.markdown.indentation import cut
from app.documents.markdown.labels import is_spoken
from app.documents.markdown.numbering import Heading
from app.documents.markdown.pieces import Piece, PieceKind
from app.documents.markdown.profiles import Profile
from app.documents.markdown.sections import Role, role_of
from app.documents.markdown.survey import Survey

# Who a piece belongs to: the place of a draft, or the reason why it is passed over.
Owner = int | str

NO_LEVEL = 0
# Labels and bold lines are no more than text where nothing asks.
MUTE = frozenset({Role.TRANSCRIPT, Role.CONTENTS, Role.UNASKED})
REASONS = {
    Role.CONTENTS: "table_of_contents",
    Role.SUMMARY: "summary",
    Role.REFERENCES: "references",
    Role.INTRODUCTION: "introduction",
    Role.TRANSCRIPT: "transcript",
    Role.UNASKED: "unasked",
}
_CONTENTS_ENTRY = re.compile(r"\**\[[^\]]*\]\(#")


class Progress:
    """The state of one reading; `current` is the open question, `closing` why no more follow."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        texts: Sequence[str],
        roles: Sequence[Role],
        profile: Profile,
    ) -> None:
        self.pieces = pieces
        self.roles = roles
        self.survey = Survey(pieces, roles, profile)
        self.drafts: list[Draft] = []
        self.current: Draft | None = None
        self.closing: str | None = None
        self._texts = texts
        self._profile = profile
        self._sections: list[Piece] = []

    # ---- questions and sections ----

    def open(self, index: int, heading: Heading, rule: Rule, level: int) -> Draft:
        """Begin a question at a piece; headings of `level` and above end it."""
        first = self.pieces[index].first
        draft = Draft(heading, rule, first, level, len(self.drafts), self._topics())
        draft.deferred = rule is Rule.DEFERRED_ANSWER or self.roles[index] is Role.ANSWERS
        self.drafts.append(draft)
        self.current = draft
        self.closing = None
        return draft

    def open_line(self, index: int, heading: Heading, rule: Rule) -> Draft:
        """Begin a question that has no heading of its own: that of its section ends it."""
        level = self._sections[-1].level if self._sections else NO_LEVEL
        return self.open(index, heading, rule, level)

    def leave(self, level: int) -> None:
        """Leave the sections that a heading of this depth ends."""
        while self._sections and self._sections[-1].level >= level:
            self._sections.pop()

    def enter(self, piece: Piece) -> None:
        """Enter the section of a heading that is no question."""
        self.leave(piece.level)
        self._sections.append(piece)
        self.current = None
        self.closing = None

    def close(self, reason: str) -> str:
        """End the last question: what follows is passed over for this reason."""
        self.current = None
        self.closing = reason
        return reason

    def _topics(self) -> tuple[str, ...]:
        title = self.survey.title
        title_piece = None if title is None else self.pieces[title]
        return tuple(
            piece.title
            for piece in self._sections
            if piece.title and piece is not title_piece and not self._is_container(piece)
        )

    def _is_container(self, piece: Piece) -> bool:
        role = role_of(piece.heading) if piece.heading else Role.PLAIN
        return role is not Role.PLAIN or self._profile.names_container(piece.title)

    # ---- what a piece says ----

    def below(self, index: int) -> Piece | None:
        """Return the next piece, if there is one."""
        return self.pieces[index + 1] if index + 1 < len(self.pieces) else None

    def raw(self, piece: Piece) -> str:
        """Return a piece as the document has it, without the indentation of its list."""
        if piece.kind is PieceKind.LABEL and piece.label:
            lines = piece.block.text.split("\n") if piece.block else []
            return "\n".join([piece.raw, *(lines[1:] if piece.label.rest else lines)])
        lines = list(self._texts[piece.first : piece.end])
        return "\n".join(cut(line, piece.indent) for line in lines)

    def add_labelled(self, draft: Draft, piece: Piece, *, keep_label: bool = False) -> None:
        """Add what follows a label, with the label itself where it is part of the text."""
        blocks = (piece.block,) if piece.block else ()
        text = self.raw(piece) if keep_label else (piece.block.text if piece.block else "")
        if text.strip():
            first = piece.first if keep_label or not piece.block else piece.block.first
            draft.add(Fragment(first, piece.end, text.strip("\n"), blocks, draft.in_extra))

    def last_line_with_text(self, piece: Piece) -> int:
        """Return the end of a piece without the blank lines at its end."""
        end = piece.end
        while end > piece.first + 1 and not self._texts[end - 1].strip():
            end -= 1
        return end

    # ---- what belongs to no question ----

    def owner(self, index: int) -> Owner:
        """Return the open question, or why there is none."""
        return self.current.place if self.current else self.reason(index)

    def reason(self, index: int) -> str:
        """Return why a piece outside any question is passed over."""
        piece, role = self.pieces[index], self.roles[index]
        if self.closing or role in REASONS:
            return self.closing or REASONS[role]
        if piece.block and piece.block.kind is BlockKind.QUOTE:
            return "quote"
        if piece.block and _is_contents(piece.block):
            return "table_of_contents"
        if piece.label and is_spoken(piece.label):
            return "transcript"
        early = not self.drafts and len(self._sections) <= 1
        return "introduction" if early else "prose"


def _is_contents(block: Block) -> bool:
    """Say whether a list only links to places in the same document."""
    if block.kind is not BlockKind.LIST:
        return False
    heads = [item.children[0].text for item in block.children if item.children]
    return bool(heads) and all(map(_CONTENTS_ENTRY.match, heads))
