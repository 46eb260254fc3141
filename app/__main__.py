"""The command line: `python -m app`, or `tiku`."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar
from uuid import UUID

import typer

from app.config import load_settings
from app.documents.diff import Plan
from app.documents.document import Document, QuestionKind
from app.documents.markdown.profiles import Profile, load_profile, read_profile
from app.documents.overlay import apply_overlay, read_overlay
from app.documents.read import EXTENSIONS, read_document
from app.documents.report import describe_document, describe_plans
from app.documents.sources import check_sources
from app.errors import DatabaseUnavailableError, MissingInputError, TikuError
from app.messages import Language, pick_language, render
from app.services.limits import document_limits
from app.terminal import (
    count,
    print_audit,
    print_document,
    print_json,
    print_keys,
    print_line,
    print_plan,
    track,
    track_audit,
)

if TYPE_CHECKING:
    from app.database import Database

_T = TypeVar("_T")
_SLOW_WORKER = 60  # seconds after which a process that does not answer the first one is replaced
FOUND = 1  # the exit status where something was looked for and found
UNUSABLE = 2  # the exit status for input that cannot be used

cli = typer.Typer(
    name="tiku",
    help="A question bank from question documents: import, check, serve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

keys = typer.Typer(help="API keys, for whatever writes over HTTP.", no_args_is_help=True)
cli.add_typer(keys, name="keys")

Documents = Annotated[list[Path], typer.Argument(help="Documents, or folders of them.")]
OneFile = Annotated[Path, typer.Argument(help="A file, or - for standard input.")]
ProfileName = Annotated[
    str | None, typer.Option(help="How to read it: a profile's name, or a TOML file.")
]
TopicNames = Annotated[
    list[str] | None, typer.Option("--topic", help="With all below it; repeat: AND.")
]
TagNames = Annotated[list[str] | None, typer.Option("--tag", help="Repeat: AND.")]
AnyTagNames = Annotated[list[str] | None, typer.Option("--any-tag", help="Repeat: OR.")]
KindName = Annotated[str | None, typer.Option("--kind", help="How it is answered.")]
Easiest = Annotated[int | None, typer.Option(help="1 is easiest.", min=1, max=5)]
Hardest = Annotated[int | None, typer.Option(help="5 is hardest.", min=1, max=5)]
LanguageTag = Annotated[str | None, typer.Option("--language", help="BCP 47; zh includes zh-Hant.")]
SourceSlug = Annotated[str | None, typer.Option("--source", help="The slug of a document.")]
QuestionIds = Annotated[list[UUID] | None, typer.Option("--ids", help="These questions; repeat.")]
SearchWords = Annotated[str, typer.Option("--q", help="Words that must all be found.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print data instead of text.")]


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Default: TIKU_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Default: TIKU_PORT.")] = None,
) -> None:
    """Serve the bank over HTTP."""
    import uvicorn

    settings = load_settings()
    host, port = host or settings.host, settings.port if port is None else port
    _with_database(_nothing)
    for name in ("serve.docs", "serve.request"):
        print_line(render(name, _language(), {"url": f"http://{_reachable(host)}:{port}"}))
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host,
        port=port,
        workers=settings.workers,
        timeout_worker_healthcheck=_SLOW_WORKER,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
    )


@cli.command()
def migrate() -> None:
    """Create the database's tables, or bring them to this version."""
    from app.database import migrate

    migrate(load_settings().database_url)


