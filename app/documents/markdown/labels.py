"""The words that mark the parts of a question (题目, 答案, Answer …) and how they are set off."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.documents.markdown.numbering import CHINESE_NUMBER


class LabelKind(StrEnum):
    """What a label announces."""

    QUESTION = "question"
    DESCRIPTION = "description"
    ANSWER = "answer"
    ANSWER_WITH_EXPLANATION = "answer_with_explanation"
    APPROACH = "approach"
    EXPLANATION = "explanation"
    EXTRA = "extra"
    OPTIONS = "options"
    DIFFICULTY = "difficulty"
    TAGS = "tags"
    TYPE = "type"
    SUMMARY = "summary"


# Every spelling, simplified and traditional Chinese and English; case does not count.
SYNONYMS: dict[LabelKind, tuple[str, ...]] = {
    LabelKind.QUESTION: (
        *("题目", "題目", "问题", "問題", "面试题", "面試題", "面试题目", "面試題目", "面试问题"),
        *("試題", "试题", "典型问题", "典型面试题", "算法题", "编程题", "编程题目", "算法编程题"),
        *("算法面试题", "程式題", "程序题", "代码题", "思考题", "思考題", "练习题", "练习", "習題"),
        *("习题", "选择题", "單選題", "单选题", "多选题", "多選題", "判断题", "填空题", "简答题"),
        *(
            "簡答題",
            "问答题",
            "論述題",
            "论述题",
            "设计题",
            "场景题",
            "例题",
            "真题",
            "题干",
            "題幹",
        ),
        *("提问", "提問", "问", "問", "Q", "Question", "Problem", "Interview Question", "Exercise"),
    ),
    LabelKind.DESCRIPTION: (
        *("题目描述", "題目描述", "问题描述", "問題描述", "题目内容", "题目要求", "问题内容"),
        *("Problem Statement", "Question Text", "Prompt", "Description"),
    ),
    LabelKind.ANSWER: (
        *(
            "答案",
            "参考答案",
            "參考答案",
            "标准答案",
            "標準答案",
            "正确答案",
            "正確答案",
            "满分答案",
        ),
        *("滿分答案", "示例答案", "答案示例", "完整答案", "详细答案", "简要答案", "推荐答案"),
        *(
            "回答",
            "参考回答",
            "參考回答",
            "满分回答",
            "示例回答",
            "回答示例",
            "推荐回答",
            "标准回答",
        ),
        *("解答", "參考解答", "参考解答", "详细解答", "题解", "答案要点", "回答要点", "答题要点"),
        *("參考要點", "答题要點", "答题参考", "面试回答", "答复", "答", "A", "Ans", "Answer"),
        *("Answers", "Model Answer", "Sample Answer", "Reference Answer", "Suggested Answer"),
        *("Correct Answer", "Expected Answer", "Solution"),
    ),
    LabelKind.ANSWER_WITH_EXPLANATION: (
        *("答案解析", "答案與解析", "答案与解析", "答案和解析", "答案及解析", "答案解析说明"),
        *("答案及说明", "答案说明", "答案詳解", "答案详解", "满分答案解析", "满分答案解析说明"),
        *("解答与解析", "解答解析", "Answer and Explanation", "Answer & Explanation"),
    ),
    LabelKind.APPROACH: (
        *(
            "解题思路",
            "解題思路",
            "思路",
            "答题思路",
            "思路分析",
            "解决思路",
            "解题步骤",
            "解题方法",
        ),
        *(
            "解题过程",
            "解法",
            "参考代码",
            "參考代碼",
            "代码实现",
            "程式碼實作",
            "代码解答",
            "参考实现",
        ),
        *("Approach", "Implementation", "Reference Code"),
    ),
    LabelKind.EXPLANATION: (
        *("解析", "题目解析", "題目解析", "详细解析", "試題解析", "试题解析", "解析说明", "详解"),
        *(
            "詳解",
            "解释",
            "解釋",
            "说明",
            "說明",
            "分析",
            "题目分析",
            "考点分析",
            "考点解析",
            "点评",
        ),
        *("点拨", "代码解析", "详细解释", "Explanation", "Explanations", "Analysis", "Rationale"),
    ),
    LabelKind.EXTRA: (
        *("举例", "舉例", "举例说明", "例子", "示例", "範例", "实例", "实例说明", "代码示例"),
        *("代码举例", "代码实例", "示例代码", "示例代碼", "程式碼範例", "源代码", "源代码实例"),
        *("源代码示例", "源码实例", "源码示例", "源碼示例", "代码", "代碼", "应用实例", "应用示例"),
        *("实际案例", "参考", "參考", "参考资料", "參考資料", "参考文献", "参考链接", "来源"),
        *("拓展", "扩展", "拓展阅读", "扩展阅读", "延伸阅读", "延伸閱讀", "补充", "补充说明"),
        *("备注", "備註", "注", "注意", "注意事项", "提示", "考点", "知识点", "追问", "面试官追问"),
        *("Example", "Examples", "Code", "Code Example", "Sample Code", "Reference", "References"),
        *("Note", "Notes", "Hint", "Hints", "Tip", "See Also", "Further Reading", "Source"),
        *("Follow-up", "Follow up"),
    ),
    LabelKind.OPTIONS: ("选项", "選項", "备选项", "备选答案", "Options", "Choices"),
    LabelKind.DIFFICULTY: (
        *("难度", "難度", "难度等级", "难度级别", "難度等級", "难易度", "难易程度"),
        *("Difficulty", "Difficulty Level", "Level"),
    ),
    LabelKind.TAGS: (
        *("标签", "標籤", "關鍵詞", "关键词", "关键字", "題目標籤", "题目标签", "Tags", "Tag"),
        *("Keywords",),
    ),
    LabelKind.TYPE: ("题型", "題型", "题目类型", "類型", "类型", "Type", "Question Type"),
    LabelKind.SUMMARY: (
        *("总结", "總結", "小结", "小結", "结语", "結語", "结论", "結論", "全文总结", "结束语"),
        *("Summary", "Conclusion"),
    ),
}
# One-letter labels say little: they need a colon, and a context that asks questions.
_WEAK = frozenset({"问", "問", "答", "q", "a"})
# In bold these need no colon in front of their text.
_SURE = frozenset(
    {"题目", "題目", "答案", "参考答案", "參考答案", "解析", "question", "answer", "问", "問", "答"}
)
_KIND_OF = {name.lower(): kind for kind, names in SYNONYMS.items() for name in names}
_GAP = "[\\s\u200b\u200c\u200d\u2060\ufeff]*"
_NUMBER = rf"\d{{1,4}}(?:\.\d{{1,3}})*|[{CHINESE_NUMBER}]{{1,4}}"


@dataclass(frozen=True, slots=True)
class Label:
    """A label found at the start of a line: its kind, its own number and what follows it.

    `name` is the word as written, `bare` says that neither bold nor brackets set it off, `weak`
    that the word alone is no evidence (问, 答, Q, A).
    """

    kind: LabelKind
    name: str
    rest: str
    number: str | None = None
    bare: bool = False
    weak: bool = False


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(
        re.escape(name).replace(r"\ ", r"\s+") for name in sorted(_KIND_OF, key=len, reverse=True)
    )
    return re.compile(
        rf"""{_GAP}
        (?:[✅✔☑💡📝❓❔🔍📌🎯👉➡▶★☆]\ufe0f?{_GAP})?
        (?P<open>[*_]{{1,3}}|【|〖|「|\[|<b>|<strong>)?{_GAP}
        (?:(?P<before>\d{{1,3}})[.、．]{_GAP})?
        (?P<name>{names}){_GAP}
        (?:[#№]?(?P<number>{_NUMBER})(?P<stop>[.、．])?)?{_GAP}
        (?P<inside>[:：])?{_GAP}
        (?P<note>[（(][^（）()]{{1,20}}[)）])?{_GAP}
        (?P<inside2>[:：])?{_GAP}
        (?P<close>(?(open)(?:[*_]{{1,3}}|】|〗|」|\](?!\()|</b>|</strong>)|(?!)))?{_GAP}
        (?P<outside>[:：])?{_GAP}
        (?P<rest>.*)$""",
        re.VERBOSE | re.IGNORECASE | re.DOTALL,
    )


_FIRST = re.compile(
    r"[\s\u200b\u200c\u200d\u2060\ufeff✅✔☑💡📝❓❔🔍📌🎯👉➡▶★☆\ufe0f*_【〖「\[<\d.、．bstrongBSTRONG>]*"
)


def match_label(line: str) -> Label | None:
    """Return the label that a line begins with, if it is written as one.

    A label is set off by a colon of either width (inside or outside bold), by brackets (【答案】),
    or stands alone in bold. `**答案是**` and `答案在下文` are prose.
    """
    match = _pattern().match(line)
    if not match:
        return None
    name = re.sub(r"\s+", " ", match["name"]).lower()
    colon = bool(match["inside"] or match["inside2"] or match["outside"])
    if not _is_set_off(match, name, colon=colon):
        return None
    return Label(
        _KIND_OF[name],
        match["name"],
        _rest(match),
        number=match["number"] or match["before"],
        bare=not match["open"],
        weak=name in _WEAK,
    )


def _is_set_off(match: re.Match[str], name: str, *, colon: bool) -> bool:
    if match["open"] in {"【", "〖", "「", "["}:
        return bool(match["close"]) and name not in _WEAK
    if colon:
        return True
    if match["number"] and match["stop"] and (name == "q" or (name == "a" and match["open"])):
        return True
    closed = bool(match["open"] and match["close"])
    if match["rest"]:
        return closed and name in _SURE
    return closed and name not in _WEAK


def _rest(match: re.Match[str]) -> str:
    """Return what follows; a bold that spans the whole line leaves its closing mark behind."""
    rest: str = match["rest"]
    opening = match["open"]
    if opening and opening[0] in "*_" and not match["close"]:
        head, mark, tail = rest.partition(opening)
        rest = head + tail if mark else rest
    return rest.strip("\n")
