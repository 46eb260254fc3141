"""GIFT, Moodle XML and Anki: what other learning systems write, and what they get."""

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from app.documents.anki import write_anki
from app.documents.document import Point, QuestionKind
from app.documents.gift import read_gift, write_gift
from app.documents.moodle import read_moodle, write_moodle
from app.errors import UnreadableDocumentError
from tests.documents.test_records import CHOICE, DOCUMENT, FULL

GIFT = r"""
// [id:net-1] [tag:网络] [tag:基础]
::端口::[markdown]HTTP 的默认端口是？ {
=80 #对
~443 #那是 HTTPS
~21
####见 RFC 9110。
}

$CATEGORY: 计算机/数据库

哪些是关系数据库？ {~%50%PostgreSQL ~%50%SQLite ~%-100%Redis}

SQLite 是嵌入式数据库。{T}

简写 SQL 的全称是 {=Structured Query Language =结构化查询语言}

::集合\: 记号::写出空集 {####\{\}\n---\n花括号}

请谈谈你的看法。{}
"""
MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<question type="category"><category><text>$course$/top/计算机/网络</text></category></question>
<question type="multichoice">
  <name><text>端口</text></name>
  <questiontext format="html">
    <text><![CDATA[<p>HTTP 的<b>默认</b>端口是？</p>]]></text>
  </questiontext>
  <generalfeedback format="html"><text>见 RFC 9110。</text></generalfeedback>
  <idnumber>net-1</idnumber><single>true</single>
  <answer fraction="100"><text>80</text></answer><answer fraction="0"><text>443</text></answer>
  <tags><tag><text>网络</text></tag></tags>
</question>
<question type="essay">
  <name><text>三次握手</text></name>
  <questiontext format="html"><text>为什么是三次？</text></questiontext>
  <graderinfo format="html">
    <text><![CDATA[<ul><li>确认收发能力</li><li>同步序号</li></ul>]]></text>
  </graderinfo>
</question>
<question type="shortanswer">
  <name><text>全称</text></name><questiontext><text>SQL 的全称？</text></questiontext>
  <answer fraction="100"><text>Structured Query Language</text></answer>
  <answer fraction="100"><text>结构化查询语言</text></answer>
