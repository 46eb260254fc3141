"""Bytes to text: every usual encoding and line end; no binary data."""

import gzip
import io
import zipfile

import pytest

from app.documents.decode import decode
from app.errors import UnreadableDocumentError

_TEXT = "# 题库\n\n### 1. 什么是甲？\n\n**答案：** 甲是第一。\n"


def _zip(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, "text")
    return stream.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"]
)
def test_a_text_is_the_same_in_every_encoding(encoding: str) -> None:
    """UTF-8, UTF-16 and UTF-32 with or without a BOM and GB18030 give the same text."""
    decoded = decode(_TEXT.encode(encoding), "a.md")

    assert decoded == _TEXT


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028"])
def test_every_line_end_becomes_a_newline(end: str) -> None:
    """Line ends may be those of any system, and mixed."""
    assert decode(f"a{end}b\nc".encode(), "a.md") == "a\nb\nc"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.7 \xe4", "unreadable.pdf"),
        (_zip("a.txt"), "unreadable.archive"),
        (_zip("word/document.xml"), "unreadable.office"),
        (gzip.compress(b"text"), "unreadable.archive"),
        (b"7z\xbc\xaf\x27\x1c..", "unreadable.archive"),
        (b"Rar!\x1a\x07\x00", "unreadable.archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "unreadable.office"),
        (b"\x89PNG\r\n\x1a\n....", "unreadable.image"),
        (b"RIFF....WEBPVP8 ", "unreadable.image"),
        (b"<!DOCTYPE html><html></html>", "unreadable.html"),
        (b"\n <html><body>1</body></html>", "unreadable.html"),
        (bytes(range(256)) * 4, "unreadable.binary"),
        ("café à la carte".encode("latin-1"), "unreadable.encoding"),
    ],
)
def test_what_is_no_text_document_is_refused_by_its_content(data: bytes, reason: str) -> None:
    """Binary data, archives, office files, images and web pages are named for what they are."""
    with pytest.raises(UnreadableDocumentError) as caught:
        decode(data, "a.md")

    assert caught.value.params == {"name": "a.md", "reason": reason}


@pytest.mark.parametrize("text", ["BM25 是什么？\n", "MZ\n", "BZh 压缩\n"])
def test_a_text_that_begins_like_a_binary_format_is_a_text(text: str) -> None:
    """Two letters are no proof of an image or a program."""
    assert decode(text.encode(), "a.md") == text
