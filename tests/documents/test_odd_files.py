"""Files as they are met: each gives the right questions, or one clear error that says where."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from app import messages
from app.documents.characters import check_characters
from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    Point,
    QuestionKind,
    Topic,
    WarningKind,
)
from app.documents.limits import Limits
from app.documents.read import read_document
from app.documents.report import all_warnings, describe_warnings
from app.errors import UnreadableDocumentError
from app.services.exporting import Format, write_export
from tests.documents.test_records import CHOICE, FULL, lineless
from tests.factories import make_document, make_item

_CONTENT_TYPES = "[Content_Types].xml"


def read(data: str | bytes, name: str, **limits: Any) -> Document:
    """Read a file."""
    data = data.encode() if isinstance(data, str) else data
    return read_document(data, name=name, limits=Limits(**limits))


def refusal(data: str | bytes, name: str, **limits: Any) -> str:
    """Return the one sentence that a file is refused with, the same in both languages."""
    with pytest.raises(UnreadableDocumentError) as caught:
        read(data, name, **limits)
    chinese = messages.render("unreadable-document", "zh", caught.value.params)
    assert chinese.startswith(f"{name}：")
    return messages.render("unreadable-document", "en", caught.value.params)


def read_or_reason(data: str, name: str) -> str:
    """Return the titles of a file's questions, a line each, or the reason why there are none."""
    try:
        return "\n".join(item.title[:9] for item in read(data, name).items)
    except UnreadableDocumentError as error:
        return str(error.params["reason"])


def warnings(document: Document) -> list[tuple[int | None, str]]:
    """Return the warnings of a document with their lines, in words."""
    return [
        (warning["line"], warning["message"])
        for warning in describe_warnings(all_warnings(document), "en")
    ]


def workbook(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    """Return a workbook with these rows in its first sheet; `change` may add more to it."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """Return a workbook whose first sheet is this XML."""
    buffer = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(workbook(["题目"], ["什么？"])))
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as changed:
        for part in whole.namelist():
            changed.writestr(part, xml if part.endswith("sheet1.xml") else whole.read(part))
    return buffer.getvalue()


def office_file(part: str) -> bytes:
    """Return an office document that is no workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(_CONTENT_TYPES, "<Types/>")
        archive.writestr(part, "<document/>")
    return buffer.getvalue()


# ---- tables ----


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("题目,答案\n什么是锁？,互斥\n", 2),
        ("\ufeff题目;答案\n什么是锁？;互斥\n", 2),
        ("题目\t答案\r\n什么是锁？\t互斥\r\n", 2),
        ("题库导出, 2026\n\n题目;答案\n什么是锁？;互斥\n", 4),
        ("题目,答案\n\n,,\n什么是锁？,互斥\n,\n", 4),
        ('解析,题目,答案\n"一\n二",什么是树？,图\n,什么是锁？,互斥\n', 4),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_csv_of_every_make(text: str, line: int, encoding: str) -> None:
    """Separators, encodings, titles, empty rows, cells of several lines: the line is right too."""
    item = read(text.encode(encoding), "bank.csv").items[-1]

    assert (item.title, item.answer, item.line) == ("什么是锁？", "互斥", line)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('题目,答案\n甲？,一\n"乙？,二\n丙？,三\n', 3),
        ('题目,答案\n"什么是"锁"？",互斥\n', 2),
        ('题目,答案\n"甲？,一\n乙？,"二, 三"\n', 2),
    ],
)
def test_a_stray_quotation_mark_is_named_with_its_line(text: str, line: int) -> None:
    """No cell swallows the rows below it in silence."""
    assert f"line {line}: a quotation mark" in refusal(text, "bank.csv")


def test_rows_inside_a_cell_are_suspicious() -> None:
    """Two stray marks far apart make one cell of many rows: it is read, with a warning."""
    text = '题目,答案,解析\n"甲？,一,x\n乙？,二,y\n丙？,三,z"\n丁？,四,w\n'

    assert (2, 'what opens here with " is never closed') in warnings(read(text, "bank.csv"))


