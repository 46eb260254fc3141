"""Does a line ask something? Question marks, question words and imperatives of both languages."""

import re

_MARK = re.compile(r"[？?](?=[\s\"'”’）)】\]》*_`。.!！，,；;：:…—\-~]|$|[\u3400-\u9fff])")
_CHINESE_WORDS = re.compile(
    "什么|什麼|哪些|哪个|哪個|哪种|哪几|哪一|如何|怎么|怎麼|怎样|怎樣|为什么|為什麼|为何|何为|何谓"
    "|有何|是否|能否|可否|区别|區別|异同|多少|几种|吗$|嗎$|呢$"
)
_CHINESE_IMPERATIVE = re.compile(
    "请|請|试|試|简述|簡述|简要|概述|说说|说一|谈谈|談談|谈一|聊聊|讲讲|讲一|介绍|介紹|阐述|闡述|论述"
    "|描述|解释|解釋|说明|說明|列举|列舉|举例|舉例|比较|比較|对比|分析|设计|設計|实现|實作|實現|编写|編寫"
    "|写|寫|手写|使用|利用|给定|給定|给出|给你|计算|計算|证明|推导|编程|求|判断|判斷|下列|以下|下面"
    "|关于|如果|假设|构建|创建|开发|搭建|完成|优化|找出|查找|翻转|反转|合并"
)
_ENGLISH = re.compile(
    r"(?:what|why|how|when|where|which|who|explain|describe|list|compare|contrast|define|discuss|give"
    r"|write|implement|design|name|tell|can|could|do|does|did|is|are|was|should|would|will|have|has"
    r"|in\s+(?:what|which)|given|find|suppose|if|create|build|talk|walk|show|calculate|state|outline"
    r"|summari[sz]e|identify|distinguish|differentiate|mention|prove|the\s+difference)\b",
    re.IGNORECASE,
)


# A question that goes on from the text before it is not asked of the reader.
_RHETORICAL = re.compile(
    r"[\s*_]*(?:那么?|所以|可是|但是|然而|可|结果(?:如何|怎么?样|呢)|接下来|下一步|你?有没有想过"
    r"|(?:so|but|and|ever|now what|what next|what's next|then what)\b)",
    re.IGNORECASE,
)
# `（ ）` and `____` are to be filled in; `f( )` and `__init__` are code.
_BLANK = re.compile(r"(?<!\w)[（(][ \t\u3000\xa0]+[)）]|（[\s_＿]*）|_{3,}|＿{2,}|\\_\\_")


def is_rhetorical(text: str) -> bool:
    """Say whether a question goes on from the text above it, so that it asks nobody."""
    return bool(_RHETORICAL.match(text))


def has_blank(text: str) -> bool:
    """Say whether a text has a place to be filled in: `（ ）`, `____`."""
    return bool(_BLANK.search(text))


def is_marked(text: str) -> bool:
    """Say whether a sentence of the text ends with a question mark; `?` inside a URL is none."""
    return bool(_MARK.search(text))


def asks(text: str) -> bool:
    """Say whether a text reads as a question or a task, marked or not."""
    return (
        is_marked(text)
        or has_blank(text)
        or bool(_CHINESE_WORDS.search(text))
        or bool(_CHINESE_IMPERATIVE.match(text))
        or bool(_ENGLISH.match(text))
    )
