"""Documents and items for tests: whole by default; a call says what its test is about."""

from typing import Any

from app.documents.document import Document, Item, Point


def make_item(title: str = "什么是缓存？", **fields: Any) -> Item:
    """Return an answered question; its prompt is its title unless said."""
    answer = fields.get("answer", "缓存是放在快速存储里的副本。")
    points = (Point(answer),)
    defaults: dict[str, Any] = {"prompt": title, "answer": answer, "points": points, "line": 1}
    return Item(title=title, **(defaults | fields))


def make_document(*items: Item, **fields: Any) -> Document:
    """Return a document of these items, from the source `notes` unless said."""
    defaults: dict[str, Any] = {"slug": "notes", "title": "笔记"}
    return Document(items=items, **(defaults | fields))