def test_what_a_table_has_beside_questions_is_named() -> None:
    """Columns that nobody knows, a name that comes twice, and rows without a question."""
    text = "题目,答案,备考,答案\n甲？,一,重要,二\n,孤儿,,\n"
    document = read(text, "bank.csv")

    assert document.items[0].answer == "一"
    assert warnings(document) == [
        (1, "left out: the column 备考, whose name is not known"),
        (1, "left out: the column 答案, whose name is not known"),
        (3, "left out: a row that has no question"),
    ]
    assert [(one.first, one.reason) for one in document.passed_over] == [
        (1, "header"),
        (3, "prose"),
    ]


def test_merged_cells_speak_for_all_their_rows() -> None:
    """A topic that is merged over several rows is the topic of each; a title row is passed over."""

    def merge(book: Any) -> None:
        book.active.merge_cells("A1:C1")
        book.active.merge_cells("C3:C4")

    rows = (
        ["题库"],
        ["题目", "答案", "分类"],
        ["甲？", "一", "并发"],
        ["乙？", "二"],
        ["丙？", 3.0],
    )
    document = read(workbook(*rows, change=merge), "bank.xlsx")

    assert [(item.title, item.answer, item.topics, item.line) for item in document.items] == [
        ("甲？", "一", ("并发",), 3),
        ("乙？", "二", ("并发",), 4),
        ("丙？", "3", (), 5),
    ]


def test_formulas_without_a_result_are_named() -> None:
    """A workbook that no spreadsheet program has computed lacks the results of its formulas."""
    rows = (["题目", "答案", "分数"], ["1+2？", "=1+2", "=3"], ["2+2？", 4, 1])
    document = read(workbook(*rows), "bank.xlsx")

    assert [item.answer for item in document.items] == ["", "4"]
    assert (2, "left out: cell B2 is a formula whose result the workbook does not have") in (
        warnings(document)
    )
    assert not any("C2" in message for _, message in warnings(document))


def test_all_sheets_with_questions_are_read() -> None:
    """An exam has a sheet for each kind of question; one without questions is named."""

    def add(book: Any) -> None:
        for row in (["题目", "选项A", "选项B", "答案"], ["甲？", "是", "否", "B"]):
            (book["单选"] if "单选" in book else book.create_sheet("单选")).append(row)

    document = read(workbook(["说明"], ["请先阅读"], change=add), "bank.xlsx")

    assert [choice.correct for choice in document.items[0].choices] == [False, True]
    assert (None, "left out: the sheet Sheet, which has no column with questions") in (
        warnings(document)
    )


def test_dates_and_far_rows_are_read() -> None:
    """A date is a date, and a million empty rows cost nothing."""

    def far(book: Any) -> None:
        book.active.cell(1_048_576, 1, "末题？")

    data = workbook(["题目", "答案"], ["哪天？", datetime(2024, 1, 2)], change=far)  # noqa: DTZ001 (workbooks know no zones)
    first, last = read(data, "bank.xlsx").items

    assert first.answer == "2024-01-02"
    assert last.line == 1_048_576


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_sheet(b"<worksheet>" + b" " * 30_000_000 + b"</worksheet>"), "unpacked"),
        (with_sheet(b"<worksheet><broken>"), "not an XLSX workbook"),
        (
            with_sheet(
                b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
                b"</sheetData></worksheet>"
            ),
            "not an XLSX workbook",
        ),
        (office_file("word/document.xml"), "not an XLSX workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not an XLSX workbook"),
        (b"", "not an XLSX workbook"),
    ],
    ids=["bomb", "broken", "entities", "docx", "xls", "empty"],
)
def test_what_is_no_workbook_is_one_clear_error(data: bytes, said: str) -> None:
    """Zip bombs, entity bombs, broken sheets and other office files."""
    assert said in refusal(data, "bank.xlsx")


# ---- GIFT ----


