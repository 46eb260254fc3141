"""Anki packages: a card a question; a second export updates the cards of the first."""

import hashlib
import html
import io
from collections.abc import Sequence
from typing import Any

import genanki
from markdown_it import MarkdownIt

from app.documents.document import Document, Item

_MODEL_ID = 1_722_460_031  # fixed for ever: Anki knows the note type by it
_FIELDS = ("Question", "Answer", "Explanation")
_BACK = '{{FrontSide}}<hr id="answer">{{Answer}}<div class="explanation">{{Explanation}}</div>'
_STYLE = ".card { font-family: sans-serif; text-align: left; } .explanation { color: #666; }"


def write_anki(document: Document) -> bytes:
    """Return a document as an `.apkg`: its topics are decks, its tags tags, its ids note ids."""
    render = MarkdownIt("commonmark", {"html": False}).enable("table").render
    decks: dict[str, Any] = {}
    for item in document.items:
        name = "::".join((document.title, *item.topics))
        deck = decks.setdefault(name, genanki.Deck(_deck_id(document.slug, item.topics), name))
        deck.add_note(_note(item, render))
    buffer = io.BytesIO()
    genanki.Package(list(decks.values())).write_to_file(buffer, timestamp=0)
    return buffer.getvalue()


def _note(item: Item, render: Any) -> Any:  # noqa: ANN401 (genanki has no types)
    question = f"<h3>{html.escape(item.title)}</h3>"
    if item.prompt != item.title:
        question += render(item.prompt)
    if item.choices:
        question += _options([choice.text for choice in item.choices])
    return genanki.Note(
        model=genanki.Model(
            _MODEL_ID,
            "Tiku",
            fields=[{"name": name} for name in _FIELDS],
            templates=[{"name": "Card 1", "qfmt": "{{Question}}", "afmt": _BACK}],
            css=_STYLE,
        ),
        fields=[question, render(item.answer), render(item.explanation)],
        tags=[tag.replace(" ", "_") for tag in item.tags or ()],
        guid=item.identity or hashlib.sha256(item.title.encode()).hexdigest()[:16],
    )


def _options(texts: Sequence[str]) -> str:
    entries = "".join(f"<li>{html.escape(text)}</li>" for text in texts)
    return f'<ol type="A">{entries}</ol>'


def _deck_id(slug: str, topics: Sequence[str]) -> int:
    """Return a deck's number, the same in every export: a second import must find it again."""
    digest = hashlib.sha256("\n".join((slug, *topics)).encode()).digest()
    return int.from_bytes(digest[:5])
