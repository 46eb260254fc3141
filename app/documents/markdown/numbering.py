"""Numbers and names in front of a question: `1.`, `1.2`, `一、`, `（1）`, `Q1:`, `面试题1：`."""

import re
from typing import NamedTuple

CHINESE_NUMBER = "一二三四五六七八九十百零〇两"
_CIRCLED = "①-⑳"
# A name with a number makes a question of any heading: 面试题1：…, Question 2. …
_PREFIX = re.compile(
    rf"""\s*(?:
      (?:(?:典型|高频|经典|常见|常见面试|算法|编程|算法编程|算法面试|面试|笔试|必考|热门)?
         (?:面试题目|面试题|面試題|问题|問題|题目|題目|试题|試題|编程题|算法题|例题|习题|習題|练习题|练习
           |思考题|简答题|选择题|单选题|多选题|判断题|问答题|题)
       |Interview\s+Question|Question|Problem|Exercise|Quiz|Q)
      \s*[#№.]?\s*(?P<number>\d{{1,4}}(?:\.\d{{1,3}})*|[{CHINESE_NUMBER}]{{1,4}}(?![{CHINESE_NUMBER}类个种次些]))
      \s*(?:[（(](?P<note>[^（）()]{{1,12}})[)）]\s*)?
      (?:[:：.、．)）—–-]|(?=\s)|$)
     |第\s*(?P<ordinal>\d{{1,4}}|[{CHINESE_NUMBER}]{{1,4}})\s*[题題问問](?:目)?\s*[:：.、．)）]?
     |Q\s*[.:：]\s*
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"""\s*(?:
      (?P<plain>\d{{1,4}}(?:\.\d{{1,4}})*)\s*(?:[.、．:：)）](?!\d)|(?=\s)(?!\s*[年月日个种次天%]))
     |[（(]\s*(?P<bracket>\d{{1,4}}|[{CHINESE_NUMBER}]{{1,4}})\s*[)）][.、．]?
     |\#(?P<hash>\d{{1,4}})[.、．:：)）]?\s
     |(?P<chinese>[{CHINESE_NUMBER}]{{1,4}})\s*[、．.,，:：)）]
     |(?P<circled>[{_CIRCLED}])
    )\s*""",
    re.VERBOSE,
)
_MARKUP = re.compile("[*_`<\\[#{\u200b\u200c\u2060\ufeff]")
_EMOJI = re.compile("^(?:[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?\\s*)+(?=\\S)")
_TRAILING_HASHES = re.compile(r"\s#+\s*$")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,6})(?!`).+?(?<!`)\1(?!`)")
_EMPHASIS = re.compile(r"(?<![\\*_])(\*{1,3}|_{2,3})(?![\s*_])([^*]*?[^\s*_\\])\1")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^)]{0,500}\)")
_TAG = re.compile(r"</?(?:b|i|em|strong|p|a|br|u|font|span|h[1-6])\b[^>]{0,200}>", re.IGNORECASE)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u2060\ufeff"))
_ANCHOR = re.compile(r"(?<!\s)\s*\{#[^{}]*\}\s*$")


class Heading(NamedTuple):
    """The text of a heading or bold line, taken apart.

    `title` is plain text without number; `number` is as written; `prefixed` says that a name such
    as 面试题1 calls it a question; `emblem` is the emoji in front.
    """

    title: str
    number: str | None = None
    prefixed: bool = False
    note: str = ""
    emblem: str = ""


def read_heading(text: str) -> Heading:
    """Take numbers, question names and emphasis off a heading."""
    plain = plain_text(text)
    title = _EMOJI.sub("", plain)
    emblem = plain[: len(plain) - len(title)].strip()
    number: str | None = None
    note, prefixed = "", False
    for _ in range(3):  # `1. 面试题1：第1题` is as deep as people go
        if match := _PREFIX.match(title):
            prefixed = True
            number = match["number"] or match["ordinal"] or number
            note = match["note"] or note
        elif (match := _NUMBER.match(title)) and match.end():
            number = number or next(filter(None, match.groups()))
        else:
            break
        title = title[match.end() :]
    return Heading(title.strip(), number, prefixed, note, emblem)


def plain_text(text: str) -> str:
    """Return a line without emphasis, links, tags and closing hashes; code spans stay."""
    if not _MARKUP.search(text):
        return " ".join(text.split())
    text = _TRAILING_HASHES.sub("", text.strip().translate(_INVISIBLE))
    codes = [match.group() for match in _CODE_SPAN.finditer(text)]
    text = _CODE_SPAN.sub("\0", text)
    text = _ANCHOR.sub("", _TAG.sub("", _LINK.sub(r"\1", _LINK.sub(r"\1", text))))
    text = _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text))
    return re.sub(r"\s+", " ", re.sub("\0", lambda _: codes.pop(0), text)).strip()


def is_next_number(number: str | None, following: str | None) -> bool:
    """Say whether a number follows another: 3 after 2, 1.3 after 1.2."""
    if not number or not following:
        return False
    head, _, last = number.rpartition(".")
    other, _, next_last = following.rpartition(".")
    digits = last.isdigit() and next_last.isdigit()
    return head == other and digits and int(next_last) == int(last) + 1
