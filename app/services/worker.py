"""The other end of the pool: a process that runs one function after another.

`python -m app.services.worker` reads pickled (function, arguments) from standard input and writes
pickled (ok, result or traceback) to standard output, until its input ends.
"""

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from typing import BinaryIO


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more; a function that raises is a reply like any other."""
    while True:
        try:
            function, arguments = pickle.load(requests)  # noqa: S301 (the pool is on the other end)
        except EOFError:
            return
        pickle.dump(_run(function, arguments), replies)
        replies.flush()


def _run(function: Callable[..., object], arguments: tuple[object, ...]) -> tuple[bool, object]:
    try:
        return True, function(*arguments)
    except Exception:  # noqa: BLE001 (the pool says what happened)
        return False, traceback.format_exc()


def main() -> None:
    """Serve the pool that started this process."""
    # Ctrl-C reaches every process of a terminal; the pool ends this one when it is done with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What a library prints must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
