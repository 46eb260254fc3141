"""Which headings are questions: each judged alone, then in the company of its siblings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from app.documents.markdown.asking import asks, is_marked, is_rhetorical
from app.documents.markdown.drafts import Rule
from app.documents.markdown.evidence import Evidence
from app.documents.markdown.labels import Label, LabelKind
from app.documents.markdown.outline import Outline
from app.documents.markdown.pieces import Piece
from app.documents.markdown.profiles import Profile
from app.documents.markdown.sections import (
    CLOSING,
    HOME,
    SILENT,
    Role,
    is_about_questions,
    is_mere_container,
    role_of,
)

_MOST = 0.7
_HALF = 0.5
_SOME = 0.3
_SEVERAL = 2
_MANY = 3
# A named problem can be one that an article describes: it needs more than its name.
_PROBLEMS = ("问题", "問題", "problem")
_TITLING_LABELS = frozenset(
    {"题目", "題目", "问题", "問題", "question", "题目描述", "問題描述", "问题描述"}
)


def is_mere_problem(label: Label) -> bool:
    """Say whether a label names a problem that an article solves, unless its text asks."""
    return label.name.lower() in _PROBLEMS and not label.number


class HeadingJudge:
    """Finds the rule by which a heading is a question."""

    def __init__(
        self,
        outline: Outline,
        evidence: Mapping[int, Evidence],
        roles: Sequence[Role],
        profile: Profile,
    ) -> None:
        self._outline = outline
        self._pieces = outline.pieces
        self._evidence = evidence
        self._roles = roles
        self._profile = profile
        self._rules: dict[int, Rule] = {}

    def judge(self) -> dict[int, Rule]:
        """Return the rules of the headings that are questions, by the headings' indices."""
        for index in self._outline.sections:
            if rule := self._rule_alone(index):
                self._rules[index] = rule
        groups: dict[tuple[int, int], list[int]] = {}
        for index in self._outline.sections:
            if self._is_eligible(index) and not self._outline.is_title(index):
                key = (self._outline.parent(index), self._pieces[index].level)
                groups.setdefault(key, []).append(index)
        for siblings in groups.values():
            self._judge_siblings(siblings)
        return self._rules

    # ---- a heading alone ----

    def _rule_alone(self, index: int) -> Rule | None:
        piece = self._pieces[index]
        if self._profile.skips(piece.title):
            return None
        if self._profile.names_question(piece.title, piece.level):
            return Rule.PROFILE_HEADING
        if not self._is_eligible(index):
            return None
        if self._is_labelled(index) and self._is_of_one_question(index):
            return Rule.LABELLED_HEADING
        if piece.prefixed and not self._is_mere_problem(piece, index):
            return None if self._titles_several(index) else Rule.NAMED_HEADING
        return Rule.ASKING_HEADING if self._asks_alone(index) else None

    def _titles_several(self, index: int) -> bool:
        """Say whether a name such as 面试题：… titles a document with its questions in sections."""
        sections = self._outline.is_title(index) and self._outline.has_subsections(index)
        return sections and not self._pieces[index].number and self._evidence[index].answer is None

    def _asks_alone(self, index: int) -> bool:
        """Say whether a heading asks by its mark or words, in a place where questions stand."""
        piece, evidence = self._pieces[index], self._evidence[index]
        if evidence.questions or (is_mere_container(piece.title) and not piece.prefixed):
            return False
        plain = piece.heading is not None and role_of(piece.heading) is Role.PLAIN
        housed = plain and self._roles[index] in {Role.QUESTIONS, Role.ANSWERS}
        marked = is_marked(piece.title)
        sure = housed or bool(piece.number) or len(self._outline.sections) == 1
        if evidence.ticked and marked and sure:
            return True
        if self._outline.is_title(index):
            return False
        if marked and (housed or self._roles[index] is Role.TITLED):
            return True
        leaf = evidence.starter is None and not self._outline.has_subsections(index)
        return housed and leaf and asks(piece.title)

    def _is_eligible(self, index: int) -> bool:
        """Say whether a heading may be a question: no mere container, in no silent section."""
        piece = self._pieces[index]
        own = role_of(piece.heading) if piece.heading else Role.PLAIN
        if own in SILENT or self._roles[index] in SILENT:
            return False
        mere = own in {Role.QUESTIONS, Role.ANSWERS} and is_mere_container(piece.title)
        return not mere or self._is_one_of_a_kind(index)

    def _is_one_of_a_kind(self, index: int) -> bool:
        """Say whether a heading such as 编程题 titles one question: it holds just one, answered.

        With a question of its own below it, other headings have to be of the same kind.
        """
        evidence = self._evidence[index]
        if evidence.answer is None or evidence.answers > 1 or self._outline.has_subsections(index):
            return False
        if evidence.starter is not None and evidence.starter < evidence.answer:
            return False
        return not evidence.questions or (
            len(evidence.questions) == 1
            and (
                self._titles[self._pieces[index].title] >= _SEVERAL
                or self._kinds[self._kind(index)] >= _SEVERAL
            )
        )

    @cached_property
    def _titles(self) -> Counter[str]:
        return Counter(self._pieces[index].title for index in self._outline.sections)

    @cached_property
    def _kinds(self) -> Counter[tuple[object, ...]]:
        """How many numbered headings of a depth hold one question under a label of some name."""
        return Counter(
            self._kind(index)
            for index in self._outline.sections
            if self._pieces[index].number and self._evidence[index].answers == 1
        )

    def _kind(self, index: int) -> tuple[object, ...]:
        return (self._pieces[index].level, *self._evidence[index].names)

    def _is_of_one_question(self, index: int) -> bool:
        """Say whether a heading names one question: no collection, nor a document of several."""
        piece, evidence = self._pieces[index], self._evidence[index]
        if is_mere_container(piece.title) and not piece.prefixed:
            return self._is_one_of_a_kind(index)
        if not self._outline.is_title(index):
            return True
        if len(evidence.questions) > 1 or evidence.answers > 1:
            return False
        if piece.prefixed or is_marked(piece.title):
            return True
        return bool(self._pieces[index + 1].labelling) and not is_about_questions(piece.title)

    def _is_mere_problem(self, piece: Piece, index: int) -> bool:
        named = piece.raw.lstrip(" *#").lower().startswith(_PROBLEMS)
        return named and not (self._is_home(index) or asks(piece.title))

    def _is_home(self, index: int) -> bool:
        """Say whether a heading stands below one that collects questions, or such a title."""
        return self._roles[index] in HOME

    # ---- the labels below a heading ----

    def _is_labelled(self, index: int) -> bool:
        """Say whether labels right under a heading make it the title of one question."""
        evidence = self._evidence[index]
        if evidence.questions:
            return self._is_titled_by_question(index)
        if evidence.answer is None:
            return False
        if evidence.starter is not None and evidence.starter < evidence.answer:
            return False
        piece = self._pieces[index]
        if piece.prefixed or is_marked(piece.title):
            return True
        if evidence.weak:
            return self._roles[index] is Role.QUESTIONS
        named = bool(piece.number) or asks(piece.title)
        return named or not evidence.bare or self._is_home(index)

    def _is_titled_by_question(self, index: int) -> bool:
        """Say whether a heading is the title of the question whose label stands below it."""
        piece, evidence = self._pieces[index], self._evidence[index]
        at, label = evidence.questions[0]
        first = min(filter(None, (evidence.answer, evidence.starter)), default=at)
        if first < at:
            return False
        if is_mere_problem(label) and not self._is_solved(index, label):
            return False
        strong = piece.prefixed or bool(piece.number) or is_marked(piece.title)
        if label.bare and not (strong or self._is_home(index)):
            return False
        own = [one for _, one in evidence.questions if one.kind is LabelKind.QUESTION]
        if label.number or any(one.number for one in own):
            return piece.prefixed and len(own) == 1
        if not self._can_title(label, piece) or (len(own) > 1 and not strong):
            return False
        housed = self._roles[index] in {Role.QUESTIONS, Role.TITLED}
        asking = asks(label.rest) or is_marked(piece.title)
        return bool(evidence.replies) or piece.prefixed or (housed and asking)

    def _is_solved(self, index: int, label: Label) -> bool:
        """Say whether a 问题 below a heading is one to be answered."""
        answered = self._evidence[index].answer is not None and label.name.lower() != "problem"
        return answered or asks(label.rest) or self._pieces[index].prefixed

    def _can_title(self, label: Label, piece: Piece) -> bool:
        """Say whether questions under a label of this name take their title from the heading."""
        if piece.prefixed:
            return True
        name = label.name.lower()
        return name not in self._topical and (name in _TITLING_LABELS or bool(piece.number))

    @cached_property
    def _topical(self) -> frozenset[str]:
        """The names of the labels under which the document's sections ask several questions."""
        alone, together = Counter[str](), Counter[str]()
        for evidence in self._evidence.values():
            names = [label.name.lower() for _, label in evidence.questions if not label.number]
            several = len(names) >= _SEVERAL and evidence.answers >= _SEVERAL
            (together if several else alone).update(set(names))
        return frozenset(
            name
            for name, count in together.items()
            if name not in _TITLING_LABELS or count >= _SOME * alone[name]
        )

    # ---- a heading among its siblings ----

    def _judge_siblings(self, siblings: Sequence[int]) -> None:
        """Accept headings that ask where most of their siblings are questions."""
        alike = {index for index in siblings if self._is_begun_like(index, siblings[0])}
        marked = {index for index in siblings if is_marked(self._pieces[index].title)}
        questions = {index for index in siblings if index in self._rules} | marked | alike
        alone = len(siblings) == 1 and bool(self._pieces[siblings[0]].number)
        share = _MOST if self._roles[siblings[0]] is Role.PLAIN else _HALF
        if len(questions) < share * len(siblings) or (len(questions) < _SEVERAL and not alone):
            return
        if not self._is_supported(siblings) and not self._asks_throughout(siblings, marked):
            return
        for index in siblings:
            if index in self._rules:
                continue
            if index in alike:
                self._rules[index] = Rule.LABELLED_HEADING
            elif not self._evidence[index].questions and (index in questions or self._joins(index)):
                self._rules[index] = Rule.ASKING_HEADING

    def _is_supported(self, siblings: Sequence[int]) -> bool:
        """Say whether more than question marks speaks for siblings: their place, name or labels."""
        return self._roles[siblings[0]] is not Role.PLAIN or any(
            index in self._rules for index in siblings
        )

    def _asks_throughout(self, siblings: Sequence[int], marked: AbstractSet[int]) -> bool:
        """Say whether headings that only ask do so as a set of questions does, not an article.

        All headings of their depth ask, in a document that collects its questions nowhere else.
        Without numbers there are at least three of them, none of which goes on from the one above,
        and no summary or introduction beside them.
        """
        level = self._pieces[siblings[0]].level
        others = [index for index in self._plain if self._pieces[index].level == level]
        asking = sum(is_marked(self._pieces[index].title) for index in others)
        if self._has_collection or asking < _MOST * len(others):
            return False
        if sum(bool(self._pieces[index].number) for index in siblings) >= _HALF * len(siblings):
            return True
        beside = self._closings[self._outline.parent(siblings[0])]
        several = len(marked) == len(siblings) >= _MANY and not beside
        return several and not any(is_rhetorical(self._pieces[at].title) for at in siblings)

    @cached_property
    def _plain(self) -> list[int]:
        """The headings that nothing above them calls questions, the title aside."""
        return [
            index
            for index in self._outline.sections
            if self._roles[index] is Role.PLAIN and not self._outline.is_title(index)
        ]

    @cached_property
    def _has_collection(self) -> bool:
        """Whether a section of the document collects questions."""
        return any(
            self._roles[index] is Role.QUESTIONS and not self._outline.is_title(index)
            for index in self._outline.sections
        )

    @cached_property
    def _closings(self) -> Counter[int]:
        """How many summaries, introductions and the like stand below each heading."""
        return Counter(
            self._outline.parent(index)
            for index in self._outline.sections
            if (heading := self._pieces[index].heading) and role_of(heading) in CLOSING
        )

    def _joins(self, index: int) -> bool:
        """Say whether a heading without a mark is a question like those beside it."""
        piece = self._pieces[index]
        housed = self._roles[index] in {Role.QUESTIONS, Role.TITLED}
        asked = bool(piece.number) or asks(piece.title)
        return housed and asked and self._evidence[index].starter is None

    def _is_begun_like(self, index: int, first: int) -> bool:
        """Say whether the label below a heading is one that titles its first sibling."""
        names = self._evidence[index].names
        return (
            index != first
            and self._rules.get(first) is Rule.LABELLED_HEADING
            and len(names) == 1
            and names[0] in self._evidence[first].names
        )
