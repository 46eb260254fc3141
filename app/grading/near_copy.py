"""Near copies of a point in an answer, and whether a word in them is turned to its opposite.

A learner who quotes a point and changes one word means the change. So the point's tokens are laid
beside those of the answer, and only what differs inside the copied stretch is looked at: opposites,
denials and numbers there say more than they would in free text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from app.grading.lexicon import LEXICON, TermIndex, tokens
from app.grading.verdict import Reason

_COPIED = 0.7  # share of a point's tokens from which a stretch is a copy of it
_COPIED_SHORT = 0.5  # the same for a short item, where one word is half of it
_SHORT = 6  # tokens
_BEFORE, _AFTER = 6, 4  # tokens around a copy that are laid beside it too
_MOST_COPIES = 3  # of one point
_MOST_TOKENS = 1_500  # of an answer that are compared
_REACH = 8  # tokens around a copy in which it can be denied as a whole
_LONGEST_CHANGE = 6  # tokens: what is longer is another text, not a turned word
_LONGEST_DENIAL = 3  # tokens that come or go with a denial
_SAME_PLACE = 0.5
_PLAIN, _DOUBTFUL = "", "doubtful"  # a copy in which nothing is turned, or twice


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an answer: its text, its statement, and whether that opens a new sentence."""

    text: str
    statement: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A stretch [first, end) of an answer's tokens that copies a point of `size` tokens.

    `likeness` is the share of the point's tokens in it; `turned` is the reason why it says the
    opposite, empty where it does not, or `doubtful` where two turns may cancel each other. It
    reaches from `statement` to the `last` one.
    """

    point: int
    first: int
    end: int
    size: int
    likeness: float
    turned: str
    statement: int
    last: int

    @property
    def is_turned(self) -> bool:
        """Whether it clearly says the opposite."""
        return self.turned not in {_PLAIN, _DOUBTFUL}

    @property
    def is_whole(self) -> bool:
        """Whether it has every token of a point that is no short item, in a row, none turned."""
        in_a_row = self.end - self.first == self.size
        return self.turned == _PLAIN and self.likeness == 1 and in_a_row and self.size > _SHORT

    def shares(self, other: "Copy") -> bool:
        """Say whether another copy stands in the same place."""
        common = min(self.end, other.end) - max(self.first, other.first)
        return common >= _SAME_PLACE * (self.end - self.first)


def read_tokens(statements: Iterable[tuple[int, int, str]]) -> list[Token]:
    """Return the tokens of (statement, sentence, normal form) triples, as many as are compared."""
    found: list[Token] = []
    for statement, sentence, folded in statements:
        found += [Token(text, statement, sentence) for text, _, _ in tokens(folded)]
        if len(found) >= _MOST_TOKENS:
            break
    return found[:_MOST_TOKENS]


def find_copies(points: Sequence[Sequence[Token]], answer: Sequence[Token]) -> list[list[Copy]]:
    """Return for each point its copies in an answer.

    Where a stretch copies several points, it belongs to those that it says unturned, or else to
    those that have no better copy elsewhere: parallel siblings differ in one word too.
    """
    matcher = SequenceMatcher(None, [], [token.text for token in answer], autojunk=False)
    words = {token.text for token in answer}
    every = [list(_copies(at, point, matcher, answer, words)) for at, point in enumerate(points)]
    together = [copy for copies in every for copy in copies]
    return [[one for one in copies if not _is_anothers(one, copies, together)] for copies in every]


def _is_anothers(one: Copy, own: Sequence[Copy], together: Sequence[Copy]) -> bool:
    rivals = [other for other in together if other.point != one.point and one.shares(other)]
    if any(other.likeness > one.likeness for other in rivals):
        return True
    plain = any(copy.turned == _PLAIN and copy.likeness > one.likeness for copy in own)
    return bool(one.turned) and any(plain or not other.turned for other in rivals)


def _copies(
    at: int,
    point: Sequence[Token],
    matcher: SequenceMatcher[str],
    answer: Sequence[Token],
    words: set[str],
) -> Iterator[Copy]:
    wanted = [token.text for token in point]
    share = _COPIED_SHORT if len(wanted) <= _SHORT else _COPIED
    if not wanted or sum(token in words for token in wanted) < share * len(wanted):
        return
    matcher.set_seq1(wanted)
    ranges = [(0, len(answer))]
    for _ in range(_MOST_COPIES):
        best, part = max(
            ((matcher.find_longest_match(0, len(wanted), *part), part) for part in ranges),
            key=lambda found: found[0].size,
        )
        if not best.size:
            return
        low = max(part[0], _start_near(answer, best.b - best.a))
        high = min(part[1], _end_near(answer, best.b + len(wanted) - best.a))
        aligned = _Alignment(wanted, answer, low, high)
        if aligned.likeness < share:
            return
        first, end = aligned.bounds
        statements = answer[first].statement, answer[end - 1].statement
        yield Copy(at, first, end, len(wanted), aligned.likeness, aligned.turned(), *statements)
        ranges = [left for whole in ranges for left in _around(whole, first, end)]
        if not ranges:
            return


def _start_near(answer: Sequence[Token], start: int) -> int:
    """Return a start a few tokens further back, within the sentence."""
    start = max(0, start)
    opening = answer[start].sentence
    before = answer[max(0, start - _BEFORE) : start]
    return start - sum(one.sentence == opening for one in before)


def _end_near(answer: Sequence[Token], end: int) -> int:
    """Return an end a few tokens further on, within the sentence; the next one is another's."""
    last = min(end, len(answer)) - 1
    return end + sum(one.sentence == answer[last].sentence for one in answer[end : end + _AFTER])


