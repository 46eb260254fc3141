"""Repeated questions: deferred answers join their question, identical repeats are kept once."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.documents.document import Choice, DocumentWarning, Item, QuestionKind, WarningKind
from app.documents.markdown.choices import read_letters

_KEY_LENGTH = 400
_PUNCTUATION = re.compile(r"[\W_]+")


class Candidate(NamedTuple):
    """An item that may repeat or answer an earlier one; `deferred` if it stands among answers."""

    item: Item
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The items left, and for each candidate what became of it: kept, merged or a reason."""

    items: tuple[Item, ...]
    passed: tuple[tuple[Item, str], ...]
    warnings: tuple[DocumentWarning, ...]


def merge(candidates: list[Candidate]) -> Merged:
    """Join deferred answers to their questions and drop identical repeats, in document order."""
    shelf = _Shelf()
    for candidate in candidates:
        shelf.take(candidate)
    return Merged(tuple(shelf.items), tuple(shelf.passed), tuple(shelf.warnings))


class _Shelf:
    """The items so far; those that wait for an answer are found by their texts and numbers."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.passed: list[tuple[Item, str]] = []
        self.warnings: list[DocumentWarning] = []
        self._waiting: dict[str, list[int]] = {}
        self._waiting_numbers: dict[str, list[int]] = {}
        self._unexplained: dict[str, list[int]] = {}
        self._questions: set[tuple[str, ...]] = set()
        self._contents: set[tuple[str, ...]] = set()

    def take(self, candidate: Candidate) -> None:
        """Merge a candidate into an earlier item, pass it over, or keep it."""
        item = candidate.item
        place = self._find_waiting(candidate) if _adds(item) else None
        if place is not None:
            self._join(place, item)
        elif (place := self._find_unexplained(candidate)) is not None:
            self._explain(place, item)
        elif self._is_repeated(candidate):
            self.passed.append((item, "duplicate"))
            self.warnings.append(DocumentWarning(WarningKind.DUPLICATE, item.line))
        elif item.title:
            self._keep(item)
        else:
            self.passed.append((item, "unmatched_answer" if _adds(item) else "heading"))

    def _keep(self, item: Item) -> None:
        place = len(self.items)
        self.items.append(item)
        self._remember(item)
        if not item.explanation:
            for key in _keys(item):
                self._unexplained.setdefault(key, []).append(place)
        if _lacks(item):
            for key in _keys(item):
                self._waiting.setdefault(key, []).append(place)
            if item.number:
                self._waiting_numbers.setdefault(item.number, []).append(place)

    def _remember(self, item: Item) -> None:
        content = _content(item)
        self._questions.add(content[:2])
        self._contents.add(content)

    def _is_repeated(self, candidate: Candidate) -> bool:
        """Say whether an item brings nothing that an earlier one has not."""
        item = candidate.item
        if _content(item) in self._contents:
            return True
        return not (_adds(item) or item.choices) and _question(item) in self._questions

    def _join(self, place: int, item: Item) -> None:
        self.items[place] = _joined(self.items[place], item)
        self._remember(self.items[place])
        self._remember(item)

    def _find_waiting(self, candidate: Candidate) -> int | None:
        """Return the place of the earlier question that an answer belongs to, by text or number."""
        item = candidate.item
        for key in _keys(item) if self._waiting else ():
            for place in self._still_waiting(self._waiting.get(key, [])):
                if candidate.deferred or _names_the_same(self.items[place], item):
                    return place
        if candidate.deferred and item.number:
            return next(iter(self._still_waiting(self._waiting_numbers.get(item.number, []))), None)
        return None

    def _find_unexplained(self, candidate: Candidate) -> int | None:
        """Return the place of the answered question that a later part of the document explains."""
        item = candidate.item
        if not (item.explanation and not item.answer) and not (candidate.deferred and item.answer):
            return None
        for key in _keys(item):
            places = self._unexplained.get(key, [])
            places[:] = [place for place in places if not self.items[place].explanation]
            for place in places:
                if candidate.deferred or _names_the_same(self.items[place], item):
                    return place
        return None

    def _explain(self, place: int, item: Item) -> None:
        """Give a question what an answer section says beyond its answer."""
        self.items[place] = _explained(self.items[place], item)
        self._remember(self.items[place])
        self._remember(item)

    def _still_waiting(self, places: list[int]) -> list[int]:
        """Forget the places that have their answer by now; return the others."""
        places[:] = [place for place in places if _lacks(self.items[place])]
        return places


def _keys(item: Item) -> list[str]:
    texts = dict.fromkeys((item.title, item.prompt))
    return [key for text in texts if (key := _key(text[:_KEY_LENGTH]))]


def _key(text: str) -> str:
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text).lower())


def _question(item: Item) -> tuple[str, str]:
    return _squeezed(item.title), _squeezed(item.prompt)


def _content(item: Item) -> tuple[str, ...]:
    options = tuple(f"{choice.correct} {choice.text}" for choice in item.choices)
    return (*_question(item), _squeezed(item.answer), _squeezed(item.explanation), *options)


def _names_the_same(question: Item, answer: Item) -> bool:
    """Say whether an item answers one outside an answer section: one of the two is only a title."""
    bare = question.prompt == question.title or answer.prompt == answer.title
    return bare or _squeezed(question.prompt) == _squeezed(answer.prompt)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _lacks(item: Item) -> bool:
    """Say whether an item waits for an answer, or at least for an explanation."""
    answered = bool(item.answer) or any(choice.correct for choice in item.choices)
    return not answered


def _adds(item: Item) -> bool:
    return bool(item.answer or item.explanation or any(choice.correct for choice in item.choices))


def _joined(question: Item, answer: Item) -> Item:
    """Return a question with the answer that the document gives later."""
    choices = _joined_choices(question, answer)
    several = sum(choice.correct for choice in choices) > 1
    fuller = question.prompt == question.title and len(answer.prompt) > len(question.prompt)
    return replace(
        question,
        prompt=answer.prompt if fuller else question.prompt,
        answer=answer.answer,
        explanation=question.explanation or answer.explanation,
        points=() if question.choices else answer.points,
        choices=choices,
        kind=QuestionKind.MULTIPLE_CHOICE if several else question.kind,
        difficulty=question.difficulty or answer.difficulty,
        tags=question.tags if question.tags is not None else answer.tags,
        lines=tuple(sorted({*question.lines, *answer.lines})),
        warnings=_joined_warnings(question, answer, choices),
    )


def _explained(question: Item, later: Item) -> Item:
    """Return an answered question with the explanation that the document gives later."""
    again = _squeezed(later.answer) in _squeezed(question.answer)
    parts = [later.explanation] if again else [later.answer, later.explanation]
    return replace(
        question,
        explanation="\n\n".join(part for part in parts if part),
        difficulty=question.difficulty or later.difficulty,
        tags=question.tags if question.tags is not None else later.tags,
        lines=tuple(sorted({*question.lines, *later.lines})),
        warnings=(
            *question.warnings,
            *(one for one in later.warnings if one.kind is not WarningKind.NO_ANSWER),
        ),
    )


def _joined_choices(question: Item, answer: Item) -> tuple[Choice, ...]:
    letters = read_letters(answer.answer)
    if not (question.choices and letters):
        return question.choices or answer.choices
    return tuple(
        replace(choice, correct=chr(ord("A") + place) in letters)
        for place, choice in enumerate(question.choices)
    )


def _joined_warnings(
    question: Item, answer: Item, choices: tuple[Choice, ...]
) -> tuple[DocumentWarning, ...]:
    """Return the warnings of both; what the answer section has not is said once."""
    answered = bool(answer.answer) or any(choice.correct for choice in choices)
    kept = [one for one in question.warnings if one.kind is not WarningKind.NO_ANSWER]
    later = [one for one in answer.warnings if answered or one.kind is WarningKind.NO_ANSWER]
    return (*kept, *later)
