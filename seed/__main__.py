"""Import the source document with its overlay: `python -m seed`; doing it again changes nothing."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.config import load_settings
from app.database import Database
from app.documents.diff import Plan, Verdict
from app.documents.document import Document
from app.documents.overlay import apply_overlay, read_overlay
from app.documents.read import read_document
from app.services.importing import import_document

_HERE = Path(__file__).parent
DOCUMENT = _HERE / "multimodal-llm.md"
OVERLAY = _HERE / "overlay.toml"


def load_seed() -> Document:
    """Return the source document as parsed, with the editors' overlay applied."""
    document = read_document(DOCUMENT.read_bytes(), name=DOCUMENT.name)
    return apply_overlay(document, read_overlay(OVERLAY.read_bytes(), OVERLAY.name))


async def plant(database: Database) -> Plan:
    """Import the seed into a migrated database; return what that did."""
    return await import_document(
        database, load_seed(), now=datetime.now(UTC), author="seed", dry_run=False
    )


async def _main() -> None:
    database = Database(load_settings().database_url)
    try:
        plan = await plant(database)
    finally:
        await database.close()
    counts = ", ".join(f"{plan.count(verdict)} {verdict}" for verdict in Verdict)
    sys.stdout.write(f"seed {plan.document.slug}: {counts}\n")


if __name__ == "__main__":
    asyncio.run(_main())
