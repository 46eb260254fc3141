"""Every sentence the program says to people, in English and Chinese, by name.

Errors, warnings, reasons and feedback carry a name and parameters; the edge that talks to a person
(HTTP by Accept-Language, the command line by the locale) renders them here.
"""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "zh"]

# name: (English, Chinese); both take the same parameters.
_MESSAGES: Mapping[str, tuple[str, str]] = {
    # Problems: titles (`.title`) and details.
    "internal-error.title": ("Internal error", "内部错误"),
    "internal-error": (
        "Something went wrong here; the log has the details.",
        "服务器出错，详情见日志。",
    ),
    "question-not-found.title": ("Question not found", "没有这道题"),
    "question-not-found": ("No question has the id {id}.", "没有 id 为 {id} 的题目。"),
    "unknown-filter-value.title": ("Unknown filter value", "筛选值不存在"),
    "unknown-filter-value": (
        "The bank has no {field} named {value!r}.",
        "题库里没有名为 {value!r} 的 {field}。",
    ),
    "bad-cursor.title": ("Bad cursor", "游标无效"),
    "bad-cursor": (
        "The cursor {cursor!r} is not one that this query gave out; start again without it.",
        "游标 {cursor!r} 不是这个查询给出的，请去掉它重新开始。",
    ),
    "bad-draw-token.title": ("Bad draw token", "抽题令牌无效"),
    "bad-draw-token": (
        "The token is not one that a draw gave out, or it was altered; start a new draw.",
        "令牌不是抽题接口给出的，或已被改动，请重新开始抽题。",
    ),
    "not-checkable.title": ("Nothing to check against", "没有可核对的要点"),
    "not-checkable": (
        "The question {id} has no answer points or choices.",
        "题目 {id} 没有答案要点或选项。",
    ),
    "too-large.title": ("Request too large", "请求过大"),
    "too-large": (
        "The request body is larger than this server accepts here.",
        "请求体超过服务器此处允许的大小。",
    ),
    "wrong-answer-kind.title": ("Wrong kind of answer", "作答方式不符"),
    "wrong-answer-kind": (
        "The question {id} is to be answered with {wanted}.",
        "题目 {id} 应当用 {wanted} 作答。",
    ),
    "answer-too-long.title": ("Answer too long", "答案过长"),
    "answer-too-long": (
        "The answer has {length} characters; at most {limit} are checked.",
        "答案有 {length} 个字符，最多检查 {limit} 个。",
    ),
    "checks-busy.title": ("Too many checks", "检查请求过多"),
    "checks-busy": (
        "All places for answers to be checked are taken; try again in {retry} seconds.",
        "等待检查的答案已满，请在 {retry} 秒后重试。",
    ),
    "check-timeout.title": ("Check took too long", "检查超时"),
    "check-timeout": (
        "The check was stopped after {seconds} seconds.",
        "检查在 {seconds} 秒后被中止。",
    ),
    "check-failed.title": ("Check failed", "检查失败"),
    "check-failed": (
        "The check broke off; the server's log has the details.",
        "检查中途中断，详情见服务器日志。",
    ),
    "import-failed.title": ("Import failed", "导入失败"),
    "import-failed": (
        "The import broke off; no document is imported in part. The server's log has the details.",
        "导入中途中断，没有文档只导入了一部分。详情见服务器日志。",
    ),
    "not-found.title": ("Not found", "没有这个地址"),
    "not-found": ("There is nothing at {path}; see /docs.", "{path} 处没有内容，见 /docs。"),
    "method-not-allowed.title": ("Method not allowed", "方法不允许"),
    "method-not-allowed": ("{path} does not answer {method}.", "{path} 不接受 {method}。"),
    "bad-request.title": ("Bad request", "请求有误"),
    "bad-request": ("The request cannot be used: {reason}.", "请求无法处理：{reason}。"),
    "malformed-json.title": ("Malformed JSON", "JSON 格式错误"),
    "malformed-json": (
        "The body is not JSON: {reason} at character {position}.",
        "请求体不是合法的 JSON：第 {position} 个字符处 {reason}。",
    ),
    "invalid-request.title": ("Invalid request", "请求参数无效"),
    "invalid-request": ("Please correct: {fields}.", "请更正：{fields}。"),
    "key-needed.title": ("API key needed", "需要 API 密钥"),
    "key-needed": (
        "Send a valid key as `Authorization: Bearer tk_…`; `tiku keys create` makes one.",
        "请以 `Authorization: Bearer tk_…` 提供有效的密钥，用 `tiku keys create` 创建。",
    ),
    "scope-needed.title": ("Scope needed", "权限不足"),
    "scope-needed": ("The key lacks the scope {scope}.", "该密钥没有 {scope} 权限。"),
    "unknown-key.title": ("Unknown key", "没有这个密钥"),
    "unknown-key": ("No valid key begins with {prefix}.", "没有以 {prefix} 开头的有效密钥。"),
    "same-source.title": ("Same source twice", "来源重复"),
    "same-source": (
        "Two of the documents are both the source {slug!r}; rename one, or give it a slug.",
        "有两份文档的来源都是 {slug!r}；请给其中一份改名，或指定 slug。",
    ),
    "topic-cycle.title": ("Topic below itself", "主题循环"),
    "topic-cycle": (
        "The topic {slug!r} cannot stand below {parent!r}, which is the same or below it.",
        "主题 {slug!r} 不能放在 {parent!r} 之下：后者就是它自己或其下级。",
    ),
    "topics-too-deep.title": ("Topics too deep", "主题层级过深"),
    "topics-too-deep": (
        "The topic {slug!r} would stand more than {limit} levels deep.",
        "主题 {slug!r} 将超过 {limit} 层。",
    ),
    "database-unavailable.title": ("Database unavailable", "数据库不可用"),
    "database-unavailable": (
        "The database does not answer, or is busy; try again: {reason}",
        "数据库没有响应或正忙，请稍后再试：{reason}",
    ),
    "nothing-to-import.title": ("Nothing to import", "没有可导入的内容"),
    "nothing-to-import": (
        "Send a document as the body, or documents as `files` of a form.",
        "请以请求体发送一份文档，或以表单的 `files` 发送多份文档。",
    ),
    "not-ready.title": ("Not ready", "尚未就绪"),
    "not-ready": (
        "The database is at version {found}, this program needs {expected}: run `tiku migrate`.",
        "数据库版本为 {found}，程序需要 {expected}：请运行 `tiku migrate`。",
    ),
    "bad-setting.title": ("Bad setting", "设置无效"),
    "bad-setting": ("{name}: {reason}", "{name}：{reason}"),
    "bad-database-url.title": ("Bad database URL", "数据库地址无效"),
    "bad-database-url": ("TIKU_DATABASE_URL: {reason}", "TIKU_DATABASE_URL：{reason}"),
    # What is wrong with a field of a request, by the validator's name of the fault.
    "invalid.missing": ("is needed", "必填"),
    "invalid.extra_forbidden": ("is not known here", "此处没有这个参数"),
    "invalid.no_file": ("is not a file", "不是文件"),
    "invalid.repeated": ("is given more than once", "只能给出一次"),
    "invalid.int_parsing": ("is not a whole number", "不是整数"),
    "invalid.int_type": ("is not a whole number", "不是整数"),
    "invalid.string_type": ("is not a text", "不是文本"),
    "invalid.list_type": ("is not a list", "不是列表"),
    "invalid.uuid_parsing": ("is not a UUID", "不是 UUID"),
    "invalid.enum": ("is not one of {expected}", "不是 {expected} 之一"),
    "invalid.greater_than_equal": ("is less than {ge}", "小于 {ge}"),
    "invalid.less_than_equal": ("is greater than {le}", "大于 {le}"),
    "invalid.string_too_short": (
        "has fewer than {min_length} characters",
        "少于 {min_length} 个字符",
    ),
    "invalid.string_too_long": (
        "has more than {max_length} characters",
        "多于 {max_length} 个字符",
    ),
    "invalid.too_long": ("has more than {max_length} entries", "多于 {max_length} 项"),
    "invalid.not_unicode": ("has characters that are no text", "含有不是文本的字符"),
    "invalid.range_empty": (
        "difficulty_min is greater than difficulty_max",
        "difficulty_min 大于 difficulty_max",
    ),
    "invalid.size_below_quotas": (
        "size is less than the quotas ask for together",
        "size 小于各配额之和",
    ),
    "invalid.paper_too_large": (
        "a draw with quotas has {limit} questions at most",
        "带配额的抽题最多 {limit} 题",
    ),
    "invalid.too_many_terms": (
        "has {count} terms; a search takes at most {limit}",
        "有 {count} 个搜索词，一次最多 {limit} 个",
    ),
    "invalid.relevance_without_query": (
        "order=relevance needs q: without words there is nothing to rank by",
        "order=relevance 需要 q：没有搜索词就无从排序",
    ),
    "invalid.seed_without_order": (
        "seed is for order=random, and order=random needs seed",
        "seed 与 order=random 必须一起给出",
    ),
    "invalid.one_answer": (
        "exactly one of answer and choices is needed",
        "answer 与 choices 必须且只能给出一个",
    ),
    # Feedback on an answer.
    "feedback.covered": (
        "{covered} of {total} points are covered.",
        "{total} 个要点中答到了 {covered} 个。",
    ),
    "feedback.partial": ("Only touched on: {names}.", "只说到一部分：{names}。"),
    "feedback.missed": ("Missing: {names}.", "缺少：{names}。"),
    "feedback.contradicted": ("Contradicted: {names}.", "与参考答案相反：{names}。"),
    "feedback.choices_right": ("Right.", "选择正确。"),
    "feedback.choices_wrong": (
        "Not quite; right would be: {right}.",
        "不完全正确，应选：{right}。",
    ),
    "feedback.choices_none": (
        "Not quite; none of the options is right.",
        "不正确，所有选项都不对。",
    ),
    "feedback.choices_unclear": (
        "It is not clear which options are meant; answer with {letters} or with their texts.",
        "看不出选的是哪一项，请用 {letters} 或选项的文字作答。",
    ),
    "unreadable-document.title": ("Unreadable document", "无法读取文档"),
    "unreadable-document": ("{name}: {reason}", "{name}：{reason}"),
    "bad-overlay.title": ("Invalid overlay", "补充文件无效"),
    "bad-overlay": ("{name}, {where}: {reason}", "{name}，{where}：{reason}"),
    "bad-overlay.no_text": ("NUL is no text", "NUL 不是文本"),
    "missing-input.title": ("Missing input", "找不到输入"),
    "missing-input": ("{name}: {reason}", "{name}：{reason}"),
    "bad-profile.title": ("Invalid profile", "读法配置无效"),
    "bad-profile": ("{name}, {where}: {reason}", "{name}，{where}：{reason}"),
    "unknown-profile.title": ("Unknown profile", "没有这个读法配置"),
    "unknown-profile": (
        "There is no profile {name!r}; there are: {known}.",
        "没有名为 {name!r} 的读法配置，现有：{known}。",
    ),
    "bad-input.title": ("Invalid input", "输入无效"),
    "bad-input": ("{name}, line {line}: {reason}", "{name} 第 {line} 行：{reason}"),
    # What the command line prints.
    "serve.docs": ("Try every route at {url}/docs", "所有接口可在 {url}/docs 试用"),
    "serve.request": (
        "A first request:  curl '{url}/v1/questions/random?view=prompt'",
        "第一个请求：  curl '{url}/v1/questions/random?view=prompt'",
    ),
    "keys.created": (
        "The key is shown this once only; keep it in a safe place:",
        "密钥只显示这一次，请妥善保存：",
    ),
    "keys.prefix": ("begins with", "开头"),
    "keys.name": ("name", "名称"),
    "keys.scopes": ("scopes", "权限"),
    "keys.expires": ("expires", "有效期至"),
    "keys.state": ("state", "状态"),
    "keys.valid": ("valid", "有效"),
    "keys.expired": ("expired", "已过期"),
    "keys.revoked": ("revoked", "已吊销"),
    "progress": ("Documents", "文档"),
    "progress.answers": ("Answers checked:", "已检查的答案："),
    "table.line": ("line", "行"),
    "table.question": ("question", "题目"),
    "table.points": ("points", "要点"),
    "table.choices": ("choices", "选项"),
    "table.changes": ("changes", "变化"),
    # What a plan does with a question, and why where that is not plain.
    "verdict.created": ("created", "新建"),
    "verdict.updated": ("updated", "更新"),
    "verdict.unchanged": ("unchanged", "不变"),
    "verdict.missing": ("missing", "文档中已无"),
    "verdict.archived": ("archived", "归档"),
    "verdict.suspect": ("suspect", "存疑"),
    "plan.draft": ("draft: not served until it is complete", "草稿：补全之前不对外提供"),
    "plan.cut_copy_of_complete": (
        "the document breaks off here; the bank keeps its complete version",
        "文档在此处中断，题库保留其完整版本",
    ),
    "warning.unclosed": (
        "what opens here with {mark} is never closed",
        "此处以 {mark} 开始的内容没有结束",
    ),
    "left_out.descriptions": (
        "{count} descriptions, which ask nothing",
        "{count} 段说明文字，不是题目",
    ),
    "left_out.formula": (
        "cell {cell} is a formula whose result the workbook does not have",
        "单元格 {cell} 是公式，工作簿中没有它的结果",
    ),
    "left_out.sheet": (
        "the sheet {sheet}, which has no column with questions",
        "工作表 {sheet}，没有题目列",
    ),
    "left_out.column": (
        "the column {column}, whose name is not known",
        "列 {column}，列名无法识别",
    ),
    "left_out.row": (
        "a row that has no question",
        "没有题目的一行",
    ),
    "warning.left_out": ("left out: {reason}", "未读入：{reason}"),
    "warning.overlay_unmatched": (
        "the overlay speaks of {title!r}, which the document does not have",
        "补充文件提到的 {title!r} 不在文档中",
    ),
    # ---- documents: warnings, reasons for passing over, reasons for being unreadable ----
    "warning.truncated": ("the document breaks off here", "文档在此处中断"),
    "warning.no_answer": ("the question has no answer", "该题没有答案"),
    "warning.duplicate": ("repeats an earlier question, kept once", "与前面的题目重复，只保留一次"),
    "warning.unclosed_fence": (
        "the code block that opens here is never closed",
        "此处开始的代码块没有结束标记",
    ),
    "warning.leaked_token": (
        "{token} is a leftover of the tool that wrote the text and was left out",
        "{token} 是生成工具残留的标记，已略去",
    ),
    "warning.no_questions": ("no question was found", "没有找到题目"),
    "warning.suspicious_points": (
        "the answer's points look doubtful: {reason}",
        "答案要点的划分可能有误：{reason}",
    ),
    "suspicious.many": ("more than 20 points", "要点超过 20 个"),
    "suspicious.long": ("a point of more than 600 characters", "有要点超过 600 个字符"),
    "suspicious.links": ("every point is only a link", "每个要点都只是链接"),
    "passed_over.front_matter": ("front matter", "文档头信息"),
    "passed_over.title": ("the document's title", "文档标题"),
    "passed_over.header": ("the names of the columns", "表头"),
    "passed_over.container": ("the heading of a collection of questions", "题目集合的标题"),
    "passed_over.heading": ("a heading of a section without questions", "不含题目的章节标题"),
    "passed_over.introduction": ("introduction", "引言"),
    "passed_over.table_of_contents": ("table of contents", "目录"),
    "passed_over.references": ("references", "参考资料"),
    "passed_over.summary": ("summary", "总结"),
    "passed_over.closing": ("closing words", "结束语"),
    "passed_over.quote": ("quotation", "引文"),
    "passed_over.transcript": ("transcript of a conversation", "对话实录"),
    "passed_over.unasked": (
        "speaks of questions without asking any",
        "谈论题目或待定事项，并未提问",
    ),
    "passed_over.duplicate": ("repeats an earlier question", "与前面的题目重复"),
    "passed_over.unmatched_answer": ("an answer whose question is missing", "找不到对应题目的答案"),
    "passed_over.leaked_token": ("leftover of the tool that wrote the text", "生成工具残留的标记"),
    "passed_over.prose": ("text outside any question", "题目以外的文字"),
    "unreadable.binary": ("this is binary data, not a text", "这是二进制数据，不是文本"),
    "unreadable.no_text": (
        "at {where}: NUL and halves of surrogate pairs are no text",
        "{where} 处：含有 NUL 或不成对的代理字符，不是文本",
    ),
    "unreadable.too_slow": (
        "reading it takes more than {limit} seconds",
        "读取超过 {limit} 秒",
    ),
    "unreadable.topics_too_deep": (
        "at {where}: topics stand more than {limit} levels deep",
        "{where} 处：主题超过 {limit} 层",
    ),
    "unreadable.encoding": (
        "the encoding is none of UTF-8, UTF-16 and GB18030",
        "编码不是 UTF-8、UTF-16 或 GB18030",
    ),
    "unreadable.archive": ("this is an archive; unpack it first", "这是压缩包，请先解压"),
    "unreadable.pdf": (
        "this is a PDF; export it as Markdown first",
        "这是 PDF，请先转换为 Markdown",
    ),
    "unreadable.office": (
        "this is an office document; export it as Markdown first",
        "这是 Office 文档，请先转换为 Markdown",
    ),
    "unreadable.image": ("this is an image", "这是图片"),
    "unreadable.html": (
        "this is an HTML page; convert it to Markdown first",
        "这是 HTML 网页，请先转换为 Markdown",
    ),
    "unreadable.too_large": ("larger than {limit} bytes", "超过 {limit} 字节"),
    "unreadable.long_line": (
        "a line of more than {limit} characters",
        "有一行超过 {limit} 个字符",
    ),
    "unreadable.too_many_lines": ("more than {limit} lines", "超过 {limit} 行"),
    "unreadable.too_many_headings": ("more than {limit} headings", "超过 {limit} 个标题"),
    "unreadable.record": ("at {where}: {fault}", "{where} 处：{fault}"),
    "unreadable.no_record": (
        "this is neither an object with questions nor a list of questions",
        "既不是含有 questions 的对象，也不是题目列表",
    ),
    "unreadable.repeated": (
        "line {where}: an object has the member {fault!r} twice",
        "第 {where} 行：同一对象中 {fault!r} 出现两次",
    ),
    "unreadable.too_many_options": (
        "a question with more than {limit} options",
        "有题目的选项超过 {limit} 个",
    ),
    "unreadable.table": (
        "no header with a question column; names that would do: {fault}",
        "没有含题目列的表头；可用的列名：{fault}",
    ),
    "unreadable.unpacked": (
        "unpacked, it is larger than {limit} bytes",
        "解压后超过 {limit} 字节",
    ),
    "unreadable.quote": (
        "line {where}: a quotation mark opens a cell that does not end as it should",
        "第 {where} 行：引号开始的单元格没有正确结束",
    ),
    "unreadable.workbook": ("this is not an XLSX workbook", "这不是 XLSX 工作簿"),
    "unreadable.xml": ("this is not Moodle XML: {fault}", "这不是 Moodle XML：{fault}"),
    "unreadable.source_twice": (
        "at {where}: the source {slug!r} is described twice",
        "{where} 处：来源 {slug!r} 重复说明",
    ),
    "unreadable.unknown_source": (
        "at {where}: the question names the source {slug!r}, which is not in sources",
        "{where} 处：题目的来源 {slug!r} 不在 sources 中",
    ),
    "unreadable.too_many_questions": ("more than {limit} questions", "超过 {limit} 道题"),
    # ---- grading: reasons and feedback ----
    "reason.words_found": ("The point's words are there.", "答案说到了这一要点。"),
    "reason.some_words_found": (
        "Part of the point is there.",
        "答案只说到了这一要点的一部分。",
    ),
    "reason.not_mentioned": (
        "The point is not mentioned.",
        "答案没有提到这一要点。",
    ),
    "reason.other_language": (
        "Judged across languages by a few words only.",
        "答案与参考答案语言不同，只能凭少量词语判断。",
    ),
    "reason.title_only": (
        "The point is named but not explained.",
        "只写了要点名称，没有说明。",
    ),
    "reason.stuffing": (
        "A row of keywords is no explanation.",
        "只罗列了关键词，没有说明。",
    ),
    "reason.sibling_swap": (
        "What is said here belongs to another point.",
        "这里写的是另一要点的内容。",
    ),
    "reason.under_other_title": (
        "This stands under another point's name.",
        "这一要点的内容写在了另一要点名下。",
    ),
    "reason.opposite": (
        "The answer says the opposite.",
        "答案的说法与参考答案相反。",
    ),
    "reason.negated": ("The answer denies this point.", "答案否定了这一要点。"),
    "reason.both_ways": (
        "The answer both affirms and denies this.",
        "答案对这一要点既肯定又否定。",
    ),
    "reason.exchanged": (
        "The two things compared have changed places.",
        "比较的双方说反了。",
    ),
    "reason.numbers_differ": (
        "A number or formula differs from the reference.",
        "数字或公式与参考答案不同。",
    ),
    "reason.number_missing": (
        "A number that belongs here is missing.",
        "缺少应有的数字。",
    ),
    "reason.same_value": ("The value is right.", "数值正确。"),
    "reason.same_verdict": ("The verdict is right.", "判断正确。"),
    "reason.verdict_differs": (
        "The verdict is the other way round.",
        "判断与参考答案相反。",
    ),
    "reason.meaning_found": (
        "The point is said in other words.",
        "用自己的话说到了这一点。",
    ),
    "reason.meaning_in_part": (
        "Part of the point is said in other words.",
        "用自己的话说到了这一点的一部分。",
    ),
    "reason.meaning_differs": (
        "What is said cannot be true together with the point.",
        "所说的与这一点不能同时成立。",
    ),
    "reason.other_item": (
        "A similar word, but not this item.",
        "词语相近，但不是这一项。",
    ),
    "reason.out_of_order": (
        "This is said, but not at its place in the order.",
        "说到了，但顺序不对。",
    ),
    "explained.decided": ("{found} This decided.", "{found}以此为准。"),
    "explained.later": (
        "{found} A rule before it came first.",
        "{found}但排在前面的规则优先。",
    ),
    "explained.nothing_to_limit": (
        "{found} There was no credit that it could limit.",
        "{found}但本来就没有可限制的得分。",
    ),
    "explained.overruled": (
        "{found} Words and network together overruled it.",
        "{found}但词语与网络综合后否决了这一判断。",
    ),
    "explained.exact": (
        "The point is a value and was compared as one.",
        "这一要点是一个值，按数值比较。",
    ),
    "explained.words": (
        "{share} of the point's words are there, by weight; missing are {missing}.",
        "按权重找到了要点 {share} 的词，缺少：{missing}。",
    ),
    "explained.all_words": (
        "{share} of the point's words are there, by weight.{missing}",
        "按权重找到了要点 {share} 的词。{missing}",
    ),
    "explained.chances": (
        "Chance of being covered: {words} by words, {network} by the network, {together} together.",
        "答到的概率：按词语 {words}，按网络 {network}，综合 {together}。",
    ),
    "fault.indistinct": (
        "Points {points} cannot be told apart: the text of one covers the other.{detail}",
        "要点 {points} 无法区分：其中一个的原文同时答到另一个。{detail}",
    ),
    "fault.own_reference": (
        "The points in a row get only {detail}; lost are {points}.",
        "把要点逐条写出只得 {detail}，失分要点：{points}。",
    ),
    "fault.stored_answer": (
        "The reference answer gets only {detail}; lost are {points}.",
        "参考答案本身只得 {detail}，失分要点：{points}。",
    ),
    "fault.empty_point": (
        "Point {points} says nothing.{detail}",
        "要点 {points} 没有内容。{detail}",
    ),
    "fault.too_long": (
        "Point {points} is too long: the network does not read its last {detail} tokens.",
        "要点 {points} 过长：网络读不到最后 {detail} 个词元。",
    ),
    "fault.alias_collision": (
        "Points {points} share the name {detail}.",
        "要点 {points} 有相同的名称：{detail}。",
    ),
    "fault.no_key": (
        "Nothing says which options are right.{points}{detail}",
        "没有说明哪些选项正确。{points}{detail}",
    ),
    "fault.nothing_to_check": (
        "There are neither points nor options.{points}{detail}",
        "没有要点，也没有选项。{points}{detail}",
    ),
    "audit.progress": ("Questions", "题目"),
    "audit.fault": ("fault", "问题"),
    "audit.summary": (
        "{found} of {questions} questions have faults ({rate} questions/s, {engine}).",
        "{questions} 道题中有 {found} 道存在问题（每秒 {rate} 道，{engine}）。",
    ),
    "reason.empty": ("There is no answer.", "没有作答。"),
    "reason.copied_question": (
        "The answer only repeats or asks the question.",
        "答案只是重复题目或反问。",
    ),
    "reason.instruction": (
        "The answer asks for marks in place of answering.",
        "答案在要求给分，没有作答。",
    ),
    "reason.no_statement": (
        "The answer says that it does not know.",
        "答案表示不知道。",
    ),
}


