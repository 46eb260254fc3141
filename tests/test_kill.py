"""An import that is killed half-way: the bank is the old one or the new one, never between."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from app.config import ROOT
from benchmarks.kill_import import command, editions, import_and_kill, write_edition

QUESTIONS = 2_000


@pytest.mark.parametrize("round_", range(6))
def test_a_killed_import_leaves_the_bank_whole(url: str, tmp_path: Path, round_: int) -> None:
    """After SIGKILL at a random moment every question is of one edition, and importing works."""
    path = tmp_path / "bank.ndjson"
    write_edition(path, round_, QUESTIONS)
    import_and_kill(url, path, random.Random(round_).uniform(0.3, 2.5))  # noqa: S311 (any moment)
    after_kill = editions(url)
    environment = os.environ | {"TIKU_DATABASE_URL": url}
    subprocess.run(command(path), env=environment, cwd=ROOT, check=True, capture_output=True)

    assert sum(after_kill.values()) in {0, QUESTIONS}
    assert editions(url) == {f"第{round_}": QUESTIONS}
