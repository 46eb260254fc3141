"""Topics as Moodle's categories: `$course$/top/计算机/网络`; a slash inside a name is doubled.

https://docs.moodle.org/en/Question_categories, used by both GIFT and Moodle XML.
"""

import re
from collections.abc import Sequence

_ROOT = "$course$/top"
_SLASH = re.compile(r"(?<!/)/(?!/)")
_CONTEXT = re.compile(r"\$\w+\$")


def read_category(category: str) -> tuple[str, ...]:
    """Return the topics of a category, without the context and the root above them."""
    parts = [part.strip() for part in _SLASH.split(category.strip())]
    if parts and _CONTEXT.fullmatch(parts[0]):
        del parts[0]
    if parts and parts[0] == "top":
        del parts[0]
    return tuple(part.replace("//", "/") for part in parts if part)


def write_category(topics: Sequence[str]) -> str:
    """Return the category of a path of topics, in one line."""
    return "/".join((_ROOT, *map(_write_name, topics)))


def _write_name(name: str) -> str:
    doubled = " ".join(name.split()).replace("/", "//")
    # A slash at either end would run into the one between names; blanks there do not count.
    return f"{' ' * doubled.startswith('/')}{doubled}{' ' * doubled.endswith('/')}"
