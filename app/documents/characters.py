"""Characters that cannot be kept everywhere: refused where no database has them, else replaced."""

import re
from collections.abc import Iterator

from app.documents.document import Document, Item
from app.errors import UnreadableDocumentError

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REPLACEMENT = "\ufffd"


def to_xml_text(text: str) -> str:
    """Return a text with U+FFFD in place of the control characters that XML has no way to say."""
    return _NOT_IN_XML.sub(_REPLACEMENT, text)


def check_characters(document: Document, name: str) -> None:
    """Raise UnreadableDocumentError for NUL and halves of surrogate pairs, wherever they stand.

    However a format escapes them, they are no text: no database keeps them.
    """
    heading = (
        document.slug,
        document.title,
        document.language,
        document.url,
        document.licence,
        *(text for topic in document.topics for text in (topic.slug, topic.name, topic.parent)),
        *(text for one in document.sources for text in (one.slug, one.title, one.language)),
        *(text for one in document.sources for text in (one.url, one.licence)),
    )
    if not is_text("".join(text for text in heading if text)):
        raise UnreadableDocumentError(name=name, reason="unreadable.no_text", where=1)
    for place, item in enumerate(document.items, start=1):
        if not is_text("".join(_texts(item))):
            where = item.line or place
            raise UnreadableDocumentError(name=name, reason="unreadable.no_text", where=where)


def is_text(text: str) -> bool:
    """Say whether a database can keep a text: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _texts(item: Item) -> Iterator[str]:
    yield from (item.title, item.prompt, item.answer, item.explanation)
    yield from (text for text in (item.language, item.key, item.number, item.completion) if text)
    yield from item.topics
    yield from item.tags or ()
    for point in item.points:
        yield from (point.title or "", point.text)
        yield from (*point.aliases, *point.accepted)
    yield from (choice.text for choice in item.choices)
