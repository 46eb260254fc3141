"""The layer of ready responses: what it keeps, what it never keeps, and that it is never stale."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from app.api.cache import ResponseCache, accepts_gzip, cache_control, canonical_query, matches

LONG = b'{"text":"' + b"again " * 500 + b'"}'


@dataclass
class Watch:
    """A bank's revision that a test sets; None stands for a database that does not answer."""

    revision: int | None = 1

    def known(self) -> int | None:
        """Return what the test says."""
        return self.revision

    async def ask(self) -> int | None:
        """Return the same."""
        return self.revision

    async def start(self) -> None:
        """Listen to nobody."""

    async def stop(self) -> None:
        """Cease to."""


@dataclass
class Route:
    """An application that counts how often it is asked; `gate` lets it answer."""

    headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": "public"})
    body: Callable[[Scope], bytes] = lambda _: LONG
    status: int = 200
    calls: int = 0
    gate: asyncio.Event | None = None
    error: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the test says."""
        del receive
        self.calls += 1
        body = self.body(scope)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        headers = {"Content-Type": "application/json", **self.headers}
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        start = {"type": "http.response.start", "status": self.status, "headers": encoded}
        await send(start)
        await send({"type": "http.response.body", "body": body[:9], "more_body": True})
        await send({"type": "http.response.body", "body": body[9:]})


@dataclass
class Layer:
    """The layer around a route, with a client of it."""

    route: Route
    watch: Watch
    cache: ResponseCache
    client: httpx.AsyncClient

    async def get(self, url: str = "/x", method: str = "GET", **headers: str) -> httpx.Response:
        """Ask, without the client's own choice of encodings."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.request(
            method, url, headers={"Accept-Encoding": "identity", **asked}
        )


def layer(route: Route | None = None, capacity: int = 1_000_000, **options: Any) -> Layer:
    """Return a layer around a route that shares its answers unless said."""
    route, watch = route or Route(), Watch()
    control = options.pop("control", cache_control(0, 0))
    cache = ResponseCache(route, watch, capacity=capacity, control=control, **options)
    transport = httpx.ASGITransport(cache, raise_app_exceptions=True)
    return Layer(route, watch, cache, httpx.AsyncClient(transport=transport, base_url="http://t"))


async def test_a_second_request_asks_no_route() -> None:
    """What is ready is sent again, byte for byte."""
    one = layer()
    first, second = await one.get(), await one.get()

    assert one.route.calls == 1
    assert first.content == second.content == LONG
    assert first.headers == second.headers
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert first.headers["content-length"] == str(len(LONG))


async def test_parameters_in_another_order_are_the_same_request() -> None:
    """Only values of one parameter keep their order; other values are another request."""
    one = layer()
    for query in ("a=1&b=2&a=3", "b=2&a=1&a=3", "a=3&b=2&a=1", "a=1&b=3&a=3"):
        await one.get(f"/x?{query}")

    assert one.route.calls == 3
    assert canonical_query(b"b=2&a=1&a=3") == b"a=1&a=3&b=2"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ("{tag}", 304),
        ('"other", {tag}', 304),
        ("W/{tag}", 304),
        ("*", 304),
        ('"other"', 200),
        ("other", 200),
    ],
)
async def test_what_a_client_has_is_not_sent_again(wanted: str, status: int) -> None:
    """If-None-Match takes lists, weak tags and a star; a 304 has no body and the same tag."""
    one = layer()
    tag = (await one.get()).headers["etag"]
    response = await one.get(if_none_match=wanted.format(tag=tag))

    assert response.status_code == status
    assert response.headers["etag"] == tag
    assert response.content == (b"" if status == 304 else LONG)
    assert "content-length" not in response.headers or status == 200


async def test_equal_bodies_have_equal_tags_at_every_revision() -> None:
    """A change elsewhere in the bank costs a client nothing: its copy is still good."""
    one = layer()
    tag = (await one.get()).headers["etag"]
    one.watch.revision = 2

    assert (await one.get(if_none_match=tag)).status_code == 304
    assert one.route.calls == 2


async def test_a_tag_that_a_route_gives_is_kept() -> None:
    """A route may name its own versions."""
    one = layer(Route({"Cache-Control": "public", "ETag": 'W/"7"'}))

    assert (await one.get()).headers["etag"] == 'W/"7"'
    assert (await one.get(if_none_match='"7"')).status_code == 304


async def test_gzip_is_made_once_and_is_a_representation_of_its_own() -> None:
    """Compressed and plain answers have different tags, and both say that encodings differ."""
    one = layer()
    plain = await one.get()
    packed = await one.get(accept_encoding="br, gzip;q=0.5")
    again = await one.get(accept_encoding="gzip", if_none_match=packed.headers["etag"])

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == LONG
    assert int(packed.headers["content-length"]) < len(LONG) / 5
    assert plain.headers["etag"] != packed.headers["etag"]
    assert plain.headers["vary"] == packed.headers["vary"] == "accept-encoding"
    assert again.status_code == 304
    assert one.route.calls == 1


