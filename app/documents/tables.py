"""CSV and XLSX: a question a row; header names in Chinese or English, in any order.

Lists inside a cell are lines: a point or a choice each. A point with a title is `title：text`; a
choice that is right begins with `*`. Tables from elsewhere may have a column for each option
(`选项A`, `选项B` …) and the letters of the right ones as the answer. What belongs to single points
has columns of its own, in which each line begins with the number of its point: `2: TCP`.
"""

import codecs
import csv
import io
import math
import re
import string
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from itertools import islice
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils import column_index_from_string

from app.documents.characters import to_xml_text
from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    PassedOver,
    Point,
    QuestionKind,
    WarningKind,
)
from app.documents.limits import DEFAULT_LIMITS, Limits, check
from app.documents.markdown.metadata import read_difficulty, read_order, read_tags
from app.documents.markdown.points import read_points
from app.errors import UnreadableDocumentError
from app.text import compare_key

# The columns that are written, in this order, and every name that each is found by.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "编号", "唯一标识", "uuid", "key"),
    "number": ("number", "题号", "序号", "no", "num"),
    "title": ("title", "标题", "题目标题", "名称"),
    "prompt": ("prompt", "题目", "题干", "问题", "question", "题目内容", "試題", "题目描述"),
    "kind": ("kind", "题型", "类型", "type", "題型"),
    "answer": ("answer", "答案", "参考答案", "正确答案", "标准答案", "參考答案", "correct answer"),
    "points": ("points", "要点", "答案要点", "得分点", "answer points", "要點"),
    "aliases": ("aliases", "别名", "同义词", "別名"),
    "accepted": ("accepted", "其他答案", "可接受答案", "等价答案", "其他答法"),
    "weights": ("weights", "权重", "權重", "分值"),
    "required": ("required", "必答", "必答要点", "必須"),
    "ordered": ("ordered", "顺序", "順序", "按顺序", "按順序"),
    "choices": ("choices", "选项", "options", "選項", "备选项"),
    "explanation": ("explanation", "解析", "答案解析", "解释", "说明", "analysis"),
    "topics": ("topics", "主题", "topic", "分类", "类别", "章节", "知识点", "category", "主題"),
    "tags": ("tags", "标签", "关键词", "tag", "keywords", "標籤"),
    "difficulty": ("difficulty", "难度", "难度等级", "level", "難度"),
    "language": ("language", "语言", "lang", "語言"),
}
_BY_NAME = {compare_key(name): column for column, names in COLUMNS.items() for name in names}
_OPTION_COLUMN = re.compile(r"(?:选项|選項|option|choice)?([a-h])", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Ha-h]+(?:[\s,，、;；|]+[A-Ha-h]+)*")
_RIGHT, _WRONG = "* ", "- "
_MOST_COLUMNS = 100
# A workbook's cell holds 32,767 UTF-16 units; what is longer goes on in further columns.
_LONGEST_CELL = 16_000
_CONTINUED = re.compile(rf"(?P<column>{'|'.join(COLUMNS)})(?P<part>[2-9]|[1-9]\d{{1,2}})")
# What several questions share may stand in one cell that is merged over their rows.
_SHARED = frozenset({"kind", "topics", "tags", "difficulty", "language"})
_PATH = " / "
_NUMBERED = re.compile(r"(?P<number>\d{1,3})\s*[:：]\s*(?P<value>.*)", re.DOTALL)
_ORDERED: Mapping[bool | None, str] = {None: "", False: "no", True: "yes"}
_SLASH = re.compile(r"(?<!\\)/")
_LISTED = re.compile(r"[*-](?: |$)")
_TITLED = re.compile(r"(?P<title>(?:\\：|[^：\n]){1,60})：(?P<text>.*)", re.DOTALL)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_NO_RESULT = re.compile(
    rb'<c r="([A-Z]{1,3}\d{1,7})"[^>]{0,200}>\s*<f[^>]{0,200}(?:/>|>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v></v>)?\s*</c>"
)
_CELL = re.compile(r"([A-Z]+)(\d+)")
_SEPARATORS = ",;\t"
_LINES_OF_HEADER = 20
_TOGETHER = 200  # rows that are written at a time
_SWALLOWED_ROWS = 2

