"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format, parsed without entity bombs.

A free-text question is an essay: its reference answer is the information for graders, its
explanation the general feedback. Other types are read as far as they have a text and an answer.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    Point,
    QuestionKind,
    WarningKind,
)
from app.documents.markdown.points import read_points
from app.errors import UnreadableDocumentError

_TAG = re.compile(r"<[^>]+>")
_BREAK = re.compile(r"<(?:br\s*/?|/p|/div|/li)>\s*", re.IGNORECASE)
_ITEM = re.compile(r"<li[^>]*>", re.IGNORECASE)
_CHOICE_TYPES = frozenset({"multichoice", "truefalse"})


def read_moodle(data: bytes, *, name: str, slug: str) -> Document:
    """Read Moodle XML; raises UnreadableDocumentError for what is not well formed or unsafe."""
    try:
        root = fromstring(data)
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnreadableDocumentError(
            name=name, reason="unreadable.xml", fault=str(error)
        ) from error
    if root.tag != "quiz":
        raise UnreadableDocumentError(name=name, reason="unreadable.xml", fault=f"<{root.tag}>")
    items = tuple(_items(root))
    warnings = () if items else (DocumentWarning(WarningKind.NO_QUESTIONS),)
    return Document(slug=slug, title=slug, items=items, warnings=warnings, format="moodle")


def write_moodle(document: Document) -> bytes:
    """Return a document as Moodle XML."""
    quiz = ET.Element("quiz")
    topics: tuple[str, ...] | None = None
    for item in document.items:
        if item.topics != topics:
            topics = item.topics
            category = ET.SubElement(quiz, "question", type="category")
            _text(category, "category", "/".join(("$course$/top", *topics)))
        quiz.append(_element(item))
    ET.indent(quiz)
    document_bytes: bytes = ET.tostring(quiz, encoding="utf-8", xml_declaration=True)
    return document_bytes + b"\n"


def _items(root: ET.Element) -> Iterator[Item]:
    topics: tuple[str, ...] = ()
    for question in root.iter("question"):
        kind = question.get("type", "")
        if kind == "category":
            topics = _path(_plain(question.find("category")))
        elif question.find("questiontext") is not None:
            yield _item(question, kind, topics)


def _path(category: str) -> tuple[str, ...]:
    parts = (part.strip() for part in category.split("/"))
    return tuple(part for part in parts if part not in {"", "top"} and not part.startswith("$"))


def _item(question: ET.Element, kind: str, topics: tuple[str, ...]) -> Item:
    prompt = _plain(question.find("questiontext"))
    tags = tuple(_plain(tag) for tag in question.findall("tags/tag"))
    item = Item(
        title=_plain(question.find("name")) or prompt.partition("\n")[0],
        prompt=prompt,
        explanation=_plain(question.find("generalfeedback")),
        topics=topics,
        tags=tags or None,
        key=(question.findtext("idnumber") or "").strip() or None,
    )
    if kind in _CHOICE_TYPES:
        return _with_choices(item, question)
    right = [answer for answer in question.findall("answer") if _is_right(answer)]
    accepted = [
        _with_tolerance(answer) if kind == "numerical" else _plain(answer) for answer in right
    ]
    if kind == "numerical" and accepted:
        return replace(
            item, answer=accepted[0], points=(Point(accepted[0], accepted=tuple(accepted[1:])),)
        )
    answer = _plain(question.find("graderinfo")) or next(iter(accepted), "")
    points = read_points(answer) if answer else ()
    if len(points) == 1 and len(accepted) > 1:
        points = (replace(points[0], accepted=tuple(accepted[1:])),)
    warnings = () if answer else (DocumentWarning(WarningKind.NO_ANSWER),)
    return replace(item, answer=answer, points=points, warnings=warnings)


def _with_tolerance(answer: ET.Element) -> str:
    """Return a number as a point says it: `3.14±0.01`."""
    tolerance = (answer.findtext("tolerance") or "").strip()
    return f"{_plain(answer)}±{tolerance}" if tolerance.strip("0.") else _plain(answer)


def _with_choices(item: Item, question: ET.Element) -> Item:
    choices = tuple(
        Choice(_plain(answer), _is_right(answer)) for answer in question.findall("answer")
    )
    right = [choice.text for choice in choices if choice.correct]
    single = question.findtext("single", "true").strip() in {"true", "1"} and len(right) == 1
    kind = QuestionKind.SINGLE_CHOICE if single else QuestionKind.MULTIPLE_CHOICE
    return replace(item, choices=choices, kind=kind, answer="\n".join(right))


def _is_right(answer: ET.Element) -> bool:
    try:
        return float(answer.get("fraction", "0")) > 0
    except ValueError:
        return False


def _plain(element: ET.Element | None) -> str:
    """Return the text of an element as Markdown: HTML loses its tags, its lines and items stay."""
    if element is None:
        return ""
    text = element.findtext("text")
    text = (element.text or "") if text is None else text
    if element.get("format") in {None, "html"} and _TAG.search(text):
        text = unescape(_TAG.sub("", _ITEM.sub("- ", _BREAK.sub("\n", text))))
    return text.strip()


def _element(item: Item) -> ET.Element:
    kind = "multichoice" if item.choices else "essay"
    question = ET.Element("question", type=kind)
    _text(question, "name", item.title)
    _text(question, "questiontext", item.prompt, format="markdown")
    _text(question, "generalfeedback", item.explanation, format="markdown")
    if item.identity:
        ET.SubElement(question, "idnumber").text = item.identity
    if item.choices:
        _write_choices(question, item)
    else:
        _text(question, "graderinfo", item.answer, format="markdown")
    if item.tags:
        tags = ET.SubElement(question, "tags")
        for tag in item.tags:
            _text(tags, "tag", tag)
    return question


def _write_choices(question: ET.Element, item: Item) -> None:
    single = item.kind is QuestionKind.SINGLE_CHOICE
    ET.SubElement(question, "single").text = "true" if single else "false"
    right = sum(choice.correct for choice in item.choices) or 1
    for choice in item.choices:
        fraction = f"{100 / right:.5g}" if choice.correct else "0"
        _text(question, "answer", choice.text, fraction=fraction, format="markdown")


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(ET.SubElement(parent, tag, attributes), "text").text = text
