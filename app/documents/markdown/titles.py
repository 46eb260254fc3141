"""The short name in front of a point: `**name：** text`, `**name** - text`, `name：text`."""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.documents.document import Point
from app.documents.markdown.numbering import plain_text

_MAX_TITLE = 40
_BOLD_LEAD = re.compile(
    r"(?P<mark>\*\*|__)(?P<bold>(?:(?!(?P=mark))[^\n])+?)(?P=mark)(?P<rest>[\s\S]*)$"
)
_COLON_AFTER = re.compile(r"(?P<note>[^\n：:。；;，,！？!?]{0,30})[：:](?P<rest>[\s\S]*)$")
_DASH_AFTER = re.compile(r"\s*(?:[—–]{1,2}|-)\s+(?P<rest>[\s\S]*)$")
_PLAIN_LEAD = re.compile(
    r"(?P<title>[^\n：:。；;，！？!?、]{1,24})(?:：|:(?=\s|$|[^\x00-\x7f]))(?P<rest>[\s\S]*)$"
)
_NUMBER = re.compile(r"\s*(?:\d{1,3}[.、．)）]|[（(]\d{1,3}[)）])\s*")
_COLONS = ("：", ":")


def split_title(text: str) -> tuple[str | None, str]:
    """Split the short bold name off a point: (`name`, rest), or (None, text) where there is none.

    The colon stands inside or outside the bold, in either width, or is missing where a line break
    or a dash follows. A whole point in bold is no name but its text.
    """
    match = _BOLD_LEAD.match(text) if text.startswith(("**", "__")) else None
    if not match:
        return None, text
    bold, rest = match["bold"].strip(), match["rest"]
    if not rest.strip() and not bold.endswith(_COLONS):
        return _split_whole_bold(bold, text)
    if bold.endswith(_COLONS) or rest.lstrip(" ").startswith("\n"):
        return _title(bold, rest, text)
    if colon := _COLON_AFTER.match(rest):
        return _title(bold + plain_text(colon["note"]), colon["rest"], text)
    if dash := _DASH_AFTER.match(rest):
        return _title(bold, dash["rest"], text)
    return None, text


def bold_title(text: str) -> str | None:
    """Return the name that a line in bold and nothing else is, its own colon included."""
    match = _BOLD_LEAD.match(text) if text.startswith(("**", "__")) else None
    if match is None or match["rest"].strip("：: \t\n"):
        return None
    return _title(match["bold"].strip(), "", text)[0]


def is_named(text: str) -> bool:
    """Say whether a text begins with a bold name."""
    return split_title(text)[0] is not None


def is_bare_name(text: str) -> bool:
    """Say whether a text is only a bold name, or ends in a colon."""
    text = text.strip()
    if not text.endswith((*_COLONS, "*", "_")):
        return False
    title, rest = split_title(text)
    return bool(title and not rest.strip()) or text.endswith(_COLONS)


def with_plain_titles(points: Sequence[Point]) -> list[Point]:
    """Read `name: text` without bold as a titled point where all points have that form."""
    split = [
        match
        for point in points
        if point.title is None
        and (match := _PLAIN_LEAD.match(point.text))
        and match["rest"].strip()
    ]
    if len(points) == 1 or len(split) < len(points):
        return list(points)
    return [
        replace(point, title=plain_text(match["title"]), text=match["rest"].strip())
        for point, match in zip(points, split, strict=True)
    ]


def _split_whole_bold(bold: str, text: str) -> tuple[str | None, str]:
    """Split a point that is bold as a whole: at its own colon, or it is a name alone."""
    inner = _PLAIN_LEAD.match(bold)
    if inner and inner["rest"].strip():
        return _title(inner["title"], inner["rest"], text)
    return _title(bold, "", text)


def _title(name: str, rest: str, text: str) -> tuple[str | None, str]:
    title = plain_text(name).rstrip("：: ").strip()
    if number := _NUMBER.match(title):
        title = title[number.end() :]
    if not title or len(title) > _MAX_TITLE or title.endswith(("。", "！", "；")):
        return None, plain_text(text) if not rest.strip() else text
    return title, rest.lstrip(" \t\n")
