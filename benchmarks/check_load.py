"""Check answers at full speed and see whether other requests stay fast.

`python -m benchmarks.check_load [--seconds 6] [--rounds 3] [--clients 4]` serves the labelled
questions from a process of its own over loopback, and takes turns: reads alone, then the same
reads while `--clients` clients send answers of 300 characters one after another. Ratios are to the
reads alone of the same run, since machines differ and drift.
"""

import argparse
import asyncio
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.config import ROOT
from app.database import Database, migrate
from app.documents.document import Document, Item, Point
from app.services.importing import import_document
from benchmarks.answer_sets import labelled_answers, one_of_each_question
from tests.postgres import free_port

_CHARACTERS = 300
_SINGLE = 60  # checks one after another
_PAUSE = 0.004  # seconds between reads: a busy bank, not a flood
_DEADLINE = 60.0
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
_OK = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the labelled set, and answers of 300 characters to it."""

    item: Item
    answers: tuple[str, ...]


def read_questions() -> list[Question]:
    """Return the labelled questions; answers are joined until they are long enough."""
    answers = labelled_answers("all")
    found = []
    for one in one_of_each_question(answers):
        points = tuple(Point(point.text, point.title) for point in one.points)
        text = "\n".join(point.text for point in points)
        said = [other.answer for other in answers if other.question_id == one.question_id]
        joined = (" ".join(said[at:] + said[:at])[:_CHARACTERS] for at in range(len(said)))
        item = Item(one.question, one.question, text, points=points, key=one.question_id)
        long_enough = tuple(one for one in joined if len(one) == _CHARACTERS)
        found.append(Question(item, long_enough))
    return [one for one in found if one.answers]


class Server:
    """A server process, its workers, what they take, and the database that it serves."""

    def __init__(self, url: str, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.url = url
        self.port = port
        self.process = process

    def megabytes(self) -> list[int]:
        """Return the memory of the server and of each of its workers."""
        pages = [int(_proc(pid, "statm").split()[1]) for pid in self._family()]
        return [count * _PAGE // 2**20 for count in pages]

    def cpu_seconds(self) -> float:
        """Return the processor time that server and workers have used."""
        fields = [_proc(pid, "stat").rpartition(")")[2].split() for pid in self._family()]
        return sum(int(one[11]) + int(one[12]) for one in fields) / _TICK

    def _family(self) -> list[int]:
        pid = self.process.pid
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = [child for one in threads for child in (one / "children").read_text().split()]
        return [pid, *map(int, children)]


def _proc(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")


@contextmanager
def serving(folder: Path, document: Document) -> Iterator[Server]:
    """Serve a bank of these questions, whose database is in a folder, on a free port."""
    url = f"sqlite:///{folder}/bank.db"
    migrate(url)
    asyncio.run(_fill(url, document))
    port = free_port()
    process = subprocess.Popen(  # noqa: S603 (our own command)
        (sys.executable, "-m", "app", "serve", "--port", str(port)),
        env=os.environ | {"TIKU_DATABASE_URL": url, "TIKU_LOG_LEVEL": "warning"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        _await_ready(port, process)
        yield Server(url, port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


async def _fill(url: str, document: Document) -> None:
    database = Database(url)
    await import_document(database, document, now=datetime.now(UTC), author="benchmark")
    await database.close()


def _await_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.HTTPStatus.NO_CONTENT:
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not become ready")


class Client:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_DEADLINE)

    def get(self, path: str) -> bytes:
        """Return a body; SystemExit where the answer is not 200."""
        self._connection.request("GET", path)
        return self._body(path)

    def post(self, path: str, body: object) -> bytes:
        """Send JSON and return the body of the answer."""
        data = json.dumps(body).encode()
        self._connection.request("POST", path, data, {"Content-Type": "application/json"})
        return self._body(path)

    def _body(self, path: str) -> bytes:
        response = self._connection.getresponse()
        body = response.read()
        if response.status != _OK:
            raise SystemExit(f"{path}: {response.status} {body.decode()}")
        return body


def check_bodies(client: Client, questions: Sequence[Question]) -> list[tuple[str, dict[str, str]]]:
    """Return the address and the body of every answer that can be checked, in a fixed mix."""
    ids: dict[str, str] = {}
    path = "/v1/questions?limit=100&view=prompt"
    page = json.loads(client.get(path))
    while True:
        ids |= {item["title"]: item["id"] for item in page["items"]}
        if page["next_cursor"] is None:
            break
        page = json.loads(client.get(f"{path}&cursor={page['next_cursor']}"))
    bodies = [
        (f"/v1/questions/{ids[question.item.title]}/check", {"answer": answer})
        for question in questions
        for answer in question.answers
    ]
    random.Random(1).shuffle(bodies)  # noqa: S311 (any mix will do, but the same each time)
    return bodies


def time_reads(port: int, paths: Sequence[str], going_on: Callable[[], bool]) -> list[float]:
    """Read one address after another for so long; return what each took, in milliseconds."""
    client, took = Client(port), list[float]()
    while going_on():
        begun = time.perf_counter()
        client.get(paths[len(took) % len(paths)])
        took.append(1000 * (time.perf_counter() - begun))
        time.sleep(_PAUSE)
    return took


def lasting(seconds: float) -> Callable[[], bool]:
    """Return what says whether so many seconds from now are not over yet."""
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() < end


@contextmanager
def checking(
    port: int, bodies: Sequence[tuple[str, dict[str, str]]], clients: int
) -> Iterator[list[float]]:
    """Check answers meanwhile, each client its own share; give what each check took."""
    stop, took = threading.Event(), list[float]()

    def work(share: Sequence[tuple[str, dict[str, str]]]) -> None:
        client, at = Client(port), 0
        while not stop.is_set():
            begun = time.perf_counter()
            client.post(*share[at % len(share)])
            took.append(1000 * (time.perf_counter() - begun))
            at += 1

    threads = [threading.Thread(target=work, args=(bodies[at::clients],)) for at in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield took
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure_single(server: Server, bodies: Sequence[tuple[str, dict[str, str]]]) -> None:
    """Print what one check after another takes, the first one apart."""
    client = Client(server.port)
    begun = time.perf_counter()
    client.post(*bodies[0])
    first = 1000 * (time.perf_counter() - begun)
    took, cpu = [], server.cpu_seconds()
    for path, body in bodies[1 : _SINGLE + 1]:
        begun = time.perf_counter()
        client.post(path, body)
        took.append(1000 * (time.perf_counter() - begun))
    cpu = 1000 * (server.cpu_seconds() - cpu) / len(took)
    print(f"first check after the start: {first:.0f} ms")
    print(
        f"{len(took)} checks of {_CHARACTERS} characters, one after another: "
        f"p50 {quantile(took, 0.5):.0f} ms, p95 {quantile(took, 0.95):.0f} ms, "
        f"processor {cpu:.0f} ms each"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    questions = read_questions()
    items = tuple(question.item for question in questions)
    bank = Document(slug="labelled", title="labelled", items=items)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder), bank) as server:
        print(f"megabytes before the first check, server and workers: {server.megabytes()}")
        bodies = check_bodies(Client(server.port), questions)
        paths = [path.removesuffix("/check") for path, _ in bodies]
        measure_single(server, bodies)
        idle, loaded, checks = list[float](), list[float](), list[float]()
        for _ in range(options.rounds):
            idle += time_reads(server.port, paths, lasting(options.seconds))
            with checking(server.port, bodies, options.clients) as took:
                loaded += time_reads(server.port, paths, lasting(options.seconds))
            checks += took
        print(f"megabytes after {len(checks)} checks: {server.megabytes()}")
    for name, values in (
        ("reads alone", idle),
        ("reads beside checks", loaded),
        ("checks", checks),
    ):
        shares = ", ".join(
            f"p{share:.0%}"[:-1] + f" {quantile(values, share):.1f}" for share in (0.5, 0.95, 0.99)
        )
        print(f"{name}: {len(values)}, milliseconds {shares}")
    ratios = [quantile(loaded, share) / quantile(idle, share) for share in (0.5, 0.99)]
    print(f"reads beside checks against alone: p50 {ratios[0]:.1f}x, p99 {ratios[1]:.1f}x")
    print(f"checks a second: {len(checks) / options.seconds / options.rounds:.1f}")


if __name__ == "__main__":
    main()