def test_an_unclosed_brace_swallows_nothing() -> None:
    """The questions below are read; the one at the end of the file is a draft."""
    text = (
        "::甲::甲是什么？ {\n=一\n~二\n\n::乙::乙是什么？ {=1\n\n~2}\n\n"
        "::丙::丙是什么？{T}\n\n::丁::丁？ {=四 ~五"
    )
    document = read(text, "bank.gift")

    assert [item.title for item in document.items] == ["甲", "乙", "丙", "丁"]
    assert [len(item.choices) for item in document.items] == [2, 2, 2, 2]
    assert [(one.kind, one.line) for one in all_warnings(document)] == [
        (WarningKind.UNCLOSED, 1),
        (WarningKind.UNCLOSED, 11),
        (WarningKind.TRUNCATED, 11),
    ]
    assert [item.truncated for item in document.items] == [False, False, False, True]


@pytest.mark.parametrize(
    ("text", "prompt", "answer"),
    [
        ("配对 {=北京 -> 中国 =东京 -> 日本}", "配对", "- **北京：** 中国\n- **东京：** 日本"),
        ("圆周率？ {#3.14:0.01}", "圆周率？", "3.14±0.01"),
        ("哪一年？ {#=1822:0 =%50%1822:2}", "哪一年？", "1822"),
        ("范围？ {#1..5#不错}", "范围？", "1..5"),
        ("水在 {=100 ~90} 度沸腾。", "水在 ____ 度沸腾。", "100"),
        ("// 一\nq {T}\n// 尾\n", "q", "True"),
        ("q {F#错#对}", "q", "False"),
        (r"::题\:\:一::[html]a \{b\} [html] \= {=C\:\\x ~D}", "a {b} [html] =", "C:\\x"),
    ],
)
def test_gift_of_every_kind(text: str, prompt: str, answer: str) -> None:
    """Matching, numbers, gaps, comments, truths and escapes."""
    (item,) = read(text, "bank.gift").items

    assert (item.prompt, item.answer) == (prompt, answer)


def test_partial_credit_is_not_right() -> None:
    """Beside one right option, what earns a part of the mark is still wrong."""
    (item,) = read("q {=甲 ~%50%乙 ~丙}", "bank.gift").items

    assert [choice.correct for choice in item.choices] == [True, False, False]
    assert item.kind is QuestionKind.SINGLE_CHOICE


def test_categories_are_paths_with_slashes_in_names() -> None:
    """The context and the root are no topics; a doubled slash is one of a name."""
    first, second = read(
        "$CATEGORY: $course$/top/A//B/C\n\nq {T}\n\n$CATEGORY: top/top\n\nr {T}", "bank.gift"
    ).items

    assert first.topics == ("A/B", "C")
    assert second.topics == ("top",)


# ---- Moodle XML ----


def quiz(*questions: str) -> str:
    """Return Moodle XML of these questions."""
    return f"<quiz>{''.join(questions)}</quiz>"


def test_moodle_of_every_kind() -> None:
    """Pairs, partial credit, plain names, HTML with entities and images; descriptions are named."""
    document = read(
        quiz(
            '<question type="category"><category><text>$course$/top/甲/乙//丙</text></category>'
            "</question>",
            '<question type="matching"><name><text>List&lt;T&gt;</text></name>'
            '<questiontext format="html"><text>a &amp;lt; b &lt;img src="x.png" alt="图"&gt;</text>'
            "</questiontext><subquestion><text>北京</text><answer><text>中国</text></answer>"
            "</subquestion></question>",
            '<question type="multichoice"><name><text>二</text></name>'
            "<questiontext><text>q</text></questiontext><single>true</single>"
            '<answer fraction="100"><text>是</text></answer>'
            '<answer fraction="50"><text>半</text></answer></question>',
            '<question type="description"><name><text>说明</text></name>'
            "<questiontext><text>先读</text></questiontext></question>",
        ),
        "bank.xml",
    )
    pairs, choice = document.items

    assert (pairs.title, pairs.prompt) == ("List<T>", "a < b ![图](x.png)")
    assert (pairs.answer, pairs.topics) == ("- **北京：** 中国", ("甲", "乙/丙"))
    assert [one.correct for one in choice.choices] == [True, False]
    assert warnings(document) == [(None, "left out: 1 descriptions, which ask nothing")]


