"""Documents that arrive as bytes: read, planned, carried out and reported.

A large one is seconds of work that holds the interpreter's lock, and beside it every read of the
server would wait. So it has a process of its own, which ends with it and gives its memory back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy.exc import OperationalError

from app.config import Settings
from app.database import Database
from app.documents.diff import Plan
from app.documents.document import Document
from app.documents.limits import Limits
from app.documents.markdown.profiles import load_profile
from app.documents.read import read_document
from app.documents.report import describe_plans
from app.documents.sources import check_sources
from app.errors import (
    CheckFailedError,
    CheckTimeoutError,
    DatabaseUnavailableError,
    ImportFailedError,
    TikuError,
)
from app.messages import Language
from app.services.importing import import_sources
from app.services.limits import document_limits
from app.services.pool import Pool

_LARGE = 2**18  # bytes, of some two hundred questions: starting a process takes longer than fewer
_LONGEST = 3_600.0  # seconds; reading has its own limit


@dataclass(frozen=True, slots=True)
class Delivery:
    """Documents, by their file names, and how they are imported; `author` is for the revisions.

    The report is in `language`. `profile` is the name of one.
    """

    files: Sequence[tuple[str, bytes]]
    profile: str | None
    now: datetime
    author: str
    dry_run: bool
    archive_missing: bool
    language: Language


class Intake:
    """Takes documents into a bank; of large deliveries one at a time, the others wait."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._url = settings.database_url
        self._limits = document_limits(settings)
        self._database = database
        self._turn = asyncio.Lock()

    async def take(self, delivery: Delivery) -> bytes:
        """Import documents, or plan it, and return the report as JSON.

        Each document is one transaction, and none is begun before all have been read. Raises what
        reading and importing raise, and ImportFailedError where the process breaks off.
        """
        if sum(len(data) for _, data in delivery.files) < _LARGE:
            return await _take(self._database, delivery, self._limits)
        async with self._turn:
            return await self._take_apart(delivery)

    async def _take_apart(self, delivery: Delivery) -> bytes:
        pool = Pool(_prepare, workers=1, waiting=0, seconds=_LONGEST)
        try:
            result = await pool.run(take_in_process, self._url, delivery, self._limits)
        except (CheckFailedError, CheckTimeoutError) as error:
            raise ImportFailedError from error
        finally:
            await pool.close()
        await self._database.catch_up()
        if isinstance(result, TikuError):
            raise result
        return result


def _prepare() -> None:
    """Do no more than import this module, which is what takes a process its time."""


def take_in_process(url: str, delivery: Delivery, limits: Limits) -> bytes | TikuError:
    """Import into the bank at `url`; what the caller can act on is returned instead of raised."""
    return asyncio.run(_take_alone(url, delivery, limits))


async def _take_alone(url: str, delivery: Delivery, limits: Limits) -> bytes | TikuError:
    database = Database(url)
    try:
        return await _take(database, delivery, limits)
    except OperationalError as error:
        return DatabaseUnavailableError(reason=type(error.orig).__name__)
    except TikuError as error:
        return error
    finally:
        await database.close()


async def _take(database: Database, delivery: Delivery, limits: Limits) -> bytes:
    # Reading and describing take a while: off the event loop, so that nobody else waits.
    documents = await asyncio.to_thread(_read, delivery, limits)
    plans = [
        plan
        for document in documents
        for plan in await import_sources(
            database,
            document,
            now=delivery.now,
            author=delivery.author,
            dry_run=delivery.dry_run,
            archive_missing=delivery.archive_missing,
        )
    ]
    return await asyncio.to_thread(_report, plans, delivery.language)


def _read(delivery: Delivery, limits: Limits) -> list[Document]:
    profile = load_profile(delivery.profile) if delivery.profile else None
    documents = [
        read_document(data, name=name, profile=profile, limits=limits)
        for name, data in delivery.files
    ]
    check_sources(documents)
    return documents


def _report(plans: Sequence[Plan], language: Language) -> bytes:
    return orjson.dumps(describe_plans(plans, language))
