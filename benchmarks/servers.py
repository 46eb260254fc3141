"""Servers of a benchmark: processes of their own on one core, and what they take of it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.config import ROOT

SERVER_CORE, CLIENT_CORE = 0, -1


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    base: str
    process: "subprocess.Popen[bytes]"

    def cpu_seconds(self) -> float:
        """Return the seconds of processor that it has taken so far, all its threads together."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def running(
    command: Sequence[str], port: int, ready: str, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server pinned to the first core until the block ends; `ready` answers when it is up."""
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [*pinned(SERVER_CORE), *command],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        _wait(server, ready)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def tiku(url: str, port: int, **settings: str) -> Iterator[Server]:
    """Run the API on a bank, as users do."""
    command = [sys.executable, "-m", "app", "serve"]
    environment = {"TIKU_DATABASE_URL": url, "TIKU_PORT": str(port), "TIKU_LOG_LEVEL": "warning"}
    with running(command, port, "/readyz", environment | settings) as server:
        yield server


@contextmanager
def bare(port: int) -> Iterator[Server]:
    """Run the bare server."""
    command = [sys.executable, "-m", "uvicorn", "benchmarks.raw:app", "--port", str(port)]
    quiet = ["--no-access-log", "--no-server-header", "--log-level", "warning"]
    with running([*command, *quiet], port, "/1", {}) as server:
        yield server


def pinned(core: int) -> Sequence[str]:
    """Return the beginning of a command that keeps to a core, -1 the last; nothing if it cannot."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return ["taskset", "-c", str(cores[core])] if len(cores) > 1 else []


def _wait(server: Server, path: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise SystemExit("a server stopped before it was ready")
        try:
            if httpx.get(server.base + path).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit("a server did not become ready")
