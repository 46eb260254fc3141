"""Which item of a new document is which stored one: by key, by equality, then by likeness.

A question keeps its identity when it is moved, edited or renamed, and equal titles stay apart. The
stages go from certain to likely, and each only sees what the earlier ones left over.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

from app.documents.document import Item
from app.text import compare_key, fold, grams

# Found on edited versions of real question documents: rewordings of one question lie above these,
# different questions of one document below.
_ENOUGH_ALIKE = 0.55
_ENOUGH_ALIKE_UNDER_ONE_TITLE = 0.3
_SAME_NEIGHBOUR_BONUS = 0.15

# A gram that more items share than this says too little to make two of them candidates.
_COMMON_GRAM = 50

Pairs = dict[int, int]


def match_items(
    stored: Sequence[Item], items: Sequence[Item], stored_ids: Sequence[str]
) -> dict[int, int]:
    """Return which stored item (by index) each new item (by index) is; new ones are absent.

    `stored_ids` are the public ids of the stored items: an item may name one as its key.
    """
    pairs: Pairs = {}
    if not stored:
        return pairs
    _pair_by_key(pairs, stored, items, stored_ids)
    _pair_equal(pairs, stored, items, _verbatim)
    _pair_equal(pairs, stored, items, _whole)
    _pair_equal(pairs, stored, items, _question)
    _pair_alike(pairs, stored, items)
    return pairs


def _pair_by_key(
    pairs: Pairs, stored: Sequence[Item], items: Sequence[Item], stored_ids: Sequence[str]
) -> None:
    by_key = {item.key: index for index, item in enumerate(stored) if item.key}
    by_key |= {public_id: index for index, public_id in enumerate(stored_ids)}
    taken: set[int] = set()
    for index, item in enumerate(items):
        name = item.identity or ""
        # Spreadsheets like to write ids in capitals.
        found = by_key.get(name, by_key.get(name.lower(), by_key.get(item.key or "")))
        if found is not None and found not in taken:
            pairs[index] = found
            taken.add(found)


def _pair_equal(
    pairs: Pairs,
    stored: Sequence[Item],
    items: Sequence[Item],
    identity: Callable[[Item], Hashable],
) -> None:
    """Pair what is left and equal; among several equals only as many as both sides have.

    Where the counts of equals differ, position cannot tell who is who: likeness decides later.
    """
    left = _group(_left(len(stored), pairs.values()), stored, identity)
    right = _group(_left(len(items), pairs), items, identity)
    for value, indexes in right.items():
        candidates = left.get(value, [])
        if len(candidates) == len(indexes) or identity is not _question:
            pairs.update(zip(indexes, candidates, strict=False))


def _pair_alike(pairs: Pairs, stored: Sequence[Item], items: Sequence[Item]) -> None:
    """Pair what is left by likeness, the most alike first, so that renamed questions are found."""
    left = _left(len(stored), pairs.values())
    right = _left(len(items), pairs)
    if not left or not right:
        return
    old = {index: _Likeness(stored[index]) for index in left}
    new = {index: _Likeness(items[index]) for index in right}
    neighbours = dict(pairs)
    scored = [
        (_score(old[one], new[other]) + _neighbour_bonus(neighbours, one, other), one, other)
        for one, other in _candidates(old, new)
    ]
    taken: set[int] = set()
    for score, one, other in sorted(scored, key=lambda entry: (-entry[0], entry[1], entry[2])):
        if other in pairs or one in taken or score < _threshold(old[one], new[other]):
            continue
        pairs[other] = one
        taken.add(one)


class _Likeness:
    """What likeness is measured on, computed once per item."""

    __slots__ = ("answer", "question", "title")

    def __init__(self, item: Item) -> None:
        self.title = compare_key(item.title)
        self.question = frozenset(grams(fold(f"{item.title} {item.prompt}")))
        self.answer = frozenset(grams(fold(f"{item.answer} {item.explanation}")))


def _score(one: _Likeness, other: _Likeness) -> float:
    """Return the mean likeness of question and answer, 0 to 1; the question's if unanswered."""
    question = _dice(one.question, other.question)
    if not one.answer or not other.answer:
        return question
    return (question + _dice(one.answer, other.answer)) / 2


def _threshold(one: _Likeness, other: _Likeness) -> float:
    return _ENOUGH_ALIKE_UNDER_ONE_TITLE if one.title == other.title else _ENOUGH_ALIKE


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def _neighbour_bonus(pairs: Mapping[int, int], one: int, other: int) -> float:
    before = other - 1 in pairs and pairs[other - 1] == one - 1
    after = other + 1 in pairs and pairs[other + 1] == one + 1
    return _SAME_NEIGHBOUR_BONUS if before or after else 0.0


def _candidates(
    old: Mapping[int, _Likeness], new: Mapping[int, _Likeness]
) -> Iterator[tuple[int, int]]:
    """Yield the (old, new) pairs that share a gram that is not too common, or the title."""
    postings: defaultdict[str, list[int]] = defaultdict(list)
    for index, likeness in old.items():
        for gram in likeness.question | likeness.answer | {f"title {likeness.title}"}:
            postings[gram].append(index)
    for other, likeness in new.items():
        shared: Counter[int] = Counter()
        for gram in likeness.question | likeness.answer | {f"title {likeness.title}"}:
            if len(postings.get(gram, ())) <= _COMMON_GRAM:
                shared.update(postings.get(gram, ()))
        for one, _count in shared.most_common(_COMMON_GRAM):
            yield one, other


def _verbatim(item: Item) -> Hashable:
    return item.title, item.prompt, item.answer, item.explanation


def _whole(item: Item) -> Hashable:
    return _question(item), item.answer, item.explanation


def _question(item: Item) -> Hashable:
    return compare_key(item.title), compare_key(item.prompt)


def _left(count: int, taken: Iterable[int]) -> list[int]:
    gone = set(taken)
    return [index for index in range(count) if index not in gone]


def _group(
    indexes: Iterable[int], items: Sequence[Item], identity: Callable[[Item], Hashable]
) -> dict[Hashable, list[int]]:
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for index in indexes:
        groups[identity(items[index])].append(index)
    return groups
