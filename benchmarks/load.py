"""Load on a server: wrk where it is installed, else a small client of our own; loopback only."""

import asyncio
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from benchmarks.servers import CLIENT_CORE, Server, pinned

_CONNECTIONS = 8
_SCALE = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
_LUA = """
wrk.headers["Host"] = "127.0.0.1"
local paths, next_path = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = wrk.format("GET", line) end
request = function()
  next_path = next_path %% #paths + 1
  return paths[next_path]
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load: requests answered a second, the median latency in seconds, failures."""

    requests: int
    seconds: float
    median: float
    failures: int

    @property
    def rate(self) -> float:
        """Return the requests answered a second."""
        return self.requests / self.seconds


def put_load(server: Server, paths: Sequence[str], seconds: float) -> Load:
    """Ask for these paths in turn for so many seconds on a few connections."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "paths"
        file.write_text("".join(f"{path}\n" for path in paths))
        if shutil.which("wrk"):
            return _wrk(server, file, seconds)
        command = [sys.executable, "-m", "benchmarks.load", server.base, str(file), str(seconds)]
        return Load(**orjson.loads(_output([*pinned(CLIENT_CORE), *command])))


def measure_load(server: Server, paths: Sequence[str], seconds: float) -> tuple[float, Load]:
    """Put load on a server; return the microseconds of its processor a request, and the load.

    SystemExit where a request failed.
    """
    before = server.cpu_seconds()
    load = put_load(server, paths, seconds)
    if load.failures or not load.requests:
        raise SystemExit(f"{load.failures} of {load.requests} requests failed: {paths[0]}")
    return (server.cpu_seconds() - before) / load.requests * 1e6, load


def _wrk(server: Server, file: Path, seconds: float) -> Load:
    script = file.with_suffix(".lua")
    script.write_text(_LUA % file)
    options = ["-t1", f"-c{_CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-s", str(script)]
    output = _output([*pinned(CLIENT_CORE), "wrk", *options, server.base])
    requests, took, unit = _find(r"(\d+) requests in ([\d.]+)(ms|s|us)", output)
    median, scale = _find(r"50%\s+([\d.]+)(us|ms|s)", output)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return Load(
        requests=int(requests),
        seconds=float(took) * _SCALE[unit],
        median=float(median) * _SCALE[scale],
        failures=int(failed[1]) if failed else 0,
    )


def _find(pattern: str, text: str) -> tuple[str, ...]:
    found = re.search(pattern, text)
    if found is None:
        raise SystemExit(f"wrk said nothing of {pattern}:\n{text}")
    return found.groups()


def _output(command: Sequence[str]) -> str:
    return subprocess.run(  # noqa: S603 (our own command)
        command, check=True, capture_output=True, text=True
    ).stdout


async def _client(base: str, paths: Sequence[str], seconds: float) -> Load:
    waiting, failures = [], 0
    deadline = time.perf_counter() + seconds
    host, port = urlsplit(base).hostname, urlsplit(base).port
    turns = cycle(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for path in paths)

    async def connection() -> None:
        nonlocal failures
        reader, writer = await asyncio.open_connection(host, port, limit=2**20)
        while (begun := time.perf_counter()) < deadline:
            writer.write(next(turns))
            head = await reader.readuntil(b"\r\n\r\n")
            await _skip_body(reader, head)
            waiting.append(time.perf_counter() - begun)
            failures += not head.startswith(b"HTTP/1.1 200")
        writer.close()

    await asyncio.gather(*(connection() for _ in range(_CONNECTIONS)))
    return Load(len(waiting), seconds, statistics.median(waiting), failures)


async def _skip_body(reader: asyncio.StreamReader, head: bytes) -> None:
    if re.search(rb"transfer-encoding: chunked", head, re.IGNORECASE):
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
        return
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    await reader.readexactly(int(length[1]) if length else 0)


def _main() -> None:
    base, file, seconds = sys.argv[1:]
    load = asyncio.run(_client(base, Path(file).read_text().split(), float(seconds)))
    sys.stdout.buffer.write(orjson.dumps(load))


if __name__ == "__main__":
    _main()
