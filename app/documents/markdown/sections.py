"""What a heading says of its section: it collects questions, sums up, lists contents."""

import re
from enum import StrEnum
from functools import lru_cache

from app.documents.markdown.asking import is_marked
from app.documents.markdown.numbering import Heading


class Role(StrEnum):
    """What a section is for; a titled one only has the document's title to say so."""

    PLAIN = "plain"
    QUESTIONS = "questions"
    TITLED = "titled"
    ANSWERS = "answers"
    CONTENTS = "contents"
    INTRODUCTION = "introduction"
    SUMMARY = "summary"
    REFERENCES = "references"
    TRANSCRIPT = "transcript"
    UNASKED = "unasked"


CLOSING = frozenset({Role.CONTENTS, Role.INTRODUCTION, Role.SUMMARY, Role.REFERENCES})
HOME = frozenset({Role.QUESTIONS, Role.TITLED, Role.ANSWERS})
SILENT = CLOSING | {Role.TRANSCRIPT, Role.UNASKED}
_MAX_CLOSING = 16
_SHORT = 100  # characters
_QUESTIONS = re.compile(
    r"面试题|面試題|面试问题|面試問題|题库|題庫|试题|試題|习题|習題|练习|練習|思考题|思考題|编程题|算法题|设计题|场景题"
    r"|典型问题|典型問題|常见问题|常見問題|常见疑问|高频问题|高频题|经典问题|核心问题|相关问题|问答|問答|答疑|真题|题目"
    r"|選擇題|选择题|简答题|判断题|填空题|问题列表|问题清单|问题汇总|自测|测验|考题|FAQs?\b|Q\s*(?:&|＆|and)\s*A\b"
    r"|\bquiz\b|\bquestions?\b|\bexercises?\b|\binterview\b|\bassessment\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"面试|面試|笔试|筆試|考试|考試|八股|interview|exam\b", re.IGNORECASE)
_STRICT = re.compile(
    r"(?:.*(?:面试题目?|面試題|题库|題庫|编程题|算法题|试题|試題|习题|習題|练习题|思考题|典型问题|典型問題|常见问题|常見問題"
    r"|高频问题|FAQs?|Q\s*[&＆]\s*A|interview questions)"
    r"|(?:相关|领域|的|面试|笔试|典型|常见|高频|经典|核心|算法|编程|基础|进阶|简答|选择|判断|填空|单选|多选|思考|练习"
    r"|自测|設計|设计|名词解释|论述|論述|计算|計算|证明|證明|案例|分析|综合|綜合|应用|應用)*"
    r"(?:题目?|題目?|问题|問題|问答|疑问|名词解释|questions?|exercises?|quiz))"
    r"(?:库|庫|集|汇总|列表|清单|精选|解析|及|与|和|答案|详解|部分|实战|整理|大全|\s|[（(][^（）()]*[)）])*",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:.{0,12}(?:题|題|练习|練習|测验|自测|部分)(?:库|庫)?的?\s*[:：]?)?"
    r"(?:参考|參考|标准|详细|满分|极致详尽丰富的)*(?:答案|解答)(?:与|和|及|以及|解析|详解|说明|要点|源代码|实例|部分|汇总|、)*$"
    r"|(?:答案)?解析(?:说明)?(?:与|和|及)?(?:源代码(?:实例)?)?$"
    r"|(?:[\w ]{0,20}\b(?:quiz|questions?|exercises?|problems?|test)\s+)?answers?(?:\s+key)?$"
    r"|solutions?$|answers?\s+and\s+explanations?$",
    re.IGNORECASE,
)
_CLOSING_WORDS = {
    Role.CONTENTS: r"目录|目錄|文章目录|大纲|提纲|导航|table of contents|contents|toc\b|index$",
    Role.SUMMARY: (
        r"总结|總結|小结|小結|结语|結語|结论|結論|结束语|全文总结|本章小结|本文总结|后记|写在最后|展望|完整博客内容"
        r"|summary|conclusions?|wrap[- ]?up|takeaways"
    ),
    Role.REFERENCES: (
        r"参考文献|參考文獻|参考资料|參考資料|参考链接|參考連結|引用|references?|bibliography|延伸阅读|延伸閱讀"
        r"|扩展阅读|推荐阅读|相关阅读|更多资源|学习资源|further reading|resources|see also"
        r"|作者|关于作者|版权|致谢"
        r"|license|contributing|contributors|acknowledge?ments"
    ),
    Role.INTRODUCTION: (
        r"前言|引言|导读|導讀|序言|简介|摘要|学习目标|本文目标|写在前面|关键词|introduction$|overview$|preface|abstract"
        r"|about$|getting started|how to use"
    ),
}
_CLOSING = {
    role: re.compile(f"(?:{words})", re.IGNORECASE) for role, words in _CLOSING_WORDS.items()
}
_TRANSCRIPT = re.compile(
    r"访谈|訪談|采访|採訪|专访|对话|對話|实录|實錄|问答实录|聊天记录|会议记录|庭审|口述|transcript|conversation|dialogue"
    r"|interview with|chat log",
    re.IGNORECASE,
)
# Sections that speak of questions without asking any: open points, agendas, how to write a bank.
_UNASKED = re.compile(
    r"(?:open|unresolved|outstanding|remaining|research|discussion) (?:question|issue|problem)"
    r"|agenda$|(?:待|未)(?:解决|决|定|讨论|确认|处理)的?(?:问题|事项)|遗留(?:的)?问题|开放性?问题$"
    r"|存在的?(?:主要)?问题|研究问题|议题|议程|(?:问卷|问卷调查|调查表)$|questionnaire$|survey$"
    r"|讨论(?:事项|记录|内容)?$|(?:会议|待办)(?:事项|记录|纪要)?$"
    r"|(?:编写|撰写|书写|录入)[^，。]{0,6}(?:题目|题库|试题|面试题|答案)"
    r"|(?:出题|命题)(?:指南|规范|说明|要求)"
    r"|(?:题目|题库|试题|答案|面试题)(?:文件|文档)?的?(?:基本)?(?:格式|模板|模版|规范|写法|语法|字段|标注)"
    r"|(?:writ|author|format|add)ing (?:\w+ ){0,2}(?:questions?|quizz?e?s?|answers?|cards?)\b"
    r"|how to (?:write|author|format|add) (?:\w+ ){0,2}(?:questions?|quizz?e?s?|answers?|cards?)\b"
    r"|(?:question|quiz|answer|card|exam)s? (?:\w+ )?"
    r"(?:format|templates?|syntax|schema|specification|style guide)",
    re.IGNORECASE,
)


