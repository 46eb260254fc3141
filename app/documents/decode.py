"""Bytes to text: encodings and line ends; what is no text document is refused by name."""

import codecs
import re

from app.errors import UnreadableDocumentError

# What a file starts with when it is not a text: (magic bytes, what it is).
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"{\\rtf", "office"),
    (b"PK\x03\x04", "archive"),
    (b"PK\x05\x06", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\x00", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF87a", "image"),
    (b"GIF89a", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"SQLite format 3\x00", "binary"),
    (b"\x7fELF", "binary"),
    (b"MZ", "binary"),
)
_SHORT_SIGNATURES = frozenset({b"BM", b"MZ", b"BZh"})
# Office documents are zip archives; these names stand in their first entries.
_OFFICE_PARTS = (
    b"[Content_Types].xml",
    b"word/",
    b"xl/",
    b"ppt/",
    b"mimetypeapplication/vnd.oasis",
)
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HTML_PAGE = re.compile(
    r"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_PLAIN_LINE_ENDS = re.compile("\r\n?")
_CONTROLS = dict.fromkeys([*range(9), *range(14, 28), 31, 127])
_SAMPLE = 65_536
_MAX_CONTROL_SHARE = 0.01
_MIN_ZERO_SHARE = 0.02
_CLEARLY = 4


def decode(data: bytes, name: str, *, prose: bool = True) -> str:
    r"""Return the text of a document with `\n` as its only line end and without a BOM.

    Where the text is not prose but data, only CR and CRLF are line ends: U+2028 and the like are
    characters of a cell or a string as any other.

    Encodings: UTF-8, UTF-16 and UTF-32 (by BOM, UTF-16 also by its zero bytes) and GB18030.
    Raises UnreadableDocumentError for what is no text document: binary data, archives, PDF, office
    files, images and HTML pages.
    """
    _refuse_known_formats(data, name)
    text = _decode_text(data, name)
    if _HTML_PAGE.match(text[:_SAMPLE]):
        raise UnreadableDocumentError(name=name, reason="unreadable.html")
    return unify_line_ends(text) if prose else _PLAIN_LINE_ENDS.sub("\n", text)


def unify_line_ends(text: str) -> str:
    r"""Return a text with `\n` for everything that ends a line, also in Unicode's view."""
    return _LINE_ENDS.sub("\n", text)


def without_controls(text: str) -> str:
    """Return a text without the control characters of which a text document has hardly any."""
    return text.translate(_CONTROLS)


def _refuse_known_formats(data: bytes, name: str) -> None:
    for magic, kind in _SIGNATURES:
        if data.startswith(magic) and not (magic in _SHORT_SIGNATURES and _is_plain(data)):
            office = kind == "archive" and any(part in data[:4096] for part in _OFFICE_PARTS)
            raise UnreadableDocumentError(
                name=name, reason=f"unreadable.{'office' if office else kind}"
            )
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise UnreadableDocumentError(name=name, reason="unreadable.image")


def _is_plain(data: bytes) -> bool:
    """Say whether data that begins like a short magic number ("BM25 …") reads as text after all."""
    head = data[:_SAMPLE]
    return not head.translate(None, bytes(set(range(256)) - set(_CONTROLS)))


def _decode_text(data: bytes, name: str) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, name)
    if guessed := _utf16_without_bom(data):
        return _strict(data, guessed, name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _strict(data, "gb18030", name)
    _refuse_controls(text, name)
    return text


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        reason = "unreadable.binary" if b"\x00" in data else "unreadable.encoding"
        raise UnreadableDocumentError(name=name, reason=reason) from None
    _refuse_controls(text, name)
    return text.removeprefix("\ufeff")


def _utf16_without_bom(data: bytes) -> str | None:
    """Recognise UTF-16 by ASCII letters and line ends, whose other byte is zero."""
    head = data[:_SAMPLE]
    if len(data) % 2 or not head.count(0):
        return None
    high, low = head[0::2].count(0), head[1::2].count(0)
    more, fewer = max(high, low), min(high, low)
    if more < len(head) * _MIN_ZERO_SHARE or more < _CLEARLY * fewer:
        return None
    return "utf-16-be" if high > low else "utf-16-le"


def _refuse_controls(text: str, name: str) -> None:
    sample = text[:_SAMPLE]
    controls = len(sample) - len(without_controls(sample))
    if "\x00" in text or controls > len(sample) * _MAX_CONTROL_SHARE:
        raise UnreadableDocumentError(name=name, reason="unreadable.binary")