csv.field_size_limit(sys.maxsize)  # documents have limits of their own


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row by the names of its columns; `options` are the cells of option columns by letter."""

    values: Mapping[str, str]
    options: Mapping[str, str]
    line: int

    def get(self, column: str) -> str:
        """Return a cell without the blanks around it; empty where the column is absent."""
        return self.values.get(column, "").strip()


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows with the numbers of their lines, and what is known of single cells beside their text.

    `merged` are the first and last rows of cells that reach over several, by column from 0, sorted;
    `unknown` are cells, by their names, whose contents the file does not have.
    """

    rows: Iterable[tuple[int, list[str]]]
    title: str = ""
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    unknown: Sequence[str] = ()


def read_csv(text: str, *, name: str, slug: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a table with commas, semicolons or tabs; raises UnreadableDocumentError."""
    rows = _csv_rows(text, name)
    return _document([_Table(rows)], name, slug, "csv", limits)


def read_xlsx(data: bytes, *, name: str, slug: str, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read all sheets of a workbook that have questions; raises UnreadableDocumentError."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist() if _is_read(part.filename))
            check(name, "unreadable.unpacked", unpacked, limits.max_bytes)
            tables = _sheets(archive, data, name, limits)
            return _document(tables, name, slug, "xlsx", limits)
    except BadZipFile as error:
        raise UnreadableDocumentError(name=name, reason="unreadable.workbook") from error


def write_csv(document: Document) -> bytes:
    """Return a document as CSV with a BOM, by which spreadsheet programs know UTF-8."""
    return b"".join(stream_csv(document))


def stream_csv(document: Document) -> Iterator[bytes]:
    """Yield a document as CSV, some rows at a time."""
    yield codecs.BOM_UTF8 + _csv_lines([COLUMNS])
    for start in range(0, len(document.items), _TOGETHER):
        some = document.items[start : start + _TOGETHER]
        yield _csv_lines([_harmless(cell) for cell in _row(item)] for item in some)


def _csv_lines(rows: Iterable[Iterable[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def write_xlsx(document: Document) -> bytes:
    """Return a document as a workbook of one sheet."""
    rows = [_row(item) for item in document.items]
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    parts = [max((_parts(cell) for cell in column), default=1) for column in columns]
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("questions")
    sheet.append(
        [
            f"{column} {part}" if part > 1 else column
            for column, count in zip(COLUMNS, parts, strict=True)
            for part in range(1, count + 1)
        ]
    )
    for row in rows:
        sheet.append(
            [
                _harmless(to_xml_text(cell[part * _LONGEST_CELL : (part + 1) * _LONGEST_CELL]))
                for cell, count in zip(row, parts, strict=True)
                for part in range(count)
            ]
        )
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _parts(cell: str) -> int:
    return max(1, -(-len(cell) // _LONGEST_CELL))


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a CSV text with the line that each begins in."""
    separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableDocumentError(name=name, reason="unreadable.quote", where=line) from error


def _separator(text: str) -> str:
    """Return the separator by which the top of a table names the most columns."""
    top = text.split("\n", _LINES_OF_HEADER)[:_LINES_OF_HEADER]

    def known(separator: str) -> int:
        return max(
            sum(bool(_column(cell)) for cell in line.split(separator, _MOST_COLUMNS))
            for line in top
        )

    return max(_SEPARATORS, key=known)


def _is_read(part: str) -> bool:
    return part.endswith((".xml", ".rels", ".vml"))


def _sheets(archive: ZipFile, data: bytes, name: str, limits: Limits) -> Iterator[_Table]:
    """Yield the sheets of a workbook; raises UnreadableDocumentError for what is none."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets: list[Any] = list(book.worksheets)
        for sheet in sheets:
            sheet.reset_dimensions()  # what a workbook says of its size is often wrong
            source = archive.read(sheet._worksheet_path)  # noqa: SLF001 (it has no public name)
            yield _Table(
                list(_xlsx_rows(sheet, name, limits)),
                sheet.title,
                _merged(source),
                [match[1].decode() for match in _NO_RESULT.finditer(source)],
            )
        book.close()
    except (UnreadableDocumentError, BadZipFile):
        raise
    except Exception as error:
        # The reader fails in as many ways as a file can be broken.
        raise UnreadableDocumentError(name=name, reason="unreadable.workbook") from error


def _xlsx_rows(sheet: Any, name: str, limits: Limits) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 (its type is not exported)
    count = 0
    # Without a number of columns: rows that are not there would be filled up to it.
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        limits.check_time(name)
        if any(value is not None for value in row):
            count += 1
            check(name, "unreadable.too_many_lines", count, limits.max_lines)
            yield number, [_cell(value) for value in row[:_MOST_COLUMNS]]


def _merged(source: bytes) -> dict[int, list[tuple[int, int]]]:
    """Return the rows that cells of each column reach over, by the XML of a sheet."""
    merged: dict[int, list[tuple[int, int]]] = {}
    for match in _MERGED.finditer(source):
        first, top, _, bottom = (part.decode() for part in match.groups())
        if len(first) <= 3 and top != bottom:  # noqa: PLR2004 (the last column is XFD)
            column = column_index_from_string(first) - 1
            merged.setdefault(column, []).append((int(top), int(bottom)))
    return {column: sorted(spans) for column, spans in merged.items()}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time.min:
        return str(value.date())
    # A workbook keeps 3 as 3.0.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(slots=True)
class _Found:
    """What has been read of the tables of a document."""

    items: list[Item]
    warnings: list[DocumentWarning]
    passed: list[PassedOver]

    def leave_out(self, reason: str, line: int | None = None, **params: object) -> None:
        """Note something that could not be read."""
        said = {"reason": f"left_out.{reason}", **params}
        self.warnings.append(DocumentWarning(WarningKind.LEFT_OUT, line, said))


def _document(
    tables: Iterable[_Table], name: str, slug: str, format_: str, limits: Limits
) -> Document:
    found = _Found([], [], [])
    headed = False
    for table in tables:
        rows = iter(table.rows)
        header = _find_header(rows, found)
        if header is None:
            found.leave_out("sheet", sheet=table.title)
            continue
        headed = True
        _warn_of_cells(table, header, found)
        for line, row in _filled(rows, header, table.merged):
            limits.check_time(name)
            _read_row(line, row, header, found)
    if not headed:
        raise _unreadable(name, "title, prompt, 标题, 题目")
    if not found.items:
        found.warnings.append(DocumentWarning(WarningKind.NO_QUESTIONS))
    return Document(
        slug=slug,
        title=slug,
        items=tuple(found.items),
        warnings=tuple(found.warnings),
        passed_over=tuple(found.passed),
        format=format_,
    )


def _unreadable(name: str, fault: str) -> UnreadableDocumentError:
    return UnreadableDocumentError(name=name, reason="unreadable.table", fault=fault)


def _find_header(rows: Iterator[tuple[int, list[str]]], found: _Found) -> list[str] | None:
    """Return the first row that names a column with the question; what stands above is a title.

    A name that comes twice counts once, and what nobody knows is named in the warnings.
    """
    for line, row in islice(rows, _LINES_OF_HEADER):
        header = [_column(cell) for cell in row[:_MOST_COLUMNS]]
        if not {"title", "prompt"} & set(header):
            if any(cell.strip() for cell in row):
                found.passed.append(PassedOver(line, line, "title"))
            continue
        found.passed.append(PassedOver(line, line, "header"))
        for place, cell in enumerate(row[:_MOST_COLUMNS]):
            if header[place] in header[:place]:
                header[place] = ""
            if cell.strip() and not header[place]:
                found.leave_out("column", line, column=cell.strip())
        return header
    return None


def _warn_of_cells(table: _Table, header: Sequence[str], found: _Found) -> None:
    """Note the cells of known columns whose contents the file does not have."""
    for cell in table.unknown:
        match = _CELL.fullmatch(cell)
        column = column_index_from_string(match[1]) - 1 if match else 0
        if match and column < len(header) and header[column]:
            found.leave_out("formula", int(match[2]), cell=cell)


def _filled(
    rows: Iterable[tuple[int, list[str]]],
    header: Sequence[str],
    merged: Mapping[int, Sequence[tuple[int, int]]],
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, with what a merged cell says in every row that it reaches over."""
    shared = [
        (column, [top for top, _ in spans], spans)
        for column, spans in merged.items()
        if column < len(header) and header[column] in _SHARED
    ]
    said: dict[tuple[int, int], str] = {}
    for line, row in rows:
        row.extend([""] * (len(header) - len(row)))
        for column, tops, spans in shared:
            place = bisect_right(tops, line) - 1
            if place < 0 or line > spans[place][1]:
                continue
            if line == spans[place][0]:
                said[column, place] = row[column]
            row[column] = row[column] or said.get((column, place), "")
        yield line, row


def _column(cell: str) -> str:
    """Return what a header cell names: a column, `option:A`, `answer+2`, or nothing."""
    if len(cell) > 60:  # noqa: PLR2004 (no name is that long, and some cells are)
        return ""
    name = compare_key(cell)
    if option := _OPTION_COLUMN.fullmatch(name):
        return f"option:{option[1].upper()}"
    if continued := _CONTINUED.fullmatch(name):
        return f"{continued['column']}+{continued['part']}"
    return _BY_NAME.get(name, "")


def _read_row(line: int, row: Sequence[str], header: Sequence[str], found: _Found) -> None:
    values: dict[str, str] = {}
    options: dict[str, str] = {}
    for column, cell in zip(header, row, strict=False):
        if column.startswith("option:") and cell.strip():
            options[column.removeprefix("option:")] = cell.strip()
        elif column:
            name = column.partition("+")[0]
            values[name] = values.get(name, "") + _unharmed(cell)
    cells = _Cells(values, options, line)
    if cells.get("title") or cells.get("prompt"):
        found.items.append(_item(cells))
        if _swallows(row, header):
            found.warnings.append(DocumentWarning(WarningKind.UNCLOSED, line, {"mark": '"'}))
    elif any(cell.strip() for cell in row):
        found.passed.append(PassedOver(line, line, "prose"))
        found.leave_out("row", line)


def _swallows(row: Sequence[str], header: Sequence[str]) -> bool:
    """Say whether a cell has lines that look like rows, as behind a stray quotation mark."""
    wanted = len(header) - 1
    if wanted < 2:  # noqa: PLR2004 (a single comma is in any sentence)
        return False
    return any(
        sum(max(map(line.count, _SEPARATORS)) == wanted for line in cell.split("\n"))
        >= _SWALLOWED_ROWS
        for cell in row
        if "\n" in cell
    )


def _item(cells: _Cells) -> Item:
    prompt = cells.get("prompt") or cells.get("title")
    choices = _choices(cells)
    answer = cells.get("answer")
    unanswered = not answer and not choices and not cells.get("points")
    return Item(
        title=cells.get("title") or prompt.partition("\n")[0],
        prompt=prompt,
        answer=answer,
        explanation=cells.get("explanation"),
        points=_points(cells, choices),
        choices=choices,
        kind=_kind(cells.get("kind"), choices),
        topics=_topics(cells.get("topics")),
        tags=_tags(cells.get("tags")) if "tags" in cells.values else None,
        difficulty=read_difficulty(cells.get("difficulty")),
        ordered=read_order(cells.get("ordered")),
        language=cells.get("language") or None,
        key=cells.get("id") or None,
        number=cells.get("number") or None,
        line=cells.line,
        lines=((cells.line, cells.line),),
        warnings=(DocumentWarning(WarningKind.NO_ANSWER, cells.line),) if unanswered else (),
    )


def _topics(cell: str) -> tuple[str, ...]:
    """Return a path of topics; a slash that belongs to a name has a backslash in front of it."""
    parts = (part.replace("\\/", "/").strip() for part in _SLASH.split(cell))
    return tuple(part for part in parts if part)


def _tags(cell: str) -> tuple[str, ...]:
    """Return the tags of a cell: a list with dashes as it stands, else split where tags may be."""
    lines = _lines(cell)
    if lines and all(line.startswith(_WRONG) for line in lines):
        return tuple(line.removeprefix(_WRONG) for line in lines)
    return read_tags(cell)


def _write_tags(tags: Sequence[str]) -> str:
    plain = ", ".join(tags)
    return plain if _tags(plain) == tuple(tags) else "\n".join(_WRONG + tag for tag in tags)


def _choices(cells: _Cells) -> tuple[Choice, ...]:
    """Return the options of a row; right are those with a mark, else those the answer has."""
    listed = _lines(cells.get("choices"))
    if listed and all(map(_LISTED.match, listed)):
        return tuple(Choice(text[len(_RIGHT) :], text.startswith(_RIGHT)) for text in listed)
    if listed:
        marked = any(text.startswith(_RIGHT.strip()) for text in listed)
        texts = {
            string.ascii_uppercase[index]: _without_letter(
                text.removeprefix(_RIGHT.strip()).strip()
            )
            for index, text in enumerate(listed[: len(string.ascii_uppercase)])
        }
        if marked:
            return tuple(
                Choice(text, original.startswith(_RIGHT.strip()))
                for text, original in zip(texts.values(), listed, strict=False)
            )
    else:
        texts = dict(sorted(cells.options.items()))
    answer = cells.get("answer")
    right = set(re.sub(r"[^A-H]", "", answer.upper())) if _LETTERS.fullmatch(answer) else set()
    return tuple(
        Choice(text, letter in right or (not right and text == answer))
        for letter, text in texts.items()
    )


def _without_letter(text: str) -> str:
    return re.sub(r"^[A-Ha-h]\s*[.．、:：)）]\s*", "", text)


def _points(cells: _Cells, choices: Sequence[Choice]) -> tuple[Point, ...]:
    lines = _lines(cells.get("points"))
    if lines:
        return _enriched([_point(line) for line in lines], cells)
    return () if choices else _enriched(read_points(cells.get("answer")), cells)


def _enriched(points: Sequence[Point], cells: _Cells) -> tuple[Point, ...]:
    """Return the points with what the columns of aliases, wordings, weights … say of them."""
    aliases, accepted = _by_point(cells.get("aliases")), _by_point(cells.get("accepted"))
    weights = _by_point(cells.get("weights"))
    required = {int(number) for number in re.findall(r"\d{1,3}", cells.get("required"))}
    return tuple(
        replace(
            point,
            aliases=tuple(aliases.get(number, ())),
            accepted=tuple(accepted.get(number, ())),
            weight=_weight(weights.get(number, ())),
            required=number in required,
        )
        for number, point in enumerate(points, start=1)
    )


def _by_point(cell: str) -> dict[int, list[str]]:
    """Return the lines of a cell by the point whose number they begin with, or the first point."""
    values: dict[int, list[str]] = {}
    for line in _lines(cell):
        match = _NUMBERED.fullmatch(line)
        number, value = (int(match["number"]), match["value"]) if match else (1, line)
        values.setdefault(number, []).append(value.strip())
    return values


def _weight(values: Sequence[str]) -> float:
    """Return a point's weight; what is no positive number says nothing."""
    try:
        weight = float(values[0]) if values else 1.0
    except ValueError:
        return 1.0
    return weight if 0 < weight < math.inf else 1.0


def _point(line: str) -> Point:
    match = _TITLED.fullmatch(line)
    if match and match["text"].strip():
        return Point(match["text"].strip(), match["title"].replace("\\：", "：").strip())
    return Point(line.removeprefix("："))


def _lines(cell: str) -> list[str]:
    """Return the entries of a cell; an indented line continues the entry above it."""
    entries: list[str] = []
    for line in cell.split("\n"):
        if entries and line.startswith("  "):
            entries[-1] += f"\n{line[2:]}"
        elif line.strip():
            entries.append(line.strip())
    return entries


def _kind(text: str, choices: Sequence[Choice]) -> QuestionKind:
    if text in set(QuestionKind):
        return QuestionKind(text)
    if not choices:
        return QuestionKind.FREE_TEXT
    several = sum(choice.correct for choice in choices) != 1
    if several or any(word in text.lower() for word in ("多选", "多選", "multiple")):
        return QuestionKind.MULTIPLE_CHOICE
    return QuestionKind.SINGLE_CHOICE


def _row(item: Item) -> list[str]:
    cells = {
        "id": item.identity or "",
        "number": item.number or "",
        "title": item.title,
        "prompt": item.prompt,
        "kind": item.kind.value,
        "answer": item.answer,
        "points": "\n".join(_entry(_write_point(point)) for point in item.points),
        "aliases": _numbered(point.aliases for point in item.points),
        "accepted": _numbered(point.accepted for point in item.points),
        "weights": _numbered([f"{p.weight:g}"] if p.weight != 1 else [] for p in item.points),
        "required": ", ".join(str(n) for n, p in enumerate(item.points, 1) if p.required),
        "ordered": _ORDERED[item.ordered],
        "choices": "\n".join(
            _entry(f"{_RIGHT if choice.correct else _WRONG}{choice.text}")
            for choice in item.choices
        ),
        "explanation": item.explanation,
        "topics": _PATH.join(topic.replace("/", "\\/") for topic in item.topics),
        "tags": _write_tags(item.tags or ()),
        "difficulty": str(item.difficulty or ""),
        "language": item.language or "",
    }
    return [cells[column] for column in COLUMNS]


def _write_point(point: Point) -> str:
    if point.title:
        return f"{point.title.replace('：', chr(92) + '：')}：{point.text}"
    # A text that looks as if it had a title says that it has none.
    return f"：{point.text}" if _TITLED.match(point.text) or point.text[:1] == "：" else point.text


def _numbered(values: Iterable[Sequence[str]]) -> str:
    return "\n".join(
        _entry(f"{number}: {value}")
        for number, said in enumerate(values, start=1)
        for value in said
    )


def _entry(text: str) -> str:
    return text.replace("\n", "\n  ")


def _harmless(cell: str) -> str:
    """Keep a spreadsheet program from running a cell as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unharmed(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