def role_of(heading: Heading, containers: re.Pattern[str] | None = None) -> Role:
    """Return the role of a section by its heading; see `_find_role`.

    Every look at a heading asks again; long ones are too rare to be remembered.
    """
    find = _find_short if len(heading.title) <= _SHORT else _find_role
    return find(heading, containers)


def _find_role(heading: Heading, containers: re.Pattern[str] | None) -> Role:  # noqa: PLR0911 (one rule a line, in order)
    """Return the role of a section by its heading; a heading that asks is never a container.

    `containers` matches the headings that a profile names as containers.
    """
    title = heading.title
    if containers and containers.search(title):
        return Role.QUESTIONS
    if heading.prefixed or is_marked(title):
        return Role.PLAIN
    if _UNASKED.search(title):
        return Role.UNASKED
    if len(title) <= _MAX_CLOSING * 2 and _ANSWERS.match(title):
        return Role.ANSWERS
    if is_mere_container(title):
        return Role.QUESTIONS
    for role, pattern in _CLOSING.items():
        if len(title) <= _MAX_CLOSING + 8 and pattern.match(title):
            return role
    if _TRANSCRIPT.search(title) and not re.search("面试|题", title):
        return Role.TRANSCRIPT
    return Role.QUESTIONS if _QUESTIONS.search(title) else Role.PLAIN


_find_short = lru_cache(maxsize=16_384)(_find_role)


def is_mere_container(title: str) -> bool:
    """Say whether a heading names nothing but a collection (典型问题, 算法编程题库)."""
    return bool(_STRICT.fullmatch(title))


def is_about_questions(title: str) -> bool:
    """Say whether a document's title promises questions (Java 面试指南, Interview handbook)."""
    return bool(_TOPIC.search(title) or _QUESTIONS.search(title))
