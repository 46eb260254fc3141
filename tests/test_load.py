"""Imports under load: processes that write at the same time wait for each other, nobody fails."""

import asyncio
import os
import subprocess
from pathlib import Path

import httpx

from app.config import ROOT
from benchmarks.kill_import import command, editions, write_edition
from tests.conftest import serving

QUESTIONS = 400
EDITIONS = (1, 2, 3, 4)


def test_imports_at_the_same_time_while_others_read(url: str, tmp_path: Path) -> None:
    """Four processes import an edition each: readers meet whole editions, and all come to pass."""
    paths = [tmp_path / str(number) / "bank.ndjson" for number in EDITIONS]
    for number, path in zip(EDITIONS, paths, strict=True):
        path.parent.mkdir()
        write_edition(path, number, QUESTIONS)
    environment = os.environ | {"TIKU_DATABASE_URL": url}
    with serving(url) as base:
        imports = [
            subprocess.Popen(command(path), env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
            for path in paths
        ]
        seen = asyncio.run(_read_meanwhile(base, imports))

    assert [one.wait(timeout=60) for one in imports] == [0] * len(EDITIONS)
    assert sum(seen) > 0
    assert list(editions(url).values()) == [QUESTIONS]


async def _read_meanwhile(base: str, imports: list["subprocess.Popen[bytes]"]) -> list[int]:
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        return await asyncio.gather(*(_read(client, imports) for _ in range(4)))


async def _read(client: httpx.AsyncClient, imports: list["subprocess.Popen[bytes]"]) -> int:
    """Read while imports run; return how many answers had questions, all of one edition."""
    seen = 0
    while any(one.poll() is None for one in imports):
        response = await client.get("/v1/questions?limit=100")
        answers = [item["answer"] for item in response.raise_for_status().json()["items"]]
        seen += bool(answers)

        assert len(answers) in {0, 100}
        assert len({answer.partition("版")[0] for answer in answers}) <= 1
    return seen