def render(name: str, language: Language, params: Mapping[str, object] | None = None) -> str:
    """Return the message `name` in a language, with its parameters filled in.

    A parameter `reason` that names a message is rendered first, with the same parameters. Raises
    KeyError for a name or a parameter that does not exist: a bug, never bad input.
    """
    english, chinese = _MESSAGES[name]
    values = dict(params or {})
    if (reason := values.get("reason")) in _MESSAGES and reason != name:
        values["reason"] = render(str(reason), language, values)
    return (chinese if language == "zh" else english).format_map(values)


def names() -> frozenset[str]:
    """Return the name of every message."""
    return frozenset(_MESSAGES)


def variants(name: str) -> tuple[str, str]:
    """Return the English and the Chinese template of a message, parameters unfilled."""
    return _MESSAGES[name]


def pick_language(preferences: str) -> Language:
    """Choose a language from an Accept-Language header or a locale name such as zh_CN.UTF-8.

    The first of Chinese and English in order of their weights wins; English if neither is there.
    """
    best: tuple[float, Language] = (0.0, "en")
    for part in preferences.split(","):
        tag, _, weight = part.strip().partition(";q=")
        language: Language | None = (
            "zh" if tag.lower().startswith("zh") else "en" if tag.lower().startswith("en") else None
        )
        quality = _quality(weight)
        if language and quality > best[0]:
            best = (quality, language)
    return best[1]


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
