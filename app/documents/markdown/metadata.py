"""Difficulty and tags as documents write them, and front matter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

_NAMED = (
    (1, ("入门", "入門", "very easy", "beginner", "入门级", "很简单", "非常简单")),
    (2, ("简单", "簡單", "容易", "初级", "初級", "基础", "easy", "低", "junior")),
    (3, ("中等", "中级", "中級", "中", "适中", "medium", "intermediate", "moderate", "normal")),
    (
        4,
        ("困难", "困難", "较难", "难", "難", "高级", "高級", "高", "hard", "advanced", "difficult"),
    ),
    (5, ("专家", "專家", "极难", "很难", "非常困难", "very hard", "expert", "地狱")),
)
_LEVELS = {name: level for level, names in _NAMED for name in names}
_NAMED_LEVEL = re.compile("|".join(map(re.escape, sorted(_LEVELS, key=len, reverse=True))))
_IN_ORDER = frozenset(
    {
        "重要",
        "有序",
        "固定",
        "是",
        "要",
        "按顺序",
        "按順序",
        "须按顺序",
        "必须按顺序",
        "✓",
        "√",
        "1",
    }
    | {"yes", "true", "ordered", "matters", "strict", "fixed"}
)
_ANY_ORDER = frozenset(
    {"无关", "無關", "无序", "無序", "不限", "任意", "否", "不重要", "×", "0"}
    | {"no", "false", "any", "unordered", "free"}
)
_STARS = re.compile(r"(?P<full>(?:★|⭐️?|🌟)+)(?P<empty>☆*)")
_OUT_OF = re.compile(r"(?P<value>[1-5])\s*(?:/\s*5|星|级|$)")
_SUFFIX = re.compile(
    r"\s?(?:[（(\[【]\s*(?:难度|難度|difficulty)?\s*[:：]?\s*(?P<name>[^（(\[【）)\]】]{1,12}?)\s*[）)\]】]"
    r"|(?P<stars>(?:★|⭐️?|🌟){1,10}☆{0,10}))\s*$",
    re.IGNORECASE,
)
_EXPLICIT = re.compile(r"难度|難度|difficulty", re.IGNORECASE)
_TAG_SEPARATORS = re.compile(r"\s*[,，、;；|｜/]\s*|\s+#|\s{2,}")
_MAX_FRONT_MATTER_LINES = 200
_MAX_FRONT_MATTER_DEPTH = 20


def read_difficulty(text: str) -> int | None:
    """Return 1 (easiest) to 5 for `中等`, `★★★☆☆`, `hard`, `3/5` …; None where nothing fits."""
    value = text.strip().strip("*_`").strip().lower()
    if not value:
        return None
    if stars := _STARS.search(value):
        return min(5, len(re.findall("★|⭐|🌟", stars["full"])))
    if named := _NAMED_LEVEL.match(value):
        return _LEVELS[named.group()]
    match = _OUT_OF.match(value)
    return int(match["value"]) if match else None


def split_difficulty(title: str, marks: Mapping[str, int]) -> tuple[str, int | None]:
    """Take a difficulty off a title: `（难度：中等）`, `[Easy]`, `★★★`, a profile's mark."""
    for mark, meaning in marks.items():
        if mark in title:
            return re.sub(r"\s{2,}", " ", title.replace(mark, "")).strip(), meaning
    match = _SUFFIX.search(title)
    if not match:
        return title, None
    text = match["stars"] or match["name"]
    level = _exact(text, explicit=bool(match["stars"] or _EXPLICIT.search(match.group())))
    return (title[: match.start()].strip(), level) if level else (title, None)


def _exact(text: str, *, explicit: bool) -> int | None:
    """Accept a bare bracket only if it holds a whole difficulty word of two characters or more."""
    if explicit:
        return read_difficulty(text)
    word = text.strip().lower()
    return _LEVELS.get(word) if len(word) > 1 and word not in {"基础", "高级", "高級"} else None


def read_order(text: str) -> bool | None:
    """Return whether `重要`, `是`, `ordered`, `yes` … ask for the points in their order.

    None where a text says something else.
    """
    value = text.strip().strip("*_`").strip(" 。.").lower()
    return True if value in _IN_ORDER else False if value in _ANY_ORDER else None


def read_tags(text: str) -> tuple[str, ...]:
    """Return the tags of a line: separated by commas of either width, 、, ;, | or #."""
    parts = _TAG_SEPARATORS.split(text.strip())
    cleaned = (part.strip().strip("`*_[]#【】\"'").strip() for part in parts)
    return tuple(dict.fromkeys(part for part in cleaned if part))


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands between the `---` lines at the top: plain values, and its number of lines."""

    values: Mapping[str, object]
    line_count: int = 0

    def text(self, *keys: str) -> str | None:
        """Return the first of these keys as text, or None."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, str | int | float) and str(value).strip():
                return str(value).strip()
        return None

    def texts(self, *keys: str) -> tuple[str, ...] | None:
        """Return the first of these keys as a list of texts; a line of tags is split."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, list):
                return tuple(str(entry) for entry in value if isinstance(entry, str | int | float))
            if isinstance(value, str):
                return read_tags(value)
        return None


NONE = FrontMatter({})


def read_front_matter(lines: list[str]) -> FrontMatter:
    """Return the YAML at the top of a document; what is no mapping is no front matter."""
    if not lines or lines[0].rstrip() != "---":
        return NONE
    for index in range(1, min(len(lines), _MAX_FRONT_MATTER_LINES)):
        if lines[index].rstrip() in {"---", "..."}:
            values = _load("\n".join(lines[1:index]))
            return FrontMatter(values, index + 1) if values is not None else NONE
    return NONE


def _load(text: str) -> Mapping[str, object] | None:
    if text.count("[") + text.count("{") > _MAX_FRONT_MATTER_DEPTH * 5:
        return None
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    return {str(key).lower(): value for key, value in data.items()}
