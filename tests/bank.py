"""A generated bank for tests: questions of real words in random sentences, in two languages."""

import random
import re
from collections.abc import Iterable

import orjson

from app.config import ROOT
from app.documents.document import Item, Point
from tests.factories import make_item

_TERMS = (
    "neural networks",
    "C++",
    "C#",
    "gradient",
    "models",
    "GPT-4",
    "caching",
    "3.5%",
    "indices",
)


def make_items(number: int, *, seed: int) -> list[Item]:
    """Return so many different questions, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 (any will do, but the same each time)
    text = (ROOT / "seed" / "multimodal-llm.md").read_text()
    words = sorted(set(re.findall(r"[\u4e00-\u9fff]{2,5}", text)))

    def sentence(length: int) -> str:
        picked = (
            chance.choice(words) if chance.random() < 0.85 else f" {chance.choice(_TERMS)} "
            for _ in range(length)
        )
        mark = chance.choice("，、；")
        return mark.join("".join(group) for group in zip(picked, picked, strict=False)) + "。"

    def item(count: int) -> Item:
        points = tuple(Point(sentence(6), chance.choice(words)) for _ in range(3))
        return make_item(
            f"{sentence(4)[:-1]}（{count}）？",
            prompt=f"请说明{sentence(4)}",
            answer="\n".join(f"- **{point.title}**：{point.text}" for point in points),
            points=points,
            explanation=sentence(4),
            tags=tuple(sorted({chance.choice(words) for _ in range(2)})),
            difficulty=chance.choice((1, 2, 3, 4, 5, None)),
            topics=(chance.choice(words[:4]), *chance.choices(words[4:9], k=chance.randint(0, 1))),
        )

    return [item(count) for count in range(number)]


def titles_of(items: Iterable[bytes]) -> list[str]:
    """Return the titles of questions given as JSON."""
    return [orjson.loads(item)["title"] for item in items]
