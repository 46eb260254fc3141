"""Markdown to a document: source lines, blocks, pieces, drafts, items; each step in its module."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.documents.document import (
    Document,
    DocumentWarning,
    Item,
    PassedOver,
    WarningKind,
)
from app.documents.limits import DEFAULT_LIMITS, Limits, check
from app.documents.markdown.asking import is_marked
from app.documents.markdown.blocks import parse_blocks
from app.documents.markdown.drafts import Draft, Part, Rule
from app.documents.markdown.grammar import Grammar, Reading
from app.documents.markdown.items import to_item
from app.documents.markdown.lists import open_lists, unlabel_sections
from app.documents.markdown.merging import Candidate, merge
from app.documents.markdown.metadata import FrontMatter, read_difficulty, read_front_matter
from app.documents.markdown.pieces import Piece, flatten
from app.documents.markdown.profiles import DEFAULT, Profile, find_profile
from app.documents.markdown.source import Source, read_source
from app.documents.markdown.survey import section_roles
from app.documents.markdown.truncation import breaks_off
from app.text import detect_language

_LANGUAGE_SAMPLE = 20_000


def read_markdown(
    text: str,
    *,
    name: str,
    slug: str,
    profile: Profile | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Document:
    r"""Read a Markdown text (`\n` line ends) as a document of questions.

    Every line that is not blank ends up in the `lines` of an item or in `passed_over`. Text without
    questions gives a document without items and a `no_questions` warning.
    """
    lines = text.split("\n")
    front = read_front_matter(lines)
    profile = profile or find_profile(front.text("profile") or "") or DEFAULT
    source = read_source("\n".join(lines[front.line_count :]), front.line_count + 1)
    blocks = parse_blocks(source.texts, source.folded, limits.max_nesting)
    flat = unlabel_sections(list(flatten(blocks)))
    pieces = open_lists(flat, section_roles(flat, profile))
    reading = Grammar(pieces, source.texts, section_roles(pieces, profile), profile).read()
    check(name, "unreadable.too_many_questions", len(reading.drafts), limits.max_questions)
    passed = _assign_lines(pieces, reading, source, lines)
    language = front.text("language", "lang") or detect_language(text[:_LANGUAGE_SAMPLE])
    _answer_by_explanation(reading.drafts)
    items = [to_item(draft, source, profile) for draft in reading.drafts]
    merged = merge(
        [Candidate(item, draft.deferred) for item, draft in zip(items, reading.drafts, strict=True)]
    )
    passed.extend(
        PassedOver(first, last, reason)
        for item, reason in merged.passed
        for first, last in item.lines
    )
    if front.line_count:
        passed.append(PassedOver(1, front.line_count, "front_matter"))
    cut = breaks_off(blocks, source) or _ends_with_title(reading.drafts, merged.items)
    finished = _truncated(merged.items, source.last_number) if cut else merged.items
    finished, warnings = _share_warnings(finished, [*source.warnings, *merged.warnings])
    if not finished:
        warnings.append(DocumentWarning(WarningKind.NO_QUESTIONS))
    return Document(
        slug=front.text("slug") or slug,
        title=front.text("title") or reading.title or slug,
        items=tuple(_with_defaults(item, front) for item in finished),
        warnings=tuple(warnings),
        passed_over=tuple(sorted(passed, key=lambda one: (one.first, one.last))),
        language=language,
        url=front.text("url", "source_url"),
        licence=front.text("licence", "license"),
    )


def _with_defaults(item: Item, front: FrontMatter) -> Item:
    """Give an item what the front matter says for the whole document."""
    tags = front.texts("tags", "tag", "keywords")
    topics = front.texts("topics", "topic")
    difficulty = front.text("difficulty")
    return replace(
        item,
        tags=item.tags if item.tags is not None else tags,
        topics=(*(topics or ()), *item.topics),
        difficulty=item.difficulty or (read_difficulty(difficulty) if difficulty else None),
    )


def _answer_by_explanation(drafts: Sequence[Draft]) -> None:
    """Take 解析 for the answer in a document that has no other label for answers."""
    if any(draft.answered or draft.approach for draft in drafts):
        return
    for draft in drafts:
        parts = draft.parts
        named = draft.rule is Rule.NAMED_HEADING and not is_marked(draft.heading.title)
        if parts[Part.EXPLANATION] and (draft.prompted or named or not parts[Part.BODY]):
            parts[Part.ANSWER], parts[Part.EXPLANATION] = parts[Part.EXPLANATION], []
            draft.answered = True


@dataclass(frozen=True, slots=True)
class _Region:
    owner: int | str
    first: int
    last: int


def _assign_lines(
    pieces: Sequence[Piece], reading: Reading, source: Source, lines: Sequence[str]
) -> list[PassedOver]:
    """Give every draft its line ranges; return the lines that belong to none, with the reason."""
    passed = []
    for region in _regions(pieces, reading, source, lines):
        if isinstance(region.owner, int):
            reading.drafts[region.owner].ranges.append((region.first, region.last))
        else:
            passed.append(PassedOver(region.first, region.last, region.owner))
    return passed


def _regions(
    pieces: Sequence[Piece], reading: Reading, source: Source, lines: Sequence[str]
) -> Iterator[_Region]:
    """Yield the runs of lines with one owner, from the first line of the text to its last."""
    if not pieces:
        yield from _trimmed("leaked_token", source.numbers[0], source.numbers[-1], lines)
        return
    start = 0
    for position, owner in enumerate(reading.owners):
        is_last = position + 1 == len(pieces)
        if not is_last and reading.owners[position + 1] == owner:
            continue
        end = len(source.numbers) if is_last else _begin(pieces[position + 1], source)
        if end > start:
            yield from _trimmed(owner, source.numbers[start], source.numbers[end - 1], lines)
        start = max(start, end)


def _begin(piece: Piece, source: Source) -> int:
    """Return the index where a piece's own line begins, blank parts of that line included."""
    index = piece.first
    if index >= len(source.numbers):
        return index
    number = source.numbers[index]
    while index and source.numbers[index - 1] == number and not source.texts[index - 1].strip():
        index -= 1
    return index


