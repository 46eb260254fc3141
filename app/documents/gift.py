"""GIFT, Moodle's plain-text format: questions with choices, short answers and essays.

https://docs.moodle.org/en/GIFT_format. A free-text question is an essay whose reference answer and
explanation are the general feedback; a matching question is read as the list of its pairs, a
number as a point with its tolerance (`3.14±0.01`, `3..4`), a missing word as a gap in the question.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.documents.categories import read_category, write_category
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
from app.documents.limits import DEFAULT_LIMITS, Limits, check
from app.documents.markdown.points import read_points

_SPECIAL = re.compile(r"([\\~=#{}:])")
_ESCAPED = re.compile(r"\\([\\~=#{}:n])")
_TITLE = re.compile(r"\s*::(?P<title>[^\\:]*(?:(?:\\.|:(?!:))[^\\:]*)*)::\s*", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(?:html|moodle|plain|markdown)\]")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_UNTIL_FEEDBACK = re.compile(r"[^\\#]*(?:\\.[^\\#]*)*", re.DOTALL)
_OPTION = re.compile(r"(?<!\\)(?P<mark>[~=])(?P<text>(?:\\.|[^\\~=])*)", re.DOTALL)
_WEIGHT = re.compile(r"\s*%(?P<percent>-?\d{1,3}(?:\.\d+)?)%")
_ID = re.compile(r"\[id:(?P<value>(?:\\[\\\[\]]|[^\[\]\n])+)\]")
_TAG = re.compile(r"\[tag:(?P<value>(?:\\[\\\[\]]|[^\[\]\n])+)\]")
_BRACKETED = re.compile(r"\\([\\\[\]])")
_BRACKETS = re.compile(r"[\\\[\]]")
_MOST_OPTIONS = 500
_RULE = re.compile(r"^(-{3,})$", re.MULTILINE)
_ALL = 100  # per cent of the marks
_SEPARATOR = "\n---\n"  # between answer and explanation in the feedback of an essay
_GAP = "____"
_CATEGORY = "$CATEGORY:"


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines up to a blank one: their text, the comments above, and where they stand.

    `unclosed` is the line of a brace that opens in it and is never closed, `last_of_all` whether
    nothing follows.
    """

    text: str
    comments: str
    first: int
    last: int
    unclosed: int | None = None
    last_of_all: bool = False


def read_gift(
    text: str, *, slug: str, name: str = "GIFT", limits: Limits = DEFAULT_LIMITS
) -> Document:
    """Read a GIFT file; blocks that are no question are passed over by name."""
    items: list[Item] = []
    passed: list[PassedOver] = []
    topics: tuple[str, ...] = ()
    for block in _blocks(text.split("\n")):
        limits.check_time(name)
        if block.text.startswith(_CATEGORY):
            topics = read_category(block.text.removeprefix(_CATEGORY).partition("\n")[0])
            passed.append(PassedOver(block.first, block.last, "container"))
        elif item := _item(block, topics):
            check(name, "unreadable.too_many_options", len(item.choices), _MOST_OPTIONS)
            items.append(item)
        else:
            passed.append(PassedOver(block.first, block.last, "prose"))
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
            blocks.append(f"{_CATEGORY} {write_category(topics)}")
        blocks.append(_write_item(item))
    return ("\n\n".join(blocks) + "\n").encode()


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    """Yield the runs of lines between blank ones; a blank line inside braces ends nothing.

    A brace counts as open across a blank line only where the next brace closes it: one that nobody
    closes would otherwise swallow the questions below.
    """
    braces = [(at, brace) for at, line in enumerate(lines) for brace in _braces(line)]
    last_written = max((at for at, line in enumerate(lines) if line.strip()), default=0)
    held: list[str] = []
    comments: list[str] = []
    first, depth, opened, seen = 0, 0, 0, 0
    for at, line in enumerate([*lines, ""]):
        while seen < len(braces) and braces[seen][0] == at:
            opening = braces[seen][1] == "{"
            opened = at if opening and not depth else opened
            depth = depth + 1 if opening else max(0, depth - 1)
            seen += 1
        closes = depth and seen < len(braces) and braces[seen][1] == "}"
        if line.lstrip().startswith("//"):
            comments.append(line)
        elif line.strip() or closes:
            first = first if held else at
            held.append(line)
        elif held:
            yield _Block(
                "\n".join(held),
                "\n".join(comments),
                first + 1,
                at,
                unclosed=opened + 1 if depth else None,
                last_of_all=at > last_written,
            )
            held, comments, depth = [], [], 0


def _braces(line: str) -> Iterator[str]:
    """Yield the braces of a line that are not escaped; a comment has none."""
    if not line.lstrip().startswith("//"):
        yield from (match[0] for match in _BRACE.finditer(line) if match[0] in "{}")


def _cut(text: str) -> tuple[str, str, str] | None:
    """Return what stands in front of, inside and behind the first pair of braces."""
    start = end = None
    for match in _BRACE.finditer(text):
        if match[0] == "{" and start is None:
            start = match.start()
        elif match[0] == "}" and start is not None:
            end = match.start()
            break
    if start is None:
        return None
    end = len(text) if end is None else end
    return text[:start], text[start + 1 : end], text[end + 1 :]


def _item(block: _Block, topics: tuple[str, ...]) -> Item | None:
    parts = _cut(block.text)
    if parts is None:
        return None
    head, body, tail = parts
    title = _TITLE.match(head)
    asked = _FORMAT.sub("", head[title.end() :] if title else head, count=1)
    prompt = _plain(f"{asked}{_GAP}{tail}" if tail.strip() else asked).strip()
    inside, _, feedback = body.partition("####")
    name = _plain(title["title"]).strip() if title else prompt.partition("\n")[0]
    identity = _ID.search(block.comments)
    common = Item(
        title=name or prompt,
        prompt=prompt or name,
        topics=topics,
        tags=tuple(_bracketed(match) for match in _TAG.finditer(block.comments)) or None,
        key=_bracketed(identity) if identity else None,
        line=block.first,
        lines=((block.first, block.last),),
    )
    if not common.title:
        return None
    item = _answered(common, inside.strip(), _plain(feedback))
    return replace(item, warnings=(*item.warnings, *_warnings(block)))


