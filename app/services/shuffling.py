"""A shuffle that a seed repeats and that edits do not disturb.

Every public id is mixed with the seed to a number, and the order of these numbers is the shuffled
order. A question's place depends on nothing but itself: others may come and go between two pages.
"""

import uuid

import numpy as np
import numpy.typing as npt

from app.services.selecting import Halves, Selection

_MASK = 2**64 - 1
_PIECE = 32_768  # ids
_STEP = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def shuffled(selection: Selection, seed: int, *, after: uuid.UUID | None, count: int) -> list[int]:
    """Return the next places of a selection in the shuffled order of a seed.

    `after` is the public id of the last question that was given out, which need not be there any
    more. No order of the whole is made for a page: mixed numbers are spread evenly, so one can tell
    how far the next ones reach, and only these are sorted.
    """
    start = 0 if after is None else mix_one(after, seed)
    share = (count + 6 * count**0.5 + 10) / max(len(selection), 1)
    while True:
        end = min(start + int(share * _MASK), _MASK)
        places, mixed = _between(selection, seed, start, end)
        if after is not None:
            later = _follow(selection, places, mixed, after, start)
            places, mixed = places[later], mixed[later]
        if len(places) >= count or end == _MASK:
            break
        share *= 8
    # Equal numbers stay in the order of their ids, which is that of the selection.
    ordered: list[int] = places[np.argsort(mixed, kind="stable")[:count]].tolist()
    return ordered


def _between(
    selection: Selection, seed: int, start: int, end: int
) -> tuple[npt.NDArray[np.intp], Halves]:
    """Return the places whose numbers are from `start` to `end`, and these numbers."""
    places, numbers = [np.empty(0, np.intp)], [np.empty(0, np.uint64)]
    # Piece by piece, each small enough to stay in the processor's own memory.
    for first in range(0, len(selection), _PIECE):
        piece = slice(first, first + _PIECE)
        mixed = mix(selection.high[piece], selection.low[piece], seed)
        found = np.flatnonzero((mixed >= np.uint64(start)) & (mixed <= np.uint64(end)))
        places.append(found + first)
        numbers.append(mixed[found])
    return np.concatenate(places), np.concatenate(numbers)


def _follow(
    selection: Selection,
    places: npt.NDArray[np.intp],
    mixed: Halves,
    after: uuid.UUID,
    start: int,
) -> npt.NDArray[np.bool_]:
    """Say which of these places come after the last question: greater, or equal with a later id."""
    high, low = np.uint64(after.int >> 64), np.uint64(after.int & _MASK)
    own_high, own_low = selection.high[places], selection.low[places]
    later_id = (own_high > high) | ((own_high == high) & (own_low > low))
    follow: npt.NDArray[np.bool_] = (mixed > np.uint64(start)) | later_id
    return follow


def mix(high: Halves, low: Halves, seed: int) -> Halves:
    """Return ids mixed with a seed: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014)."""
    value = high ^ low ^ np.uint64(_finish(seed + _STEP))
    value = (value ^ (value >> np.uint64(30))) * np.uint64(_FIRST)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(_SECOND)
    mixed: Halves = value ^ (value >> np.uint64(31))
    return mixed


def mix_one(public_id: uuid.UUID, seed: int) -> int:
    """Return the number of one id, the same as among many."""
    high, low = public_id.int >> 64, public_id.int & _MASK
    return _finish(high ^ low ^ _finish(seed + _STEP))


def _finish(value: int) -> int:
    value &= _MASK
    value = (value ^ (value >> 30)) * _FIRST & _MASK
    value = (value ^ (value >> 27)) * _SECOND & _MASK
    return value ^ (value >> 31)
