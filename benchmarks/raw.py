"""The bare server that everything is measured against: `/N` answers with N bytes, at once."""

from functools import lru_cache

from starlette.types import Receive, Scope, Send


@lru_cache(64)
def _ready(size: int) -> tuple[list[tuple[bytes, bytes]], bytes]:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % size)]
    return headers, b"x" * size


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with as many bytes as the path says."""
    del receive
    if scope["type"] != "http":
        return
    headers, body = _ready(int(scope["path"][1:]))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