def _warnings(block: _Block) -> Iterator[DocumentWarning]:
    if block.unclosed is not None:
        yield DocumentWarning(WarningKind.UNCLOSED, block.unclosed, {"mark": "{"})
        if block.last_of_all:
            yield DocumentWarning(WarningKind.TRUNCATED, block.last)


def _bracketed(match: re.Match[str]) -> str:
    return _BRACKETED.sub(r"\1", match["value"]).strip()


def _answered(item: Item, inside: str, feedback: str) -> Item:
    """Return the item with what stands in its braces: nothing, a truth, a number, or options."""
    if not inside:
        answer, _, explanation = feedback.partition(_SEPARATOR)
        return _free(item, _without_dash(answer).strip(), _without_dash(explanation).strip())
    feedback = feedback.strip()
    truth = _option_text(inside).upper()
    if truth in {"T", "TRUE", "F", "FALSE"}:
        right = truth.startswith("T")
        both = (Choice("True", right), Choice("False", not right))
        return _with_choices(item, both, QuestionKind.SINGLE_CHOICE, feedback)
    found = islice(_OPTION.finditer(inside), _MOST_OPTIONS + 1)
    options = [(match["mark"], match["text"]) for match in found]
    if inside.startswith("#"):
        return _numerical(item, inside[1:], options, feedback)
    if any(mark == "~" for mark, _ in options):
        return _with_options(item, options, feedback)
    return _written(item, inside, [_plain(_option_text(text)) for _, text in options], feedback)


def _written(item: Item, inside: str, accepted: Sequence[str], feedback: str) -> Item:
    """Return the item with what a learner has to write: an answer of several, or pairs."""
    if not accepted:
        return _free(item, _plain(inside), feedback)
    if all("->" in text for text in accepted):
        pairs = [text.partition("->") for text in accepted]
        answer = "\n".join(f"- **{one.strip()}：** {other.strip()}" for one, _, other in pairs)
        return _free(item, answer, feedback)
    point = Point(accepted[0], accepted=tuple(accepted[1:]))
    return replace(item, answer=accepted[0], points=(point,), explanation=feedback)


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


def _with_options(item: Item, options: Sequence[tuple[str, str]], feedback: str) -> Item:
    """Return the item with its options; where one is right, others may still earn a part."""
    single = any(mark == "=" for mark, _ in options)
    choices = tuple(
        Choice(_plain(_option_text(text)), mark == "=" if single else _weight(text) > 0)
        for mark, text in options
    )
    weighted = any(_WEIGHT.match(text) for _, text in options)
    one = sum(choice.correct for choice in choices) == 1 and (single or not weighted)
    kind = QuestionKind.SINGLE_CHOICE if one else QuestionKind.MULTIPLE_CHOICE
    return _with_choices(item, choices, kind, feedback)


def _weight(text: str) -> float:
    match = _WEIGHT.match(text)
    return float(match["percent"]) if match else 0


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


def _option_text(text: str) -> str:
    """Return an option without its weight and its own feedback."""
    bare = _WEIGHT.sub("", text, count=1) if _WEIGHT.match(text) else text
    until = _UNTIL_FEEDBACK.match(bare)
    return (until[0] if until else bare).strip()


def _write_item(item: Item) -> str:
    comments = [
        *([f"[id:{_bracket(item.identity)}]"] if item.identity else []),
        *(f"[tag:{_bracket(tag)}]" for tag in item.tags or ()),
    ]
    lines = [f"// {' '.join(comments)}"] if comments else []
    lines.append(
        f"::{_escape(item.title)}::[markdown]{_escape(item.prompt)} {{{_write_body(item)}}}"
    )
    return "\n".join(lines)


def _bracket(text: str) -> str:
    return _BRACKETS.sub(r"\\\g<0>", _one_line(text))


def _write_body(item: Item) -> str:
    if not item.choices:
        parts = [item.answer, *([item.explanation] if item.explanation else [])]
        feedback = _SEPARATOR.join(map(_with_dash, parts))
        return f"####{_escape(feedback)}" if any(parts) else ""
    feedback = f"####{_escape(item.explanation)}" if item.explanation else ""
    right = sum(choice.correct for choice in item.choices)
    options = [_write_option(choice, item.kind, right) for choice in item.choices]
    return "".join(f"\n{option}" for option in options) + f"\n{feedback}"


def _write_option(choice: Choice, kind: QuestionKind, right: int) -> str:
    text = _escape(choice.text)
    if kind is QuestionKind.SINGLE_CHOICE and right == 1:
        # A text that looks like a weight needs a real one in front of it.
        weight = f"%{100 * choice.correct}%" if _WEIGHT.match(text) else ""
        return f"{'=' if choice.correct else '~'}{weight}{text}"
    percent = f"%{100 / right:.5f}%" if choice.correct else "%-100%"
    return f"~{percent}{text}"


def _with_dash(text: str) -> str:
    """Lengthen the rules of a text by a dash: three alone would be the separator."""
    return _RULE.sub(r"\1-", text)


def _without_dash(text: str) -> str:
    return _RULE.sub(lambda match: match[0][:-1] if len(match[0]) > len("---") else match[0], text)


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("\n", "\\n")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _one_line(text: str) -> str:
    return " ".join(text.split())
