"""Makes app/grading/gram_weights.json: how much a common Chinese or English gram says.

    python -m benchmarks.make_gram_weights path/to/jieba/dict.txt

The input is the word list of jieba 0.42.1 (MIT), lines of `word frequency tag`. The result lists
grams by their weight in per cent; what is in no list gets the weights in app/grading/lexicon.py.
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from app.grading.lexicon import LEXICON
from app.text import is_cjk, stem

TARGET = Path(__file__).parents[1] / "app" / "grading" / "gram_weights.json"
SINGLES = 2_000
PAIRS = 30_000  # words; a pair that is none mostly straddles two words
FLOOR = 8
COMMONEST = 0.4  # weight of the commonest pair beside the rarest
STEP = 5

COMMON_ENGLISH = """
about above across act add after again against age also always among amount another any area ask
back bad base because become before begin best better big both bring build call case change check
come common compare complete consider contain create data day different do each early easy end
enough even every example fact far few find first follow form full general get give go good great
group grow hand happen hard help high hold home however idea important include increase information
just keep kind know large last late lead learn leave less let level life like line little live long
look low main make many mean means method more most move much must name near need never new next
number often old one only open order other own part people place plan point possible problem
process produce provide put question quite reason result right run same say second see seem
sentence set several show side simple since small something sometimes start state still stop such
support system take tell thing think three time together too try turn two type under understand up
use used using value very want way well what whole why without word work world year yes
"""


def main() -> None:
    """Read the word list, count grams, and write those of each weight in per cent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", type=Path)
    lines = parser.parse_args().words.read_text(encoding="utf-8").splitlines()
    weights = {**chinese_weights(lines), **english_weights()}
    for word in LEXICON.function_words:
        weights[word if is_cjk(word[0]) else stem(word)] = FLOOR
    by_weight: dict[int, list[str]] = defaultdict(list)
    for gram, weight in sorted(weights.items()):
        by_weight[weight].append(gram)
    data = {weight: " ".join(found) for weight, found in sorted(by_weight.items())}
    TARGET.write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def chinese_weights(lines: Iterable[str]) -> dict[str, int]:
    """Weigh the commonest characters and the commonest pairs inside words."""
    singles: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for line in lines:
        word, frequency, *_ = line.split(" ")
        if all(map(is_cjk, word)):
            for character in word:
                singles[character] += int(frequency)
            for first, second in pairwise(word):
                pairs[first + second] += int(frequency)
    return {**scaled(singles.most_common(SINGLES), 45), **scaled(pairs.most_common(PAIRS), 100)}


def scaled(counts: Sequence[tuple[str, int]], top: int) -> dict[str, int]:
    """Return per cents from `top` for the rarest down to COMMONEST of it, by log frequency."""
    most, least = math.log(counts[0][1]), math.log(counts[-1][1])
    return {
        gram: STEP
        * round(top * (1 - (1 - COMMONEST) * (math.log(count) - least) / (most - least)) / STEP)
        for gram, count in counts
    }


def english_weights() -> dict[str, int]:
    """Weigh the words of everyday English half."""
    return {stem(word): 50 for word in COMMON_ENGLISH.split()}


if __name__ == "__main__":
    main()
