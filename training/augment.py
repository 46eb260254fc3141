"""More examples from the labelled ones, only where the labels follow from how they are made."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from app.grading.verdict import ReferencePoint
from training.dataset import Example
from training.turning import rename, turn

# In these the title carries the label: without it another label would be right.
_NEED_TITLES = frozenset({"swapped_siblings", "titles_only", "partial", "keyword_soup", "swapped"})
_EXPLANATION = 10  # characters from which a titled point asks for more than its title
_JOINERS = ("。", "；", "\n", "，", " ", "。然后", "；另外")
_RANK = {"missed": 0, "partial": 1, "covered": 2}
_SENTENCE = re.compile(r"[^。！？.!?]+[。！？.!?]+\s?")
_PIECE = re.compile(r"[A-Za-z0-9]+|[\u3400-\u9fff]{1,3}")


def vary(example: Example, draw: random.Random) -> Example:
    """Return the example with its points in another order, some gone, or without titles."""
    order = list(range(len(example.points)))
    if draw.random() < 0.7:  # noqa: PLR2004 (a rate of the recipe, as below)
        draw.shuffle(order)
    if len(order) > 1 and draw.random() < 0.15:  # noqa: PLR2004
        order = order[: draw.randint(1, len(order) - 1)]
    bare = example.kind not in _NEED_TITLES and draw.random() < 0.1  # noqa: PLR2004
    points = [example.points[index] for index in order]
    return replace(
        example,
        points=tuple(ReferencePoint(point.text) if bare else point for point in points),
        states=tuple(example.states[index] for index in order),
    )


def vary_scored(example: Example, draw: random.Random) -> Example:
    """Return an answer that a person judged as a whole with its points in another order."""
    points = draw.sample(example.points, len(example.points))
    return replace(example, points=tuple(points))


class Maker:
    """Makes answers to known questions; every one comes with its labels."""

    def __init__(self, examples: Sequence[Example], draw: random.Random) -> None:
        self._draw = draw
        self._answers: dict[str, list[Example]] = defaultdict(list)
        for example in examples:
            self._answers[example.question_id].append(example)
        self._ids = sorted(self._answers)

    def make(self, count: int) -> Iterator[Example]:
        """Yield `count` made examples."""
        recipes: Sequence[Callable[[Example], Example | None]] = (
            self._copy,
            self._copy,
            self._swapped,
            self._merged,
            self._merged,
            self._merged,
            self._foreign,
            self._titles,
            self._soup,
            self._turned,
            self._turned,
            self._turned,
            self._renamed,
            self._buried,
            self._buried,
        )
        made = 0
        while made < count:
            base = self._draw.choice(self._answers[self._draw.choice(self._ids)])
            example = self._draw.choice(recipes)(base)
            if example:
                made += 1
                yield example

    def _copy(self, base: Example) -> Example:
        """Some points word for word: covered; the others missed."""
        chosen = self._some(base)
        said = [base.points[index] for index in chosen]
        texts = [point.whole if self._draw.random() < 0.5 else point.text for point in said]  # noqa: PLR2004
        return self._made(base, "copy", texts, dict.fromkeys(chosen, "covered"))

    def _swapped(self, base: Example) -> Example | None:
        """Titles before the explanations of their siblings: contradicted."""
        chosen = [index for index in self._some(base) if base.points[index].title]
        if len(chosen) < 2:  # noqa: PLR2004 (it takes two to swap)
            return None
        shifted = [*chosen[1:], chosen[0]]
        says = self._draw.choice(("：", "是指", "就是", " means ", "，即"))
        texts = [
            f"{base.points[one].title}{says}{base.points[other].text.rstrip('。.')}"
            for one, other in zip(chosen, shifted, strict=True)
        ]
        return self._made(base, "swapped", texts, dict.fromkeys(chosen, "contradicted"))

    def _merged(self, base: Example) -> Example | None:
        """Two answers one after the other: the better state, where none contradicts."""
        other = self._draw.choice(self._answers[base.question_id])
        if other is base:
            return None
        pairs = list(zip(base.states, other.states, strict=True))
        if any(not _can_merge(*pair) for pair in pairs):
            return None
        states = {index: _merge(*pair) for index, pair in enumerate(pairs)}
        texts = [base.answer.rstrip("。."), other.answer]
        return self._made(base, "merged", texts, states)

    def _foreign(self, base: Example) -> Example | None:
        """The answer to another question: all missed."""
        other = self._answers[self._draw.choice(self._ids)][0]
        titles = [point.title for point in base.points if point.title]
        if other.question_id == base.question_id or any(t in other.answer for t in titles):
            return None
        return self._made(base, "foreign", [other.answer], {})

    def _titles(self, base: Example) -> Example | None:
        """Titles alone: half the mark where there is something to explain."""
        chosen = [
            index
            for index in self._some(base)
            if base.points[index].title and len(base.points[index].text) > _EXPLANATION
        ]
        texts = [base.points[index].title or "" for index in chosen]
        return self._made(base, "titles_only", texts, dict.fromkeys(chosen, "partial"))

    def _soup(self, base: Example) -> Example:
        """Scraps of the reference in disorder: nothing is said."""
        scraps = [scrap for point in base.points for scrap in _PIECE.findall(point.text)]
        self._draw.shuffle(scraps)
        return self._made(base, "keyword_soup", [" ".join(scraps[:40])], {})

    def _turned(self, base: Example) -> Example | None:
        """Points word for word, in one of them a word turned to its opposite: contradicted."""
        chosen = self._some(base)
        at = self._draw.choice(chosen)
        turned = turn(base.points[at].text, self._draw)
        if turned is None:
            return None
        said = {index: base.points[index].text for index in chosen} | {at: turned}
        if base.points[at].title and self._draw.random() < 0.5:  # noqa: PLR2004
            said[at] = f"{base.points[at].title}：{turned}"
        states = dict.fromkeys(chosen, "covered") | {at: "contradicted"}
        return self._made(base, "turned", list(said.values()), states)

    def _renamed(self, base: Example) -> Example | None:
        """Points word for word, but for words that say the same: covered all the same."""
        chosen = self._some(base)
        said = [rename(base.points[index].text, self._draw) for index in chosen]
        if said == [base.points[index].text for index in chosen]:
            return None
        return self._made(base, "renamed", said, dict.fromkeys(chosen, "covered"))

    def _buried(self, base: Example) -> Example | None:
        """An answer inside sentences on something else: its labels stay."""
        other = self._answers[self._draw.choice(self._ids)][0]
        names = [point.title for point in base.points if point.title]
        if other.field == base.field or any(name in other.answer for name in names):
            return None
        around = _SENTENCE.findall(other.answer)
        if base.kind in _NEED_TITLES or len(around) < 2:  # noqa: PLR2004 (before and after)
            return None
        cut = self._draw.randint(0, len(around))
        before, after = "".join(around[:cut]), "".join(around[cut:])
        return replace(base, answer=f"{before}{base.answer}{after}", kind="buried")

    def _some(self, base: Example) -> list[int]:
        count = self._draw.randint(1, len(base.points))
        return self._draw.sample(range(len(base.points)), count)

    def _made(
        self, base: Example, kind: str, texts: Sequence[str], states: dict[int, str]
    ) -> Example:
        joiner = self._draw.choice(_JOINERS)
        return replace(
            base,
            answer=joiner.join(text.rstrip("。") for text in texts),
            states=tuple(states.get(index, "missed") for index in range(len(base.points))),
            kind=kind,
        )


def _can_merge(one: str, other: str) -> bool:
    """Say whether the state of two answers together is plain."""
    if "contradicted" in (one, other):
        return {one, other} <= {"contradicted", "missed"}
    return (one, other) != ("partial", "partial")


def _merge(one: str, other: str) -> str:
    if "contradicted" in (one, other):
        return "contradicted"
    return max(one, other, key=_RANK.__getitem__)
