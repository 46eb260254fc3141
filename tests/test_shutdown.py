"""The server's end, asked for or not: checks under way are answered, and no process is left."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.config import ROOT
from tests.postgres import free_port

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc here")


_TWO = 2


@contextmanager
def serving(url: str, **more: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run the server with words alone; give its address and its process."""
    port = free_port()
    settings = {"TIKU_DATABASE_URL": url, "TIKU_PORT": str(port), "TIKU_ENGINE": "lexical"} | more
    command = [sys.executable, "-m", "app", "serve"]
    with subprocess.Popen(command, env=os.environ | settings, cwd=ROOT) as process:
        base = f"http://127.0.0.1:{port}"
        _wait_for(lambda: _is_ready(base))
        try:
            yield base, process
        finally:
            process.kill()


def _is_ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz").status_code == 204
    except httpx.TransportError:
        return False


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(one) for task in tasks for one in (task / "children").read_text().split()]


def batch(base: str) -> dict[str, Any]:
    """Return a batch of a hundred answers."""
    item = httpx.get(f"{base}/v1/questions?limit=1").json()["items"][0]
    answer = {"question_id": item["id"], "answer": item["answer"] * 3}
    return {"checks": [answer] * 100}


def test_checks_under_way_are_answered_before_the_end(seeded_url: str) -> None:
    """Asked to stop, the server finishes what it began, and takes its processes with it."""
    responses: list[httpx.Response] = []
    with serving(seeded_url) as (base, process):
        body = batch(base)
        sender = threading.Thread(
            target=lambda: responses.append(httpx.post(f"{base}/v1/checks", json=body, timeout=60))
        )
        _wait_for(lambda: children(process.pid))
        workers = children(process.pid)
        sender.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        sender.join()
        process.wait(timeout=30)

    assert responses[0].status_code == 200
    assert all(one["check"]["score"] == 1 for one in responses[0].json()["items"])
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_several_processes_serve_one_bank(seeded_url: str, tmp_path: Path) -> None:
    """Requests go to all of them, none answers from before a change, and all end with the first."""
    document = tmp_path / "more.md"
    document.write_text("# More\n\n## What is a cache?\n\nA copy kept close.\n", encoding="utf-8")
    with serving(seeded_url, TIKU_WORKERS="2") as (base, process):
        _wait_for(lambda: len([pid for pid in servers(process.pid) if children(pid)]) == _TWO)
        serving_ = servers(process.pid)
        all_of_them = [*serving_, *(child for pid in serving_ for child in children(pid))]
        before = {httpx.get(f"{base}/v1/sources").headers["etag"] for _ in range(20)}
        command = [sys.executable, "-m", "app", "import", str(document)]
        environment = os.environ | {"TIKU_DATABASE_URL": seeded_url}
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
        time.sleep(0.1)  # processes hear of it within milliseconds
        after = {httpx.get(f"{base}/v1/sources").headers["etag"] for _ in range(20)}
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)

    assert len(serving_) == _TWO
    assert len(before) == len(after) == 1
    assert before != after
    _wait_for(lambda: not any(_runs(pid) for pid in all_of_them))


def servers(pid: int) -> list[int]:
    """Return the processes that serve for a first one that only watches over them."""
    return [
        child
        for child in children(pid)
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def test_a_killed_server_leaves_no_process_behind(seeded_url: str) -> None:
    """Nobody can tell the processes to end, so they notice."""
    with serving(seeded_url) as (_, process):
        _wait_for(lambda: children(process.pid))
        workers = children(process.pid)
        process.kill()
        process.wait(timeout=10)
        _wait_for(lambda: not any(_runs(pid) for pid in workers))


def _runs(pid: int) -> bool:
    """Say whether a process runs; one that ended may wait for somebody to ask."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