def _trimmed(owner: int | str, first: int, last: int, lines: Sequence[str]) -> Iterator[_Region]:
    while last >= first and not lines[last - 1].strip():
        last -= 1
    while first <= last and not lines[first - 1].strip():
        first += 1
    if first <= last:
        yield _Region(owner, first, last)


def _ends_with_title(drafts: Sequence[Draft], items: Sequence[Item]) -> bool:
    """Say whether the last question is a mere title while all others have answers."""
    if not drafts or not drafts[-1].untouched or drafts[-1].rule not in _TITLED_RULES:
        return False
    others = [item for item in items if item.line != items[-1].line]
    return len(others) > 1 and all(item.answer or item.choices for item in others)


_TITLED_RULES = frozenset(
    {Rule.LABELLED_HEADING, Rule.NAMED_HEADING, Rule.ASKING_HEADING, Rule.CUT_HEADING}
    | {Rule.BOLD_QUESTION}
)


def _truncated(items: Sequence[Item], last_line: int) -> list[Item]:
    """Warn of the item that the document breaks off in, if its last line is in one."""
    return [
        replace(item, warnings=(*item.warnings, DocumentWarning(WarningKind.TRUNCATED, last_line)))
        if any(first <= last_line <= last for first, last in item.lines)
        else item
        for item in items
    ]


def _share_warnings(
    items: Sequence[Item], warnings: Sequence[DocumentWarning]
) -> tuple[list[Item], list[DocumentWarning]]:
    """Give each warning to the item whose lines hold its line; return those left over too."""
    owner_of = (
        {
            line: place
            for place, item in enumerate(items)
            for first, last in item.lines
            for line in range(first, last + 1)
        }
        if warnings
        else {}
    )
    shared: dict[int, list[DocumentWarning]] = {}
    left = []
    for warning in warnings:
        place = owner_of.get(warning.line or 0)
        if place is None or warning.kind is WarningKind.DUPLICATE:
            left.append(warning)
        else:
            shared.setdefault(place, []).append(warning)
    return [
        replace(item, warnings=(*item.warnings, *shared[place])) if place in shared else item
        for place, item in enumerate(items)
    ], left
