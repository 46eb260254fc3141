"""Pieces to drafts: one pass opens, fills and closes questions and accounts for each piece."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.blocks import Block, BlockKind
from app.documents.markdown.drafts import Draft, Fragment, Part, Rule
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.lists import is_label_heading
from app.documents.markdown.metadata import read_difficulty, read_tags
from app.documents.markdown.numbering import Heading, plain_text, read_heading
from app.documents.markdown.pieces import Piece, PieceKind
from app.documents.markdown.profiles import Profile
from app.documents.markdown.sections import CLOSING, SILENT, Role, role_of
from app.documents.markdown.survey import ANSWERS, Survey, is_section

_NO_LEVEL = 0
_CLOSING_PROSE = re.compile(
    r"(?:以上|通过以上|通过本文|希望|本文|综上|总之|总的来说|感谢|如果您|如果你|最后，"
    r"|In summary|In conclusion|I hope|Hope this)"
    r".*(?:面试|题|读者|博客|本文|文章|帮助|阅读|留言|评论|有用|questions|helpful|reading)",
    re.DOTALL,
)
_NAVIGATION = re.compile(
    r"\s*(?:<[^>]{1,60}>|[*_\[⬆↥↑\s]|&\w+;)*"
    r"(?:back to (?:the )?(?:top|contents)|返回(?:顶部|目录)|回到(?:顶部|目录))[\s\S]{0,120}",
    re.IGNORECASE,
)
_SEVERAL = 2
_META_REST = re.compile(r"[ \t]*[|｜][ \t]*|[ \t]{2,}(?=标签|標籤|Tags|难度|難度|Difficulty)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the grammar found: the drafts, and for each piece a draft's index or a reason."""

    drafts: tuple[Draft, ...]
    owners: tuple[int | str, ...]
    title: str | None


