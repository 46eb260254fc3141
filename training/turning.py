"""A sentence with one word turned to its opposite, or with words that say the same."""

import random
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from app.text import is_cjk

LEXICON = Path(__file__).parents[1] / "app" / "grading" / "lexicon.toml"
# Pairs that are safe to exchange wherever they stand; the lexicon's own sides are broader.
_PAIRS = """
增加 减少 | 提高 降低 | 上升 下降 | 升高 降低 | 增大 减小 | 扩大 缩小 | 加快 减慢
加速 减缓 | 促进 抑制 | 增强 减弱 | 最大 最小 | 最高 最低 | 最多 最少 | 较高 较低
较大 较小 | 更高 更低 | 更大 更小 | 更多 更少 | 更快 更慢 | 更强 更弱 | 更容易 更难
之前 之后 | 以前 以后 | 先于 晚于 | 早于 晚于 | 大于 小于 | 高于 低于 | 多于 少于
优于 劣于 | 超过 低于 | 上方 下方 | 内部 外部 | 必须 无需 | 需要 不需要 | 能够 不能
可以 不可以 | 允许 禁止 | 支持 不支持 | 具有 没有 | 存在 不存在 | 属于 不属于 | 适合 不适合
依赖 不依赖 | 所有 少数 | 全部 部分 | 总是 从不 | 任何 个别 | 唯一 众多 | 同步 异步
串行 并行 | 静态 动态 | 公开 保密 | 直接 间接 | 主动 被动 | 内存 磁盘 | 输入 输出
发送 接收 | 编码 解码 | 加密 解密 | 压缩 解压 | 局部 全局 | 线性 非线性 | 连续 离散
有序 无序 | 可逆 不可逆 | 长期 短期 | 永久 临时 | 固定 可变 | 集中 分散 | 统一 各自
上游 下游 | 正比 反比 | 正相关 负相关 | 吸收 释放 | 吸热 放热 | 酸性 碱性 | 氧化 还原
收缩 舒张 | 兴奋 抑制 | 膨胀 收缩 | 盈利 亏损 | 收入 支出 | 资产 负债 | 借方 贷方
买方 卖方 | 权利 义务 | 合法 违法 | 有效 无效 | 公法 私法 | 有偿 无偿 | 自愿 强制
供大于求 供不应求 | 通货膨胀 通货紧缩 | 扩张 紧缩 | 宽松 紧缩 | 进口 出口 | 左侧 右侧
顺时针 逆时针 | increase decrease | increases decreases | increased decreased | higher lower
more less | larger smaller | faster slower | stronger weaker | before after | above below
inside outside | always never | all few | must need_not | can cannot | is is_not
are are_not | maximum minimum | highest lowest | largest smallest | best worst
allows prevents | enables prevents | encourages discourages | improves worsens
raises lowers | accelerates slows | expands shrinks | gains loses | input output
positive negative | internal external | direct indirect | static dynamic | linear nonlinear
local global | synchronous asynchronous | short long | early late | cheap expensive
safe unsafe | legal illegal | with without | includes excludes | accepts rejects
opens closes | warm cold | hot cold | wet dry | heavy light | strong weak | thick thin
easy difficult
"""
_NUMBER = re.compile(r"(?<![\w.])(\d{1,4})(?![\w.]*\d)")
_LATIN = re.compile(r"[a-z]+")


@cache
def _opposites() -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in _PAIRS.strip().replace("\n", " | ").split(" | "):
        one, other = (word.replace("_", " ") for word in pair.split())
        found.setdefault(one, other)
        found.setdefault(other, one)
    return found


@cache
def _synonyms() -> dict[str, tuple[str, ...]]:
    """Return the two-character words of the lexicon's narrow groups with their neighbours."""
    data = tomllib.loads(LEXICON.read_text(encoding="utf-8"))
    found: dict[str, tuple[str, ...]] = {}
    for group in data["same"]:
        words = [word for word in group.split() if is_cjk(word[0]) and len(word) == 2]  # noqa: PLR2004
        for at, word in enumerate(words[:4]):  # the first of a group are the nearest
            found.setdefault(word, tuple(words[:at] + words[at + 1 : 4]))
    return found


def turn(text: str, draw: random.Random) -> str | None:
    """Return a text with one word or number turned round, None where there is none to turn."""
    places = _places(text, tuple(_opposites()))
    if places and draw.random() < 0.85:  # noqa: PLR2004 (a rate of the recipe)
        start, word = draw.choice(places)
        return text[:start] + _opposites()[word] + text[start + len(word) :]
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return None
    found = draw.choice(numbers)
    value = int(found[1])
    other = draw.choice([value * 2, value * 10, value + draw.randint(1, 5), value // 2])
    return f"{text[: found.start()]}{other}{text[found.end() :]}" if other != value else None


def rename(text: str, draw: random.Random) -> str:
    """Return a text with some of its words exchanged for synonyms."""
    known = _synonyms()
    for start, word in reversed(_places(text, tuple(known))):
        if known[word] and draw.random() < 0.35:  # noqa: PLR2004 (a rate of the recipe)
            text = text[:start] + draw.choice(known[word]) + text[start + len(word) :]
    return text


def _places(text: str, words: Sequence[str]) -> list[tuple[int, str]]:
    """Return where words stand, the longest first where two overlap; Latin ones whole."""
    found = {}
    taken: set[int] = set()
    for word in sorted(words, key=len, reverse=True):
        for match in re.finditer(_pattern(word), text):
            span = range(match.start(), match.end())
            if taken.isdisjoint(span):
                taken.update(span)
                found[match.start()] = word
    return sorted(found.items())


@cache
def _pattern(word: str) -> str:
    # 不 before a word would turn a turned word back; 不能 itself is in the list.
    return rf"\b{word}\b" if _LATIN.match(word) else rf"(?<![不没无非]){word}"
