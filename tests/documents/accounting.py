"""Which lines of a document no part of its reading accounts for."""

from app.documents.document import Document


def unaccounted_lines(document: Document, text: str) -> list[int]:
    r"""Return the numbers of the lines that are neither blank, nor in an item, nor passed over.

    `text` is the decoded document with `\n` line ends.
    """
    known = {
        line
        for item in document.items
        for first, last in item.lines
        for line in range(first, last + 1)
    }
    for passed in document.passed_over:
        known.update(range(passed.first, passed.last + 1))
    return [
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip() and number not in known
    ]