def test_xml_of_other_encodings_is_read() -> None:
    """XML that says it is GB 2312 is read as such."""
    question = (
        '<question type="essay"><name><text>题目</text></name>'
        "<questiontext><text>什么？</text></questiontext></question>"
    )
    data = f'<?xml version="1.0" encoding="gb2312"?>{quiz(question)}'.encode("gb18030")

    assert read(data, "bank.xml").items[0].title == "题目"


def test_deep_xml_ends() -> None:
    """200,000 nested elements are no question."""
    text = quiz("<a>" * 200_000 + "</a>" * 200_000)

    assert read(text, "bank.xml").items == ()


# ---- JSON ----


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"titel": "x"}]', "questions.0.title"),
        ('[{"title": 5}]', "questions.0.title"),
        ('[{"title": " "}]', "questions.0.title"),
        ('[{"title": "a", "title": "b"}]', "the member 'title' twice"),
        ('[{"title": "a", "title": "\\u0022\\u0022\\u0022\\u0022"}]', "the member 'title' twice"),
        ('[{"title": "a", "tags": ["\\"", "\\""], "title": "b"}]', "the member 'title' twice"),
        ('[{"title": "a", "difficulty": NaN}]', "at 1:"),
        ('[{"title": "a", "difficulty": 1e999}]', "at 1:"),
        (f'[{{"title": "a", "difficulty": {"9" * 100_000}}}]', "at 1:"),
        ("[" * 200_000, "at 1:"),
        (f'{{"questions": {"[" * 200_000}{"]" * 200_000}}}', "at 1:"),
        ("true", "neither an object with questions nor a list"),
        ("", "at 1:1"),
        ("<!doctype html><html></html>", "HTML page"),
        ("%PDF-1.7\n", "PDF"),
    ],
    ids=range(15),
)
def test_json_that_does_not_fit_is_one_clear_error(text: str, said: str) -> None:
    """Wrong members, types, numbers, depths and files."""
    assert said in refusal(text, "bank.json")


@pytest.mark.parametrize("name", ["bank.json", "bank.ndjson"])
def test_line_separators_inside_strings_are_characters(name: str) -> None:
    """U+2028 and U+0085 end lines of prose, never a string of JSON."""
    text = '{"title": "甲\u2028乙？", "answer": "一\u0085二\u2029三"}'
    (item,) = read(f"[{text}]" if name.endswith(".json") else f"{text}\r\n", name).items

    assert (item.title, item.answer) == ("甲\u2028乙？", "一\u0085二\u2029三")


def test_an_escape_in_the_text_is_no_nul() -> None:
    r"""An answer may speak of \u0000."""
    (item,) = read(r'[{"title": "甲？", "answer": "写作 \\u0000"}]', "bank.json").items

    assert item.answer == "写作 \\u0000"


# ---- characters ----


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ('---\ntitle: "a\\0b"\n---\n', "bank.md"),
        ('---\nslug: "a\\0b"\n---\n', "bank.md"),
        ('---\ntags: ["a\\0b"]\n---\n\n### 什么是锁？\n\n**答案：** 互斥。\n', "bank.md"),
        ('---\ntopics: ["a\\0b"]\n---\n\n### 什么是锁？\n\n**答案：** 互斥。\n', "bank.md"),
        ('---\ntitle: "a\\ud800b"\n---\n', "bank.md"),
        ('### 什么是锁？\n<!-- tiku {"tags": ["a\\u0000"]} -->\n\n**答案：** 互斥。\n', "bank.md"),
        ('[{"title": "a\\u0000"}]', "bank.json"),
        ('{"source": {"licence": "a\\u0000"}, "questions": []}', "bank.json"),
        ('{"title": "a", "tags": ["\\u0000"]}', "bank.ndjson"),
        ("题目,答案\n甲\0？,一\n", "bank.csv"),
        ("甲\0？ {T}", "bank.gift"),
        ("<quiz>\0</quiz>", "bank.xml"),
    ],
)
def test_nul_is_one_clear_error_everywhere(data: str, name: str) -> None:
    """However it is written, and in whatever field: it is no text."""
    assert refusal(data, name)


