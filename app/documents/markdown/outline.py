"""The tree of a document's headings: where each section ends and what stands below it."""

from collections.abc import Sequence

from app.documents.markdown.examples import find_examples
from app.documents.markdown.pieces import Piece, PieceKind

_TITLE_LEVEL = 2  # a lone heading below this depth was not meant to title anything


class Outline:
    """Sections by the indices of their headings among the pieces."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.sections = [index for index, piece in enumerate(pieces) if piece.is_section]
        self.title = self._find_title()
        self.examples = find_examples(pieces)
        self._own_end = self._own_ends()
        self._section_end: dict[int, int] = {}
        self._parents: dict[int, int] = {}
        self._measure_sections()

    def own_end(self, index: int) -> int:
        """Return where the text right below a heading ends: at the next section of any depth."""
        return self._own_end[index]

    def section_end(self, index: int) -> int:
        """Return where the section of a heading ends: at the next one of its depth or above.

        A label heading (答案) reaches to the next section, however deep that is.
        """
        return self._section_end.get(index, self._own_end[index])

    def parent(self, index: int) -> int:
        """Return the heading above a section's heading, or -1."""
        return self._parents[index]

    def has_subsections(self, index: int) -> bool:
        """Say whether other sections stand inside that of a heading."""
        return self.own_end(index) < self.section_end(index)

    def is_title(self, index: int) -> bool:
        """Say whether a heading titles the document, none other being as high."""
        if index != self.title:
            return False
        level = self.pieces[index].level
        if len(self.sections) == 1:
            return level <= _TITLE_LEVEL
        return all(self.pieces[at].level > level for at in self.sections if at != index)

    def _find_title(self) -> int | None:
        """Return the first heading, unless a label stands above it or it counts something."""
        first = self.sections[0] if self.sections else None
        if first is None or any(piece.kind is PieceKind.LABEL for piece in self.pieces[:first]):
            return None
        piece = self.pieces[first]
        return None if piece.number and piece.level > 1 else first

    def _own_ends(self) -> list[int]:
        ends = []
        following, sections = len(self.pieces), set(self.sections)
        for index in range(len(self.pieces) - 1, -1, -1):
            ends.append(following)
            if index in sections:
                following = index
        return ends[::-1]

    def _measure_sections(self) -> None:
        stack: list[int] = []
        for index in self.sections:
            level = self.pieces[index].level
            while stack and self.pieces[stack[-1]].level >= level:
                self._section_end[stack.pop()] = index
            self._parents[index] = stack[-1] if stack else -1
            stack.append(index)
        for index in stack:
            self._section_end[index] = len(self.pieces)
