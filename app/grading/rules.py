"""What overrules the probability of a point: contradictions first, then what limits the credit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.grading.contrast import compared_things, exchanged, properties
from app.grading.evidence import Evidence, Reading, Statement, find_evidence, read_answer
from app.grading.formula import Worth, formulas
from app.grading.lexical import Match, Profile, recall
from app.grading.lexicon import LEXICON
from app.grading.near_copy import Copy, Token, find_copies, read_tokens
from app.grading.pairing import find_rival, owners
from app.grading.polarity import (
    Agreement,
    Polarity,
    asks_for_verdict,
    compare_claims,
    compare_denials,
    read_polarity,
    read_verdict,
)
from app.grading.quantity import Numbers, compare_numbers
from app.grading.segment import split_clauses
from app.grading.stuffing import is_stuffed
from app.grading.verdict import Reason, ReferencePoint, State
from app.text import CJK, compare_key, fold, grams, is_cjk

_RELEVANT = 0.12  # share of a point's words from which a clause speaks of it
_CLOSE = 0.8  # how near it must come to the share of the point that it fits best
_MOST_RELEVANT = 12  # clauses whose polarity is read for a point
_LINK, _LINK_LATIN = 3, 12  # characters that may follow a title in a heading
_MOST_QUOTED = 60  # clauses that are compared with the points word by word
_DENIED = 0.1  # share of a point's words that a denial must hit
_MOST_OF_IT = 0.6
_AFFIRMED = 0.6
_TITLE_THERE = 0.75
_NO_EXPLANATION = 0.15
_ELABORATED = 0.25
_SPEAKS = 0.25  # share of a point's words from which its numbers are compared
_ITEM_LENGTH = 6  # ideographs
_ITEM_SAID, _ITEM_TOUCHED = 0.7, 0.35  # shares of a short item's words
_ENUMERATED = re.compile(r"[、，,]|[和与及]")
_ALONE = rf"(?<![{CJK}])(?:是|有|用|加|和|与|及|或)?{{}}(?=$|[^{CJK}]|和|与|及|或|等)"
_HINTS = 0.1  # the same for formulas, which few words announce
_FIRST = 3  # clauses in which a verdict is looked for
_VERDICT_ALONE = 2  # content tokens: up to here a point is a verdict and nothing else
_LATIN_WORD = re.compile(r"[A-Za-z]{4,}")
_FORMULA_DECIDES = 14  # ideographs: up to here a point with a formula is that formula


@dataclass(frozen=True, slots=True)
class Case:
    """An answer read against one reference: everything that the rules look at.

    `owned[statement]` is the point that a statement speaks of; `asked` has the grams of the
    question less the things that it compares; `stuffed` says that the answer is a heap of keywords;
    `copies[point]` are the stretches that quote a point.
    """

    question: str
    points: Sequence[ReferencePoint]
    answer: str
    reading: Reading
    owned: Sequence[int | None]
    asked: frozenset[str]
    stuffed: bool
    copies: Sequence[Sequence[Copy]]

    @property
    def profiles(self) -> Sequence[Profile]:
        """The points as weighted grams."""
        return self.reading.profiles

    @property
    def statements(self) -> Sequence[Statement]:
        """The clauses of the answer."""
        return self.reading.statements

    @property
    def matches(self) -> Sequence[Sequence[Match]]:
        """The words of each point that each statement has."""
        return self.reading.matches

    def text(self, at: int) -> str:
        """Return a point's title and text in normal form."""
        point = self.points[at]
        return fold(f"{point.title}: {point.text}" if point.title else point.text)

    def statement(self, index: int) -> str:
        """Return the learner's own text of a statement."""
        start, end = self.statements[index].clause.span
        return self.answer[start:end]

    def window(self, evidence: Evidence) -> str:
        """Return the learner's own text from the first clause of the evidence to the last."""
        start, _ = self.statements[evidence.first].clause.span
        _, end = self.statements[evidence.end - 1].clause.span
        return self.answer[start:end]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's outcome: why, which state follows, the statement that shows it, and the last one."""

    reason: Reason
    state: State
    statement: int | None = None
    last: int | None = None


_SWAP = Finding(Reason.SIBLING_SWAP, State.CONTRADICTED)


