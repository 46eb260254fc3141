"""Functions in processes of their own: bounded, stopped in time, and replaced when they die."""

import asyncio
import operator
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.errors import CheckFailedError, ChecksBusyError, CheckTimeoutError
from app.services.pool import Pool


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    """Give a pool of one process, with two places in front of it and half a second a run."""
    pool = Pool(os.getpid, workers=1, waiting=2, seconds=0.5)
    yield pool
    await pool.close()


async def test_a_function_runs_in_another_process(pool: Pool) -> None:
    """The process is not this one, and stays for the next run."""
    first = await pool.run(os.getpid)

    assert first != os.getpid()
    assert await pool.run(os.getpid) == first


async def test_a_warm_pool_has_its_processes_before_the_first_run(tmp_path: Path) -> None:
    """Warming prepares without being asked for anything."""
    pool = Pool((tmp_path / "ready").touch, workers=1, waiting=0, seconds=5)
    pool.warm()
    await pool.close()

    assert (tmp_path / "ready").exists()


async def test_a_run_over_its_time_is_stopped(pool: Pool) -> None:
    """A run that takes too long ends with its process; the next has a new one."""
    before = await pool.run(os.getpid)
    begun = time.monotonic()
    with pytest.raises(CheckTimeoutError) as caught:
        await pool.run(time.sleep, 30)

    assert time.monotonic() - begun < 10
    assert caught.value.params["seconds"] == "0.5"
    assert await pool.run(os.getpid) != before


async def test_a_process_that_dies_while_idle_is_replaced(pool: Pool) -> None:
    """Whoever comes next does not notice."""
    before = await pool.run(os.getpid)
    os.kill(before, signal.SIGKILL)

    assert await pool.run(os.getpid) != before


async def test_a_run_whose_process_dies_is_tried_once_more(pool: Pool) -> None:
    """A process killed from outside in the middle of a run costs nobody an answer."""
    process = await pool.run(os.getpid)
    running = asyncio.create_task(pool.run(time.sleep, 0.2))
    await asyncio.sleep(0.05)
    os.kill(process, signal.SIGKILL)

    await running

    assert await pool.run(os.getpid) != process


async def test_a_run_that_kills_its_process_fails_alone(pool: Pool) -> None:
    """What kills two processes is given up, and the pool goes on."""
    with pytest.raises(CheckFailedError):
        await pool.run(os._exit, 1)

    assert await pool.run(operator.add, 1, 2) == 3


async def test_a_function_that_raises_is_logged(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the traceback of the other process, which lives on."""
    before = await pool.run(os.getpid)
    with pytest.raises(CheckFailedError):
        await pool.run(operator.truediv, 1, 0)

    assert "ZeroDivisionError" in caplog.text
    assert await pool.run(os.getpid) == before


async def test_a_process_that_cannot_prepare_itself_fails_the_run() -> None:
    """Without what it needs a pool says so, run by run."""
    pool = Pool(operator.truediv, 1, 0, workers=1, waiting=0, seconds=1)
    with pytest.raises(CheckFailedError):
        await pool.run(os.getpid)
    await pool.close()


async def test_there_are_so_many_places_and_no_more(pool: Pool) -> None:
    """One runs and two wait; the fourth is told when to come again, and a place comes free."""
    with pool.admitted(), pool.admitted():
        with pool.admitted(), pytest.raises(ChecksBusyError) as caught, pool.admitted():
            pass
        with pool.admitted():
            pass

    assert caught.value.params["retry"] == 1


async def test_the_wait_is_told_by_what_waits() -> None:
    """Who is refused is told the longer to wait the more there is to do."""
    pool = Pool(os.getpid, workers=1, waiting=0, seconds=5)
    tasks = [asyncio.create_task(pool.run(time.sleep, 0.01)) for _ in range(50)]
    await asyncio.sleep(0)
    with pool.admitted(), pytest.raises(ChecksBusyError) as caught, pool.admitted():
        pass
    await asyncio.gather(*tasks)
    await pool.close()

    assert caught.value.params["retry"] == 5


async def test_what_is_cancelled_leaves_the_queue(pool: Pool, tmp_path: Path) -> None:
    """A run that waits is dropped; one that has begun keeps its process."""
    process = await pool.run(os.getpid)
    running = asyncio.create_task(pool.run(time.sleep, 0.3))
    waiting = asyncio.create_task(pool.run((tmp_path / "ran").touch))
    await asyncio.sleep(0.1)
    running.cancel()
    waiting.cancel()
    await asyncio.wait({running, waiting})

    assert await pool.run(os.getpid) == process
    assert not (tmp_path / "ran").exists()


async def test_closing_lets_end_what_has_begun(tmp_path: Path) -> None:
    """At the end the process that runs is waited for, and then is gone."""
    pool = Pool(os.getpid, workers=2, waiting=0, seconds=5)
    process = await pool.run(os.getpid)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    running = asyncio.create_task(pool.run(pipe.read_text))
    written = await asyncio.to_thread(pipe.open, "w")  # waits for the process to read
    closing = asyncio.create_task(pool.close())
    written.write("said")
    written.close()
    await closing

    assert await running == "said"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
