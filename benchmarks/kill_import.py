"""Kill imports at random moments: the bank must be the old edition or the new one, never between.

`python -m benchmarks.kill_import [--rounds 50] [--questions 10000]`; the tests do a few rounds.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from app.config import ROOT
from app.database import Database, migrate
from app.documents.document import Document, Item, Point
from app.documents.records import write_ndjson
from app.services.exporting import load_document
from app.services.filters import QuestionFilter


def write_edition(path: Path, edition: int, questions: int) -> None:
    """Write a document whose every answer names its edition."""
    items = []
    for number in range(questions):
        title, answer = f"第{number}题？", f"第{edition}版的答案{number}。"
        items.append(Item(title, title, answer, points=(Point(answer),), key=f"q-{number}"))
    path.write_bytes(write_ndjson(Document(slug="bank", title="bank", items=tuple(items))))


def command(path: Path) -> Sequence[str]:
    """Return the command that imports a document, as users run it."""
    return (sys.executable, "-m", "app", "import", str(path), "--json")


def import_and_kill(url: str, path: Path, delay: float) -> bool:
    """Begin an import and kill it after `delay` seconds; return whether it was still running."""
    process = subprocess.Popen(  # noqa: S603 (our own command)
        command(path),
        env=os.environ | {"TIKU_DATABASE_URL": url},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(delay)
    running = process.poll() is None
    if running:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)
    return running


def editions(url: str) -> Counter[str]:
    """Count the questions of the bank by the edition that their answers are of."""
    return Counter(item.answer.partition("版")[0] for item in asyncio.run(_load(url)).items)


async def _load(url: str) -> Document:
    database = Database(url)
    async with database.reading() as db:
        document = await load_document(db, QuestionFilter())
    await database.close()
    return document


def main() -> None:
    """Kill as often as asked; print what was found, and fail if a bank was ever between."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--questions", type=int, default=10_000)
    options = parser.parse_args()
    chance = random.Random(1)  # noqa: S311 (any moments will do, but the same each time)
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        url, path = f"sqlite:///{folder}/bank.db", Path(folder) / "bank.ndjson"
        migrate(url)
        for round_ in range(options.rounds):
            write_edition(path, round_, options.questions)
            killed = import_and_kill(url, path, chance.uniform(0.3, 6.0))
            found = editions(url)
            if len(found) > 1 or sum(found.values()) not in {0, options.questions}:
                raise SystemExit(f"round {round_}: the bank is torn: {found}")
            new = f"第{round_}" in found
            outcomes[
                f"{'killed' if killed else 'finished'}, {'new' if new else 'old'} edition"
            ] += 1
    for outcome, count in sorted(outcomes.items()):
        print(f"{count:4}  {outcome}")


if __name__ == "__main__":
    main()