@pytest.mark.parametrize("whole", [FULL, FULL.points[0], CHOICE.choices[0], Topic("a", "b")])
def test_no_field_is_forgotten_by_the_check_of_characters(whole: Any) -> None:
    """NUL in any text of a question, point, choice or topic never reaches a database."""
    for field in fields(whole):
        if "str" not in str(field.type) or field.name == "source":
            continue
        bad: Any = ("a\0",) if "tuple" in str(field.type) else "a\0"
        changed = replace(whole, **{field.name: bad})
        document = {
            Item: make_document(changed),
            Point: make_document(replace(FULL, points=(changed,))),
            Choice: make_document(replace(CHOICE, choices=(changed,))),
            Topic: make_document(topics=(changed,)),
        }[type(whole)]

        with pytest.raises(UnreadableDocumentError) as caught:
            check_characters(document, "bank.json")
        assert caught.value.params["reason"] == "unreadable.no_text"


# ---- limits ----


@pytest.mark.parametrize(
    "name",
    ["bank.md", "bank.json", "bank.ndjson", "bank.csv", "bank.xlsx", "bank.gift", "bank.xml"],
)
def test_a_reading_that_takes_too_long_ends(name: str) -> None:
    """Every reader looks at the clock on its way, and says what the limit is."""
    formats = {"md": Format.MARKDOWN, "xml": Format.MOODLE}
    ending = name.partition(".")[2]
    many = make_document(*(make_item(f"什么是{n}？", key=str(n)) for n in range(30)))
    data = write_export(many, formats.get(ending) or Format(ending)).data
    calls = 0

    def clock() -> float:
        nonlocal calls
        calls += 1
        return calls

    with pytest.raises(UnreadableDocumentError) as caught:
        read_document(data, name=name, limits=Limits(max_seconds=20), clock=clock)
    ended_at = calls
    calls = -1_000_000
    whole = read_document(data, name=name, limits=Limits(max_seconds=10_000), clock=clock)

    assert "more than 20 seconds" in messages.render(
        "unreadable-document", "en", caught.value.params
    )
    assert ended_at == 22
    assert len(whole.items) == 30


def test_topics_stand_no_deeper_than_the_limit() -> None:
    """A path of 300 names is refused with the place, declared or not."""
    deep = make_item(topics=tuple(f"第{n}层" for n in range(300)))
    chain = tuple(Topic(f"t{n}", f"第{n}层", f"t{n - 1}" if n else None) for n in range(5))
    path = write_export(make_document(deep), Format.JSON).data
    declared = write_export(make_document(topics=chain), Format.JSON).data

    assert "at 1: topics stand more than 20 levels deep" in refusal(path, "bank.json")
    assert "at t3: topics stand more than 3 levels" in refusal(
        declared, "bank.json", max_topic_depth=3
    )
    assert read(declared, "bank.json", max_topic_depth=5).topics == chain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("q {\n" + "\n" * 300_000 + "a", "bank.gift"),
        ("// " + "[id:" * 200_000 + "\n\nq {T}", "bank.gift"),
        ("::" + ":a" * 200_000 + " {T}", "bank.gift"),
        ("{" * 300_000, "bank.gift"),
        ("\\" * 300_000, "bank.gift"),
        ("q {" + "~" * 300_000 + "}", "bank.gift"),
        ("q {=a" + "#" * 300_000 + "}", "bank.gift"),
        ("," * 900_000, "bank.csv"),
        ("a,b\n" * 300_000, "bank.csv"),
        ('"' * 900_000, "bank.csv"),
        ("<" * 900_000, "bank.xml"),
        ("x" * 30_000_000, "bank.csv"),
        ("x" * 30_000_000, "bank.xml"),
    ],
    ids=range(13),
)
def test_pathological_files_end(text: str, name: str) -> None:
    """Degenerate files end with a reading or one clear error, in time for CI."""
    found = read_or_reason(text, name)

    assert found.startswith("unreadable.") or len(found.splitlines()) <= 1


