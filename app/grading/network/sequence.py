"""Question, points and answer as one sequence of numbers, the way the network was trained on."""

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import opencc

from app.grading.network.unigram import Unigram

BOS, PAD, EOS, UNK = range(4)
QUESTION_TOKENS = 48
POINT_TOKENS = 72
ALL_POINTS_TOKENS = 256  # shared by the points; with the question and the answer 512 at most
ANSWER_TOKENS = 200
_LONGEST_TEXT = 20_000  # characters of an answer that are cut into clauses at all
_CLAUSES = re.compile(r"(?<=[。！？!?；;，,\n])|(?<=\.)\s+")
_GRAM = re.compile(r"[A-Za-z0-9]+|[\u3400-\u9fff]")

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """One answer with its question and points; `starts` and `ends` bound each point's tokens.

    `places` are where the answer's tokens stand in it, in code points; they are the last tokens
    but one.
    """

    tokens: Sequence[int]
    segments: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    places: Sequence[int]


def encode(question: str, points: Sequence[str], answer: str) -> Sequenced:
    """Return `<s> question </s>`, `<s> point` for each point, `</s> answer </s>`."""
    tokens = [BOS, *_pieces(question)[:QUESTION_TOKENS], EOS]
    segments = [0] * len(tokens)
    starts, ends = [], []
    room = min(POINT_TOKENS, ALL_POINTS_TOKENS // len(points) - 1)
    for point in points:
        starts.append(len(tokens))
        tokens += [BOS, *_pieces(point)[:room]]
        ends.append(len(tokens))
    segments += [1] * (len(tokens) - len(segments))
    said = _fitting(answer, points)
    tokens += [EOS, *(number for number, _ in said), EOS]
    segments += [2] * (len(tokens) - len(segments))
    return Sequenced(tokens, segments, starts, ends, [place for _, place in said])


def collate(rows: Sequence[Sequenced]) -> dict[str, npt.NDArray[np.generic]]:
    """Pad sequences of the same points to one length; the arrays are named as the network's inputs.

    Shapes: tokens, segments, present (rows, length); spans (rows, points, length), the weights of
    each point's tokens; marks (rows, points), where each point begins.
    """
    length, count = max(len(row.tokens) for row in rows), len(rows[0].starts)
    tokens = np.full((len(rows), length), PAD, dtype=np.int64)
    segments = np.zeros((len(rows), length), dtype=np.int64)
    present = np.zeros((len(rows), length), dtype=np.bool_)
    spans = np.zeros((len(rows), count, length), dtype=np.float32)
    marks = np.zeros((len(rows), count), dtype=np.int64)
    for at, row in enumerate(rows):
        size = len(row.tokens)
        tokens[at, :size] = row.tokens
        segments[at, :size] = row.segments
        present[at, :size] = True
        marks[at] = row.starts
        for number, (start, end) in enumerate(zip(row.starts, row.ends, strict=True)):
            first = min(start + 1, end - 1)  # without the token that opens it
            spans[at, number, first:end] = 1 / (end - first)
    return {
        "tokens": tokens,
        "segments": segments,
        "present": present,
        "spans": spans,
        "marks": marks,
    }


def simplify(text: str) -> str:
    """Return a text in simplified Chinese, the only script that the network knows."""
    return str(_converter().convert(text))


def best_clauses(answer: str, points: Sequence[str], size: Callable[[str], int]) -> str:
    """Return the clauses of a long answer that fit, those nearest to any point first.

    The points choose in turn, each its best clause by the share of the clause's grams that the
    point has, with the clause after it; the chosen clauses keep their order.
    """
    return "".join(clause for _, clause in _excerpt(answer, points, size))


def _excerpt(
    answer: str, points: Sequence[str], size: Callable[[str], int]
) -> list[tuple[int, str]]:
    """Return the best clauses, each with where it begins in the answer."""
    clauses = [clause for clause in _CLAUSES.split(answer) if clause.strip()]
    sizes = [size(clause) for clause in clauses]
    chosen: set[int] = set()
    left = ANSWER_TOKENS
    for index in _in_turns(clauses, points):
        for near in (index, index + 1):
            if near < len(clauses) and near not in chosen and sizes[near] <= left:
                chosen.add(near)
                left -= sizes[near]
    starts: list[int] = []
    for clause in clauses:
        starts.append(answer.index(clause, starts[-1] + 1 if starts else 0))
    return [(starts[index], clauses[index]) for index in sorted(chosen)]


def _fitting(answer: str, points: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pieces of an answer that are read, each with its place in the answer."""
    text = answer[:_LONGEST_TEXT]
    pieces = _cut(text)
    if len(pieces) <= ANSWER_TOKENS:
        return [(number, int(share * len(text))) for number, share in pieces]
    clauses = _excerpt(text, points, lambda clause: len(_cut(clause)))
    if not clauses:  # without punctuation it is one clause, too long to be chosen
        return [(number, int(share * len(text))) for number, share in pieces[:ANSWER_TOKENS]]
    origins = [start + at for start, clause in clauses for at in range(len(clause))]
    read = _cut("".join(clause for _, clause in clauses))[:ANSWER_TOKENS]
    return [(number, origins[int(share * len(origins))]) for number, share in read]


def _in_turns(clauses: Sequence[str], points: Sequence[str]) -> Iterator[int]:
    bags = [_grams(clause) for clause in clauses]
    rankings = []
    for point in points:
        wanted = _grams(point)
        overlap = [len(wanted & bag) / (4 + len(bag)) for bag in bags]
        rankings.append(sorted(range(len(clauses)), key=lambda i: (-overlap[i], i)))
    for places in zip(*rankings, strict=True):
        yield from places


def _grams(text: str) -> set[str]:
    units = _GRAM.findall(simplify(text).lower())
    return {*units, *map("".join, pairwise(units))}


@lru_cache(maxsize=1_024)  # questions and points, which many answer; answers would only fill it
def _pieces(text: str) -> list[int]:
    return [number for number, _ in _cut(text)]


def _cut(text: str) -> list[tuple[int, float]]:
    return _tokeniser().cut(simplify(text))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@cache
def _tokeniser() -> Unigram:
    packed = (files(__package__) / "vocabulary.json.gz").read_bytes()
    data = json.loads(gzip.decompress(packed))
    pairs = enumerate(zip(data["pieces"], data["scores"], strict=True))
    special = set(data["special"])
    pieces = {piece: (number, score) for number, (piece, score) in pairs if number not in special}
    return Unigram(pieces, data["normal"], UNK)