</question>
</quiz>
"""


def test_gift_is_read() -> None:
    """Choices, several right, truth, short answers and essays, with ids, tags and categories."""
    port, several, truth, short, essay, open_ = read_gift(GIFT, slug="x").items

    assert (port.title, port.key, port.tags) == ("端口", "net-1", ("网络", "基础"))
    assert [(one.text, one.correct) for one in port.choices] == [
        ("80", True),
        ("443", False),
        ("21", False),
    ]
    assert port.explanation == "见 RFC 9110。"
    assert port.line == 3
    assert several.kind is QuestionKind.MULTIPLE_CHOICE
    assert [choice.correct for choice in several.choices] == [True, True, False]
    assert several.topics == ("计算机", "数据库")
    assert [choice.correct for choice in truth.choices] == [True, False]
    assert short.points[0].accepted == ("结构化查询语言",)
    assert (essay.title, essay.answer, essay.explanation) == ("集合: 记号", "{}", "花括号")
    assert open_.warnings[0].kind == "no_answer"


def test_gift_keeps_what_it_can_hold() -> None:
    """What is written is read back: texts with all special characters, choices, topics, tags."""
    read = read_gift(write_gift(DOCUMENT).decode(), slug="x")
    full, choice = read.items

    assert (full.title, full.prompt, full.answer) == (FULL.title, FULL.prompt, FULL.answer)
    assert (full.explanation, full.key, full.tags) == (FULL.explanation, FULL.key, FULL.tags)
    assert full.topics == FULL.topics
    assert choice.choices == CHOICE.choices
    assert write_gift(read).split(b"\n", 1)[1] == write_gift(DOCUMENT).split(b"\n", 1)[1]


def test_moodle_is_read() -> None:
    """HTML becomes text with its lines, list items stay items, categories become topics."""
    port, essay, short = read_moodle(MOODLE.encode(), name="x.xml", slug="x").items

    assert (port.title, port.prompt, port.key) == ("端口", "HTTP 的默认端口是？", "net-1")
    assert (port.topics, port.tags) == (("计算机", "网络"), ("网络",))
    assert [choice.correct for choice in port.choices] == [True, False]
    assert [point.text for point in essay.points] == ["确认收发能力", "同步序号"]
    assert short.points[0].accepted == ("结构化查询语言",)


def test_moodle_keeps_what_it_can_hold() -> None:
    """What is written is read back, and written again as it was."""
    read = read_moodle(write_moodle(DOCUMENT), name="x.xml", slug="x")
    full, choice = read.items

    assert (full.title, full.prompt, full.answer) == (FULL.title, FULL.prompt, FULL.answer)
    assert (full.explanation, full.key, full.tags) == (FULL.explanation, FULL.key, FULL.tags)
    assert choice.choices == CHOICE.choices
    assert write_moodle(read) == write_moodle(DOCUMENT)


@pytest.mark.parametrize(
    "text",
    [
        "<quiz>",
        "<html></html>",
        '<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>',
    ],
)
def test_bad_or_unsafe_xml_is_refused(text: str) -> None:
    """Broken XML, another document type and entity bombs are refused."""
    with pytest.raises(UnreadableDocumentError):
        read_moodle(text.encode(), name="x.xml", slug="x")


def test_anki_notes_keep_their_identity(tmp_path: Path) -> None:
    """A second export has the same notes in the same decks, so Anki updates and never doubles."""

    def notes(data: bytes) -> tuple[list[tuple[str, str]], set[str]]:
        path = tmp_path / "collection.anki2"
        path.write_bytes(zipfile.ZipFile(io.BytesIO(data)).read("collection.anki2"))
        connection = sqlite3.connect(path)
        found = connection.execute("SELECT guid, flds FROM notes ORDER BY guid").fetchall()
        (decks,) = connection.execute("SELECT decks FROM col").fetchone()
        connection.close()
        return found, {deck["name"] for deck in json.loads(decks).values()}

    first, decks = notes(write_anki(DOCUMENT))
    second, _ = notes(write_anki(DOCUMENT))

    assert first == second
    assert "q-7" in [guid for guid, _ in first]
    assert "笔记::数据库::性能" in decks
    assert "<strong>速度：</strong>" in str(first)


@pytest.mark.parametrize(
    ("braces", "points"),
    [
        ("{#3.14:0.01}", (Point("3.14±0.01"),)),
        ("{#3.14:0}", (Point("3.14"),)),
        ("{#1822}", (Point("1822"),)),
        ("{#3..4}", (Point("3..4"),)),
        ("{#=1822:0 =%50%1822:2#near}", (Point("1822"),)),
        ("{#=3.14:0.01 =22/7}", (Point("3.14±0.01", accepted=("22/7",)),)),
    ],
)
def test_numbers_of_gift_keep_their_tolerance(braces: str, points: tuple[Point, ...]) -> None:
    """A numerical answer is a point that is checked by value."""
    (item,) = read_gift(f"::值::是多少？ {braces}\n", slug="x").items

    assert item.points == points
    assert item.answer == points[0].text
    assert item.warnings == ()


def test_numbers_of_moodle_keep_their_tolerance() -> None:
    """A numerical question of Moodle XML is a point with its tolerance."""
    text = """<quiz><question type="numerical"><name><text>π</text></name>
    <questiontext><text>圆周率？</text></questiontext>
    <answer fraction="100"><text>3.14</text><tolerance>0.01</tolerance></answer>
    <answer fraction="100"><text>22/7</text><tolerance>0</tolerance></answer>
    <answer fraction="0"><text>*</text></answer></question></quiz>"""
    (item,) = read_moodle(text.encode(), name="x.xml", slug="x").items

    assert item.points == (Point("3.14±0.01", accepted=("22/7",)),)
