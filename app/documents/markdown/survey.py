"""A document from above: sections, their roles, and what stands under each heading."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.documents.markdown.asking import asks, is_marked
from app.documents.markdown.drafts import Rule
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.lists import is_label_heading
from app.documents.markdown.pieces import Piece, PieceKind
from app.documents.markdown.profiles import Profile
from app.documents.markdown.sections import (
    CLOSING,
    SILENT,
    Role,
    is_about_questions,
    is_mere_container,
    role_of,
)

ANSWERS = frozenset({LabelKind.ANSWER, LabelKind.ANSWER_WITH_EXPLANATION})
REPLIES = ANSWERS | {LabelKind.EXPLANATION, LabelKind.APPROACH}
_MOST = 0.7
_HALF = 0.5
_SEVERAL = 2
# A named problem can be one that an article describes: it needs more than its name.
_MERE_PROBLEM = re.compile(r"[\s*#]*(?:问题|問題|problem)", re.IGNORECASE)
_PROBLEMS = frozenset({"problem", "问题", "問題"})
_TITLING_LABELS = frozenset(
    {"题目", "題目", "问题", "問題", "question", "题目描述", "問題描述", "问题描述"}
)


@dataclass(slots=True)
class _Evidence:
    """What stands under a heading before the next one."""

    questions: list[tuple[int, Label]] = field(default_factory=list)
    answer: int | None = None
    replies: int = 0
    starter: int | None = None
    weak: bool = False
    bare: bool = False


def is_mere_problem(label: Label) -> bool:
    """Say whether a label names a problem that an article solves, unless its text asks."""
    return label.name.lower() in _PROBLEMS and not label.number


def is_section(piece: Piece) -> bool:
    """Say whether a piece is a heading that begins a section: not a label, not empty."""
    return (
        piece.kind is PieceKind.HEADING and not is_label_heading(piece) and bool(piece.raw.strip())
    )


def section_roles(pieces: Sequence[Piece], profile: Profile) -> list[Role]:
    """Return for each piece the role of the section that it stands in; a heading has its own."""
    containers = (
        re.compile("|".join(f"(?:{one})" for one in profile.containers), re.IGNORECASE)
        if profile.containers
        else None
    )
    roles: list[Role] = []
    stack: list[tuple[int, Role]] = []
    background = Role.PLAIN
    seen_heading = False
    for piece in pieces:
        if is_section(piece) and piece.heading:
            while stack and stack[-1][0] >= piece.level:
                stack.pop()
            role = role_of(piece.heading, containers)
            if not seen_heading and (role is Role.QUESTIONS or is_about_questions(piece.title)):
                background = Role.TITLED
            inherited = stack[-1][1] if stack else background
            if not seen_heading and role is Role.QUESTIONS:
                stack.append((piece.level, Role.TITLED))
                roles.append(role)
                seen_heading = True
                continue
            seen_heading = True
            role = inherited if role is Role.PLAIN else role
            stack.append((piece.level, role))
            roles.append(role)
        elif _titles_alone(pieces, len(roles), roles):
            roles.append(Role.QUESTIONS)
        else:
            roles.append(stack[-1][1] if stack else background)
    return roles


def _titles_alone(pieces: Sequence[Piece], position: int, roles: Sequence[Role]) -> bool:
    """Say whether a piece stands right under a title that is itself a container of questions."""
    return (
        position > 0 and not is_section(pieces[position]) and roles[position - 1] is Role.QUESTIONS
    )


class Survey:
    """Answers questions about headings and labels, from one look over all pieces."""

    def __init__(self, pieces: Sequence[Piece], roles: Sequence[Role], profile: Profile) -> None:
        self._pieces = pieces
        self._roles = roles
        self._profile = profile
        self.title = self._find_title()
        self._own_end = [0] * len(pieces)
        self._section_end = [0] * len(pieces)
        self._parents = [-1] * len(pieces)
        self._measure()
        self._evidence = {
            index: self._look_under(index)
            for index, piece in enumerate(pieces)
            if is_section(piece)
        }
        self._rules: dict[int, Rule] = {}
        self._judge_headings()
        self.last_structural = max(
            (index for index, piece in enumerate(pieces) if self._is_structural(index, piece)),
            default=-1,
        )
        self.bold_questions_abound = self._bold_questions_abound()
        self._answered_labels = self._names_of_answered_labels()

    def rule(self, index: int) -> Rule | None:
        """Return the rule by which a heading is a question, or None."""
        return self._rules.get(index)

    def section_end(self, index: int) -> int:
        """Return where the section of a heading ends: at the next one of its depth or above."""
        return self._section_end[index]

    def answered(self, index: int) -> bool:
        """Say whether an answer follows a label or bold line before the next question begins."""
        return self._reply(index, ANSWERS)

    def replied(self, index: int) -> bool:
        """Say whether an answer, approach or explanation follows before the next question."""
        return self._reply(index, REPLIES)

    def has_starters(self, index: int) -> bool:
        """Say whether numbered or asking lines begin parts of the section of a heading."""
        return any(
            self.starts(at) or self._begins_numbered(at)
            for at in range(index + 1, self._section_end[index])
        )

    def heads_numbered_answers(self, index: int) -> bool:
        """Say whether `答案1：…` stands right below a heading: it heads the answers of several."""
        below = index + 1
        return (
            below < len(self._pieces)
            and not is_section(self._pieces[below])
            and self._begins_numbered(below)
        )

    def starts(self, index: int) -> bool:
        """Say whether a piece can begin a question by its look alone, headings aside."""
        piece = self._pieces[index]
        if piece.kind in {PieceKind.ITEM, PieceKind.SUMMARY}:
            return True
        if piece.kind is PieceKind.LABEL and piece.label:
            return piece.label.kind is LabelKind.QUESTION and bool(piece.label.number)
        heading = piece.heading
        return piece.kind is PieceKind.BOLD and bool(
            heading and (heading.number or heading.prefixed or is_marked(heading.title))
        )

    def is_example(self, index: int) -> bool:
        """Say whether a bare 问题：/答案： pair only shows an example, right below its label."""
        label = self._pieces[index].label
        if label is None or not label.bare or not index:
            return False
        above = self._pieces[index - 1]
        if above.kind is not PieceKind.LABEL or above.label is None:
            return False
        if label.kind is LabelKind.QUESTION:
            return above.label.kind is LabelKind.EXTRA and above.block is None
        return label.kind in ANSWERS and above.label.bare and self.is_example(index - 1)

    def usual(self, label: Label) -> bool:
        """Say whether the document answers other questions under the same label."""
        return label.name.lower() in self._answered_labels

    def _begins_numbered(self, index: int) -> bool:
        piece = self._pieces[index]
        if is_section(piece):
            return self._numbered(index)
        label = piece.label if piece.kind is PieceKind.LABEL else None
        return bool(label and label.kind in ANSWERS and label.number)

    def _numbered(self, index: int) -> bool:
        heading = self._pieces[index].heading
        return bool(heading and heading.number)

    def _is_structural(self, index: int, piece: Piece) -> bool:
        if piece.label and (piece.kind is PieceKind.LABEL or is_label_heading(piece)):
            return piece.label.kind in REPLIES or piece.label.kind is LabelKind.QUESTION
        return piece.kind in {PieceKind.ITEM, PieceKind.SUMMARY} or index in self._rules

    def _find_title(self) -> int | None:
        """The first heading titles the document where no other stands above or beside it as h1."""
        for index, piece in enumerate(self._pieces):
            if is_section(piece):
                numbered = bool(piece.heading and piece.heading.number)
                return None if numbered and piece.level > 1 else index
            if piece.kind is PieceKind.LABEL:
                return None
        return None

    def _measure(self) -> None:
        next_heading = len(self._pieces)
        ends: list[int] = [len(self._pieces)] * 7
        for index in range(len(self._pieces) - 1, -1, -1):
            self._own_end[index] = next_heading
            piece = self._pieces[index]
            # A label heading (答案) reaches to the next section, however deep that is.
            self._section_end[index] = next_heading
            if is_section(piece):
                self._section_end[index] = min(ends[1 : piece.level + 1])
                ends[piece.level] = index
                for deeper in range(piece.level + 1, 7):
                    ends[deeper] = index
                next_heading = index
        stack: list[int] = []
        for index, piece in enumerate(self._pieces):
            if is_section(piece):
                while stack and self._pieces[stack[-1]].level >= piece.level:
                    stack.pop()
                self._parents[index] = stack[-1] if stack else -1
                stack.append(index)

    def _look_under(self, index: int) -> _Evidence:
        evidence = _Evidence()
        for at in range(index + 1, self._own_end[index]):
            piece = self._pieces[at]
            label = piece.label
            if self.is_example(at):
                continue
            if label and (piece.kind is PieceKind.LABEL or is_label_heading(piece)):
                if label.kind in {LabelKind.QUESTION, LabelKind.DESCRIPTION}:
                    evidence.questions.append((at, label))
                if label.kind in ANSWERS and evidence.answer is None:
                    evidence.answer, evidence.weak = at, label.weak
                    evidence.bare = label.bare and piece.kind is PieceKind.LABEL
                evidence.replies += label.kind in REPLIES
            if evidence.starter is None and self.starts(at):
                evidence.starter = at
        return evidence

    def _judge_headings(self) -> None:
        """Judge every heading alone, then those that need the company of their siblings."""
        for index in self._evidence:
            if rule := self._rule_alone(index):
                self._rules[index] = rule
        groups: dict[tuple[int, int], list[int]] = {}
        for index in self._evidence:
            if self._eligible(index):
                key = (self._parents[index], self._pieces[index].level)
                groups.setdefault(key, []).append(index)
        for siblings in groups.values():
            self._judge_siblings(siblings)

    def _eligible(self, index: int) -> bool:
        piece = self._pieces[index]
        own = role_of(piece.heading) if piece.heading else Role.PLAIN
        return (
            not (index == self.title and self._is_alone_on_top(index))
            and own not in SILENT
            and not (own in {Role.QUESTIONS, Role.ANSWERS} and is_mere_container(piece.title))
            and self._roles[index] not in SILENT
        )

    def _is_alone_on_top(self, index: int) -> bool:
        """Say whether no other heading is as high as the first one, or only its own sections."""
        level = self._pieces[index].level
        others = [at for at in self._evidence if at != index]
        if not others:
            return level <= _SEVERAL and self._roles[index] is not Role.QUESTIONS
        return all(self._pieces[at].level > level for at in others)

    def _rule_alone(self, index: int) -> Rule | None:  # noqa: PLR0911 (one rule a line, in order)
        piece = self._pieces[index]
        heading = piece.heading
        if heading is None or self._profile.skips(heading.title):
            return None
        if self._profile.names_question(heading.title, piece.level):
            return Rule.PROFILE_HEADING
        if not self._eligible(index):
            return None
        mere = is_mere_container(heading.title) and not heading.prefixed
        if not mere and self._is_labelled(index):
            return Rule.LABELLED_HEADING
        if heading.prefixed and not self._is_mere_problem(index):
            return Rule.NAMED_HEADING
        evidence = self._evidence[index]
        housed = self._roles[index] in {Role.QUESTIONS, Role.ANSWERS}
        if mere or evidence.questions:
            return None
        if is_marked(heading.title) and (housed or self._roles[index] is Role.TITLED):
            return Rule.ASKING_HEADING
        if not housed:
            return None
        if asks(heading.title) and evidence.starter is None and not self._has_subsections(index):
            return Rule.ASKING_HEADING
        return None

    def _has_subsections(self, index: int) -> bool:
        return self._own_end[index] < self._section_end[index]

    def _is_mere_problem(self, index: int) -> bool:
        piece = self._pieces[index]
        housed = self._roles[index] in {Role.QUESTIONS, Role.TITLED, Role.ANSWERS}
        return bool(_MERE_PROBLEM.match(piece.raw)) and not (housed or asks(piece.title))

    def _is_labelled(self, index: int) -> bool:
        """Say whether labels right under a heading make it the title of one question."""
        evidence = self._evidence[index]
        heading = self._pieces[index].heading
        if heading is None:
            return False
        if evidence.questions and self._title_of_labels(index, evidence):
            return True
        if evidence.answer is None or evidence.questions:
            return False
        if evidence.starter is not None and evidence.starter < evidence.answer:
            return False
        sure = heading.prefixed or is_marked(heading.title)
        if evidence.weak:
            return sure or self._roles[index] is Role.QUESTIONS
        bare = evidence.bare and not (heading.number or asks(heading.title))
        return sure or not bare or self._is_home(index)

    def _is_home(self, index: int) -> bool:
        """Say whether a heading stands below one that collects questions, or such a title."""
        return self._roles[index] in {Role.QUESTIONS, Role.TITLED, Role.ANSWERS}

    def _title_of_labels(self, index: int, evidence: _Evidence) -> bool:  # noqa: PLR0911 (one rule a line)
        heading = self._pieces[index].heading
        at, label = evidence.questions[0]
        if heading is None or (evidence.answer is not None and evidence.answer < at):
            return False
        if evidence.starter is not None and evidence.starter < at:
            return False
        strong = heading.prefixed or bool(heading.number) or is_marked(heading.title)
        solved = evidence.answer is not None and label.name.lower() != "problem"
        if is_mere_problem(label) and not (solved or asks(label.rest) or heading.prefixed):
            return False
        if label.bare and not (strong or self._is_home(index)):
            return False
        own = [one for _, one in evidence.questions if one.kind is LabelKind.QUESTION]
        if label.number or any(one.number for one in own):
            return heading.prefixed and len(own) == 1
        if label.name.lower() not in _TITLING_LABELS and not (heading.prefixed or heading.number):
            return False
        if len(own) > 1 and not strong:
            return False
        housed = self._roles[index] in {Role.QUESTIONS, Role.TITLED}
        asking = asks(label.rest) or is_marked(heading.title)
        return bool(evidence.replies) or heading.prefixed or (housed and asking)

    def _judge_siblings(self, siblings: Sequence[int]) -> None:
        """Accept headings that ask where most of their siblings are questions."""
        accepted = [index for index in siblings if index in self._rules]
        marked = [index for index in siblings if is_marked(self._pieces[index].title)]
        questions = set(accepted) | set(marked)
        alone = len(siblings) == 1 and self._numbered(siblings[0])
        share = _MOST if self._roles[siblings[0]] is Role.PLAIN else _HALF
        if len(questions) < share * len(siblings) or (len(questions) < _SEVERAL and not alone):
            return
        for index in siblings:
            if index in self._rules or self._evidence[index].questions:
                continue
            housed = self._roles[index] in {Role.QUESTIONS, Role.TITLED}
            joins = housed and self._numbered(index) and self._evidence[index].starter is None
            if index in questions or joins:
                self._rules[index] = Rule.ASKING_HEADING

    def _reply(self, index: int, kinds: frozenset[LabelKind]) -> bool:
        for at in range(index + 1, len(self._pieces)):
            piece = self._pieces[at]
            if piece.label and (piece.kind is PieceKind.LABEL or is_label_heading(piece)):
                if piece.label.kind in kinds:
                    return True
                if piece.label.kind is LabelKind.QUESTION:
                    return False
            elif is_section(piece) or self.starts(at) or piece.kind is PieceKind.LIST_END:
                return False
        return False

    def _bold_questions_abound(self) -> bool:
        bold = [
            piece
            for index, piece in enumerate(self._pieces)
            if piece.kind is PieceKind.BOLD and self._roles[index] not in CLOSING
        ]
        marked = [piece for piece in bold if is_marked(piece.raw)]
        return len(marked) >= _SEVERAL and len(marked) >= _MOST * len(bold)

    def _names_of_answered_labels(self) -> frozenset[str]:
        return frozenset(
            piece.label.name.lower()
            for index, piece in enumerate(self._pieces)
            if piece.kind is PieceKind.LABEL
            and piece.label
            and piece.label.kind is LabelKind.QUESTION
            and self.answered(index)
        )
