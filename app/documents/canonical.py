"""Canonical Markdown: a document written so that reading it gives every field back.

The words stand where an author would put them. What Markdown cannot say, and what the grammar would
read otherwise than it was meant, goes into the comment of its question: the writer reads its own
text again and adds what is missing, so nothing rests on its having foreseen every answer.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import yaml

from app.documents.decode import unify_line_ends, without_controls
from app.documents.document import Document, Item
from app.documents.embedded import apply_embedded, embed, embed_heading, take_embedded
from app.documents.limits import DEFAULT_LIMITS, Limits
from app.documents.markdown.profiles import Profile
from app.documents.markdown.reader import read_markdown
from app.documents.records import to_record
from app.text import is_cjk

_LABELS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "prompt": "题目",
        "difficulty": "难度",
        "tags": "标签",
        "order": "顺序",
        "answer": "答案",
        "explanation": "解析",
    },
    "en": {
        "prompt": "Question",
        "difficulty": "Difficulty",
        "tags": "Tags",
        "order": "Ordered",
        "answer": "Answer",
        "explanation": "Explanation",
    },
}
_LEVELS: Mapping[str, Sequence[str]] = {
    "zh": ("入门", "简单", "中等", "困难", "专家"),
    "en": ("very easy", "easy", "medium", "hard", "very hard"),
}
_ORDER: Mapping[str, Sequence[str]] = {"zh": ("无关", "重要"), "en": ("no", "yes")}
_MARKERS = "-*+>#|`$!<["
_DEEPEST = 6
_NO_LIMITS = Limits(
    max_bytes=sys.maxsize,
    max_line_length=sys.maxsize,
    max_lines=sys.maxsize,
    max_headings=sys.maxsize,
    max_questions=sys.maxsize,
)
_FRONT_MATTER = ("slug", "title", "language", "url", "licence")


def read_canonical(
    text: str,
    *,
    name: str,
    slug: str,
    profile: Profile | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    """Read any Markdown document, with the comments that canonical ones have."""
    lines, embedded = take_embedded(text.split("\n"), partial(limits.check_time, name))
    document = read_markdown("\n".join(lines), name=name, slug=slug, profile=profile, limits=limits)
    return apply_embedded(document, embedded)


def write_markdown(document: Document) -> bytes:
    """Return a document as Markdown that `read_canonical` reads back as it is."""
    entries = [_Entry(item, whole=_has_controls(item)) for item in document.items]
    for tell in (_tell_differences, _tell_wholly):
        read = _read_back(document, entries)
        if len(read) != len(entries):
            # Somewhere an answer has the shape of a question, or two questions are the same.
            entries = [_stand_alone(document, entry) for entry in entries]
            read = _read_back(document, entries)
        if len(read) != len(entries):
            break
        entries = [tell(entry, back, document) for entry, back in zip(entries, read, strict=True)]
    text = _write(document, entries)
    if not _is_right(document, _read_back(document, entries)):
        text = _write(document, [replace(entry, whole=True) for entry in entries])
    return text.encode()


@dataclass(frozen=True, slots=True)
class _Entry:
    """A question to be written: what its comment has to say, or that it has to say all."""

    item: Item
    members: tuple[str, ...] = ()
    whole: bool = False


def _has_controls(item: Item) -> bool:
    """Say whether an item has what would make its document look like binary data."""
    texts = (item.title, item.prompt, item.answer, item.explanation)
    return any(without_controls(text) != text for text in texts)


def _read_back(document: Document, entries: Sequence[_Entry]) -> Sequence[Item]:
    text = unify_line_ends(_write(document, entries))
    return read_canonical(text, name=document.slug, slug=document.slug, limits=_NO_LIMITS).items


def _tell_differences(entry: _Entry, read: Item, document: Document) -> _Entry:
    """Return the entry with a comment on what was not read as it was meant."""
    return replace(entry, members=_differences(entry.item, read, document))


def _tell_wholly(entry: _Entry, read: Item, document: Document) -> _Entry:
    """Return the entry with all in its comment if a comment on parts of it was not enough."""
    return replace(entry, whole=entry.whole or bool(_differences(entry.item, read, document)))


def _is_right(document: Document, read: Sequence[Item]) -> bool:
    return len(read) == len(document.items) and not any(
        _differences(item, back, document) for item, back in zip(document.items, read, strict=True)
    )


def _stand_alone(document: Document, entry: _Entry) -> _Entry:
    """Return the entry, with all in its comment where its text is not read as one question."""
    return replace(entry, whole=len(_read_back(document, [entry])) != 1)


def _differences(item: Item, read: Item, document: Document) -> tuple[str, ...]:
    """Return the members of a question that its text was not read as."""
    meant, found = to_record(item), to_record(read)
    return tuple(
        name
        for name in type(meant).model_fields
        if getattr(meant, name) != getattr(found, name)
        and not (name == "language" and item.language == document.language)
    )


def _write(document: Document, entries: Sequence[_Entry]) -> str:
    heading = embed_heading(document)
    front = [_front_matter(document), *([heading] if heading else [])]
    blocks = [*front, f"# {without_controls(document.title)}"]
    topics: tuple[str, ...] = ()
    for entry in entries:
        blocks += _topic_headings(topics, entry.item.topics)
        topics = entry.item.topics
        blocks.append(_whole(entry.item) if entry.whole else _question(entry, document))
    return "\n\n".join(blocks) + "\n"


def _front_matter(document: Document) -> str:
    values: dict[str, object] = {
        name: value for name in _FRONT_MATTER if (value := getattr(document, name))
    }
    return f"---\n{yaml.safe_dump(values, allow_unicode=True, sort_keys=False)}---"


def _topic_headings(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the headings that lead from one place in the tree to another."""
    common = 0
    while common < min(len(old), len(new)) and old[common] == new[common]:
        common += 1
    return [_heading(depth, new[depth]) for depth in range(common, len(new))]


