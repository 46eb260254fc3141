"""Which section every piece stands in: roles of headings, passed on to what is below them."""

import re
from collections.abc import Sequence

from app.documents.markdown.pieces import Piece, PieceKind
from app.documents.markdown.profiles import Profile
from app.documents.markdown.sections import Role, is_about_questions, role_of


def section_roles(pieces: Sequence[Piece], profile: Profile) -> list[Role]:
    """Return for each piece the role of the section that it stands in; a heading has its own."""
    roles = _Roles(profile)
    return [
        roles.take(piece, below) for piece, below in zip(pieces, [*pieces, None][1:], strict=True)
    ]


class _Roles:
    """The roles of the sections that are open, outermost first."""

    def __init__(self, profile: Profile) -> None:
        self._containers = (
            re.compile("|".join(f"(?:{one})" for one in profile.containers), re.IGNORECASE)
            if profile.containers
            else None
        )
        self._open: list[tuple[int, Role]] = []
        self._background = Role.PLAIN
        self._titled = False
        self._right_below_title = False

    def take(self, piece: Piece, below: Piece | None) -> Role:
        """Return the role of the next piece; `below` is what stands right below it."""
        if piece.is_section:
            return self._enter(piece, labelled=bool(below and below.labelling))
        if piece.kind is PieceKind.ITEM and piece.level and self._inherited is Role.CONTENTS:
            self._open.pop()
        if self._right_below_title:
            return Role.QUESTIONS
        return self._inherited

    @property
    def _inherited(self) -> Role:
        return self._open[-1][1] if self._open else self._background

    def _enter(self, piece: Piece, *, labelled: bool) -> Role:
        while self._open and self._open[-1][0] >= piece.level:
            self._open.pop()
        own = role_of(piece.heading, self._containers) if piece.heading else Role.PLAIN
        if own is Role.UNASKED and labelled and self._titled:
            # 存在的问题 with its 题目 below is the title of a question after all.
            own = Role.PLAIN
        is_title, self._titled = not self._titled, True
        self._right_below_title = False
        if is_title and (own is Role.QUESTIONS or is_about_questions(piece.title)):
            self._background = Role.TITLED
        if is_title and own is Role.QUESTIONS:
            # The title's sections are only titled; what stands right below it is in a container.
            self._open.append((piece.level, Role.TITLED))
            self._right_below_title = True
            return own
        unasked = self._inherited is Role.UNASKED
        role = self._inherited if own is Role.PLAIN or unasked else own
        self._open.append((piece.level, role))
        return role
