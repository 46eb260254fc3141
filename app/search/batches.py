"""The tokens of many texts at once, for imports: the same as of each, many times as quickly."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.search.words import FIRST_OF_RUNS, OTHERS

_BITS = 21  # of a code point; a key is a text's number and two of them
_LOW = 2**_BITS - 1
_TOKEN = 2 ** (2 * _BITS) - 1
_BLANK = ord(" ")
_TOGETHER = 50  # texts: of more the keys are longer to sort, of fewer there are more lots

Keys = npt.NDArray[np.int64]


def tokenise_many(texts: Sequence[str]) -> tuple[list[str], Mapping[str, int]]:
    """Return the tokens of the words of each text, parted by blanks, and how many texts have each.

    They are those of `app.search.words.index_tokens`, each once.
    """
    if not texts:
        return [], {}
    written: list[str] = []
    others = Counter[str]()
    found = []
    for start in range(0, len(texts), _TOGETHER):
        some = texts[start : start + _TOGETHER]
        words = [set(OTHERS.findall(text)) for text in some]
        for one in words:
            others.update(one)
        keys = _keys(some)
        found.append(keys & _TOKEN)
        written += _write(keys, words)
    return written, _count(np.concatenate(found)) | others


def _write(keys: Keys, words: Sequence[AbstractSet[str]]) -> Iterator[str]:
    """Yield for each text the tokens of its runs, and its other words."""
    ends = np.searchsorted(keys, np.arange(1, len(words) + 1) << (2 * _BITS)).tolist()
    letters = _spell(keys & _TOKEN)
    for others, (start, end) in zip(words, pairwise([0, *ends]), strict=True):
        yield _read(letters[start:end]) + " ".join(others)


def _count(tokens: Keys) -> dict[str, int]:
    tokens = np.sort(tokens)
    places = np.flatnonzero(_begins(tokens))
    counts = np.diff(places, append=len(tokens)).tolist()
    return dict(zip(_read(_spell(tokens[places])).split(), counts, strict=True))


def _keys(texts: Sequence[str]) -> Keys:
    """Return a number for each character and each pair in the runs of each text, in order."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4").astype(np.int64)
    numbers = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    firsts = (numbers << (2 * _BITS)) | (codes << _BITS)
    in_run = codes >= ord(FIRST_OF_RUNS)
    # Words end with a blank, so that no pair reaches into the next text.
    pairs = in_run[:-1] & in_run[1:]
    keys = np.sort(np.concatenate([firsts[in_run], firsts[:-1][pairs] | codes[1:][pairs]]))
    return keys[_begins(keys)]


def _begins(ordered: Keys) -> npt.NDArray[np.bool_]:
    """Say where each value comes first; hashing as `np.unique` does takes seven times as long."""
    begins = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    return begins


def _spell(tokens: Keys) -> npt.NDArray[np.uint32]:
    """Return tokens as three code points each: one or two letters, and blanks."""
    letters = np.full((len(tokens), 3), _BLANK, "<u4")
    letters[:, 0] = tokens >> _BITS
    second = tokens & _LOW
    letters[:, 1] = np.where(second, second, _BLANK)
    return letters


def _read(letters: npt.NDArray[np.uint32]) -> str:
    return letters.tobytes().decode("utf-32-le")