@cli.command(name="import")
def import_(
    paths: Documents,
    overlay: Annotated[
        Path | None, typer.Option(help="What editors add: topics, tags, aliases (TOML).")
    ] = None,
    profile: ProfileName = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    archive_missing: Annotated[
        bool, typer.Option("--archive-missing", help="Archive what is gone from the documents.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import documents into the bank; what was imported before is updated in place."""
    read = partial(_read, overlay=overlay, profile=_profile(profile))
    documents = [read(path, name) for path, name in track(list(_expand(paths)), _language())]
    check_sources(documents)
    plans = _import(documents, dry_run=dry_run, archive_missing=archive_missing)
    if as_json:
        print_json(describe_plans(plans, _language()))
    else:
        for plan in plans:
            print_plan(plan, _language())


@cli.command()
def parse(file: OneFile, profile: ProfileName = None, *, as_json: AsJson = False) -> None:
    """Show what is read from a document, without a bank."""
    document = _read(file, file.name, profile=_profile(profile))
    if as_json:
        print_json(describe_document(document, _language()))
    else:
        print_document(document, _language())


@cli.command()
def check(
    jsonl: Annotated[Path, typer.Option("--jsonl", help="A line of JSON an answer; - for stdin.")],
    *,
    explained: Annotated[
        bool, typer.Option("--explain", help="Add windows, words, chances and rules.")
    ] = False,
) -> None:
    """Check answers offline: question, points and answer in, a verdict out, a line each."""
    from app.grading.engines import Engine
    from app.services.offline import check_line

    engine = Engine(load_settings().engine)
    for number, line in enumerate(count(_lines(jsonl), _language()), start=1):
        if line.strip():
            language = _language() if explained else None
            print_json(check_line(line, engine, name=str(jsonl), number=number, explained=language))
            sys.stdout.flush()


@cli.command()
def export(  # noqa: PLR0913, PLR0917 (a filter is what these say)
    format_: Annotated[
        str, typer.Option("--format", help="markdown, json, ndjson, csv, xlsx, gift, moodle, anki.")
    ] = "markdown",
    output: Annotated[Path | None, typer.Option(help="A file; default: standard output.")] = None,
    topic: TopicNames = None,
    tag: TagNames = None,
    any_tag: AnyTagNames = None,
    kind: KindName = None,
    difficulty_min: Easiest = None,
    difficulty_max: Hardest = None,
    language: LanguageTag = None,
    source: SourceSlug = None,
    ids: QuestionIds = None,
    q: SearchWords = "",
) -> None:
    """Write questions of the bank into a file; most formats can be imported again."""
    from app.services.exporting import Format, load_document, write_export
    from app.services.filters import QuestionFilter

    _check_kind(kind)
    if format_ not in set(Format):
        raise typer.BadParameter(f"no format {format_}", param_hint="--format")
    chosen = QuestionFilter(
        topics=tuple(topic or ()),
        tags=tuple(tag or ()),
        any_tags=tuple(any_tag or ()),
        kind=kind,
        difficulty_min=difficulty_min,
        difficulty_max=difficulty_max,
        language=language,
        source=source,
        ids=tuple(ids or ()),
        query=q,
    )

    async def work(database: "Database") -> Document:
        async with database.reading() as db:
            return await load_document(db, chosen)

    file = write_export(_with_database(work), Format(format_))
    with nullcontext(sys.stdout.buffer) if output is None else output.open("wb") as stream:
        stream.writelines(file.parts)


@cli.command(name="check-bank")
def check_bank(  # noqa: PLR0913, PLR0917 (a filter is what these say)
    topic: TopicNames = None,
    tag: TagNames = None,
    any_tag: AnyTagNames = None,
    kind: KindName = None,
    difficulty_min: Easiest = None,
    difficulty_max: Hardest = None,
    language: LanguageTag = None,
    source: SourceSlug = None,
    ids: QuestionIds = None,
    q: SearchWords = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Find questions that cannot be checked well; exit status 1 where there are any."""
    from app.grading.engines import Engine, can_run_network
    from app.services.auditing import Auditable, audit_all, describe_audit, load_auditable
    from app.services.filters import QuestionFilter

    _check_kind(kind)
    chosen = QuestionFilter(
        topics=tuple(topic or ()),
        tags=tuple(tag or ()),
        any_tags=tuple(any_tag or ()),
        kind=kind,
        difficulty_min=difficulty_min,
        difficulty_max=difficulty_max,
        language=language,
        source=source,
        ids=tuple(ids or ()),
        query=q,
    )

    async def work(database: "Database") -> list[Auditable]:
        async with database.reading() as db:
            return await load_auditable(db, chosen)

    engine = Engine(load_settings().engine) if can_run_network() else Engine.LEXICAL
    questions = _with_database(work)
    started = monotonic()
    audited = list(track_audit(audit_all(questions, engine), len(questions), _language()))
    report = describe_audit(audited, monotonic() - started, engine, _language())
    if as_json:
        print_json(report)
    else:
        counts = {"questions": report["questions"], "found": len(report["found"])}
        rate = {"rate": report["questions_per_second"], "engine": engine}
        print_audit(audited, render("audit.summary", _language(), counts | rate), _language())
    if report["found"]:
        raise typer.Exit(FOUND)


@keys.command()
def create(
    name: Annotated[str, typer.Option(help="Who or what will use it.")],
    scope: Annotated[list[str], typer.Option(help="What it may do: edit.")],
    expires: Annotated[
        datetime | None, typer.Option(help="When it ends, in UTC.", formats=["%Y-%m-%d"])
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key and show it, this once only."""
    from app.models import Scope
    from app.services.access import create_key

    unknown = set(scope) - set(Scope)
    if unknown:
        raise typer.BadParameter(f"no scope {', '.join(unknown)}", param_hint="--scope")

    async def work(database: "Database") -> str:
        async with database.writing(visible=False) as db:
            return await create_key(
                db,
                name=name,
                scopes=[Scope(one) for one in scope],
                now=datetime.now(UTC),
                expires_at=expires.replace(tzinfo=UTC) if expires else None,
            )

    key = _with_database(work)
    if as_json:
        print_json({"key": key})
    else:
        print_line(render("keys.created", _language()))
        print_line(key)


@keys.command(name="list")
def list_(*, as_json: AsJson = False) -> None:
    """List API keys without their secrets."""
    from app.services.access import KeySummary, list_keys

    async def work(database: "Database") -> list[KeySummary]:
        async with database.reading() as db:
            return await list_keys(db)

    found = _with_database(work)
    if as_json:
        print_json(found)
    else:
        print_keys(found, _language(), datetime.now(UTC))


@keys.command()
def revoke(prefix: Annotated[str, typer.Argument(help="The beginning of the key.")]) -> None:
    """Take an API key out of use at once."""
    from app.services.access import revoke_key

    async def work(database: "Database") -> None:
        async with database.writing(visible=False) as db:
            await revoke_key(db, prefix, now=datetime.now(UTC))

    _with_database(work)


def main() -> None:
    """Run the command line; what the user can mend is one line on stderr and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # On a terminal that has no Chinese, a readable escape is better than no answer.
            stream.reconfigure(errors="backslashreplace")
    try:
        cli()
    except TikuError as error:
        _fail(render(error.kind, _language(), error.params), error)
    except OSError as error:
        _fail(f"{error.filename or ''} {error.strerror}".strip(), error)


def _check_kind(kind: str | None) -> None:
    if kind is not None and kind not in set(QuestionKind):
        raise typer.BadParameter(f"no kind {kind}", param_hint="--kind")


def _reachable(host: str) -> str:
    """Return where a person reaches a server that listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 (compared, not bound)


def _fail(message: str, error: Exception) -> NoReturn:
    sys.stderr.write(f"tiku: {message}\n")
    raise SystemExit(UNUSABLE) from error


def _with_database(work: "Callable[[Database], Awaitable[_T]]") -> _T:
    """Run work on the bank of the settings; NotReadyError where its tables are not there."""
    from sqlalchemy.exc import OperationalError

    from app.database import Database
    from app.services.health import check_ready

    async def run() -> _T:
        database = Database(load_settings().database_url)
        try:
            await check_ready(database)
            return await work(database)
        except OperationalError as error:
            raise DatabaseUnavailableError(reason=type(error.orig).__name__) from error
        finally:
            await database.close()

    return asyncio.run(run())


async def _nothing(_database: "Database") -> None:
    """Do nothing with a bank: it is enough that it is ready."""


def _import(documents: Sequence[Document], *, dry_run: bool, archive_missing: bool) -> list[Plan]:
    from app.services.importing import import_sources

    async def work(database: "Database") -> list[Plan]:
        return [
            plan
            for document in track(documents, _language())
            for plan in await import_sources(
                database,
                document,
                now=datetime.now(UTC),
                author="command line",
                dry_run=dry_run,
                archive_missing=archive_missing,
            )
        ]

    return _with_database(work)


def _language() -> Language:
    """Return the language of the terminal, by the same variables as other programs."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return pick_language(value)
    return "en"


def _read(
    path: Path, name: str, overlay: Path | None = None, profile: Profile | None = None
) -> Document:
    limits = document_limits(load_settings())
    document = read_document(_bytes(path), name=name, profile=profile, limits=limits)
    if overlay is None:
        return document
    return apply_overlay(document, read_overlay(_bytes(overlay), overlay.name))


def _profile(name: str | None) -> Profile | None:
    if name is None:
        return None
    path = Path(name)
    return read_profile(_bytes(path), path.name) if path.suffix == ".toml" else load_profile(name)


def _bytes(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise MissingInputError(name=path, reason=error.strerror) from error


def _lines(path: Path) -> Iterator[bytes]:
    if str(path) == "-":
        yield from sys.stdin.buffer
        return
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise MissingInputError(name=path, reason=error.strerror) from error


def _expand(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Yield files with their names: in a folder those of known formats, named from there."""
    for path in paths:
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix in EXTENSIONS)
            yield from ((file, file.relative_to(path).as_posix()) for file in found)
        else:
            yield path, path.name


if __name__ == "__main__":
    main()
