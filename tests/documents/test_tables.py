"""CSV and XLSX: tables of our own and tables as they are met."""

import io
from dataclasses import replace

import openpyxl
import pytest

from app.documents.document import Choice, Origin, Point, QuestionKind
from app.documents.tables import read_csv, read_xlsx, write_csv, write_xlsx
from app.errors import UnreadableDocumentError
from tests.documents.test_records import CHOICE, DOCUMENT, FULL, lineless
from tests.factories import make_document

EXAM = """题库导出,,,,,,
序号,题目,选项A,选项B,选项C,答案,难度
1,下列哪些是关系数据库？,PostgreSQL,Redis,SQLite,AC,中等
2,"HTTP 默认端口是？",80,443,,A,★
3,简述索引的作用。,,,,加快查找；代价是写入变慢。,简单
"""


def test_csv_keeps_what_a_table_can_hold() -> None:
    """Title, prompt, answer, points, choices, topics, tags and the rest come back."""
    read = read_csv(write_csv(DOCUMENT).decode("utf-8-sig"), name="x.csv", slug="x")
    full, choice = read.items

    assert (full.title, full.prompt, full.answer) == (FULL.title, FULL.prompt, FULL.answer)
    assert full.points == tuple(replace(p, origin=Origin.DOCUMENT) for p in FULL.points)
    assert full.ordered is True
    assert choice.ordered is None
    assert (full.topics, full.tags, full.difficulty) == (FULL.topics, FULL.tags, FULL.difficulty)
    assert (full.key, full.number, full.language) == (FULL.key, FULL.number, FULL.language)
    assert choice.choices == CHOICE.choices
    assert choice.kind is QuestionKind.SINGLE_CHOICE
    assert write_csv(read).split(b"\r\n")[1:] == write_csv(DOCUMENT).split(b"\r\n")[1:]


def test_xlsx_is_the_same_table() -> None:
    """A workbook holds what the CSV holds."""
    from_csv = read_csv(write_csv(DOCUMENT).decode("utf-8-sig"), name="x.csv", slug="x")
    from_xlsx = read_xlsx(write_xlsx(DOCUMENT), name="x.xlsx", slug="x")

    assert lineless(from_xlsx) == lineless(from_csv)


def test_an_examination_table_is_understood() -> None:
    """Chinese headers below a title, a column for each option, letters as the answer."""
    several, single, words = read_csv(EXAM, name="x.csv", slug="x").items

    assert [choice.correct for choice in several.choices] == [True, False, True]
    assert several.kind is QuestionKind.MULTIPLE_CHOICE
    assert (single.kind, single.difficulty) == (QuestionKind.SINGLE_CHOICE, 1)
    assert [choice.text for choice in single.choices] == ["80", "443"]
    assert words.choices == ()
    assert len(words.points) >= 1
    assert [item.line for item in (several, single, words)] == [3, 4, 5]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_found(separator: str) -> None:
    """Semicolons and tabs are as good as commas."""
    text = (
        separator.join(("title", "answer")) + "\n" + separator.join(("什么是锁？", "互斥")) + "\n"
    )
    (item,) = read_csv(text, name="x.csv", slug="x").items

    assert (item.title, item.answer) == ("什么是锁？", "互斥")


def test_cells_are_never_formulas() -> None:
    """What a spreadsheet would run is written as text, and read back as it was."""
    text = 'title,answer\n"\'=SUM(A1)",x\n'
    (item,) = read_csv(text, name="x.csv", slug="x").items
    document = DOCUMENT.__class__(slug="x", title="x", items=(item,))

    assert item.title == "=SUM(A1)"
    assert b"'=SUM(A1)" in write_csv(document)


def test_whole_numbers_stay_whole() -> None:
    """A workbook's 3.0 is the 3 that was typed."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["title", "answer", "number"], ["1+2=?", 3, 7]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    (item,) = read_xlsx(buffer.getvalue(), name="x.xlsx", slug="x").items

    assert (item.answer, item.number) == ("3", "7")


def test_a_table_without_questions_is_refused() -> None:
    """A table that names no question column says which names would do."""
    with pytest.raises(UnreadableDocumentError) as caught:
        read_csv("name,price\napple,3\n", name="x.csv", slug="x")

    assert "题目" in str(caught.value.params["fault"])


def test_what_is_no_workbook_is_refused() -> None:
    """A zip that is no workbook, and no zip at all, are refused."""
    for data in (b"PK\x03\x04" + bytes(40), b"plain"):
        with pytest.raises(UnreadableDocumentError):
            read_xlsx(data, name="x.xlsx", slug="x")


def test_options_that_look_like_marks_are_kept() -> None:
    """`*p` and `C: x` are options of questions on C and on disks, right or wrong."""
    choices = (
        Choice("*p", correct=False),
        Choice("&p", correct=True),
        Choice("C: x", correct=False),
    )
    document = make_document(replace(CHOICE, choices=choices))
    (item,) = read_csv(write_csv(document).decode("utf-8-sig"), name="x.csv", slug="x").items

    assert item.choices == choices


def test_points_are_told_apart_by_their_numbers() -> None:
    """Names, wordings, weights and the order of points have columns; bad values say nothing."""
    text = (
        "题目,要点,别名,其他答案,权重,必答,顺序\n"
        '如何建立连接？,"SYN：客户端请求\n确认","1: 同步报文\n1：请求报文","2: ACK",'
        '"1: 2\n2: viel","2",重要\n'
        '什么是锁？,"互斥",mutex,,"1: -1",,随便\n'
    )
    handshake, lock = read_csv(text, name="x.csv", slug="x").items

    assert handshake.points == (
        Point("客户端请求", "SYN", aliases=("同步报文", "请求报文"), weight=2),
        Point("确认", accepted=("ACK",), required=True),
    )
    assert handshake.ordered is True
    assert lock.points == (Point("互斥", aliases=("mutex",)),)
    assert lock.ordered is None
