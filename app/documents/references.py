"""A reference answer in plain prose to points: what an importer takes for one may list several."""

import re
from collections.abc import Iterable, Iterator

from app.documents.document import Point
from app.documents.markdown.points import read_points
from app.text import fold, grams

_LEAD = re.compile(
    r"(?P<lead>[^。；;：:]*?(?:[：:]|包括|包含|主要有|分为|有以下))[：:]?\s*(?P<rest>.+)", re.DOTALL
)
_NUMBER = re.compile(
    r"(?:^|(?<=[：:；;。.，,、\s）)]))"
    r"(?:[（(]\s?(?P<bracket>\d{1,2})\s?[)）]|(?P<plain>\d{1,2})\s?[、)）.．](?![\d.])"
    r"|(?P<circled>[①-⑳]))"
)
_STATEMENT = re.compile(r"[。；;]+|(?<=\.)\s+")
_ITEM = re.compile(r"[、，,]|(?:以?及|和|与)(?=.)")
# What begins like this behind a comma is half of a sentence, no item: 要么全做，要么全不做.
_CLAUSE = re.compile(
    r"要么|或者|还是|如果|若|则|就|但|却|而|因|所以|由于|虽|不仅|不但|也|又|还|才|都|并|即|当|只|从而|以便|使|让|既|越"
)
_EDGES = " 。.；;，,、"
_LONGEST_ITEM = 12  # characters: pieces up to here make a list of items
_SEVERAL = 2


def read_reference(question: str, reference: str) -> list[Point]:
    """Return the points of a whole reference answer.

    Markdown is read as an importer reads it. Prose of one line is cut further, at numbering, at
    semicolons and into the items of a list, since one verdict on five items says too little: an
    importer leaves that to whoever owns the document, a bare reference has nobody to ask.
    """
    points = list(read_points(reference))
    if "\n" in reference.strip() or any(point.title for point in points):
        return points
    pieces = _pieces(_without_lead(question, reference.strip()))
    return [Point(piece) for piece in pieces] or points


def _without_lead(question: str, reference: str) -> str:
    """Drop a lead that only repeats the question: `配送的方式包括：…`."""
    found = _LEAD.fullmatch(reference)
    if not found:
        return reference
    lead = set(grams(fold(found["lead"])))
    repeated = len(lead & set(grams(fold(question)))) * 2 >= len(lead)
    return found["rest"] if repeated else reference


def _pieces(text: str) -> list[str]:
    blocks = _headed(_numbered(text))
    pieces = _cleaned(part for block in blocks for part in _STATEMENT.split(block))
    if len(pieces) == 1:
        items = _cleaned(_ITEM.split(pieces[0]))
        if len(items) >= _SEVERAL and max(map(len, items)) <= _LONGEST_ITEM:
            sentence = "、" not in pieces[0] and any(map(_CLAUSE.match, items))
            return pieces if sentence else items
    return pieces


def _numbered(text: str) -> Iterator[str]:
    """Cut a text in front of its numbering, and drop that, where it runs 1, 2, 3."""
    start = expected = 0
    for mark in _NUMBER.finditer(text):
        if _value(mark) not in {expected + 1, 1}:
            continue
        yield text[start : mark.start()]
        start, expected = mark.end(), _value(mark)
    yield text[start:]


def _headed(blocks: Iterable[str]) -> Iterator[str]:
    """Join what ends in a colon to the first of what it heads: `链表：①…`."""
    head = ""
    for block in blocks:
        head += block
        if not block.rstrip().endswith(("：", ":")):
            yield head
            head = ""
    yield head


def _value(mark: re.Match[str]) -> int:
    if circled := mark["circled"]:
        return ord(circled) - ord("①") + 1
    return int(mark["bracket"] or mark["plain"])


def _cleaned(pieces: Iterable[str]) -> list[str]:
    stripped = (piece.strip(_EDGES) for piece in pieces)
    return [piece for piece in stripped if any(character.isalnum() for character in piece)]
