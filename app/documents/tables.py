"""CSV and XLSX: a question a row; header names in Chinese or English, in any order.

Lists inside a cell are lines: a point or a choice each. A point with a title is `title：text`; a
choice that is right begins with `*`. Tables from elsewhere may have a column for each option
(`选项A`, `选项B` …) and the letters of the right ones as the answer. What belongs to single points
has columns of its own, in which each line begins with the number of its point: `2: TCP`.
"""

import csv
import io
import math
import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import openpyxl

from app.documents.document import (
    Choice,
    Document,
    DocumentWarning,
    Item,
    Point,
    QuestionKind,
    WarningKind,
)
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
_MOST_ROWS, _MOST_COLUMNS = 50_000, 100
_PATH = " / "
_NUMBERED = re.compile(r"(?P<number>\d{1,3})\s*[:：]\s*(?P<value>.*)", re.DOTALL)
_TITLED = re.compile(r"(?P<title>[^：\n]{1,60})：(?P<text>.*)", re.DOTALL)
_ORDERED: Mapping[bool | None, str] = {None: "", False: "no", True: "yes"}
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row by the names of its columns; `options` are the cells of option columns by letter."""

    values: Mapping[str, str]
    options: Mapping[str, str]
    line: int

    def get(self, column: str) -> str:
        """Return a cell without the blanks around it; empty where the column is absent."""
        return self.values.get(column, "").strip()


def read_csv(text: str, *, name: str, slug: str) -> Document:
    """Read a table with commas, semicolons or tabs; raises UnreadableDocumentError."""
    dialect = _dialect(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=dialect)
    try:
        return _document(enumerate(rows, start=1), name, slug, "csv")
    except csv.Error as error:
        raise UnreadableDocumentError(
            name=name, reason="unreadable.record", where="CSV", fault=str(error)
        ) from error


def read_xlsx(data: bytes, *, name: str, slug: str) -> Document:
    """Read the first sheet of a workbook; raises UnreadableDocumentError."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a workbook says of its size is often wrong
        found = islice(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS), _MOST_ROWS)
        rows = [[_cell(value) for value in row] for row in found]
        book.close()
    except Exception as error:
        raise UnreadableDocumentError(name=name, reason="unreadable.workbook") from error
    return _document(enumerate(rows, start=1), name, slug, "xlsx")


def write_csv(document: Document) -> bytes:
    """Return a document as CSV with a BOM, by which spreadsheet programs know UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    writer.writerows([_harmless(cell) for cell in _row(item)] for item in document.items)
    return buffer.getvalue().encode("utf-8-sig")


def write_xlsx(document: Document) -> bytes:
    """Return a document as a workbook of one sheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("questions")
    sheet.append(list(COLUMNS))
    for item in document.items:
        sheet.append([_harmless(cell) for cell in _row(item)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _dialect(text: str) -> str:
    """Return the separator: the one of `,`, `;` and tab that the first line has most of."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _cell(value: object) -> str:
    if value is None:
        return ""
    # A workbook keeps 3 as 3.0.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _document(
    rows: Iterator[tuple[int, list[str]]], name: str, slug: str, format_: str
) -> Document:
    header = _find_header(rows)
    if header is None:
        raise _unreadable(name, "title, prompt, 标题, 题目")
    items = tuple(_items(rows, header))
    warnings = () if items else (DocumentWarning(WarningKind.NO_QUESTIONS),)
    return Document(slug=slug, title=slug, items=items, warnings=warnings, format=format_)


def _unreadable(name: str, fault: str) -> UnreadableDocumentError:
    return UnreadableDocumentError(name=name, reason="unreadable.table", fault=fault)


def _find_header(rows: Iterator[tuple[int, list[str]]]) -> list[str] | None:
    """Return the first row that names a column with the question; what stands above is a title."""
    for _, row in rows:
        header = [_column(cell) for cell in row]
        if {"title", "prompt"} & set(header):
            return header
    return None


def _column(cell: str) -> str:
    """Return what a header cell names: a column, `option:A`, or nothing."""
    option = _OPTION_COLUMN.fullmatch(compare_key(cell))
    if option:
        return f"option:{option[1].upper()}"
    return _BY_NAME.get(compare_key(cell), "")


def _items(rows: Iterator[tuple[int, list[str]]], header: Sequence[str]) -> Iterator[Item]:
    for line, row in rows:
        pairs = [pair for pair in zip(header, row, strict=False) if pair[0]]
        cells = _Cells(
            values={column: _unharmed(cell) for column, cell in pairs},
            options={
                column.removeprefix("option:"): cell.strip()
                for column, cell in pairs
                if column.startswith("option:") and cell.strip()
            },
            line=line,
        )
        if cells.get("title") or cells.get("prompt"):
            yield _item(cells)


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
        topics=tuple(part.strip() for part in cells.get("topics").split("/") if part.strip()),
        tags=read_tags(cells.get("tags")) if "tags" in cells.values else None,
        difficulty=read_difficulty(cells.get("difficulty")),
        ordered=read_order(cells.get("ordered")),
        language=cells.get("language") or None,
        key=cells.get("id") or None,
        number=cells.get("number") or None,
        line=cells.line,
        lines=((cells.line, cells.line),),
        warnings=(DocumentWarning(WarningKind.NO_ANSWER, cells.line),) if unanswered else (),
    )


def _choices(cells: _Cells) -> tuple[Choice, ...]:
    """Return the options of a row; right are those with a mark, else those the answer has."""
    listed = _lines(cells.get("choices"))
    if listed and all(text.startswith((_RIGHT, _WRONG)) for text in listed):
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
        return Point(match["text"].strip(), match["title"].strip())
    return Point(line)


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
        "points": "\n".join(
            _entry(f"{point.title}：{point.text}" if point.title else point.text)
            for point in item.points
        ),
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
        "topics": _PATH.join(item.topics),
        "tags": ", ".join(item.tags or ()),
        "difficulty": str(item.difficulty or ""),
        "language": item.language or "",
    }
    return [cells[column] for column in COLUMNS]


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
    return f"'{cell}" if cell.startswith(_FORMULA_START) else cell


def _unharmed(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_START) else cell