class Grammar:
    """Reads pieces into drafts; each kind of piece has one method."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        texts: Sequence[str],
        roles: Sequence[Role],
        profile: Profile,
    ) -> None:
        self._pieces = pieces
        self._texts = texts
        self._roles = roles
        self._profile = profile
        self._survey = Survey(pieces, roles, profile)
        self._drafts: list[Draft] = []
        self._current: Draft | None = None
        self._sections: list[tuple[int, Piece, Role]] = []
        self._owners: list[int | str] = []
        self._closing: str | None = None
        self._title: str | None = None

    def read(self) -> Reading:
        """Read all pieces, once, in order."""
        for index, piece in enumerate(self._pieces):
            owner = self._read_piece(index, piece)
            self._owners.append(owner)
        return Reading(tuple(self._drafts), tuple(self._owners), self._title)

    def _read_piece(self, index: int, piece: Piece) -> int | str:  # noqa: PLR0911 (a dispatch)
        if piece.kind is PieceKind.HEADING:
            return self._heading(index, piece)
        if piece.kind is PieceKind.LABEL and piece.label:
            return self._label(index, piece, piece.label)
        if piece.kind is PieceKind.BOLD:
            return self._bold(index, piece)
        if piece.kind is PieceKind.ITEM:
            return self._item(index, piece)
        if piece.kind is PieceKind.SUMMARY:
            return self._summary(index, piece)
        if piece.kind is PieceKind.LIST_END:
            self._current = None
            return self._reason(index)
        if piece.kind is PieceKind.RULE:
            return self._owner_or_reason(index)
        return self._content(index, piece)

    # ---- headings ----

    def _heading(self, index: int, piece: Piece) -> int | str:
        if is_label_heading(piece) and piece.label:
            return self._label_heading(index, piece, piece.label)
        if not piece.raw.strip():
            return self._owner_or_reason(index)
        rule = self._survey.rule(index) or self._cut_rule(index, piece)
        if rule is None and self._answers_by_number(index, piece):
            rule = Rule.DEFERRED_ANSWER
        if rule and piece.heading:
            self._enter(piece, None)
            return self._open(index, piece, piece.heading, rule, piece.level)
        if self._is_inner_heading(index, piece):
            return self._content(index, piece)
        return self._section(index, piece)

    def _answers_by_number(self, index: int, piece: Piece) -> bool:
        return bool(
            self._roles[index] is Role.ANSWERS
            and piece.heading
            and piece.heading.number
            and role_of(piece.heading) is Role.PLAIN
        )

    def _cut_rule(self, index: int, piece: Piece) -> Rule | None:
        """Accept a last heading that only continues the numbers: the document breaks off there."""
        last = self._drafts[-1] if self._drafts else None
        follows = (
            index == len(self._pieces) - 1
            and last is not None
            and piece.heading is not None
            and piece.level == last.level
            and _is_next(last.heading.number, piece.heading.number)
        )
        return Rule.CUT_HEADING if follows else None

    def _is_inner_heading(self, index: int, piece: Piece) -> bool:
        """Say whether a heading is a part of the open question's answer."""
        current = self._current
        if current is None or piece.level <= current.level or current.level == _NO_LEVEL:
            return False
        role = role_of(piece.heading) if piece.heading else Role.PLAIN
        if role in CLOSING:
            return index < self._survey.last_structural
        if role in {Role.QUESTIONS, Role.ANSWERS} or current.rule in _LINE_RULES:
            return not self._survey.has_starters(index)
        return True

    def _section(self, index: int, piece: Piece) -> str:
        self._current = None
        self._closing = None
        role = self._roles[index]
        self._enter(piece, role)
        if self._title is None and index == self._survey.title:
            self._title = plain_text(piece.raw)
            return "title"
        own = role_of(piece.heading) if piece.heading else Role.PLAIN
        if own in {Role.QUESTIONS, Role.ANSWERS}:
            return "container"
        return _REASONS.get(role, "heading") if role in SILENT else "heading"

    def _enter(self, piece: Piece, role: Role | None) -> None:
        """Leave the sections that a heading ends; enter its own if it is one."""
        while self._sections and self._sections[-1][0] >= piece.level:
            self._sections.pop()
        if role is not None:
            self._sections.append((piece.level, piece, role))

    def _label_heading(self, index: int, piece: Piece, label: Label) -> int | str:
        current = self._current
        inside = current is not None and piece.level > current.level
        inside = inside and not self._survey.heads_numbered_answers(index)
        if not inside and self._survey.has_starters(index):
            return self._section(index, piece)
        if current is None and self._drafts and label.kind is not LabelKind.QUESTION:
            self._current = self._drafts[-1]
        if self._current is None:
            return self._section(index, piece)
        content = None
        if label.rest:
            content = Block(BlockKind.PARAGRAPH, piece.first, piece.end, label.rest)
        line = self._texts[piece.first].strip()
        as_label = replace(piece, kind=PieceKind.LABEL, raw=line, block=content)
        return self._label(index, as_label, label)

    # ---- questions ----

    def _open(self, index: int, piece: Piece, heading: Heading, rule: Rule, level: int) -> int:
        draft = Draft(heading, rule, piece.first, level, len(self._drafts), self._topics())
        draft.deferred = rule is Rule.DEFERRED_ANSWER or self._roles[index] is Role.ANSWERS
        self._drafts.append(draft)
        self._current = draft
        self._closing = None
        return draft.place

    def _topics(self) -> tuple[str, ...]:
        return tuple(
            piece.title
            for _, piece, _ in self._sections
            if piece is not self._title_piece() and not self._is_container(piece) and piece.title
        )

    def _title_piece(self) -> Piece | None:
        return None if self._survey.title is None else self._pieces[self._survey.title]

    def _is_container(self, piece: Piece) -> bool:
        role = role_of(piece.heading) if piece.heading else Role.PLAIN
        return role is not Role.PLAIN or self._profile.names_container(piece.title)

    def _enclosing_level(self) -> int:
        return self._sections[-1][0] if self._sections else _NO_LEVEL

    def _bold(self, index: int, piece: Piece) -> int | str:
        if piece.heading and self._is_bold_question(index, piece.heading):
            heading = piece.heading
            rule = Rule.BOLD_QUESTION if heading.title else Rule.DEFERRED_ANSWER
            owner = self._open(index, piece, heading, rule, self._enclosing_level())
            if piece.block and self._current:
                self._current.add(_fragment_of(piece.block))
            return owner
        if self._is_tail_heading(index, piece):
            self._current = None
            role = role_of(piece.heading) if piece.heading else Role.PLAIN
            self._closing = _REASONS.get(role, "summary")
            return self._closing
        current = self._current
        if current and piece.heading and piece.heading.number:
            current.inner_numbers.add(piece.heading.number)
        if current:
            current.in_extra = False
        return self._content(index, piece)

    def _is_tail_heading(self, index: int, piece: Piece) -> bool:
        role = role_of(piece.heading) if piece.heading else Role.PLAIN
        return role in CLOSING and (self._current is None or index > self._survey.last_structural)

    def _is_bold_question(self, index: int, heading: Heading) -> bool:  # noqa: PLR0911 (one rule a line, in order)
        role = self._roles[index]
        if role in _MUTE:
            return False
        current = self._current
        if heading.prefixed:
            return True
        marked = is_marked(heading.title)
        if not (heading.number or marked):
            return False
        if not heading.title:
            return role is Role.ANSWERS
        if self._asked_below(index):
            return True
        fresh = current is not None and not current.answered
        if self._survey.answered(index) and not (
            fresh and current is not None and current.rule is not Rule.BOLD_QUESTION
        ):
            return not self._is_inner_number(heading)
        housed = role in {Role.QUESTIONS, Role.ANSWERS}
        if current and current.answered and not self._continues_after_answer(heading, current):
            return False
        if heading.number and housed:
            return current is None or current.rule in _LINE_RULES
        return marked and (housed or role is Role.TITLED or self._survey.bold_questions_abound)

    def _asked_below(self, index: int) -> bool:
        """Say whether the next piece is an unnumbered 题目 label."""
        following = self._pieces[index + 1] if index + 1 < len(self._pieces) else None
        return bool(
            following
            and following.kind is PieceKind.LABEL
            and following.label
            and following.label.kind in {LabelKind.QUESTION, LabelKind.DESCRIPTION}
            and not following.label.number
        )

    def _is_inner_number(self, heading: Heading) -> bool:
        """Say whether the open question's answer already counts with bold numbers of its own."""
        current = self._current
        return bool(
            current
            and heading.number
            and any(_is_next(number, heading.number) for number in current.inner_numbers)
        )

    def _continues_after_answer(self, heading: Heading, current: Draft) -> bool:
        if current.rule not in _LINE_RULES or self._is_inner_number(heading):
            return False
        return not heading.number or _is_next(current.heading.number, heading.number)

    def _item(self, index: int, piece: Piece) -> int | str:
        heading = piece.heading or Heading("")
        rule = Rule.LIST_QUESTION
        if self._roles[index] is Role.ANSWERS and not is_marked(heading.title):
            rule = Rule.DEFERRED_ANSWER
        owner = self._open(index, piece, heading, rule, _NO_LEVEL)
        if self._current and rule is Rule.DEFERRED_ANSWER:
            self._current.begin(Part.ANSWER)
            self._current.answered = True
            self._current.heading = Heading("", heading.number)
            text = Block(BlockKind.PARAGRAPH, piece.first, piece.first + 1, piece.raw)
            self._current.add(_fragment_of(text))
        if self._current and piece.block:
            self._current.add(_fragment_of(piece.block))
        return owner

    def _summary(self, index: int, piece: Piece) -> int | str:
        if self._roles[index] in _MUTE:
            return self._content(index, piece)
        heading = piece.heading or Heading("")
        return self._open(index, piece, heading, Rule.SUMMARY_QUESTION, self._enclosing_level())

    # ---- labels ----

    def _label(self, index: int, piece: Piece, label: Label) -> int | str:
        if self._roles[index] in _MUTE:
            return self._content(index, piece)
        if label.kind in {LabelKind.QUESTION, LabelKind.DESCRIPTION}:
            return self._question_label(index, piece, label)
        if label.kind is LabelKind.SUMMARY:
            return self._summary_label(index, piece)
        if self._current is None or _answers_another(self._current, label):
            return self._orphan(index, piece, label)
        if label.kind in _META:
            return self._meta(index, piece, label)
        self._part_label(self._current, piece, label)
        return self._current.place

    def _question_label(self, index: int, piece: Piece, label: Label) -> int | str:
        current = self._current
        if current and self._prompts(current, label):
            current.prompted = True
            current.begin(Part.PROMPT)
            self._add_block(current, piece)
            return current.place
        if self._is_question(index, label):
            text = label.rest.split("\n")[0] or self._first_line_below(index)
            heading = replace(read_heading(text), number=label.number)
            owner = self._open(
                index, piece, heading, Rule.LABELLED_QUESTION, self._enclosing_level()
            )
            draft = self._drafts[-1]
            draft.prompted = True
            draft.begin(Part.PROMPT)
            self._add_block(draft, piece)
            return owner
        return self._content(index, piece)

    def _first_line_below(self, index: int) -> str:
        following = self._pieces[index + 1] if index + 1 < len(self._pieces) else None
        if following and following.block and following.block.kind is BlockKind.PARAGRAPH:
            return following.block.text.split("\n")[0]
        return ""

    def _prompts(self, current: Draft, label: Label) -> bool:
        """Say whether a question label gives the open question its text."""
        if current.answered or (current.rule is Rule.LABELLED_QUESTION and label.number):
            return False
        if label.kind is LabelKind.DESCRIPTION:
            return True
        if current.prompted:
            return (
                not label.number
                and current.rule is not Rule.LABELLED_QUESTION
                and not any(current.parts[part] for part in (Part.ANSWER, Part.EXPLANATION))
            )
        return not label.number or label.number == current.heading.number or current.untouched

    def _is_question(self, index: int, label: Label) -> bool:  # noqa: PLR0911 (one rule a line, in order)
        """Say whether a question label on its own begins a question: it needs some support."""
        role = self._roles[index]
        housed = role in {Role.QUESTIONS, Role.ANSWERS}
        asking = asks(label.rest) or is_marked(label.rest)
        if self._survey.is_example(index):
            return False
        if label.name.lower() == "problem" and not (label.number or asking):
            return False
        if label.weak:
            home = housed or role is Role.TITLED or bool(label.number) or not label.bare
            return home and self._survey.replied(index)
        if self._survey.answered(index):
            return True
        if label.number and (housed or asking):
            return True
        if self._survey.replied(index) and (housed or asking):
            return True
        strong = label.name in _SURE_NAMES or self._survey.usual(label)
        return asking and (housed or role is Role.TITLED or (strong and self._survey.usual(label)))

    def _summary_label(self, index: int, piece: Piece) -> int | str:
        if index > self._survey.last_structural and len(self._drafts) >= _SEVERAL:
            self._current = None
            self._closing = "summary"
            return self._closing
        return self._content(index, piece)

    def _orphan(self, index: int, piece: Piece, label: Label) -> int | str:
        """Attach a label without a question to the one it belongs to, by number or place."""
        role = self._roles[index]
        replies = label.kind in ANSWERS or label.kind is LabelKind.EXPLANATION
        if not replies or role in SILENT or label.weak:
            return self._content(index, piece)
        if label.number:
            heading = Heading("", label.number)
            owner = self._open(index, piece, heading, Rule.DEFERRED_ANSWER, self._enclosing_level())
            self._part_label(self._drafts[owner], piece, label)
            return owner
        last = self._drafts[-1] if self._drafts else None
        if last is None or (last.answered and last.parts[Part.EXPLANATION]):
            return self._content(index, piece)
        self._current = last
        self._part_label(last, piece, label)
        return last.place

    def _meta(self, index: int, piece: Piece, label: Label) -> int | str:
        current = self._current
        if current is None or self._in_reply(current, label):
            return self._content(index, piece)
        line, _, rest = (piece.block.text if piece.block else "").partition("\n")
        first, *others = _META_REST.split(line) if line else [""]
        if label.kind is LabelKind.DIFFICULTY:
            current.difficulty = read_difficulty(first)
        elif label.kind is LabelKind.TAGS:
            current.tags = read_tags(line)
            others = []
        else:
            current.many = "多" in first or "multiple" in first.lower()
        self._read_other_meta(current, others)
        if rest and piece.block:
            at = piece.block.first + 1
            current.add(_fragment_of(Block(BlockKind.PARAGRAPH, at, piece.end, rest)))
        return current.place

    def _read_other_meta(self, current: Draft, others: Sequence[str]) -> None:
        """Read `难度：中等 | 标签：a` after the first of its labels."""
        for other in others:
            name, _, value = re.sub(r"[*_]", "", other).replace("：", ":").partition(":")
            if name.strip().lower() in {"标签", "標籤", "tags", "tag", "关键词"}:
                current.tags = read_tags(value)
            elif name.strip().lower() in {"难度", "難度", "difficulty"}:
                current.difficulty = read_difficulty(value)

    def _in_reply(self, current: Draft, label: Label) -> bool:
        """Say whether a 类型/Level label stands among the content of an answer."""
        return label.kind is LabelKind.TYPE and current.part in {Part.ANSWER, Part.EXPLANATION}

    def _part_label(self, current: Draft, piece: Piece, label: Label) -> None:
        """Let a label begin its part of the open question."""
        if label.kind in ANSWERS:
            self._answer_label(current, piece, label)
        elif label.kind is LabelKind.EXPLANATION:
            again = current.part is Part.EXPLANATION and bool(current.parts[Part.EXPLANATION])
            current.begin(Part.EXPLANATION)
            self._add_block(current, piece, keep_label=again)
        elif label.kind is LabelKind.APPROACH:
            self._approach_label(current, piece)
        elif label.kind is LabelKind.OPTIONS:
            current.begin(Part.OPTIONS)
            self._add_block(current, piece)
        else:
            current.in_extra = True
            self._add_block(current, piece, keep_label=True)

    def _answer_label(self, current: Draft, piece: Piece, label: Label) -> None:
        if not current.answered:
            if current.approach:
                current.parts[Part.EXPLANATION][:0] = current.parts[Part.ANSWER]
                current.parts[Part.ANSWER] = []
            current.answered = True
            current.begin(Part.ANSWER)
            self._add_block(current, piece)
        elif label.kind is LabelKind.ANSWER_WITH_EXPLANATION:
            current.begin(Part.EXPLANATION)
            self._add_block(current, piece)
        else:
            empty = not current.parts[Part.ANSWER]
            current.begin(Part.ANSWER)
            self._add_block(current, piece, keep_label=not empty)

    def _approach_label(self, current: Draft, piece: Piece) -> None:
        if current.answered or current.part is Part.EXPLANATION:
            current.in_extra = True
        else:
            current.approach = True
            current.begin(Part.ANSWER)
        self._add_block(current, piece, keep_label=True)

    def _add_block(self, current: Draft, piece: Piece, *, keep_label: bool = False) -> None:
        """Add what follows a label, with the label itself where it is part of the text."""
        blocks = (piece.block,) if piece.block else ()
        text = self._raw(piece) if keep_label else (piece.block.text if piece.block else "")
        if text.strip():
            first = piece.first if keep_label or not piece.block else piece.block.first
            current.add(Fragment(first, piece.end, text.strip("\n"), blocks, current.in_extra))

    def _raw(self, piece: Piece) -> str:
        """Return a piece as the document has it, without the indentation of its list."""
        if piece.kind is PieceKind.LABEL and piece.label:
            more = piece.block.text.split("\n")[1:] if piece.block and piece.label.rest else []
            if piece.block and not piece.label.rest:
                more = piece.block.text.split("\n")
            return "\n".join([piece.raw, *more])
        lines = self._texts[piece.first : piece.end]
        return "\n".join(_cut(line, piece.indent) for line in lines)

    # ---- content ----

    def _content(self, index: int, piece: Piece) -> int | str:
        current = self._current
        if current is None:
            return self._reason(index)
        if self._is_closing_prose(index, piece):
            self._current = None
            self._closing = "closing"
            return self._closing
        if current.part is Part.PROMPT and current.parts[Part.PROMPT]:
            current.begin(Part.BODY)
        text = piece.block.text if piece.kind is PieceKind.BLOCK and piece.block else ""
        if _NAVIGATION.fullmatch(text or self._raw(piece)):
            return current.place
        text = text or self._raw(piece)
        text = text.strip("\n")
        end = piece.end
        while end > piece.first + 1 and not self._texts[end - 1].strip():
            end -= 1
        whole = piece.kind in {PieceKind.BLOCK, PieceKind.LIST}
        blocks = (piece.block,) if whole and piece.block else self._as_blocks(piece)
        current.add(Fragment(piece.first, end, text, blocks, current.in_extra))
        return current.place

    def _as_blocks(self, piece: Piece) -> tuple[Block, ...]:
        """Return a bold line or an inner heading as the block it is to the points."""
        if piece.kind is PieceKind.HEADING:
            return (Block(BlockKind.HEADING, piece.first, piece.end, piece.raw, piece.level),)
        if piece.raw:
            return (Block(BlockKind.PARAGRAPH, piece.first, piece.end, self._raw(piece)),)
        return ()

    def _is_closing_prose(self, index: int, piece: Piece) -> bool:
        """Say whether a paragraph takes leave of the reader after the last question."""
        if piece.block is None:
            return False
        if piece.block.kind is not BlockKind.PARAGRAPH or not _CLOSING_PROSE.match(
            piece.block.text
        ):
            return False
        current = self._current
        if current is None or not (current.parts[Part.ANSWER] or current.parts[Part.EXPLANATION]):
            return False
        return self._ends_here(index)

    def _ends_here(self, index: int) -> bool:
        """Say whether only prose stands between a piece and the next section or the end."""
        for at in range(index + 1, len(self._pieces)):
            if is_section(self._pieces[at]):
                return self._survey.rule(at) is None
            if _is_summary_label(self._pieces[at]):
                return True
            if self._pieces[at].kind not in {PieceKind.BLOCK, PieceKind.RULE, PieceKind.BOLD}:
                return False
        return True

    def _owner_or_reason(self, index: int) -> int | str:
        return self._current.place if self._current else self._reason(index)

    def _reason(self, index: int) -> str:  # noqa: PLR0911 (one reason a line, in order)
        """Return why a piece outside any question is passed over."""
        if self._closing:
            return self._closing
        piece = self._pieces[index]
        role = self._roles[index]
        if role in _REASONS:
            return _REASONS[role]
        if piece.block and piece.block.kind is BlockKind.QUOTE:
            return "quote"
        if piece.block and _is_contents(piece.block):
            return "table_of_contents"
        if piece.label and piece.label.weak:
            return "transcript"
        if not self._drafts and len(self._sections) <= 1:
            return "introduction"
        return "prose"


