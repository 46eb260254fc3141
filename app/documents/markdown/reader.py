"""Markdown to a document: source lines, blocks, pieces, drafts, items; each step in its module."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from app.documents.collecting import without_collections
from app.documents.document import Document, DocumentWarning, Item, PassedOver, WarningKind
from app.documents.limits import DEFAULT_LIMITS, Limits, check
from app.documents.markdown.asking import is_marked
from app.documents.markdown.blocks import Block, parse_blocks
from app.documents.markdown.drafts import Draft, Part, Rule
from app.documents.markdown.flattening import complete_cut_label, flatten
from app.documents.markdown.grammar import read_pieces
from app.documents.markdown.items import to_item
from app.documents.markdown.label_headings import unlabel_sections
from app.documents.markdown.line_ranges import assign_lines
from app.documents.markdown.lists import open_lists
from app.documents.markdown.merging import Candidate, Merged, merge
from app.documents.markdown.metadata import FrontMatter, read_difficulty, read_front_matter
from app.documents.markdown.pieces import Piece
from app.documents.markdown.profiles import DEFAULT, Profile, find_profile
from app.documents.markdown.roles import section_roles
from app.documents.markdown.source import Source, read_source
from app.documents.markdown.truncation import breaks_off
from app.text import detect_language

_LANGUAGE_SAMPLE = 20_000  # characters
_TITLED_RULES = frozenset(
    {
        Rule.LABELLED_HEADING,
        Rule.NAMED_HEADING,
        Rule.ASKING_HEADING,
        Rule.CUT_HEADING,
        Rule.BOLD_QUESTION,
    }
)


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
    with without_collections():
        lines = text.split("\n")
        front = read_front_matter(lines)
        profile = profile or find_profile(front.text("profile") or "") or DEFAULT
        source = read_source("\n".join(lines[front.line_count :]), front.line_count + 1)
        check_time = partial(limits.check_time, name)
        blocks = parse_blocks(source.texts, source.folded, limits.max_nesting, check_time)
        pieces = _pieces(blocks, profile)
        reading = read_pieces(pieces, source.texts, section_roles(pieces, profile), profile)
        check(name, "unreadable.too_many_questions", len(reading.drafts), limits.max_questions)
        passed = assign_lines(pieces, reading, source, lines)
        merged = _merged(reading.drafts, source, profile, check_time)
        items, warnings = _warned(merged, reading.drafts, blocks, source)
        return Document(
            slug=front.text("slug") or slug,
            title=front.text("title") or reading.title or slug,
            items=tuple(_with_defaults(items, front)),
            warnings=tuple(warnings),
            passed_over=_passed_over(passed, merged, front),
            language=front.text("language", "lang") or detect_language(text[:_LANGUAGE_SAMPLE]),
            url=front.text("url", "source_url"),
            licence=front.text("licence", "license"),
        )


def _pieces(blocks: Sequence[Block], profile: Profile) -> list[Piece]:
    flat = unlabel_sections(complete_cut_label(list(flatten(blocks))))
    return open_lists(flat, section_roles(flat, profile))


def _merged(
    drafts: Sequence[Draft], source: Source, profile: Profile, check_time: Callable[[], None]
) -> Merged:
    _answer_by_explanation(drafts)
    candidates = []
    for draft in drafts:
        check_time()
        candidates.append(Candidate(to_item(draft, source, profile), draft.deferred))
    return merge(candidates)


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


def _with_defaults(items: Sequence[Item], front: FrontMatter) -> Iterator[Item]:
    """Yield the items with what the front matter says for the whole document."""
    tags = front.texts("tags", "tag", "keywords")
    topics = front.texts("topics", "topic") or ()
    named = front.text("difficulty")
    difficulty = read_difficulty(named) if named else None
    if tags is None and not topics and difficulty is None:
        yield from items
        return
    for item in items:
        yield replace(
            item,
            tags=item.tags if item.tags is not None else tags,
            topics=(*topics, *item.topics),
            difficulty=item.difficulty or difficulty,
        )


def _passed_over(
    passed: Sequence[PassedOver], merged: Merged, front: FrontMatter
) -> tuple[PassedOver, ...]:
    """Return all that is passed over, in the order of the lines."""
    repeated = [
        PassedOver(first, last, reason)
        for item, reason in merged.passed
        for first, last in item.lines
    ]
    matter = [PassedOver(1, front.line_count, "front_matter")] if front.line_count else []
    return tuple(sorted([*passed, *repeated, *matter], key=lambda one: (one.first, one.last)))


# ---- warnings ----


def _warned(
    merged: Merged, drafts: Sequence[Draft], blocks: Sequence[Block], source: Source
) -> tuple[list[Item], list[DocumentWarning]]:
    """Return the items with the warnings of their lines, and those of the document."""
    warnings = [*source.warnings, *merged.warnings]
    last_line = source.last_number
    begun = _ends_with_title(drafts, merged.items, source)
    if begun or (breaks_off(blocks, source) and _hold(merged.items, last_line)):
        warnings.insert(0, DocumentWarning(WarningKind.TRUNCATED, last_line))
    items, others = _share_warnings(merged.items, warnings) if warnings else (merged.items, [])
    if not items:
        others.append(DocumentWarning(WarningKind.NO_QUESTIONS))
    return list(items), others


def _ends_with_title(drafts: Sequence[Draft], items: Sequence[Item], source: Source) -> bool:
    """Say whether the last question is a mere title while all others have answers."""
    if not drafts or not drafts[-1].untouched or drafts[-1].rule not in _TITLED_RULES:
        return False
    line = source.numbers[drafts[-1].first]
    others = [item for item in items if item.line != line]
    return len(others) > 1 and all(item.answer or item.choices for item in others)


def _hold(items: Sequence[Item], line: int) -> bool:
    return any(first <= line <= last for item in items for first, last in item.lines)


def _share_warnings(
    items: Sequence[Item], warnings: Sequence[DocumentWarning]
) -> tuple[list[Item], list[DocumentWarning]]:
    """Give each warning to the item whose lines hold its line; return those left over too."""
    owner_of = {
        line: place
        for place, item in enumerate(items)
        for first, last in item.lines
        for line in range(first, last + 1)
    }
    shared: dict[int, list[DocumentWarning]] = {}
    left = []
    for warning in warnings:
        place = owner_of.get(warning.line or 0)
        if place is None or warning.kind is WarningKind.DUPLICATE:
            left.append(warning)
        else:
            shared.setdefault(place, []).append(warning)
    return [
        replace(item, warnings=(*item.warnings, *shared.get(place, ())))
        for place, item in enumerate(items)
    ], left
