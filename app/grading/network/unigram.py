"""The unigram tokeniser of the network: the likeliest way to cut a text into known pieces."""

import re
from collections.abc import Mapping, Sequence

_META = "\u2581"  # stands for a blank inside pieces
_UNKNOWN_PENALTY = 10.0
_BLANKS = re.compile(" {2,}")


class Unigram:
    """Cuts a text into piece numbers; the same pieces as SentencePiece with this vocabulary.

    `pieces` maps a piece to its number and log probability, `normal` a character to what it
    becomes first.
    """

    def __init__(
        self, pieces: Mapping[str, tuple[int, float]], normal: Mapping[str, str], unknown: int
    ) -> None:
        self._pieces = pieces
        self._normal = str.maketrans(dict(normal))
        self._unknown = unknown
        self._unknown_score = min(score for _, score in pieces.values()) - _UNKNOWN_PENALTY
        self._longest = max(map(len, pieces))

    def encode(self, text: str) -> list[int]:
        """Return the piece numbers of a text, without any special ones."""
        return [number for number, _ in self.cut(text)]

    def cut(self, text: str) -> list[tuple[int, float]]:
        """Return each piece's number and where its middle is: 0 the text's beginning, 1 its end.

        A place is that in the normal form, which is as long as the text but for rare characters.
        """
        prepared = self._prepare(text)
        steps = self._best_steps(prepared)
        pieces: list[tuple[int, float]] = []
        end = len(prepared)
        while end > 0:
            start, number = steps[end]
            pieces.append((number, (start + end) / (2 * len(prepared))))
            end = start
        return pieces[::-1]

    def _prepare(self, text: str) -> str:
        normal = _BLANKS.sub(" ", text.translate(self._normal))
        return (normal if normal.startswith(" ") else f" {normal}").replace(" ", _META)

    def _best_steps(self, text: str) -> Sequence[tuple[int, int]]:
        """Viterbi: for each end the start and number of the last piece of the best way there."""
        size = len(text)
        best = [0.0] + [float("-inf")] * size
        steps = [(0, self._unknown)] * (size + 1)
        for start in range(size):
            here = best[start]
            for end in range(start + 1, min(start + self._longest, size) + 1):
                found = self._pieces.get(text[start:end])
                if found and here + found[1] > best[end]:
                    best[end] = here + found[1]
                    steps[end] = (start, found[0])
            if here + self._unknown_score > best[start + 1]:
                best[start + 1] = here + self._unknown_score
                steps[start + 1] = (start, self._unknown)
        return steps