_LINE_RULES = frozenset(
    {Rule.BOLD_QUESTION, Rule.LIST_QUESTION, Rule.LABELLED_QUESTION, Rule.DEFERRED_ANSWER}
)
_MUTE = frozenset({Role.TRANSCRIPT, Role.CONTENTS})
_META = frozenset({LabelKind.DIFFICULTY, LabelKind.TAGS, LabelKind.TYPE})
_SURE_NAMES = frozenset({"题目", "題目", "面试题", "面試題"})
_REASONS = {
    Role.CONTENTS: "table_of_contents",
    Role.SUMMARY: "summary",
    Role.REFERENCES: "references",
    Role.INTRODUCTION: "introduction",
    Role.TRANSCRIPT: "transcript",
}


def _is_summary_label(piece: Piece) -> bool:
    return bool(piece.label and piece.label.kind is LabelKind.SUMMARY)


def _answers_another(current: Draft, label: Label) -> bool:
    """Say whether a numbered answer (`答案3：`) is not that of the open question."""
    numbers = {label.number, current.heading.number}
    return label.kind in ANSWERS and None not in numbers and len(numbers) > 1


def _fragment_of(block: Block) -> Fragment:
    return Fragment(block.first, block.end, block.text, (block,))


def _is_contents(block: Block) -> bool:
    """Say whether a list only links to places in the same document."""
    if block.kind is not BlockKind.LIST:
        return False
    heads = [item.children[0].text for item in block.children if item.children]
    return bool(heads) and all(re.match(r"\**\[[^\]]*\]\(#", head) for head in heads)


def _is_next(number: str | None, following: str | None) -> bool:
    """Say whether a number follows another: 3 after 2, 1.3 after 1.2."""
    if not number or not following:
        return False
    head, _, last = number.rpartition(".")
    other, _, next_last = following.rpartition(".")
    return (
        head == other and last.isdigit() and next_last.isdigit() and int(next_last) == int(last) + 1
    )


def _cut(line: str, columns: int) -> str:
    position = 0
    while position < min(columns, len(line)) and line[position] in " \t":
        position += 1
    return line[position:]