# ---- what is written comes back ----

AWKWARD = make_document(
    replace(
        FULL,
        title="List<T> 与 '=1+1 的区别？",
        topics=("I/O", "C/C++/", "/etc"),
        tags=("C#", "a,b", "x]y[z", "- 短横"),
        answer="先\n\n---\n\n后 -> 完",
        explanation="----\n解",
        points=(Point("注意：没有标题。"), Point("有：冒号", "名：称"), Point("：起头")),
    ),
    replace(
        CHOICE,
        choices=(Choice("%50%的人", correct=True), Choice("~=#{}:\\ %100%", correct=False)),
        answer="%50%的人",
    ),
    make_item("没有答案，只有解析？", answer="", explanation="解析在此。", points=(), line=None),
)


@pytest.mark.parametrize("format_", [Format.CSV, Format.XLSX, Format.GIFT, Format.MOODLE])
def test_awkward_texts_survive_every_format(format_: Format) -> None:
    """Slashes, commas, brackets, rules, weights and angle brackets are text, not syntax."""
    name = f"bank.{'xml' if format_ == 'moodle' else format_}"
    back = read_document(write_export(AWKWARD, format_).data, name=name)

    for meant, found in zip(AWKWARD.items, back.items, strict=True):
        for field in ("title", "prompt", "answer", "explanation", "choices", "kind", "topics"):
            assert getattr(found, field) == getattr(meant, field), field
        assert (found.tags or ()) == (meant.tags or ())
    if format_ in {Format.CSV, Format.XLSX}:
        assert [(one.title, one.text) for one in back.items[0].points] == [
            (one.title, one.text) for one in AWKWARD.items[0].points
        ]


def test_cells_over_the_limit_of_workbooks_go_on_in_further_columns() -> None:
    """An answer of 100,000 characters comes back whole."""
    long = replace(FULL, answer="=长" * 50_000, points=(Point("短。"),))
    (item,) = read(write_export(make_document(long), Format.XLSX).data, "bank.xlsx").items

    assert item.answer == long.answer


@pytest.mark.parametrize("format_", [Format.XLSX, Format.MOODLE])
def test_control_characters_break_no_file(format_: Format) -> None:
    """What XML cannot say is shown as U+FFFD; the rest of the question is whole."""
    item = replace(FULL, answer="响铃\x07，换页\x0c。", points=(Point("响铃。"),))
    name = f"bank.{'xml' if format_ == 'moodle' else format_}"
    (back,) = read(write_export(make_document(item), format_).data, name).items

    assert back.answer == "响铃\ufffd，换页\ufffd。"


@pytest.mark.parametrize(
    "character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r\n", "\x07"]
)
@pytest.mark.parametrize("format_", [Format.MARKDOWN, Format.JSON, Format.NDJSON])
def test_odd_characters_make_the_round(character: str, format_: Format) -> None:
    """Exported, read and exported again, the bytes are the same, also in names of topics."""
    item = replace(
        FULL,
        answer=f"甲{character}乙",
        title=f"什么{character}是？",
        points=(Point(f"甲{character}乙"),),
        topics=(f"数{character}据",),
    )
    document = make_document(item, topics=(Topic("t", f"数{character}据"),), language="zh")
    data = write_export(document, format_).data
    back = read_document(data, name=f"bank.{'md' if format_ == 'markdown' else format_}")

    assert lineless(replace(back, items=tuple(replace(i, language="zh") for i in back.items))) == (
        lineless(document)
    )
    assert write_export(back, format_).data == data


def test_warnings_of_formats_speak_both_languages() -> None:
    """Every reason for leaving something out has its words."""
    for name in (one for one in messages.names() if one.startswith("left_out.")):
        warning = DocumentWarning(
            WarningKind.LEFT_OUT,
            params={"reason": name, "count": 1, "cell": "A1", "sheet": "x", "column": "y"},
        )
        languages: tuple[messages.Language, ...] = ("en", "zh")
        for language in languages:
            (said,) = describe_warnings([warning], language)
            assert "{" not in said["message"]
