"""What the command line prints: tables for people, JSON for programs."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import orjson
from rich import progress
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.documents.diff import Entry, Plan, Verdict
from app.documents.document import Document
from app.documents.report import all_warnings, describe_warnings
from app.messages import Language, render

if TYPE_CHECKING:  # `tiku parse` must not wait for the database packages
    from app.services.access import KeySummary
    from app.services.auditing import Audited

_T = TypeVar("_T")


def track(values: Sequence[_T], language: Language) -> Iterable[_T]:
    """Yield values one by one, with a progress bar on a terminal and nothing in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal or len(values) <= 1:
        return values
    return progress.track(values, render("progress", language), console=console, transient=True)


def count(values: Iterable[_T], language: Language) -> Iterator[_T]:
    """Yield values one by one, and say on a terminal how many there were so far.

    Nothing is said where the results go to the terminal too: they say it themselves.
    """
    console = Console(stderr=True)
    if not console.is_terminal or sys.stdout.isatty():
        yield from values
        return
    columns = (progress.SpinnerColumn(), "{task.description} {task.completed}")
    # Results are no part of what is shown: without this rich would send them to the terminal.
    apart = progress.Progress(*columns, console=console, transient=True, redirect_stdout=False)
    with apart as shown:
        task = shown.add_task(render("progress.answers", language), total=None)
        for value in values:
            yield value
            shown.advance(task)


def track_audit(
    audited: Iterable["Audited"], total: int, language: Language
) -> Iterable["Audited"]:
    """Yield audited questions one by one, with a progress bar on a terminal, none in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        return audited
    label = render("audit.progress", language)
    return progress.track(audited, label, total=total, console=console, transient=True)


def print_audit(audited: Sequence["Audited"], summary: str, language: Language) -> None:
    """Print the faults: on a terminal a table with a summary, in a pipe nothing but a line each."""
    from app.services.auditing import describe_fault  # noqa: PLC0415 (it needs the database)

    faults = [(one, fault) for one in audited for fault in one.faults]
    if not Console().is_terminal:
        for one, fault in faults:
            place = f"{one.source}:{one.number or one.id}"
            print_line(f"{place}: {fault.kind}: {one.title}: {describe_fault(fault, language)}")
        return
    names = ("table.question", "audit.fault")
    rows = [
        ("" if before is one else one.title, describe_fault(fault, language))
        for (before, _), (one, fault) in zip([(None, None), *faults], faults, strict=False)
    ]
    _print_table("", [render(name, language) for name in names], rows)
    print_line(summary)


def print_line(text: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_json(value: object) -> None:
    """Print a value as a line of JSON, in UTF-8 whatever the terminal has: programs read it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def print_document(document: Document, language: Language) -> None:
    """Print what was read from a document."""
    names = ("table.line", "table.question", "table.points", "table.choices")
    rows = [
        (str(item.line), item.title, str(len(item.points)), str(len(item.choices)))
        for item in document.items
    ]
    _print_table(document.title, [render(name, language) for name in names], rows)
    _print_warnings(document, language)


def print_plan(plan: Plan, language: Language) -> None:
    """Print what an import does; what stays as it is is only counted."""
    names = ("table.line", "table.question", "table.changes")
    rows = [
        (
            render(f"verdict.{entry.verdict}", language),
            str(entry.line or ""),
            entry.item.title,
            _remark(entry, language),
        )
        for entry in plan.entries
        if entry.verdict is not Verdict.UNCHANGED
    ]
    _print_table(plan.document.slug, ["", *(render(name, language) for name in names)], rows)
    counts = [f"{plan.count(one)} {render(f'verdict.{one}', language)}" for one in Verdict]
    sys.stdout.write(f"{plan.document.slug}: {', '.join(counts)}\n")
    _print_warnings(plan.document, language)


def print_keys(found: Sequence["KeySummary"], language: Language, now: datetime) -> None:
    """Print API keys and whether they open anything now."""
    names = ("keys.prefix", "keys.name", "keys.scopes", "keys.expires", "keys.state")
    rows = [
        (
            key.prefix,
            key.name,
            ", ".join(key.scopes),
            f"{key.expires_at:%Y-%m-%d}" if key.expires_at else "",
            render(f"keys.{key.state(now)}", language),
        )
        for key in found
    ]
    _print_table("", [render(name, language) for name in names], rows)


def _remark(entry: Entry, language: Language) -> str:
    reason = entry.reason or ("draft" if entry.draft else None)
    remarks = [*entry.fields, *([render(f"plan.{reason}", language)] if reason else [])]
    return ", ".join(remarks)


def _print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(*header, title=escape(title))
    for row in rows:
        table.add_row(*map(escape, row))
    Console().print(table)


def _print_warnings(document: Document, language: Language) -> None:
    for warning in describe_warnings(all_warnings(document), language):
        line = f":{warning['line']}" if warning["line"] else ""
        sys.stdout.write(f"{document.slug}{line}: {warning['kind']}: {warning['message']}\n")
