"""A text as search compares it: its words, and the tokens that an index looks them up by.

The words of a text are one string with a blank around each: runs of Chinese as they are, Latin
words as their English stems, numbers. Whether a term occurs is then a question of substrings, on
every engine and in Python alike. Tokens only have to find the texts that come into question: the
characters and the pairs of characters of every run, and each other word.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from operator import add

from app.text import fold_all, stem

FIELD_END, PART_END = "\n", "\t"
# A question of more is longer than a book's chapter; PostgreSQL takes no more tokens of one row.
MOST_CHARACTERS = 100_000
_LONGEST_WORD = 64
# The letters from here on stand in runs without blanks: Chinese, kana, hangul.
FIRST_OF_RUNS = "\u3005"
_IN_RUN = rf"[^\W\d_\x00-{chr(ord(FIRST_OF_RUNS) - 1)}]"
_RUNS = re.compile(rf"[{FIRST_OF_RUNS}-\U0010ffff]+")
OTHERS = re.compile(rf"[!-{chr(ord(FIRST_OF_RUNS) - 1)}]+")
# Marks of emphasis that stand within a run do not tear it apart.
_MARKS = r"(?:\*\*|`)"
WORD = re.compile(
    rf"{_IN_RUN}+(?:{_MARKS}+{_IN_RUN}+)*"
    rf"|\.net(?![a-z])"
    rf"|[^\W\d_{FIRST_OF_RUNS}-\U0010ffff]+(?:['’][a-z]+)?(?:\+\+|#(?![a-z]))?"
    r"|\d+(?:[.,]\d+)*"
)
_WORD_OR_END = re.compile(rf"{WORD.pattern}|[{FIELD_END}{PART_END}]")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def make_words(fields: Iterable[Iterable[str]]) -> str:
    """Return the words of a question: fields in order of their weight, each of several parts.

    Parts end in PART_END and fields in FIELD_END, so that no phrase reaches across.
    """
    parts = [[part for part in field if part] for field in fields]
    folded = iter(fold_all([part for some in parts for part in some]))
    joined = FIELD_END.join([PART_END.join([next(folded) for _ in some]) for some in parts])
    words = f" {' '.join([read_word(found) for found in _WORD_OR_END.findall(joined)])} "
    return words if len(words) <= MOST_CHARACTERS else _cut(words)


def _cut(words: str) -> str:
    """Return the beginning of what is too long; half a run is still a run, half a word is none."""
    words = words[:MOST_CHARACTERS]
    return f"{words} " if is_run(words[-1]) else words[: words.rfind(" ") + 1]


@lru_cache(maxsize=65_536)
def read_word(found: str) -> str:
    """Return a word of a folded text as it is compared."""
    if is_run(found):
        return found.replace("*", "").replace("`", "")
    if found[0].isdigit():
        return (found.replace(",", "") if _THOUSANDS.fullmatch(found) else found)[:_LONGEST_WORD]
    if not found[-1].isalpha() or found[0] == ".":  # C++, C#, .NET, an end
        return found[-_LONGEST_WORD:]
    return stem(found.replace("’", "'")).replace("'", "")[:_LONGEST_WORD]


def is_run(word: str) -> bool:
    """Say whether a word is a run of characters that are not parted by blanks."""
    return word[0] >= FIRST_OF_RUNS


def index_tokens(words: str) -> set[str]:
    """Return the tokens that an index finds these words by."""
    tokens = set(OTHERS.findall(words))
    runs = _RUNS.findall(words)
    for run in runs:
        tokens.update(map(add, run, run[1:]))
    tokens.update("".join(runs))
    return tokens


def query_tokens(words: Sequence[str], most: int) -> tuple[str, ...]:
    """Return tokens that every text has which has these words, at most so many of them.

    Every other pair of a run is enough to find it: whether it is there is for the words to say.
    """
    tokens: list[str] = []
    for word in words:
        if not is_run(word) or len(word) == 1:
            tokens.append(word)
        else:
            tokens += [word[start : start + 2] for start in range(0, len(word) - 1, 2)]
            tokens.append(word[-2:])
    return tuple(dict.fromkeys(tokens))[:most]
