"""Text as the bank compares it: one normal form, the way back to the original, and its grams.

Search, the answer check and the import plan must agree on when two texts are the same, so they
share this module. It knows nothing of questions.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import opencc
import snowballstemmer

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))
_WORD = re.compile(rf"[{CJK}]+|\d+(?:[.,]\d+)*%?|[^\W\d_{CJK}]+(?:'[a-z]+)?")
# ASCII, Chinese and its punctuation, full and half width forms, dashes and quotation marks.
_PLAIN = re.compile(
    rf"[\n\t\x20-\x7e\u2010-\u2015\u2018-\u201f\u2026\u3000-\u3029{CJK}\uff01-\uff5e]*"
)
# Of these, NFKC changes only some forms of other characters, and each for itself.
_CHANGING = re.compile("[\u2011\u2026\u3000\uf900-\ufaff\uff01-\uff5e\U0002f800-\U0002fa1f]")
_NOT_COMPARED = re.compile(r"[^\w+#]+|_+")
_IS_CJK = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text in normal form with the way back: `origins[i]` is where `text[i]` came from.

    Positions count Unicode code points of the original string.
    """

    text: str
    origins: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range of the original behind a non-empty `text[start:end]`."""
        return self.origins[start], _cluster_end(self.original, self.origins[end - 1])


def normalise(text: str) -> NormalText:
    """Fold width, case, script variant and white space; drop invisible characters.

    NFKC, traditional to simplified Chinese, lower case; any run of white space is one blank.
    """
    characters: list[str] = []
    origins: list[int] = []
    for position, cluster in _clusters(text):
        for character in _fold_cluster(cluster):
            if character == " " and (not characters or characters[-1] == " "):
                continue
            characters.append(character)
            origins.append(position)
    if characters and characters[-1] == " ":
        characters.pop()
        origins.pop()
    return NormalText("".join(characters), tuple(origins), text)


def fold(text: str) -> str:
    """Return the normal form alone, where no way back is needed.

    Almost all text is made of characters that fold one by one without a look at their neighbours;
    that is several times as fast as finding the way back.
    """
    if not _PLAIN.fullmatch(text):
        return normalise(text).text
    return " ".join(_fold_plain(text).split())


def fold_all(texts: Sequence[str]) -> list[str]:
    """Return the normal forms of several texts, with other white space than blanks as blanks.

    Runs of blanks stay. Plain texts are folded in one go, which is much faster for many short ones.
    """
    if not texts:
        return []
    joined = "\n".join([text.replace("\n", " ").replace("\t", " ") for text in texts])
    if not _PLAIN.fullmatch(joined):
        return [fold(text) for text in texts]
    return _fold_plain(joined).split("\n")


def fold_in_place(text: str) -> str | None:
    """Return a text folded character by character, so that every position is that of the original.

    White space is left as it is. None for a text in which some character does not fold to one.
    """
    if not _PLAIN.fullmatch(text):
        return None
    folded = _fold_plain(text)
    # Of plain text nothing shrinks, so equal lengths say that nothing grew.
    return folded if len(folded) == len(text) else None


def compare_key(text: str) -> str:
    """Return what is left of a text when case, script, punctuation and spaces do not count.

    `+` and `#` count: C, C++ and C# are three things.
    """
    return _NOT_COMPARED.sub("", fold(text))


def words(folded: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each run of Chinese, number and Latin word of a normal form."""
    for match in _WORD.finditer(folded):
        yield match.span()


def grams(folded: str) -> list[str]:
    """Return the comparable units of a normal form, in order, repeats kept.

    A run of Chinese gives its characters and its overlapping pairs, a Latin word its English stem,
    a number itself. No dictionary is needed, and a two-character word is always found.
    """
    result: list[str] = []
    for start, end in words(folded):
        word = folded[start:end]
        if _IS_CJK.match(word):
            result.extend(word)
            result.extend(first + second for first, second in pairwise(word))
        else:
            result.append(stem(word))
    return result


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the English stem of a lower-case Latin word; anything else is its own stem."""
    return str(_stemmer().stemWord(word)) if word.isascii() else word


def is_cjk(character: str) -> bool:
    """Say whether a character is a Chinese ideograph."""
    return bool(_IS_CJK.match(character))


def is_invisible(character: str) -> bool:
    """Say whether a character is one that nobody sees: zero-width, control, variation selector.

    White space is none.
    """
    if character.isspace() or "!" <= character <= "~" or is_cjk(character):
        return False
    return unicodedata.category(character) in {"Cf", "Cc"} or "\ufe00" <= character <= "\ufe0f"


def detect_language(text: str) -> str:
    """Return `zh`, `zh-Hant` or `en` by the script that dominates.

    A Chinese ideograph says about as much as a short Latin word, so words are weighed against
    characters. Traditional needs several characters that simplified Chinese does not have.
    """
    ideographs = sum(1 for character in text if is_cjk(character))
    latin = len(re.findall(r"[A-Za-z]{2,}", text))
    if ideographs < latin or not ideographs:
        return "en"
    simplified = _to_simplified()
    traditional = sum(1 for character in text if character in simplified)
    return "zh-Hant" if traditional * 12 > ideographs else "zh"


def _fold_plain(text: str) -> str:
    # Looking for what changes is many times as fast as taking every character in hand.
    folded = _CHANGING.sub(_compose, text).lower()
    return folded.translate(_simplified_codes()) if _traditional().search(folded) else folded


def _compose(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield each character with the combining marks that follow it, and its position."""
    if not any(map(unicodedata.combining, set(text))):  # nearly every text, and much faster
        yield from enumerate(text)
        return
    position = 0
    while position < len(text):
        end = _cluster_end(text, position)
        yield position, text[position:end]
        position = end


def _cluster_end(text: str, position: int) -> int:
    end = position + 1
    while end < len(text) and ord(text[end]) > 0x2FF and unicodedata.combining(text[end]):  # noqa: PLR2004 (no combining mark lies below)
        end += 1
    return end


@lru_cache(maxsize=65_536)
def _fold_cluster(cluster: str) -> str:
    simplified = _to_simplified()
    folded = unicodedata.normalize("NFKC", cluster).lower()
    return "".join(
        " " if character.isspace() else simplified.get(character, character)
        for character in folded
        if character.isspace() or not is_invisible(character)
    )


@cache
def _to_simplified() -> dict[str, str]:
    """Map every traditional character to one simplified one, so that positions never shift."""
    convert = opencc.OpenCC("t2s").convert
    table: dict[str, str] = {}
    for first, beyond in _CJK_BLOCKS:
        block = [chr(code) for code in range(first, beyond)]
        pairs = zip(block, convert("".join(block)), strict=True)
        table |= {character: simple for character, simple in pairs if simple != character}
    return table


@cache
def _simplified_codes() -> dict[int, str]:
    return str.maketrans(_to_simplified())


@cache
def _traditional() -> re.Pattern[str]:
    return re.compile(f"[{''.join(_to_simplified())}]")


@cache
def _stemmer() -> "snowballstemmer.stemmer":
    return snowballstemmer.stemmer("english")
