"""The cyclic garbage collector, paused where many objects are made and no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collections() -> Iterator[None]:
    """Pause the collector: a quarter of the time of a large document went into looking for cycles.

    Where several threads overlap, the first to end turns it on again: that costs time, no more.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
