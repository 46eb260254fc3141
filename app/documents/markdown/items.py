"""Drafts to items: prompts, points, choices, warnings and the lines they came from."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.documents.document import (
    Choice,
    DocumentWarning,
    Item,
    Point,
    QuestionKind,
    WarningKind,
)
from app.documents.markdown.blocks import Block, BlockKind, parse_blocks
from app.documents.markdown.choices import (
    Option,
    find_options,
    read_letters,
    split_letters,
    split_verdict,
    to_choices,
)
from app.documents.markdown.drafts import Draft, Fragment, Part, Rule, render
from app.documents.markdown.metadata import read_difficulty, split_difficulty
from app.documents.markdown.numbering import plain_text
from app.documents.markdown.points import Passage, points_of
from app.documents.markdown.profiles import Profile
from app.documents.markdown.source import Source

_PLACEHOLDER = re.compile(
    r"[\s*_（(\[<]*(?:answer\s+here|your\s+answer(?:\s+here)?|todo|tbd|to be (?:added|written)|n/a"
    r"|待补充|待完善|待更新"
    r"|暂无(?:答案)?|略|无|同上|…+|\.{3,12}|-+)[\s*_）)\]>.。]*",
    re.IGNORECASE,
)
# Where the title is the question, a missing answer makes what stands below it the answer.
_ANSWERED_BELOW = frozenset({Rule.BOLD_QUESTION, Rule.ASKING_HEADING, Rule.LIST_QUESTION})
_ONLY_LETTERS = re.compile(
    r"[\s*_`（(]*[A-Ha-h](?:\s{0,4}[、,，/&和及与]?\s{0,4}[A-Ha-h])*[\s*_`）).。]*"
)
_LONG_POINT = 600
_MANY_POINTS = 20
_ONLY_LINK = re.compile(r"\s*(?:\[[^\]]*\]\([^)]*\)|<?https?://\S+>?)\s*")
_NEEDS_BLOCKS = re.compile(r"\s*(?:[-*+]\s|\d{1,9}[.)]\s|```|~~~|>|\||#{1,6}\s)")
_MULTIPLE = re.compile(
    r"多选|多選|不定项|select all|multiple (?:answers|choice)|choose (?:two|three)", re.IGNORECASE
)


class Sheet(NamedTuple):
    """One question's parts: its texts as Markdown, and what was read from them."""

    title: str
    prompt: str
    answer: str
    explanation: str
    points: tuple[Point, ...] = ()
    choices: tuple[Choice, ...] = ()


def to_item(draft: Draft, source: Source, profile: Profile) -> Item:
    """Return the item of a finished draft, with its own warnings, truncation aside."""
    title, difficulty = split_difficulty(draft.heading.title, profile.difficulty)
    if difficulty is None:
        difficulty = profile.difficulty.get(draft.heading.emblem)
    sheet = _sheet(draft, title, source)
    line = source.numbers[draft.first]
    return Item(
        title=sheet.title or plain_text(sheet.prompt.partition("\n")[0]),
        prompt=sheet.prompt or sheet.title,
        answer=sheet.answer,
        explanation=sheet.explanation,
        points=sheet.points,
        choices=sheet.choices,
        kind=_kind(draft, title, sheet.choices),
        topics=draft.topics,
        tags=draft.tags,
        ordered=draft.ordered,
        difficulty=draft.difficulty or difficulty or read_difficulty(draft.heading.note),
        number=draft.heading.number,
        line=line,
        lines=tuple(draft.ranges),
        warnings=tuple(_warnings(sheet, line)),
    )


def _kind(draft: Draft, title: str, choices: Sequence[Choice]) -> QuestionKind:
    if not choices:
        return QuestionKind.FREE_TEXT
    many = draft.many or bool(_MULTIPLE.search(title))
    several = sum(choice.correct for choice in choices) > 1
    return QuestionKind.MULTIPLE_CHOICE if many or several else QuestionKind.SINGLE_CHOICE


def _sheet(draft: Draft, title: str, source: Source) -> Sheet:
    prompt, body = draft.parts[Part.PROMPT], draft.parts[Part.BODY]
    if prompt:
        # What stands above a labelled question introduces it; the prompt is the labelled text.
        body = [fragment for fragment in body if fragment.first >= prompt[0].first]
    asked = [*prompt, *body]
    offered = _split_options(draft.parts[Part.OPTIONS] or asked, source)
    if offered:
        shown = asked if draft.parts[Part.OPTIONS] else offered.stem
        return _choice_sheet(draft, title, source, shown, offered)
    title, verdict = split_verdict(title)
    answer = draft.parts[Part.ANSWER]
    if verdict and not answer:
        return _verdict_sheet(draft, title, verdict, source)
    if not _is_answered(draft, body, source):
        asked, answer = _split_task(title, body)
        asked = [*prompt, *asked]
    if _PLACEHOLDER.fullmatch(render(answer, source.texts)):
        answer = []
    return Sheet(
        title,
        _prompt(draft, title, asked, source),
        render(answer, source.texts),
        render(draft.parts[Part.EXPLANATION], source.texts),
        points_of(_passages(answer, source)),
    )


