"""The order of what was found: by where terms stand, how rare they are, and how close together.

All is made of whole numbers and of the words of the question alone, so that both engines give the
same order, and a place in it stays a place while the bank changes.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from app.search.query import Term
from app.search.words import FIELD_END, index_tokens, is_run

# What a hit is worth in the title, prompt, labels (tags, choices), points, and the whole answer.
_FIELD_WORTH = (32, 20, 16, 12, 4)
_BONUS = 8  # at most, for a title that is little more than the term, and for terms close together
_STEP = 48  # bytes, of sixteen Chinese characters, between terms that cost a point of the bonus
_FIELD_END = FIELD_END.encode()
_TELLING = 32
_HEAD = 4  # a token of title or prompt says so much more of a question than one of its answer


# A question's place: the less the earlier. Its score below zero, then its row id.
Ranked = tuple[int, int]


def weigh_term(term: Term, documents: Mapping[str, int], total: int) -> int:
    """Return how telling a term is, 1 and up: how often one has to halve the bank to find it.

    A term is as rare as its rarest token; `documents` says how many questions have a token.
    """
    return weigh(min(documents.get(token, 0) for token in term.tokens), total)


def weigh(documents: int, total: int) -> int:
    """Return the same for a token that so many of `total` questions have."""
    return max((total // max(documents, 1)).bit_length(), 1)


def rank(
    found: Iterable[tuple[int, bytes]], terms: Sequence[Term], weights: Sequence[int]
) -> list[Ranked]:
    """Return the places of questions, given by row id and words, in order."""
    score = make_scorer(terms, weights)
    return sorted([(-score(words), row_id) for row_id, words in found])


def make_scorer(terms: Sequence[Term], weights: Sequence[int]) -> Callable[[bytes], int]:
    """Return what scores the words of a question, which are UTF-8, for a query."""
    weighted = [(term.needle.encode(), weight) for term, weight in zip(terms, weights, strict=True)]
    total = sum(weights)
    several = len(weighted) > 1

    def score(words: bytes) -> int:
        points = covered = 0
        places = []
        for needle, weight in weighted:
            at = words.find(needle)
            field = words.count(_FIELD_END, 0, at)
            points += weight * _FIELD_WORTH[field]
            if not field:
                covered += len(needle)
            places.append(at)
        if covered:
            points += total * (_BONUS * covered // (words.index(_FIELD_END) + 1))
        if several:
            first, last = min(places), max(places)
            if last - first < _BONUS * _STEP and _FIELD_END not in words[first:last]:
                points += total * (_BONUS - (last - first) // _STEP)
        return points

    return score


def telling_tokens(words: str) -> dict[str, int]:
    """Return the tokens of a question that can tell it from others, and what each counts for.

    Pairs of characters and words do; single characters stand in too many questions.
    """
    head = index_tokens(" ".join(words.split(FIELD_END)[:2]))
    return {
        token: _HEAD if token in head else 1
        for token in index_tokens(words)
        if not (is_run(token) and len(token) == 1)
    }


def most_telling(
    counts: Mapping[str, int], documents: Mapping[str, int], total: int
) -> dict[str, int]:
    """Return the tokens that tell most, and their weights; those of one question alone tell none.

    `counts` is of `telling_tokens`, `documents` says how many questions have a token.
    """
    weights = {
        token: count * weigh(documents[token], total)
        for token, count in counts.items()
        if documents.get(token, 0) > 1
    }
    order = sorted(weights, key=lambda token: (-weights[token], token))
    return {token: weights[token] for token in order[:_TELLING]}


def pick_tokens(
    weights: Mapping[str, int], documents: Mapping[str, int], most: int
) -> Collection[str]:
    """Return tokens by which similar questions are fetched: together they find at most `most`.

    They are taken from the most telling on. If the first is in more, it is the only one.
    """
    picked: list[str] = []
    left = most
    for token in weights:
        if documents[token] <= left:
            picked.append(token)
            left -= documents[token]
    return picked or list(weights)[:1]


def measure_overlap(words: str, weights: Mapping[str, int]) -> float:
    """Return which share of the telling tokens another question has too, by weight, 0 to 1."""
    shared = sum(weight for token, weight in weights.items() if _has(words, token))
    return shared / sum(weights.values())


def _has(words: str, token: str) -> bool:
    return token in words if is_run(token) else f" {token} " in words