async def test_large_answers_are_compressed_aside() -> None:
    """What would hold up the loop is compressed in a thread, and is the same."""
    body = LONG * 50
    one = layer(Route(body=lambda _: body))

    assert (await one.get(accept_encoding="gzip")).content == body


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (b"", False),
        (b"gzip", True),
        (b"GZIP;q=1.0", True),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, br", False),
        (b"*", True),
        (b"*;q=0", False),
        (b"gzip;q=0, *", False),
        (b"deflate, br", False),
    ],
)
def test_accepted_encodings(header: bytes, accepted: bool) -> None:  # noqa: FBT001 (a table)
    """Weights count, and a star stands for what is not named."""
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize(
    "route",
    [
        Route(body=lambda _: b"{}"),
        Route({"Cache-Control": "public", "Content-Type": "image/png"}),
    ],
)
async def test_what_does_not_shrink_is_not_compressed(route: Route) -> None:
    """Small answers and pictures are sent as they are."""
    one = layer(route)
    response = await one.client.send(
        one.client.build_request("GET", "/x", headers={"Accept-Encoding": "gzip"}), stream=True
    )

    assert response.headers.get("content-encoding") != "gzip"
    assert "vary" not in response.headers


async def test_head_is_a_get_without_a_body() -> None:
    """HEAD has the headers of GET, ready or not, shared or not, and routes need not know it."""
    one = layer(Route(body=lambda scope: scope["method"].encode() * 500))
    head, get = await one.get(method="HEAD"), await one.get()
    private = layer(Route({}))

    assert one.route.calls == 1
    assert head.content == b""
    assert head.headers == get.headers
    assert get.content == b"GET" * 500
    assert (await private.get(method="HEAD")).content == b""


@pytest.mark.parametrize(
    "route",
    [
        Route({}),
        Route({"Cache-Control": "no-store"}),
        Route({"Cache-Control": "private, max-age=5"}),
        Route({"Cache-Control": "public", "Set-Cookie": "a=b"}),
        Route({"Cache-Control": "public", "Content-Encoding": "x-test"}),
        Route({"Cache-Control": "public", "Vary": "*"}),
        Route(status=404),
        Route(status=500),
        Route(status=206),
    ],
)
async def test_what_is_not_shared_passes_untouched(route: Route) -> None:
    """Personal answers, draws and errors are never kept, and get no header of ours."""
    route.calls = 0
    one = layer(route)
    for _ in range(2):
        response = await one.get(accept_encoding="gzip")

    assert route.calls == 2
    assert response.status_code == route.status
    assert response.content == LONG
    assert "etag" not in response.headers
    assert response.headers.get("cache-control") == route.headers.get("Cache-Control")


async def test_posts_and_other_protocols_pass() -> None:
    """Only GET and HEAD are answered here."""
    one = layer()
    await one.get()
    await one.get(method="POST")

    assert one.route.calls == 2


async def test_who_says_who_they_are_gets_an_answer_of_their_own() -> None:
    """With Authorization nothing ready is given out, and nothing is kept."""
    one = layer()
    for _ in range(2):
        response = await one.get(authorization="Bearer tk_1")
    await one.get()
    await one.get(authorization="Bearer tk_1")

    assert one.route.calls == 4
    assert response.content == LONG
    assert response.headers["cache-control"] == "private, no-cache"


async def test_answers_that_depend_on_headers_are_told_apart() -> None:
    """`Vary: Accept-Language` makes a ready answer for each language, also when asked together."""

    def body(scope: Scope) -> bytes:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        return headers[b"accept-language"] * 600

    shared = {"Cache-Control": "public", "Vary": "Accept-Language, Accept-Encoding"}
    one = layer(Route(shared, body))
    languages = ("en", "zh", "en", "zh")
    first = await asyncio.gather(*(one.get(accept_language=language) for language in languages))
    calls = one.route.calls
    again = [await one.get(accept_language=language) for language in languages]
    packed = await one.get(accept_language="zh", accept_encoding="gzip")

    assert [response.text[:2] for response in (*first, *again)] == [*languages, *languages]
    assert one.route.calls <= calls + 1
    assert first[0].headers["vary"] == "accept-language, accept-encoding"
    assert packed.text == "zh" * 600


async def test_origins_are_named_where_answers_differ_by_them() -> None:
    """What stands further out may add headers by origin: caches on the way are told."""
    one = layer(vary="Origin", control=cache_control(60, 600))
    response = await one.get()

    assert response.headers["vary"] == "origin, accept-encoding"
    assert response.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=600"