def _heading(depth: int, text: str) -> str:
    return f"{'#' * min(depth + 2, _DEEPEST)} {without_controls(text)}"


def _whole(item: Item) -> str:
    """Return a question that only its comment says; empty points too, or they would be read."""
    said = [name for name, value in to_record(item) if value not in {None, ""}]
    return embed(item, said, whole=True)


def _question(entry: _Entry, document: Document) -> str:
    item = entry.item
    english = (item.language or document.language or "zh").startswith("en")
    labels = _LABELS["en" if english else "zh"]
    levels = _LEVELS["en" if english else "zh"]
    title = f"{item.number}. {item.title}" if item.number else item.title
    comment = embed(item, entry.members)
    heading = _heading(len(item.topics), title)
    parts = [f"{heading}\n{comment}" if comment else heading]
    if item.prompt != item.title:
        parts.append(_labelled(labels["prompt"], item.prompt))
    if item.difficulty:
        parts.append(_labelled(labels["difficulty"], levels[item.difficulty - 1]))
    if item.tags:
        parts.append(_labelled(labels["tags"], ", ".join(item.tags)))
    if item.ordered is not None:
        parts.append(_labelled(labels["order"], _ORDER["en" if english else "zh"][item.ordered]))
    if item.choices:
        parts.append("\n".join(f"- [{'x' if c.correct else ' '}] {c.text}" for c in item.choices))
    if item.answer:
        parts.append(_labelled(labels["answer"], item.answer))
    if item.explanation:
        parts.append(_labelled(labels["explanation"], item.explanation))
    return "\n\n".join(parts)


def _labelled(label: str, text: str) -> str:
    """Put a label in front of a paragraph, or above what is more than one."""
    colon = "：" if is_cjk(label[0]) else ":"
    separator = "\n\n" if "\n" in text or text[:1] in _MARKERS or text[:1].isdigit() else " "
    return f"**{label}{colon}**{separator}{text}"