def read_case(question: str, points: Sequence[ReferencePoint], answer: str) -> Case:
    """Read an answer against a reference."""
    pairs = [(point.title, point.text) for point in points]
    reading = read_answer(question, pairs, answer)
    return Case(
        question=question,
        points=points,
        answer=answer,
        reading=reading,
        owned=owners(reading.profiles, pairs, reading.statements),
        asked=reading.asked.difference(*(compared_things(question) or ())),
        stuffed=is_stuffed(answer),
        copies=find_copies([_quotable(point) for point in points], _quotes(reading)),
    )


def find_turn(case: Case, at: int) -> Finding | None:
    """Return the finding where an answer quotes a point but for what turns it round.

    Quoted plainly as well, it is affirmed and denied; that is half of a point. Other numbers in a
    second quotation may be of something else.
    """
    plain = any(not copy.turned for copy in case.copies[at])
    turned = [
        copy
        for copy in case.copies[at]
        if copy.is_turned and not (plain and copy.turned == Reason.NUMBERS_DIFFER)
    ]
    if not turned:
        return None
    if plain or Reason.BOTH_WAYS in {copy.turned for copy in turned}:
        return Finding(Reason.BOTH_WAYS, State.PARTIAL, turned[0].statement)
    return Finding(Reason(turned[0].turned), State.CONTRADICTED, turned[0].statement)


def find_quotation(case: Case, at: int) -> Finding | None:
    """Return the finding where an answer has a point word for word: whoever says it has it."""
    if find_turn(case, at):
        return None
    whole = next((copy for copy in case.copies[at] if copy.is_whole), None)
    if whole is None:
        return None
    return Finding(Reason.WORDS_FOUND, State.COVERED, whole.statement, whole.last)


def find_fault(case: Case, at: int, evidence: Evidence) -> Finding | None:
    """Return the first rule's finding that applies to a point, None where words may decide."""
    findings = (rule(case, at, evidence) for rule in _RULES)
    return next((finding for finding in findings if finding), None)


def all_faults(case: Case, at: int, evidence: Evidence) -> list[tuple[str, Finding | None]]:
    """Return what every rule finds, by the rule's name, in the order in which they are asked.

    The check stops at the first; this is for those who want to see why.
    """
    return [(rule.__name__.strip("_"), rule(case, at, evidence)) for rule in _RULES]


def judge_verdict(case: Case, at: int) -> Finding | None:
    """Compare yes and no, right and wrong, where the question asks for that.

    A point that is a verdict and nothing else is covered by the same one; any point that begins
    with a verdict is contradicted by the other.
    """
    head = split_clauses(case.points[at].text)
    expected = read_verdict(head[0].text.text) if head else None
    if expected is None or not asks_for_verdict(fold(case.question)):
        return None
    given = [None if one.silent else read_verdict(one.clause.text.text) for one in case.statements]
    clear = {verdict for verdict in given[:_FIRST] if verdict is not None}
    if clear == {not expected}:
        return Finding(Reason.VERDICT_DIFFERS, State.CONTRADICTED, given.index(not expected))
    if clear == {expected} and case.profiles[at].size <= _VERDICT_ALONE:
        return Finding(Reason.SAME_VERDICT, State.COVERED, given.index(expected))
    return None


def find_misplaced(case: Case, at: int) -> Finding | None:
    """Return the finding where a point's explanation is quoted under the title of another one.

    Its own title may be among the words of the explanation, so only headings count.
    """
    headings = {
        index: owner
        for index, statement in enumerate(case.statements)
        if (owner := _headed(case, statement)) is not None
    }
    for copy in case.copies[at]:
        hosts = {headings.get(index) for index in range(copy.statement - 1, copy.last)}
        if at not in hosts and hosts != {None}:
            own = at in headings.values()
            return _SWAP if own else Finding(Reason.UNDER_OTHER_TITLE, State.PARTIAL)
    return None


def _headed(case: Case, statement: Statement) -> int | None:
    """Return the point whose title a statement is, or is but for a few words: `对齐是指`."""
    said = compare_key(statement.clause.text.text)
    for at, point in enumerate(case.points):
        title = compare_key(point.title or "")
        room = _LINK_LATIN if title.isascii() else _LINK
        if title and said.startswith(title) and len(said) - len(title) <= room:
            return at
    return None


def find_quoted(case: Case, at: int) -> Finding | None:
    """Return what a quotation of a point shows: it turned, misplaced or whole; None without one."""
    return find_turn(case, at) or find_quotation(case, at) or find_misplaced(case, at)