async def test_it_stays_within_its_bytes() -> None:
    """The least used go first, compressed forms count, and too large ones are never kept."""
    one = layer(Route(body=lambda scope: scope["path"].encode() * 500), capacity=12_000)
    for path in ("/aaaa", "/bbbb", "/aaaa", "/cccc", "/aaaa", "/bbbb"):
        await one.get(path)
    calls = one.route.calls
    large = layer(Route(body=lambda _: LONG * 50), capacity=12_000)
    for _ in range(2):
        await large.get()
    entries = one.cache._entries  # noqa: SLF001 (what it holds is what this is about)

    assert calls == 4
    assert large.route.calls == 2
    assert len(entries) == 2
    await one.get("/bbbb", accept_encoding="gzip")
    size = one.cache._size  # noqa: SLF001 (the same)
    assert size == sum(
        entry.size + len("/bbbb") for entry in entries.values() if not isinstance(entry, tuple)
    )


async def test_long_addresses_count() -> None:
    """What leads to an entry takes memory as well; an address that is too long is not kept."""
    one = layer(capacity=12_000)
    for _ in range(2):
        await one.get("/x?q=" + "y" * 12_000)
    private = layer(Route({}))
    await private.get("/x?q=" + "y" * 12_000)

    assert one.route.calls == 2
    assert private.cache._private == {}  # noqa: SLF001 (what it holds is what this is about)


async def test_without_room_it_still_speaks_http() -> None:
    """A capacity of 0 keeps nothing; tags, compression and HEAD work all the same."""
    one = layer(capacity=0)
    tag = (await one.get()).headers["etag"]

    assert (await one.get(if_none_match=tag)).status_code == 304
    assert (await one.get(accept_encoding="gzip")).headers["content-encoding"] == "gzip"
    assert one.route.calls == 3


async def test_without_a_revision_nothing_is_kept() -> None:
    """Where the database does not say its revision, every request asks the route."""
    one = layer()
    one.watch.revision = None
    await one.get()
    await one.get()
    one.watch.revision = 1
    await one.get()
    await one.get()

    assert one.route.calls == 3


async def _together(one: Layer, number: int = 5) -> "list[asyncio.Task[httpx.Response]]":
    """Begin requests for the same, and let them all get as far as they can."""
    tasks = [asyncio.create_task(one.get()) for _ in range(number)]
    for _ in range(20):
        await asyncio.sleep(0)
    return tasks


async def test_concurrent_requests_ask_once() -> None:
    """Of many who ask for the same at the same time one asks the route; all get its answer."""
    one = layer(Route(gate=asyncio.Event()))
    tasks = await _together(one)
    tasks[3].cancel()
    assert one.route.gate is not None
    one.route.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert one.route.calls == 1
    assert [getattr(answer, "content", None) for answer in answers].count(LONG) == 4
    assert isinstance(answers[3], asyncio.CancelledError)


async def test_nobody_waits_twice_for_what_is_not_shared() -> None:
    """Those who waited for another's own answer ask for theirs, and the next do so at once."""
    one = layer(Route({"Cache-Control": "no-store"}, gate=asyncio.Event()))
    tasks = await _together(one)
    assert one.route.gate is not None
    one.route.gate.set()
    await asyncio.gather(*tasks)
    one.route.gate.clear()
    more = await _together(one)

    assert one.route.calls == 10
    one.route.gate.set()
    await asyncio.gather(*more)


async def test_a_failure_is_not_shared() -> None:
    """Where the first fails, each of the others asks for itself, and the next is kept again."""
    one = layer(Route(gate=asyncio.Event(), error=OSError("disk")))
    tasks = await _together(one, 3)
    assert one.route.gate is not None
    one.route.gate.set()
    failed = await asyncio.gather(*tasks, return_exceptions=True)
    one.route.error = None
    await one.get()
    await one.get()

    assert [type(one) for one in failed] == [OSError] * 3
    assert one.route.calls == 4


async def test_an_answer_from_before_a_change_is_not_kept() -> None:
    """What a route began to read at one revision is never given out at the next."""
    texts = iter([b"old" * 500, b"new" * 500])
    one = layer(Route(body=lambda _: next(texts), gate=asyncio.Event()))
    (early,) = await _together(one, 1)
    one.watch.revision = 2
    late = await _together(one, 2)
    assert one.route.gate is not None
    one.route.gate.set()
    answers = [task.text[:3] for task in await asyncio.gather(early, *late)]

    assert answers == ["old", "new", "new"]
    assert (await one.get()).text[:3] == "new"
    assert one.route.calls == 2


async def test_a_revision_that_comes_back_brings_nothing_back() -> None:
    """Even if the bank's revision is set back, an answer from before the change stays out."""
    texts = iter([b"old" * 500, b"new" * 500])
    one = layer(Route(body=lambda _: next(texts), gate=asyncio.Event()))
    (early,) = await _together(one, 1)
    assert one.route.gate is not None
    one.watch.revision = 2
    (late,) = await _together(one, 1)
    one.watch.revision = 1
    one.route.gate.set()
    await asyncio.gather(early, late)
    one.route.body = lambda _: b"now" * 500

    assert (await one.get()).text[:3] == "now"


def test_tags_are_compared_weakly() -> None:
    """A weak tag of ours is met by the strong form and the other way round."""
    assert matches(b'"a"', b'W/"a"')
    assert matches(b'W/"a"', b'"a"')
    assert not matches(b'"ab"', b'"a"')
