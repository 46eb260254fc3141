"""Tells a heap of keywords from an answer in sentences."""

import re
from collections.abc import Sequence

from app.grading.lexicon import LEXICON, tokens
from app.text import CJK, fold, is_cjk

_KEYWORD_BREAKS = re.compile(rf"[、/|+]|(?<=[{CJK}])\s+(?=[{CJK}])")
_BREAKS = re.compile(rf"[,，;；。.：:\n]+|{_KEYWORD_BREAKS.pattern}")
_FEWEST_TOKENS = 8
_FEWEST_PIECES = 4
# Tokens on average; a Chinese character is one, an English word two. Terse sentences have commas,
# keywords mostly blanks or enumeration commas, so between commas they must be shorter still.
_LONGEST_KEYWORD, _LONGEST_BETWEEN_COMMAS = 6.0, 3.6
_GRAMMAR = 0.06


def is_stuffed(text: str) -> bool:
    """Say whether a text is a row of short pieces with hardly a word of grammar between them.

    English keywords come without commas, so there the missing grammar alone decides.
    """
    folded = fold(text)
    found = [folded[start:end] for _, start, end in tokens(folded)]
    grammar = sum(token in LEXICON.particles for token in found)
    if len(found) < _FEWEST_TOKENS or grammar >= _GRAMMAR * len(found):
        return False
    return _in_keywords(folded, found) or not any(map(is_cjk, folded))


def _in_keywords(folded: str, found: Sequence[str]) -> bool:
    pieces = [piece for piece in _BREAKS.split(folded) if piece.strip()]
    length = sum(2 if token.isascii() else 1 for token in found) / len(pieces)
    enumerated = len(_KEYWORD_BREAKS.findall(folded)) * 2 > len(pieces)
    longest = _LONGEST_KEYWORD if enumerated else _LONGEST_BETWEEN_COMMAS
    return len(pieces) >= _FEWEST_PIECES and length <= longest