def _around(whole: tuple[int, int], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what is left of a range without another."""
    for part in ((whole[0], min(whole[1], first)), (max(whole[0], end), whole[1])):
        if part[0] < part[1]:
            yield part


class _Alignment:
    """A point's tokens beside a stretch of an answer."""

    def __init__(self, wanted: Sequence[str], answer: Sequence[Token], low: int, high: int) -> None:
        self._wanted = wanted
        self._answer = answer
        self._low = low
        self._given = [token.text for token in answer[low:high]]
        matcher = SequenceMatcher(None, wanted, self._given, autojunk=False)
        self._blocks = [block for block in matcher.get_matching_blocks() if block.size]
        self._codes = matcher.get_opcodes()

    @cached_property
    def likeness(self) -> float:
        return sum(block.size for block in self._blocks) / len(self._wanted)

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """The copied stretch as indices of the answer's tokens."""
        last = self._blocks[-1]
        return self._low + self._blocks[0].b, self._low + last.b + last.size

    def turned(self) -> str:
        """Return why the copy says the opposite; two turns cancel each other, or may."""
        reasons = [reason for change in self._changes() if (reason := self._judge(*change))]
        turns: list[Reason] = [reason for reason in reasons if reason is Reason.OPPOSITE]
        if self._is_denied():
            turns.append(Reason.NEGATED)
        if len(turns) % 2:
            return turns[0] if self._is_close() else _DOUBTFUL
        if self._is_hedged():
            return Reason.BOTH_WAYS
        if Reason.NUMBERS_DIFFER in reasons:
            return Reason.NUMBERS_DIFFER
        return _DOUBTFUL if turns else _PLAIN

    def _changes(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield what differs inside the copy; beyond its ends another text begins."""
        first, last = self._blocks[0], self._blocks[-1]
        end_wanted, end_given = last.a + last.size, last.b + last.size
        for tag, i, i_end, j, j_end in self._codes:
            inside = first.b <= j and j_end <= end_given
            edge = i < first.a or i >= end_wanted
            if tag == "equal" or not inside or max(i_end - i, j_end - j) > _LONGEST_CHANGE:
                continue
            if not edge or i_end > i:
                yield i, i_end, j, j_end
        # A first or last word that is another one: the change lies just outside the blocks.
        if first.a and self._is_one_sentence(first.b - first.a, first.b):
            yield 0, first.a, first.b - first.a, first.b
        left = len(self._wanted) - end_wanted
        if left and self._is_one_sentence(end_given - 1, end_given + left - 1):
            yield end_wanted, len(self._wanted), end_given, end_given + left
        elif left == 1 and self._wanted[-1].isascii():  # POST is not: in Chinese more would go
            yield end_wanted, len(self._wanted), end_given, end_given

    def _is_one_sentence(self, one: int, other: int) -> bool:
        if one < 0 or other >= len(self._given):
            return False
        pair = self._answer[self._low + one], self._answer[self._low + other]
        return pair[0].sentence == pair[1].sentence

    def _judge(self, i: int, i_end: int, j: int, j_end: int) -> Reason | None:
        wanted, given = self._wanted[i:i_end], self._given[j:j_end]
        numbers = [sorted(filter(_is_number, side)) for side in (wanted, given)]
        # As many on both sides: a row of numbers cut short has none turned.
        if numbers[0] and numbers[0] != numbers[1] and len(numbers[0]) == len(numbers[1]):
            return Reason.NUMBERS_DIFFER
        opposed = _opposed(self._wanted, (i, i_end), self._given, (j, j_end))
        return Reason.OPPOSITE if opposed else None

    def _is_close(self) -> bool:
        """Say whether nothing but what turns it is changed, as far as a short item can tell.

        In a short item one other word makes another item: 双链表可以 does not deny 单链表不可以.
        """
        if len(self._wanted) > _SHORT:
            return True
        first, end = self.bounds
        opening = self._answer[first]
        before = first - self._blocks[0].a - 1
        inside = before >= 0 and self._answer[before].statement == opening.statement
        if inside and self._answer[before].text not in LEXICON.function_words:
            return False
        if opening.sentence != self._answer[end - 1].sentence:
            return False
        turning: set[int] = set()
        for i, i_end, j, j_end in self._changes():
            here = range(i, i_end)
            if self._judge(i, i_end, j, j_end) is Reason.OPPOSITE:
                turning.update(here)
            for start, last in _denials(self._wanted, i, i_end):
                turning.update(range(start, last))
        matched = {at for block in self._blocks for at in range(block.a, block.a + block.size)}
        return len(matched | turning) == len(self._wanted)

    def _is_hedged(self) -> bool:
        """Say whether the copy is one of two ways that the answer leaves open: `要么…，要么…`."""
        first, _ = self.bounds
        opening = self._answer[first].statement
        near = [t.text for t in self._answer[max(0, first - 2) : first] if t.statement == opening]
        inside = [t for *_, j, j_end in self._changes() for t in self._given[j:j_end]]
        if any(True for _ in LEXICON.hedges.find_tokens(self._wanted)):
            return False
        before = any(last == len(near) for _, last, _ in LEXICON.hedges.find_tokens(near))
        return before or any(True for _ in LEXICON.hedges.find_tokens(inside))

    def _is_denied(self) -> bool:
        """Say whether denials came or went, inside the copy or right in front: `并不是…`.

        What ends with a verdict of wrong is denied as well.
        """
        gone: set[tuple[int, int]] = set()
        come = self._denials_before()
        for i, i_end, j, j_end in self._changes():
            if _opposed(self._wanted, (i, i_end), self._given, (j, j_end)):
                continue  # 有利 and 不利: one turn, not two
            gone |= _denials(self._wanted, i, i_end)
            come |= _denials(self._given, j, j_end)
        _, end = self.bounds
        closing = self._answer[end - 1].sentence
        after = [t.text for t in self._answer[end : end + _REACH] if t.sentence == closing]
        return (len(gone) + len(come) + _calls_wrong(after)) % 2 == 1

    def _denials_before(self) -> set[tuple[int, int]]:
        """Return the denials right in front of the copy; before a list item nothing may follow."""
        first = self._blocks[0].b
        between = 0 if len(self._wanted) <= _SHORT else 1
        opening = self._answer[self._low + first].statement
        return {
            (start, last)
            for start, last, groups in LEXICON.negations.find_tokens(self._given[:first])
            if 1 not in groups
            and last >= first - between
            and self._answer[self._low + start].statement == opening
        }


def _opposed(
    wanted: Sequence[str], change: tuple[int, int], given: Sequence[str], place: tuple[int, int]
) -> bool:
    """Say whether a word that reaches into the change has an opposite that reaches into its place.

    Inside a copy single characters are enough: 较长 and 较短.
    """
    ours = _sides(LEXICON.opposite, wanted, *change)
    theirs = _sides(LEXICON.opposite, given, *place)
    if any(side ^ 1 in theirs for side in ours - theirs):
        return True
    ours = _sides(LEXICON.opposite_in_copy, wanted, *change)
    theirs = _sides(LEXICON.opposite_in_copy, given, *place)
    return any(side ^ 1 in theirs for side in ours - theirs)


def _sides(index: TermIndex, found: Sequence[str], start: int, end: int) -> frozenset[int]:
    sides = (side for first, last, side in index.find_tokens(found) if first < end and start < last)
    return frozenset[int]().union(*sides)


def _denials(found: Sequence[str], start: int, end: int) -> set[tuple[int, int]]:
    """Return the stretches of the denials of a change that bear on what follows it.

    A token to either side is looked at too, since 不被 and 不会被 deny alike; others came with a
    clause.
    """
    return {
        (first, last)
        for first, last, groups in LEXICON.negations.find_tokens(found)
        if 1 not in groups
        and first <= end
        and start <= last
        and (
            end - start <= _LONGEST_DENIAL
            or last >= end - 1
            or (last - first >= _LONGEST_DENIAL and found[first].isascii())  # it is not true that
        )
    }


def _calls_wrong(found: Sequence[str]) -> bool:
    """Say whether words end in a verdict of wrong."""
    return any(
        last == len(found) or found[last] in {"的", "了"}
        for _, last, _ in LEXICON.wrong.find_tokens(found)
    )


def _is_number(token: str) -> bool:
    return token[0].isdigit()
