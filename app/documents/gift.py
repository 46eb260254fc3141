"""GIFT, Moodle's plain-text format: questions with choices, short answers and essays.

https://docs.moodle.org/en/GIFT_format. A free-text question is an essay whose reference answer and
explanation are the general feedback; a number is a point with its tolerance (`3.14±0.01`, `3..4`).
Matching and missing words are read as their text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    PassedOver,
    Point,
    QuestionKind,
    WarningKind,
)
from app.documents.markdown.points import read_points

_SPECIAL = re.compile(r"([\\~=#{}:])")
_ESCAPED = re.compile(r"\\([\\~=#{}:n])")
_TITLE = re.compile(r"\s*::(?P<title>(?:\\.|[^\\:]|:(?!:))*)::\s*", re.DOTALL)
_FORMAT = re.compile(r"\[(?:html|moodle|plain|markdown)\]")
_BODY = re.compile(r"(?<!\\)\{(?P<body>(?:\\.|[^\\}])*)\}", re.DOTALL)
_OPTION = re.compile(r"(?<!\\)(?P<mark>[~=])(?P<text>(?:\\.|[^\\~=])*)", re.DOTALL)
_WEIGHT = re.compile(r"\s*%(?P<percent>-?\d+(?:\.\d+)?)%")
_ID = re.compile(r"\[id:(?P<value>[^\]]+)\]")
_TAG = re.compile(r"\[tag:(?P<value>[^\]]+)\]")
_ALL = 100  # per cent of the marks
_SEPARATOR = "\n---\n"  # between answer and explanation in the feedback of an essay


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines up to a blank one: their text, the comments above, and where they stand."""

    text: str
    comments: str
    first: int
    last: int


def read_gift(text: str, *, slug: str) -> Document:
    """Read a GIFT file; blocks that are no question are passed over by name."""
    items: list[Item] = []
    passed: list[PassedOver] = []
    topics: tuple[str, ...] = ()
    for block in _blocks(text):
        category = _category(block.text)
        item = None if category is not None else _item(block, topics)
        if item is not None:
            items.append(item)
        else:
            topics = category if category is not None else topics
            passed.append(PassedOver(block.first, block.last, "metadata" if topics else "prose"))
    warnings = () if items else (DocumentWarning(WarningKind.NO_QUESTIONS),)
    return Document(
        slug=slug,
        title=slug,
        items=tuple(items),
        warnings=warnings,
        passed_over=tuple(passed),
        format="gift",
    )