def _quoted(case: Case, at: int, _: Evidence) -> Finding | None:
    """A quotation, whole, under another title, or with one word, number or denial changed."""
    return find_quoted(case, at)


def _exchanged(case: Case, at: int, _: Evidence) -> Finding | None:
    """In a comparison, a property of one thing given to the other."""
    things = compared_things(case.question)
    if things is None:
        return None
    point = case.points[at]
    reference = list(properties(things, split_clauses(f"{point.title or ''}\n{point.text}")))
    spoken = [case.statements[index].clause for index in sorted(_relevant(case, at))]
    if exchanged(reference, list(properties(things, spoken))):
        return Finding(Reason.EXCHANGED, State.CONTRADICTED)
    return None


def _opposite(case: Case, at: int, _: Evidence) -> Finding | None:
    """A word turned to its opposite, about the same thing."""
    return _find_opposite(case, at)


def _find_opposite(case: Case, at: int) -> Finding | None:
    reference = _reference(case.points[at])
    relevant = {index: _polarity(case, index) for index in _relevant(case, at)}
    outcome = compare_claims(reference, list(relevant.values()), case.asked)
    if outcome is Agreement.BOTH:
        return Finding(Reason.BOTH_WAYS, State.PARTIAL)
    if outcome is not Agreement.CLASHES:
        return None
    shown = (
        index
        for index, said in relevant.items()
        if compare_claims(reference, [said], case.asked) is Agreement.CLASHES
    )
    return Finding(Reason.OPPOSITE, State.CONTRADICTED, next(shown, None))


def _negated(case: Case, at: int, _: Evidence) -> Finding | None:
    """The point's own words denied, and nowhere affirmed."""
    return _find_denial(case, at)


def _find_denial(case: Case, at: int) -> Finding | None:
    reference = _reference(case.points[at])
    relevant = {index: _polarity(case, index) for index in _relevant(case, at)}
    for index in relevant:
        denied = _denied(case, at, index, reference)
        if denied:
            others = (relevant[other] for other in relevant if other != index)
            if any(_affirms(other, denied) for other in others):
                return Finding(Reason.BOTH_WAYS, State.PARTIAL, index)
            return Finding(Reason.NEGATED, State.CONTRADICTED, index)
    return None


def _denied(case: Case, at: int, index: int, reference: Sequence[Polarity]) -> frozenset[str]:
    """Return the words over which a statement and a reference disagree, if they weigh enough."""
    said = _polarity(case, index)
    found = (compare_denials(clause, said) for clause in reference)
    return next(
        (denied for denied in found if denied and _weighs(case, at, index, denied)), frozenset()
    )


def _swapped(case: Case, at: int, evidence: Evidence) -> Finding | None:
    """Another point's explanation under this point's title, or this one's under another's."""
    rival = find_rival(at, case.profiles, case.matches, case.owned)
    if rival is not None:
        return Finding(Reason.SIBLING_SWAP, State.CONTRADICTED, case.owned.index(at))
    hosts = {case.owned[index] for index in range(evidence.first, evidence.end)} - {None, at}
    for host in hosts:
        if host is not None and find_rival(host, case.profiles, case.matches, case.owned) == at:
            own = at in case.owned  # named too, so that the two have changed places
            return _SWAP if own else Finding(Reason.UNDER_OTHER_TITLE, State.PARTIAL)
    return None


def _formula(case: Case, at: int, _: Evidence) -> Finding | None:
    """A point that is a formula and little else: that of the clause that names it decides."""
    wanted = formulas(case.points[at].text)
    if not wanted or _worded_size(case.points[at].text) > _FORMULA_DECIDES:
        return None
    given = {
        index: _alternatives(case.statement(index))
        for index, one in enumerate(case.statements)
        if not one.silent and case.owned[index] in {None, at} and _names_most(case, at, index)
    }
    fits = {index: _named(case, at, index) for index, values in given.items() if values}
    if not fits or max(fits.values()) < _HINTS:
        return None
    nearest = [index for index in fits if fits[index] == max(fits.values())]
    right = [index for index in nearest if all(values & given[index] for values in wanted)]
    if right:
        return Finding(Reason.SAME_VALUE, State.COVERED, right[0])
    return Finding(Reason.NUMBERS_DIFFER, State.CONTRADICTED, nearest[0])


