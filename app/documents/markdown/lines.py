"""One line on its way from the document to the Markdown parser."""

import re
from typing import NamedTuple

from app.documents.markdown.blocks import fold_line

_TIGHT_HEADING = re.compile(r"[ ]{0,3}#{2,6}(?=[^\s#!\[{.(:])")


class Line(NamedTuple):
    """A line: its number in the document, what is stored of it and what the parser sees."""

    number: int
    text: str
    folded: str
    code: bool = False


def plain_line(number: int, text: str) -> Line:
    """Return a line outside code; `##heading` is given its blank."""
    folded = fold_line(text)
    if "##" in folded and (tight := _TIGHT_HEADING.match(folded)):
        folded = f"{tight.group()} {folded[tight.end() :]}"
    return Line(number, text if folded.strip() else "", folded)
