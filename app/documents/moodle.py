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

from app.documents.categories import read_category, write_category
from app.documents.characters import to_xml_text
from app.documents.decode import decode
from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    Point,
    QuestionKind,
    WarningKind,
)
from app.documents.limits import DEFAULT_LIMITS, Limits
from app.documents.markdown.points import read_points
from app.errors import UnreadableDocumentError

_TAG = re.compile(r"<[^>]+>")
_BREAK = re.compile(r"<(?:br\s*/?|/p|/div|/li)>\s*", re.IGNORECASE)
_IMAGE = re.compile(r"<img\s[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(src|alt)\s*=\s*(["'])(.*?)\2""", re.IGNORECASE | re.DOTALL)
_ITEM = re.compile(r"<li[^>]*>", re.IGNORECASE)
_CHOICE_TYPES = frozenset({"multichoice", "truefalse"})
_DESCRIPTION = "description"  # text between questions, which asks nothing
_WHOLE = 100  # per cent


def read_moodle(data: bytes, *, name: str, slug: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read Moodle XML; raises UnreadableDocumentError for what is not well formed or unsafe."""
    try:
        root = fromstring(decode(data, name, prose=False))
    except DefusedXmlException as error:
        raise UnreadableDocumentError(
            name=name, reason="unreadable.xml", fault="<!DOCTYPE …>"
        ) from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnreadableDocumentError(
            name=name, reason="unreadable.xml", fault=str(error)
        ) from error
    if root.tag != "quiz":
        raise UnreadableDocumentError(name=name, reason="unreadable.xml", fault=f"<{root.tag}>")
    items = []
    for item in _items(root):
        limits.check_time(name)
        items.append(item)
    passed = sum(question.get("type") == _DESCRIPTION for question in root.iter("question"))
    warnings = [] if items else [DocumentWarning(WarningKind.NO_QUESTIONS)]
    if passed:
        said = {"reason": "left_out.descriptions", "count": passed}
        warnings.append(DocumentWarning(WarningKind.LEFT_OUT, params=said))
    return Document(
        slug=slug, title=slug, items=tuple(items), warnings=tuple(warnings), format="moodle"
    )


def write_moodle(document: Document) -> bytes:
    """Return a document as Moodle XML."""
    quiz = ET.Element("quiz")
    topics: tuple[str, ...] | None = None
    for item in document.items:
        if item.topics != topics:
            topics = item.topics
            category = ET.SubElement(quiz, "question", type="category")
            _text(category, "category", write_category(topics))
        quiz.append(_element(item))
    ET.indent(quiz)
    document_bytes: bytes = ET.tostring(quiz, encoding="utf-8", xml_declaration=True)
    return document_bytes + b"\n"


def _items(root: ET.Element) -> Iterator[Item]:
    topics: tuple[str, ...] = ()
    for question in root.iter("question"):
        kind = question.get("type", "")
        if kind == "category":
            topics = read_category(_words(question.find("category")))
        elif kind != _DESCRIPTION and question.find("questiontext") is not None:
            yield _item(question, kind, topics)


def _item(question: ET.Element, kind: str, topics: tuple[str, ...]) -> Item:
    prompt = _plain(question.find("questiontext"))
    tags = tuple(_words(tag) for tag in question.findall("tags/tag"))
    item = Item(
        title=_words(question.find("name")) or prompt.partition("\n")[0],
        prompt=prompt,
        explanation=_plain(question.find("generalfeedback")),
        topics=topics,
        tags=tags or None,
        key=(question.findtext("idnumber") or "").strip() or None,
    )
    if kind in _CHOICE_TYPES:
        return _with_choices(item, question)
    numerical = kind == "numerical"
    right = [one for one in question.findall("answer") if _fraction(one) > 0]
    if numerical:  # those that earn only a part of the mark are left out
        right = [one for one in right if _fraction(one) >= _WHOLE] or right
    accepted = [_with_tolerance(one) if numerical else _plain(one) for one in right]
    if numerical and accepted:
        point = Point(accepted[0], accepted=tuple(accepted[1:]))
        return replace(item, answer=accepted[0], points=(point,))
    pairs = _pairs(question)
    answer = _plain(question.find("graderinfo")) or pairs or next(iter(accepted), "")
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
    one = question.findtext("single", "true").strip() in {"true", "1"}
    # Where one option is right, others may still earn a part of the mark.
    enough = _WHOLE if one else 0.0001
    choices = tuple(
        Choice(_plain(answer), _fraction(answer) >= enough) for answer in question.findall("answer")
    )
    right = [choice.text for choice in choices if choice.correct]
    single = one and len(right) == 1
    kind = QuestionKind.SINGLE_CHOICE if single else QuestionKind.MULTIPLE_CHOICE
    return replace(item, choices=choices, kind=kind, answer="\n".join(right))


def _pairs(question: ET.Element) -> str:
    """Return the pairs of a matching question as a list; empty for any other question."""
    pairs = [(_plain(one), _plain(one.find("answer"))) for one in question.findall("subquestion")]
    return "\n".join(f"- **{left}：** {right}" for left, right in pairs if left)


def _fraction(answer: ET.Element) -> float:
    """Return the share of the mark that an option earns, in per cent."""
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        return 0


def _words(element: ET.Element | None) -> str:
    """Return the text of an element that is plain: a name, a tag, a category."""
    if element is None:
        return ""
    text = element.findtext("text")
    return ((element.text or "") if text is None else text).strip()


def _plain(element: ET.Element | None) -> str:
    """Return the text of an element as Markdown: HTML loses its tags, its lines and items stay."""
    text = _words(element)
    format_ = None if element is None else element.get("format")
    if format_ == "html" or (format_ is None and _TAG.search(text)):
        text = _IMAGE.sub(_image, text)
        text = unescape(_TAG.sub("", _ITEM.sub("- ", _BREAK.sub("\n", text))))
    return text.strip()


def _image(match: re.Match[str]) -> str:
    """Return an HTML image as a Markdown one."""
    said = {name.lower(): value for name, _, value in _ATTRIBUTE.findall(match[0])}
    return f"![{said.get('alt', '')}]({said.get('src', '')})"


def _element(item: Item) -> ET.Element:
    kind = "multichoice" if item.choices else "essay"
    question = ET.Element("question", type=kind)
    _text(question, "name", item.title)
    _text(question, "questiontext", item.prompt, format="markdown")
    _text(question, "generalfeedback", item.explanation, format="markdown")
    if item.identity:
        ET.SubElement(question, "idnumber").text = to_xml_text(item.identity)
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
    ET.SubElement(ET.SubElement(parent, tag, attributes), "text").text = to_xml_text(text)
