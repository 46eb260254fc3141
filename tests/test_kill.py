"""An import that is killed half-way: the bank is the old one or the new one, never between."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.config import ROOT
from app.database import Database
from app.documents.document import Document
from app.documents.records import write_ndjson
from app.services.exporting import load_document
from app.services.filters import QuestionFilter
from tests.factories import make_document, make_item

QUESTIONS = 2_000


def write_bank(path: Path, edition: int) -> None:
    """Write a document whose every question names its edition."""
    items = [
        make_item(
            f"第{number}题？", answer=f"第{edition}版的答案{number}。", key=f"q-{number}", line=None
        )
        for number in range(QUESTIONS)
    ]
    path.write_bytes(write_ndjson(make_document(*items)))


async def load(url: str) -> Document:
    """Return the whole bank."""
    database = Database(url)
    async with database.reading() as db:
        document = await load_document(db, QuestionFilter())
    await database.close()
    return document


def editions(url: str) -> set[str]:
    """Return the editions that the bank's answers are of."""
    document = asyncio.run(load(url))
    assert len(document.items) in {0, QUESTIONS}
    return {item.answer[:3] for item in document.items}


@pytest.mark.parametrize("round_", range(6))
def test_a_killed_import_leaves_the_bank_whole(url: str, tmp_path: Path, round_: int) -> None:
    """After SIGKILL at a random moment every question is of one edition, and importing works."""
    write_bank(tmp_path / "bank.ndjson", edition=round_)
    command = [sys.executable, "-m", "app", "import", str(tmp_path / "bank.ndjson"), "--json"]
    environment = os.environ | {"TIKU_DATABASE_URL": url}
    process = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    time.sleep(random.Random(round_).uniform(0.3, 2.5))  # noqa: S311 (any moment will do)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    after_kill = editions(url)
    subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, timeout=120)

    assert len(after_kill) <= 1
    assert editions(url) == {f"第{round_}版"}