def write_gift(document: Document) -> bytes:
    """Return a document as GIFT; what GIFT has no place for is left out."""
    blocks = [f"// {_one_line(document.title)}"]
    topics: tuple[str, ...] = ()
    for item in document.items:
        if item.topics != topics:
            topics = item.topics
            blocks.append(f"$CATEGORY: {'/'.join(topics) or 'top'}")
        blocks.append(_write_item(item))
    return ("\n\n".join(blocks) + "\n").encode()


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the runs of lines between blank ones; a blank line inside braces ends nothing."""
    lines: list[str] = []
    comments: list[str] = []
    first = 1
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.lstrip().startswith("//"):
            comments.append(line)
        elif line.strip() or _is_open("\n".join(lines)):
            first = first if lines else number
            lines.append(line)
        elif lines:
            yield _Block("\n".join(lines), "\n".join(comments), first, number - 1)
            lines, comments = [], []


def _is_open(text: str) -> bool:
    bare = re.sub(r"\\.", "", text)
    return bare.count("{") > bare.count("}")


def _category(text: str) -> tuple[str, ...] | None:
    if not text.startswith("$CATEGORY:"):
        return None
    parts = text.removeprefix("$CATEGORY:").split("/")
    return tuple(part.strip() for part in parts if part.strip() not in {"", "top", "$course$"})


def _item(block: _Block, topics: tuple[str, ...]) -> Item | None:
    body = _BODY.search(block.text)
    if body is None:
        return None
    head = block.text[: body.start()]
    title = _TITLE.match(head)
    asked = head[title.end() :] if title else head
    prompt = _plain(_FORMAT.sub("", asked) + block.text[body.end() :]).strip()
    inside, _, feedback = body["body"].partition("####")
    name = _plain(title["title"]).strip() if title else prompt.partition("\n")[0]
    identity = _ID.search(block.comments)
    common = Item(
        title=name,
        prompt=prompt or name,
        topics=topics,
        tags=tuple(match["value"] for match in _TAG.finditer(block.comments)) or None,
        key=identity["value"] if identity else None,
        line=block.first,
        lines=((block.first, block.last),),
    )
    return _answered(common, inside.strip(), _plain(feedback).strip())


def _answered(item: Item, inside: str, feedback: str) -> Item:
    """Return the item with what stands in its braces: nothing, a truth, a number, or options."""
    options = [(match["mark"], match["text"]) for match in _OPTION.finditer(inside)]
    truth = inside.partition("#")[0].strip().upper()
    if inside.startswith("#"):
        return _numerical(item, inside[1:], options, feedback)
    if not inside:
        answer, _, explanation = feedback.partition(_SEPARATOR)
        return _free(item, answer.strip(), explanation.strip())
    if truth in {"T", "TRUE", "F", "FALSE"}:
        right = truth.startswith("T")
        both = (Choice("True", right), Choice("False", not right))
        return _with_choices(item, both, QuestionKind.SINGLE_CHOICE, feedback)
    if any(mark == "~" for mark, _ in options):
        choices = tuple(_choice(mark, text) for mark, text in options)
        right = sum(choice.correct for choice in choices) == 1
        weighted = any(_WEIGHT.match(text) for _, text in options)
        single = right and not weighted
        kind = QuestionKind.SINGLE_CHOICE if single else QuestionKind.MULTIPLE_CHOICE
        return _with_choices(item, choices, kind, feedback)
    if options:
        accepted = [_plain(_option_text(text)) for _, text in options]
        point = Point(accepted[0], accepted=tuple(accepted[1:]))
        return replace(item, answer=accepted[0], points=(point,), explanation=feedback)
    return _free(item, _plain(inside).strip(), feedback)


def _numerical(item: Item, inside: str, options: Sequence[tuple[str, str]], feedback: str) -> Item:
    """Return the item with its numbers; those that earn only a part of the marks are left out."""
    texts = [text for _, text in options if _earns_all(text)] or [inside]
    accepted = [_number(_plain(_option_text(text))) for text in texts]
    point = Point(accepted[0], accepted=tuple(accepted[1:]))
    return replace(item, answer=accepted[0], points=(point,), explanation=feedback)


def _earns_all(text: str) -> bool:
    weight = _WEIGHT.match(text)
    return weight is None or float(weight["percent"]) == _ALL


def _number(text: str) -> str:
    """Return a number as a point says it: `3.14:0.01` is `3.14±0.01`, `3..4` stays."""
    value, colon, tolerance = text.partition(":")
    wide = colon and tolerance.strip().strip("0.")
    return f"{value.strip()}±{tolerance.strip()}" if wide else value.strip()


def _free(item: Item, answer: str, explanation: str) -> Item:
    warning = DocumentWarning(WarningKind.NO_ANSWER, item.line)
    return replace(
        item,
        answer=answer,
        explanation=explanation,
        points=read_points(answer) if answer else (),
        warnings=() if answer else (warning,),
    )


def _with_choices(
    item: Item, choices: tuple[Choice, ...], kind: QuestionKind, explanation: str
) -> Item:
    right = [choice.text for choice in choices if choice.correct]
    return replace(
        item, choices=choices, kind=kind, answer="\n".join(right), explanation=explanation
    )


def _choice(mark: str, text: str) -> Choice:
    weight = _WEIGHT.match(text)
    correct = mark == "=" if weight is None else float(weight["percent"]) > 0
    return Choice(_plain(_option_text(text)), correct)


def _option_text(text: str) -> str:
    """Return an option without its weight and its own feedback."""
    bare = _WEIGHT.sub("", text, count=1)
    return re.split(r"(?<!\\)#", bare, maxsplit=1)[0].strip()


def _write_item(item: Item) -> str:
    comments = [
        *([f"[id:{item.identity}]"] if item.identity else []),
        *(f"[tag:{t}]" for t in item.tags or ()),
    ]
    lines = [f"// {' '.join(comments)}"] if comments else []
    lines.append(
        f"::{_escape(item.title)}::[markdown]{_escape(item.prompt)} {{{_write_body(item)}}}"
    )
    return "\n".join(lines)


def _write_body(item: Item) -> str:
    if not item.choices:
        parts = [item.answer, *([item.explanation] if item.explanation else [])]
        return f"####{_escape(_SEPARATOR.join(parts))}" if item.answer else ""
    feedback = f"####{_escape(item.explanation)}" if item.explanation else ""
    right = sum(choice.correct for choice in item.choices)
    options = [_write_option(choice, item.kind, right) for choice in item.choices]
    return "".join(f"\n{option}" for option in options) + f"\n{feedback}"


def _write_option(choice: Choice, kind: QuestionKind, right: int) -> str:
    if kind is QuestionKind.SINGLE_CHOICE:
        return f"{'=' if choice.correct else '~'}{_escape(choice.text)}"
    percent = f"%{100 / right:.5f}%" if choice.correct else "%-100%"
    return f"~{percent}{_escape(choice.text)}"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "\\n")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
