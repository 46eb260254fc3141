"""Which options an answer in words means: letters, numbers, the options' texts, right or wrong."""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from app.grading.truth import find_truth, read_truth
from app.text import compare_key, fold

_LONGEST = 2_000  # characters; nobody names options in more
_LEAD = re.compile(
    r"^(?:\W|我|认为|觉得|应该?|选项|选择|选|答案|答|正确的?|是|为"
    r"|\b(?:the|correct|right|answers?|options?|choices?|is|are|it's|i|would)\b"
    r"|\b(?:choose|pick|think|say|select)\b)+"
)
_TAIL = re.compile(r"[\s。.!！]+$")
_NONE = re.compile(
    r"(?:以上)?(?:选项)?(?:全?都|皆|均|全)(?:不(?:对|是|选|正确|可以)?|非|错误?)|没有(?:正确|一个|一项)?.{0,6}|无|不选"
    r"|none(?: of (?:the above|them|these))?|neither|nothing"
)
_ALL = re.compile(
    r"全选|(?:以上)?(?:全部?)?(?:都|皆|均|全)(?:对|是|选|正确|可以)"
    r"|all(?: of (?:the above|them|these))?"
)
# From strong to weak, since the text of an option may have the weak ones inside.
_SEPARATORS = tuple(
    map(
        re.compile,
        (
            r"\n+|[;；]",
            r"\s+(?=\(?[a-z][.、:)]\s?)",
            r"[\n,;、/|&+]+\s*(?:and\b|和|与|及)?|\band\b|以及|和|与|及",
            r"[\s,;、/|&+]+(?:and\b|和|与|及)?|\band\b|以及|和|与|及",
        ),
    )
)
_LETTER = re.compile(r"\(?(?P<letter>[a-z])\)?(?:(?:[.、:)]|项|选项)\s*(?P<text>.*))?", re.DOTALL)
_MARKED = re.compile(r"\b[a-z][.:)]\s*[^\s,;、]")
_ORDINAL = re.compile(
    r"第?\(?(?P<number>\d{1,2}|[一二三四五六七八九十])\)?[.、]?(?:个|项|号|条|选项|个选项)?"
)
_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", start=1)}
_RUN = re.compile("[a-z]{2,26}")


def read_chosen(answer: str, options: Sequence[str]) -> frozenset[int] | None:
    """Return the options that an answer means, counted from 0; None where it cannot be told.

    `A, C`, `AC`, `选A和C`, `1、3`, `A. 栈`, the text of an option, `都不对`, `全选`; of two options
    that are right and wrong also `对`, `√`, `T`, `yes`. The text of an option counts before its
    letter or number; a letter with another option's text means nothing. An empty answer chooses
    none of them.
    """
    if len(answer) > _LONGEST:
        return None
    text = _TAIL.sub("", fold(answer))
    if not text:
        return frozenset()
    naming = _Naming(options, unicodedata.normalize("NFKC", answer))
    readings = (naming.read(said) for said in dict.fromkeys((text, _LEAD.sub("", text))))
    return next((found for found in readings if found is not None), None)


class _Naming:
    """What the options of a question may be called; `spelling` is the answer in its own case."""

    def __init__(self, options: Sequence[str], spelling: str) -> None:
        folded = [fold(text) for text in options]
        keys = Counter(map(compare_key, options))
        self._texts: Mapping[str, int] = {text: at for at, text in reversed([*enumerate(folded)])}
        self._keys: Mapping[str, int] = {
            key: at for at, key in enumerate(map(compare_key, options)) if key and keys[key] == 1
        }
        self._count = len(options)
        self._spelling = spelling
        truths = [read_truth(text) for text in options]
        self._truths = truths if set(truths) == {True, False} and len(truths) == 2 else []  # noqa: PLR2004 (right and wrong)

    def read(self, text: str) -> frozenset[int] | None:
        """Return the options that a whole text means."""
        return next((found for found in self._readings(text) if found is not None), None)

    def _readings(self, text: str) -> Iterator[frozenset[int] | None]:
        yield self._one(text)
        truth = find_truth(text) if self._truths else None
        yield None if truth is None else frozenset({self._truths.index(truth)})
        yield frozenset() if _NONE.fullmatch(text) else None
        yield frozenset(range(self._count)) if _ALL.fullmatch(text) else None
        # Behind its letter the text of an option stays with it.
        for separator in _SEPARATORS[:-1] if _MARKED.search(text) else _SEPARATORS:
            pieces = [piece.strip() for piece in separator.split(text) if piece.strip()]
            yield _joined(pieces, self._one) if len(pieces) > 1 else None

    def _one(self, piece: str) -> frozenset[int] | None:
        """Return what a piece means that names one option, or several letters in a row."""
        by_text = self._find(piece)
        letter = _LETTER.fullmatch(piece)
        at = string.ascii_lowercase.index(letter["letter"]) if letter else self._count
        if letter and letter["text"]:
            named = self._find(letter["text"])
            return frozenset({at}) if named == at else _alone(by_text)
        if by_text is not None:
            # An option whose text is another's letter: only both together say which is meant.
            clash = at < self._count and at != by_text
            return None if clash else frozenset({by_text})
        if at < self._count:
            return frozenset({at})
        return self._ordinal(piece) or self._run(piece)

    def _find(self, text: str) -> int | None:
        """Return the option with this text, whose punctuation only counts if it tells two apart."""
        return self._texts.get(text, self._keys.get(compare_key(text)))

    def _ordinal(self, piece: str) -> frozenset[int] | None:
        match = _ORDINAL.fullmatch(piece)
        if match is None:
            return None
        number = _NUMERALS.get(match["number"]) or int(match["number"])
        return frozenset({number - 1}) if 0 < number <= self._count else None

    def _run(self, piece: str) -> frozenset[int] | None:
        """Read `AC` and `ac`; `bad` in small letters is a word."""
        if not _RUN.fullmatch(piece) or len(set(piece)) < len(piece):
            return None
        if piece.upper() not in self._spelling and list(piece) != sorted(piece):
            return None
        found = frozenset(map(string.ascii_lowercase.index, piece))
        return found if max(found) < self._count else None


def _alone(at: int | None) -> frozenset[int] | None:
    return None if at is None else frozenset({at})


def _joined(
    pieces: Sequence[str], read: Callable[[str], frozenset[int] | None]
) -> frozenset[int] | None:
    found = [read(piece) for piece in pieces]
    known = [one for one in found if one is not None]
    return frozenset[int]().union(*known) if len(known) == len(found) else None
