"""A stand-in for a language model's endpoint: a real HTTP server on loopback, told what to say."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


class ModelServer(ThreadingHTTPServer):
    """Remembers what it was asked, and answers with `reply`."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """The base URL of the endpoint."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def user_message(self, at: int = -1) -> dict[str, Any]:
        """Return what a request had as data."""
        message: dict[str, Any] = json.loads(self.asked[at]["messages"][1]["content"])
        return message


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert self.path == "/v1/chat/completions"
        self.server.asked.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        try:
            self.server.reply(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Stay silent."""


@contextmanager
def serving(reply: Reply) -> Iterator[ModelServer]:
    """Run a server that answers with `reply`."""
    server = ModelServer(reply)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Send a whole response."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def completion(content: str) -> bytes:
    """Return a chat completion with this content."""
    return json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": content}}]}
    ).encode()


def says(*claims: tuple[str, str | None]) -> Reply:
    """Return a model that says these (state, quote) of the points, in their order."""
    points = [
        {"id": f"p{at}", "state": state, "quote": quote}
        for at, (state, quote) in enumerate(claims, start=1)
    ]
    return writes(json.dumps({"points": points}, ensure_ascii=False))


def writes(content: str) -> Reply:
    """Return a model that writes this."""
    return lambda handler, _: send(handler, completion(content))


def answers(status: int, **headers: str) -> Reply:
    """Return a server that fails with this status."""
    return lambda handler, _: send(handler, b"{}", status, **headers)


def sleeps(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Say nothing for longer than anyone waits."""
    time.sleep(3)
    send(handler, completion("late"))


def hangs_up(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def never_ends(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Send a body as fast as it is taken, without an end."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65_536)


def drips(handler: BaseHTTPRequestHandler, _body: dict[str, Any]) -> None:
    """Send a byte now and then: no single wait is long."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        time.sleep(0.05)
