"""Import a large document over HTTP and see whether reads stay fast.

`python -m benchmarks.import_load [--questions 10000] [--rounds 3] [--seconds 4]` serves a bank of
as many questions from a process of its own over loopback, and takes turns: reads alone, then the
same reads while a document of `--questions` new questions is imported. Ratios are to the reads
alone of the same run, since machines differ and drift.
"""

import argparse
import asyncio
import http.client
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import orjson

from app.database import Database
from app.documents.document import Document
from app.documents.records import write_ndjson
from app.models import Scope
from app.services.access import create_key
from benchmarks.check_load import Client, lasting, quantile, serving, time_reads
from benchmarks.import_speed import make_items

_PAGES = 20
_DEADLINE = 300.0


async def make_key(url: str) -> str:
    """Return a new key that may edit."""
    database = Database(url)
    async with database.writing(visible=False) as db:
        key = await create_key(db, name="benchmark", scopes=[Scope.EDIT], now=datetime.now(UTC))
    await database.close()
    return key


def read_paths(port: int) -> list[str]:
    """Return addresses of questions, each tenth of a list or a search instead."""
    client, ids, cursor = Client(port), list[str](), ""
    for _ in range(_PAGES):
        page = orjson.loads(client.get(f"/v1/questions?limit=100&view=prompt{cursor}"))
        ids += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
    paths = [f"/v1/questions/{one}" for one in ids]
    for place in range(0, len(paths), 20):
        paths[place] = f"/v1/questions?limit=20&topic={quote(f'主题{place // 20 % 40}')}"
        paths[place + 10] = f"/v1/questions?limit=20&q={quote(f'缓存 {place}')}"
    return paths


@contextmanager
def importing(port: int, key: str, name: str, data: bytes) -> Iterator[threading.Thread]:
    """Send a document for import meanwhile; SystemExit where it is not taken."""
    answers: list[tuple[int, bytes]] = []

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_DEADLINE)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
        connection.request("POST", f"/v1/imports?name={name}", data, headers)
        response = connection.getresponse()
        answers.append((response.status, response.read()))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join()
    ((status, body),) = answers
    if status != http.HTTPStatus.OK:
        raise SystemExit(f"the import was answered {status}: {body[:500]!r}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of reads alone, each turn")
    options = parser.parse_args()
    bank = Document(slug="bank", title="bank", items=make_items(options.questions))
    data = write_ndjson(Document(slug="", title="new", items=make_items(options.questions, 2)))
    data = data.partition(b"\n")[2]  # its name is the file's, another one each time
    idle, loaded, took = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), bank) as server:
        key = asyncio.run(make_key(server.url))
        paths = read_paths(server.port)
        for number in range(options.rounds):
            idle += time_reads(server.port, paths, lasting(options.seconds))
            begun = time.perf_counter()
            with importing(server.port, key, f"new-{number}.ndjson", data) as running:
                loaded += time_reads(server.port, paths, running.is_alive)
            took.append(time.perf_counter() - begun)
        print(f"megabytes, server and its processes: {server.megabytes()}")
    for name, values in (("reads alone", idle), ("reads beside an import", loaded)):
        shares = ", ".join(
            f"p{share:.0%}"[:-1] + f" {quantile(values, share):.1f}" for share in (0.5, 0.95, 0.99)
        )
        print(f"{name}: {len(values)}, milliseconds {shares}, longest {max(values):.1f}")
    ratios = [quantile(loaded, share) / quantile(idle, share) for share in (0.5, 0.99)]
    print(f"reads beside an import against alone: p50 {ratios[0]:.1f}x, p99 {ratios[1]:.1f}x")
    rates = ", ".join(f"{options.questions / seconds:,.0f}" for seconds in took)
    print(f"imported over HTTP: {len(data) / 1e6:.1f} MB, questions a second {rates}")


if __name__ == "__main__":
    main()
