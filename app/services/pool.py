"""Functions run in processes of their own, so that the event loop never waits for one of them.

A check holds the interpreter's lock for some ten milliseconds; in a thread of the server it would
make every other request wait. The queue is bounded, and so is the time of each run.
"""

import asyncio
import logging
import math
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TypeVar, cast

from app.errors import CheckFailedError, ChecksBusyError, CheckTimeoutError

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
_COMMAND = (sys.executable, "-m", "app.services.worker")
# Libraries that would start threads of their own: one processor is one run.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_TRIES = 2  # of a run whose process dies: the first death may not be its fault
_STARTING, _STOPPING = 60.0, 5.0  # seconds that a process has to be ready, and to end
_FIRST_GUESS = 0.1  # seconds of a run, until some have been timed
_SMOOTHING = 0.1


class Pool:
    """`workers` processes, at most `waiting` callers in front of them, `seconds` for each run.

    Each thread of an executor looks after one process, so the executor's queue is the pool's.
    Belongs to no event loop. `prepare`, with its arguments, is run once in each process before
    anything else; it and every function must be importable by name.
    """

    def __init__(
        self,
        prepare: Callable[..., object],
        *arguments: object,
        workers: int,
        waiting: int,
        seconds: float,
    ) -> None:
        self.workers = workers
        self._most = workers + waiting
        self._seconds = seconds
        self._admitted = 0
        self._pending = 0
        self._mean = _FIRST_GUESS
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="pool")
        self._processes = [_Process(prepare, arguments) for _ in range(workers)]
        self._idle: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for process in self._processes:
            self._idle.put(process)

    def warm(self) -> None:
        """Begin to start the processes, so that the first run need not wait for that."""
        for _ in self._processes:
            self._threads.submit(self._warm_one)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Take a place in the queue, for one run or many; ChecksBusyError where none is left."""
        if self._admitted >= self._most:
            raise ChecksBusyError(retry=self._seconds_until_free())
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    async def run(self, function: Callable[..., _T], *arguments: object) -> _T:
        """Run a function in a process and return its result.

        Cancelled, it leaves the queue; a run that has begun goes on to its end, since a process
        costs more to start than a run. Raises CheckTimeoutError, and CheckFailedError where the
        function raises or its process dies twice.
        """
        self._pending += 1
        try:
            future = self._threads.submit(self._run, function, arguments)
            return await asyncio.wrap_future(future)
        finally:
            self._pending -= 1

    async def close(self) -> None:
        """Let what has begun end, drop what waits, and stop the processes."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.stop()

    def _seconds_until_free(self) -> int:
        return max(1, math.ceil(self._pending * self._mean / self.workers))

    @contextmanager
    def _any_process(self) -> Iterator["_Process"]:
        process = self._idle.get()
        try:
            yield process
        finally:
            self._idle.put(process)

    def _warm_one(self) -> None:
        with self._any_process() as process:
            process.start()

    def _run(self, function: Callable[..., _T], arguments: tuple[object, ...]) -> _T:
        with self._any_process() as process:
            for _ in range(_TRIES):
                process.start()
                begun = time.monotonic()
                try:
                    result = process.call(function, arguments, self._seconds)
                except _DiedError:
                    _log.warning("a process of the pool died in %s", function.__qualname__)
                except CheckTimeoutError:
                    with suppress(RuntimeError):  # nothing follows when the pool is being closed
                        self._threads.submit(self._warm_one)
                    raise
                else:
                    self._mean += _SMOOTHING * (time.monotonic() - begun - self._mean)
                    return result
        raise CheckFailedError


class _DiedError(Exception):
    """A process ended in the middle of a run."""


class _Process:
    """One process, started when it is needed; used by one thread at a time."""

    def __init__(self, prepare: Callable[..., object], arguments: tuple[object, ...]) -> None:
        self._prepare = prepare
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process unless it runs; CheckFailedError where it cannot prepare itself."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        self._process = subprocess.Popen(  # noqa: S603 (this very program)
            _COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | _ONE_THREAD,
        )
        try:
            self.call(self._prepare, self._arguments, _STARTING)
        except (_DiedError, CheckTimeoutError) as error:
            raise CheckFailedError from error

    def call(
        self, function: Callable[..., _T], arguments: tuple[object, ...], seconds: float
    ) -> _T:
        """Run a function; CheckTimeoutError after `seconds`, _DiedError if the process ends."""
        process = cast("subprocess.Popen[bytes]", self._process)
        late = threading.Event()
        timer = threading.Timer(seconds, _end_late, (process, late))
        timer.start()
        try:
            good, result = _exchange(process, function, arguments)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            process.kill()
            process.wait()  # until then it may look alive to the next run
            if late.is_set():
                raise CheckTimeoutError(seconds=f"{seconds:g}") from error
            raise _DiedError from error
        finally:
            timer.cancel()
        if not good:
            _log.error("%s failed in the pool:\n%s", function.__qualname__, result)
            raise CheckFailedError
        return cast("_T", result)

    def stop(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what could not be sent to a dead process is lost
                    pipe.close()
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_late(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    process.kill()


def _exchange(
    process: "subprocess.Popen[bytes]",
    function: Callable[..., object],
    arguments: tuple[object, ...],
) -> tuple[bool, object]:
    """Send a function to a process and return its reply: whether it went well, and the result."""
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise EOFError
    pickle.dump((function, arguments), stdin)
    stdin.flush()
    good, result = pickle.load(stdout)  # noqa: S301 (what the process wrote that was started here)
    return good, result