def _names_most(case: Case, at: int, index: int) -> bool:
    """Say whether no other point is named more by a statement."""
    shares = [_named(case, other, index) for other in range(len(case.points))]
    return shares[at] == max(shares)


def _number(case: Case, at: int, evidence: Evidence) -> Finding | None:
    """Numbers that are not the reference's."""
    if formulas(case.points[at].text):
        return None
    best = max(range(evidence.first, evidence.end), key=lambda index: _named(case, at, index))
    near = fold(case.statement(best)) if _named(case, at, best) >= _SPEAKS else ""
    outcome = compare_numbers(fold(case.question), case.text(at), near, fold(case.answer))
    if outcome is Numbers.DIFFER:
        return Finding(Reason.NUMBERS_DIFFER, State.CONTRADICTED, best)
    return Finding(Reason.NUMBER_MISSING, State.PARTIAL) if outcome is Numbers.MISSING else None


def _alternatives(text: str) -> frozenset[Worth]:
    return frozenset[Worth]().union(*formulas(text))


def _named(case: Case, at: int, index: int) -> float:
    """Return the share of a point's words, values aside, that a statement has; 1 if it has none.

    Words of the question count in full here: the average and the worst case are told apart by them.
    """
    words = [gram for gram in case.profiles[at].weights if len(gram) > 1 and not gram[0].isdigit()]
    total = sum(map(LEXICON.rarity, words))
    found = case.matches[at][index]
    said = sum(LEXICON.rarity(gram) for gram in words if gram in found.exact or gram in found.other)
    return said / total if total else 1.0


def _chinese_size(text: str) -> int:
    return sum(map(is_cjk, text))


def _worded_size(text: str) -> int:
    """Count ideographs, a Latin word as two; names of variables and functions are no words."""
    return _chinese_size(text) + 2 * len(_LATIN_WORD.findall(text))


def _title_only(case: Case, at: int, evidence: Evidence) -> Finding | None:
    """The title of a point that has an explanation, without the explanation."""
    named = evidence["title_words"] >= _TITLE_THERE
    elaborated = evidence["elaboration"] >= _ELABORATED
    explained = elaborated or evidence["body_recall"] >= _NO_EXPLANATION
    if case.profiles[at].explained and named and not explained:
        return Finding(Reason.TITLE_ONLY, State.PARTIAL)
    return None


def is_denied(case: Case, at: int) -> bool:
    """Say whether what a point says is denied somewhere, or turned to its opposite."""
    return (_find_opposite(case, at) or _find_denial(case, at)) is not None


def denies_name(case: Case, at: int) -> bool:
    """Say whether an answer has a point's title without its explanation, and denies that."""
    evidence = find_evidence(case.reading, at)
    if evidence is None or _title_only(case, at, evidence) is None:
        return False
    start, end = evidence.first, evidence.end
    return any(
        any(LEXICON.negations.find(one.clause.text.text)) for one in case.statements[start:end]
    )


def names_item(case: Case, at: int) -> bool:
    """Say whether an answer has a short item as it stands, with words of the question around it.

    Nothing is denied there and nothing else is said, so there is nothing to understand.
    """
    if not _is_short_item(case.points[at]):
        return False
    item = compare_key(case.points[at].text)
    known = frozenset(grams(fold(case.question))).union(*(p.weights for p in case.profiles))
    for one in case.statements:
        text = one.clause.text.text
        if one.silent or item not in compare_key(text) or any(LEXICON.negations.find(text)):
            continue
        rest = [gram for gram in one.bag.grams - known if LEXICON.is_word(gram)]
        if not rest:
            return True
    return False


def names_other_item(case: Case, at: int) -> bool:
    """Say whether an answer has another item of the same kind: 普通配送 where 专业配送 is wanted.

    That is a clause no longer than an item, with the same last character, but not the item.
    """
    item = compare_key(case.points[at].text)
    if not _is_short_item(case.points[at]) or item in compare_key(case.answer):
        return False
    asked = compare_key(case.question)
    items = [
        key
        for one in case.statements
        for piece in _ENUMERATED.split(one.clause.text.text)
        if not one.silent and (key := compare_key(piece)) and key not in asked
    ]
    return any(key[-1] == item[-1] and len(key) <= len(item) + 1 for key in items)