def _is_answered(draft: Draft, body: Sequence[Fragment], source: Source) -> bool:
    """Say whether a label gives the answer; if not, what stands below the title is it."""
    answer = draft.parts[Part.ANSWER]
    if answer and not _PLACEHOLDER.fullmatch(render(answer, source.texts)):
        return True
    return (draft.answered or bool(answer)) and not (body and draft.rule in _ANSWERED_BELOW)


def _choice_sheet(
    draft: Draft, title: str, source: Source, shown: Sequence[Fragment], offered: "_Offered"
) -> Sheet:
    """Return the sheet of a multiple choice; what follows the letters is the explanation."""
    answer, explanation = draft.parts[Part.ANSWER], draft.parts[Part.EXPLANATION]
    if answer and _ONLY_LETTERS.fullmatch(answer[0].text):
        answer, explanation = answer[:1], [*answer[1:], *explanation]
    title, letters = split_letters(title)
    text = render(answer, source.texts) or letters
    return Sheet(
        title,
        _prompt(draft, title, shown, source),
        text,
        render([*offered.rest, *explanation], source.texts),
        choices=to_choices(offered.options, read_letters(text), source.numbers),
    )


def _verdict_sheet(draft: Draft, title: str, verdict: str, source: Source) -> Sheet:
    """Return the sheet of a statement whose verdict stands behind it; what follows explains it."""
    below = [*draft.parts[Part.BODY], *draft.parts[Part.EXPLANATION]]
    text = render(below, source.texts)
    prompt = split_verdict(render(draft.parts[Part.PROMPT], source.texts))[0]
    return Sheet(title, prompt or title, verdict, text)


def _prompt(draft: Draft, title: str, fragments: Sequence[Fragment], source: Source) -> str:
    """Return what is asked: the labelled text, or the title with what stands under it."""
    text = render(fragments, source.texts)
    if draft.parts[Part.PROMPT] or not title:
        return text
    return f"{title}\n\n{text}" if text else title


def _split_task(title: str, body: Sequence[Fragment]) -> tuple[list[Fragment], list[Fragment]]:
    """Split a body that no label divides: a title that ends in a colon takes the list below it."""
    opens_list = title.endswith(("：", ":")) and len(body) > 1
    if opens_list and body[0].blocks and body[0].blocks[0].kind is BlockKind.LIST:
        return list(body[:1]), list(body[1:])
    return [], list(body)


class _Offered(NamedTuple):
    """Options as found among fragments: what stands in front of them, they, what follows."""

    stem: list[Fragment]
    options: list[Option]
    rest: list[Fragment]


def _split_options(fragments: Sequence[Fragment], source: Source) -> _Offered | None:
    blocks = tuple(block for fragment in fragments for block in fragment.blocks)
    start, end, options = find_options(Passage(blocks, source.texts, source.numbers))
    if not options:
        return None
    first, last = blocks[start].first, blocks[end - 1].end
    stem = [fragment for fragment in fragments if fragment.end <= first]
    rest = [fragment for fragment in fragments if fragment.first >= last]
    return _Offered(stem, options, rest)


def _passages(fragments: Sequence[Fragment], source: Source) -> list[Passage]:
    """Return the blocks to read points from; a label's text that begins a list is parsed anew."""
    result: list[Passage] = []
    run: list[Block] = []
    for fragment in fragments:
        if fragment.extra:
            continue
        for block in fragment.blocks:
            if block.kind is BlockKind.PARAGRAPH and _NEEDS_BLOCKS.match(block.text):
                result.extend(_flush(run, source))
                result.append(_parsed(block, source))
            else:
                run.append(block)
    result.extend(_flush(run, source))
    return result


def _flush(run: list[Block], source: Source) -> list[Passage]:
    blocks = tuple(run)
    run.clear()
    return [Passage(blocks, source.texts, source.numbers)] if blocks else []


def _parsed(block: Block, source: Source) -> Passage:
    texts = block.text.split("\n")
    numbers = source.numbers[block.first : block.first + len(texts)]
    padded = (
        [*numbers, *[numbers[-1]] * (len(texts) - len(numbers))] if numbers else [1] * len(texts)
    )
    return Passage(parse_blocks(texts), texts, padded)


def _warnings(sheet: Sheet, line: int) -> list[DocumentWarning]:
    found = []
    known = any(choice.correct for choice in sheet.choices)
    if not (known or (sheet.answer and not sheet.choices)):
        found.append(DocumentWarning(WarningKind.NO_ANSWER, line))
    if reason := _doubt(sheet.points):
        where = sheet.points[0].line or line
        found.append(DocumentWarning(WarningKind.SUSPICIOUS_POINTS, where, {"reason": reason}))
    return found


def _doubt(points: Sequence[Point]) -> str | None:
    if len(points) > _MANY_POINTS:
        return "suspicious.many"
    if any(len(point.text) > _LONG_POINT for point in points):
        return "suspicious.long"
    if len(points) > 1 and all(_ONLY_LINK.fullmatch(point.text) for point in points):
        return "suspicious.links"
    return None
