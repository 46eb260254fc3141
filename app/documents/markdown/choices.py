"""Options of multiple choice: recognised among blocks, with the letters of the answer."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.documents.document import Choice
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.points import Passage

_OPTION = re.compile(
    r"(?:\*\*|__)?[（(]?(?P<letter>[A-Ha-h])(?:\*\*|__)?\s*(?:[.、．:：)）](?:\*\*|__)?)\s*(?P<text>[\s\S]*)$"
)
_LETTERS_OF_OPTIONS = frozenset("ABCDEFGHabcdefgh")
_BARE_LETTER = re.compile(r"(?P<letter>[A-H])\s*$")
_TASK = re.compile(r"\[(?P<mark>[ xX✓✔])\]\s*(?P<text>[\s\S]*)$")
_INLINE = re.compile(r"(?<![ \t\u3000])[ \t\u3000]+(?=[（(]?[B-H][.、．:：)）])")
_LETTERS = re.compile(
    r"(?:\*\*|__|`|\(|（)?(?:选项?|選|应选|Option)?\s*(?P<letters>[A-H](?:\s{0,4}(?:[、,，/&和及与]|and)?\s{0,4}[A-H])*)"
    r"(?:\*\*|__|`|\)|）)?(?=$|[\s.。，,:：；;、）)（(—-])",
)
_LOWER_LETTER = re.compile(r"[*_`（(]*[a-h](?:[*_`）).、]|\s*[,，、]\s*[a-h]\b|$)")
_MIN_OPTIONS = 2
_MOST_BLOCKS = 60  # an option and its code are two


class Option(NamedTuple):
    """One option as found; `correct` is None where only a letter elsewhere can tell."""

    letter: str | None
    text: str
    correct: bool | None
    first: int


def read_letters(answer: str) -> frozenset[str]:
    """Return the letters that an answer names first (`AC`, `A、C`, `B。因为…`), upper case."""
    text = answer.strip()
    match = _LETTERS.match(text.upper() if _LOWER_LETTER.match(text) else text)
    return frozenset(re.findall("[A-H]", match["letters"])) if match else frozenset()


_IN_TITLE = re.compile(r"(?<!\s)\s*[（(]\s*(?P<letters>[A-H](?:[、,，]?[A-H])*)\s*[)）]\s*$")


def split_letters(title: str) -> tuple[str, str]:
    """Take the letters of the right options off a title: `下列哪个是栈？（B）`."""
    match = _IN_TITLE.search(title)
    return (title[: match.start()], match["letters"]) if match else (title, "")


# The verdict at the end of a statement to be judged: `软件不会磨损。（√）`.
_VERDICT = re.compile(
    r"(?<!\s)\s*(?:[（(]\s*(?P<verdict>[√×✓✔✗✘✕]|对|错|正确|错误)\s*[)）]"
    r"|(?<=[。.？?！!\s])[（(]\s*(?P<letter>[TF]|True|False)\s*[)）])[。.]?\s*$"
)


def split_verdict(title: str) -> tuple[str, str]:
    """Take the verdict off a statement: (`软件不会磨损。`, `√`), or (title, "") without one."""
    match = _VERDICT.search(title)
    if not match:
        return title, ""
    return title[: match.start()], match["verdict"] or match["letter"]


def find_options(passage: Passage) -> tuple[int, int, list[Option]]:
    """Return the half-open range of blocks that are options, and the options; (0, 0, []) if none.

    Options are list items or lines `A. …`, or task items `- [x] …`; code right below an option
    that is only a letter is its text.
    """
    blocks = passage.blocks
    for start in range(len(blocks)):
        if _options_of(blocks[start], passage):
            end, options = _run(start, passage)
            if _is_sequence(options):
                return start, end, [_with_letter(option) for option in options]
    return 0, 0, []


def option_lines(text: str) -> bool:
    """Say whether the lines of a paragraph are options from A on, so that `A:` is no label."""
    options = _paragraph_options(text, 0)
    return len(options) >= _MIN_OPTIONS and _is_sequence(options)


def is_first_option(text: str) -> bool:
    """Say whether a text begins as the first option does: `A. …`, `(a) …`, `**A.** …`."""
    return text.lstrip(" \t*_（(")[:1] in {"A", "a"} and bool(_OPTION.match(text.lstrip()))


def option_list(block: Block) -> bool:
    """Say whether a list is a list of options."""
    options: list[Option] = []
    for item in block.children:
        option = _item_option(item, item.children[0].text, "") if item.children else None
        if option is None:
            return False
        options.append(option)
    return _is_sequence(options)


def to_choices(
    options: Sequence[Option], letters: frozenset[str], numbers: Sequence[int]
) -> tuple[Choice, ...]:
    """Return the choices; letters of the answer line decide unless the options are ticked."""
    ticked = any(option.correct for option in options)
    return tuple(
        Choice(
            option.text,
            correct=bool(option.correct)
            if ticked
            else (option.letter or chr(ord("A") + place)) in letters,
            line=numbers[option.first],
        )
        for place, option in enumerate(options)
    )


def _run(start: int, passage: Passage) -> tuple[int, list[Option]]:
    """Return the options from a block on and where they end; none that are not one set."""
    options: list[Option] = []
    position = start
    for block in passage.blocks[start : start + _MOST_BLOCKS]:
        found = _options_of(block, passage)
        if found:
            options.extend(found)
            if not _are_alike(options):
                return position, []
        elif options and _completes(block, options[-1]):
            last = options.pop()
            text = "\n".join(passage.texts[block.first : block.end]).strip("\n")
            options.append(Option(last.letter, text, last.correct, last.first))
        else:
            break
        position += 1
    return position, options


def _are_alike(options: Sequence[Option]) -> bool:
    """Say whether the letters run A, B, C …, or there are none."""
    if options[0].letter is None:
        return all(option.letter is None for option in options)
    return all(option.letter == chr(ord("A") + at) for at, option in enumerate(options))


def _with_letter(option: Option) -> Option:
    """Give an option that is only its letter that letter as text."""
    return option if option.text.strip() else option._replace(text=option.letter or "")


def _completes(block: Block, option: Option) -> bool:
    return block.kind is BlockKind.CODE and not option.text.strip()


def _options_of(block: Block, passage: Passage) -> list[Option]:
    if block.kind is BlockKind.PARAGRAPH:
        return _paragraph_options(block.text, block.first)
    if block.kind is not BlockKind.LIST:
        return []
    found = []
    for item in block.children:
        if not item.children:
            return []
        head = item.children[0]
        nested = "\n".join(
            line[item.indent :] if not line[: item.indent].strip() else line
            for line in passage.texts[head.end : item.end]
        ).strip("\n")
        option = _item_option(item, head.text, nested)
        if option is None:
            return []
        found.append(option)
    return found


def _item_option(item: Block, head: str, nested: str) -> Option | None:
    correct: bool | None = None
    if task := _TASK.match(head):
        correct, head = task["mark"] != " ", task["text"]
    match = _OPTION.match(head) or _BARE_LETTER.match(head)
    if match is None and correct is None:
        return None
    letter = match["letter"].upper() if match else None
    text = match.groupdict().get("text", "") if match else head
    body = "\n".join(part for part in (text.strip(), nested) if part.strip())
    return Option(letter, body, correct, item.first)


def _paragraph_options(text: str, first: int) -> list[Option]:
    if text.lstrip().lstrip("*_（(")[:1] not in _LETTERS_OF_OPTIONS:  # as of nearly every paragraph
        return []
    begun: list[tuple[str, int, list[str]]] = []
    for offset, line in enumerate(text.split("\n")):
        for part in _INLINE.split(line.strip()):
            match = _OPTION.match(part)
            letter = match["letter"].upper() if match else ""
            if match and (not begun or letter == chr(ord("A") + len(begun) % 26)):
                begun.append((letter, first + offset, [match["text"].strip()]))
            elif begun:
                begun[-1][2].append(part)
            else:
                return []
    return [Option(letter, "\n".join(parts), None, at) for letter, at, parts in begun]


def _is_sequence(options: Sequence[Option]) -> bool:
    """Say whether the letters run A, B, C …; ticked options need no letters."""
    if len(options) < _MIN_OPTIONS:
        return False
    if all(option.letter is None for option in options):
        return all(option.correct is not None for option in options)
    return _are_alike(options)