def _short_item(case: Case, at: int, evidence: Evidence) -> Finding | None:
    """A short item of which the answer has some characters: 理货员 is not 售货员."""
    if not _is_short_item(case.points[at]) or evidence["other_language"]:
        return None
    if len(case.points[at].text) == 1:
        alone = re.search(_ALONE.format(case.text(at)), fold(case.answer))
        return None if alone else Finding(Reason.OTHER_ITEM, State.MISSED)
    state = State.MISSED if evidence["word_recall"] < _ITEM_TOUCHED else State.PARTIAL
    return None if evidence["word_recall"] >= _ITEM_SAID else Finding(Reason.OTHER_ITEM, state)


def _is_short_item(point: ReferencePoint) -> bool:
    text = fold(point.text)
    return not point.title and 0 < _chinese_size(text) == len(text) <= _ITEM_LENGTH


def _stuffed(case: Case, at: int, evidence: Evidence) -> Finding | None:
    """A heap of keywords in place of an explanation; it cannot contradict, but may name a title."""
    if case.profiles[at].explained and (case.stuffed or is_stuffed(case.window(evidence))):
        return _title_only(case, at, evidence) or Finding(Reason.STUFFING, State.PARTIAL)
    return None


_RULES: tuple[Callable[[Case, int, Evidence], Finding | None], ...] = (
    _quoted,
    _stuffed,
    _formula,
    _exchanged,
    _swapped,
    _opposite,
    _negated,
    _number,
    _title_only,
    _short_item,
)


def _quotable(point: ReferencePoint) -> list[Token]:
    """Return the tokens of a point, cut as an answer is."""
    clauses = enumerate(split_clauses(point.whole))
    return read_tokens((at, clause.sentence, clause.text.text) for at, clause in clauses)


def _quotes(reading: Reading) -> list[Token]:
    """Return the tokens of the statements that have most words of any point, in their order.

    A title that repeats the question states nothing by itself, but stands in front of what does.
    """
    titles = {profile.title for profile in reading.profiles} - {frozenset()}
    strength = [
        max(
            (
                recall(profile, found[index])
                for profile, found in zip(reading.profiles, reading.matches, strict=True)
            ),
            default=0.0,
        )
        for index in range(len(reading.statements))
    ]
    nearest = sorted(range(len(strength)), key=lambda index: -strength[index])[:_MOST_QUOTED]
    return read_tokens(
        (index, one.clause.sentence, one.clause.text.text)
        for index in sorted(nearest)
        if not (one := reading.statements[index]).silent
        or frozenset(grams(one.clause.text.text)) in titles
    )


def _relevant(case: Case, at: int) -> list[int]:
    """Return the statements that speak of a point rather than of another, the likeliest first."""
    shares = {
        index: recall(case.profiles[at], found)
        for index, found in enumerate(case.matches[at])
        if found.exact and case.owned[index] in {None, at}
    }
    ranked = sorted(shares, key=lambda index: (-shares[index], index))
    likely = [index for index in ranked if shares[index] >= _RELEVANT][:_MOST_RELEVANT]
    return [index for index in likely if shares[index] >= _CLOSE * _closest_share(case, index)]


def _closest_share(case: Case, index: int) -> float:
    return max(
        recall(profile, found[index])
        for profile, found in zip(case.profiles, case.matches, strict=True)
    )


def _polarity(case: Case, index: int) -> Polarity:
    return read_polarity(case.statements[index].clause.text.text)


def _reference(point: ReferencePoint) -> list[Polarity]:
    clauses = split_clauses(f"{point.title or ''}\n{point.text}")
    return [read_polarity(clause.text.text) for clause in clauses]


def _weighs(case: Case, at: int, index: int, denied: frozenset[str]) -> bool:
    """Say whether denied words are a fair part of a point, or most of a statement about it."""
    profile = case.profiles[at]
    pairs = [gram for gram in profile.weights if len(gram) > 1]
    said = [gram for gram in case.matches[at][index].exact if len(gram) > 1]
    hit = Match(denied & profile.weights.keys())
    return (
        recall(profile, hit, pairs) >= _DENIED
        or recall(profile, hit, said) >= _MOST_OF_IT
        or recall(profile, hit, profile.title) >= _TITLE_THERE
    )


def _affirms(said: Polarity, words: frozenset[str]) -> bool:
    return len(words & said.plain) >= _AFFIRMED * len(words)
