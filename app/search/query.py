"""What a query asks for: terms that must all be found, and terms that must not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.search.words import WORD, is_run, query_tokens, read_word
from app.text import fold

_MOST_TOKENS = 8
_QUOTES = '"“”„«»「」『』'
# An exclusion begins like a word; a hyphen within a word is no exclusion.
_PART = re.compile(rf"(-*)[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?|[^ {_QUOTES}]+")
# What may stand between two words that are written together: client-server, node.js, a/b.
_JOINT = re.compile(r"[-‐‑./_'’:&@*`+#%~=]*")


@dataclass(frozen=True, slots=True)
class Term:
    """Something to be found: `needle` is a part of the words of every text that has it.

    `tokens` find the texts that come into question, and where they are `exact` all those.
    """

    needle: str
    tokens: tuple[str, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for; `asked` is false for a blank query, which asks for nothing at all."""

    asked: bool
    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()


@lru_cache(maxsize=1_024)
def parse_query(text: str) -> Query:
    """Read a query; there is no wrong one.

    What stands together is a term, what stands in quotes too; a quote that is never closed reaches
    to the end. `-` before a term excludes it. Marks that are no part of a word mean nothing.
    """
    folded = fold(text)
    terms: dict[Term, None] = {}
    excluded: dict[Term, None] = {}
    for words, wanted in _read_terms(folded):
        (terms if wanted else excluded)[_make_term(words)] = None
    return Query(bool(folded), tuple(terms), tuple(excluded))


def _read_terms(folded: str) -> Iterator[tuple[Sequence[str], bool]]:
    """Yield the words of each term, and whether it is wanted."""
    for part in _PART.finditer(folded):
        begins = part.start() == 0 or folded[part.start() - 1] == " "
        wanted = not (begins and part[0].startswith("-"))
        if part[2] is None:
            for words in _split(part[0]):
                yield words, wanted
        elif words := [read_word(found) for found in WORD.findall(part[2])]:
            yield words, wanted


def _split(chunk: str) -> Iterator[Sequence[str]]:
    """Yield the words that are written together; a comma or a bracket parts them."""
    together: list[str] = []
    end = 0
    for found in WORD.finditer(chunk):
        if together and not _JOINT.fullmatch(chunk, end, found.start()):
            yield together
            together = []
        together.append(read_word(found[0]))
        end = found.end()
    if together:
        yield together


def _make_term(words: Sequence[str]) -> Term:
    """A run at either end of a term may go on in the text, any other word may not."""
    before = "" if is_run(words[0]) else " "
    after = "" if is_run(words[-1]) else " "
    tokens = query_tokens(words, _MOST_TOKENS)
    exact = len(words) == 1 and (not is_run(words[0]) or len(words[0]) <= 2)  # noqa: PLR2004 (a pair is a token)
    return Term(f"{before}{' '.join(words)}{after}", tokens, exact)
