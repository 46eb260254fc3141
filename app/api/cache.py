"""Ready responses: the outermost layer, which answers a repeated GET without asking any route.

It is plain HTTP and knows nothing of questions. A route shares its answer by sending
`Cache-Control: public`; what does not say so passes through untouched.
"""

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.revision import RevisionWatch

Headers = list[tuple[bytes, bytes]]
Key = tuple[str | bytes | None, ...]

_OK, _NOT_MODIFIED = 200, 304
_SMALLEST_COMPRESSED = 1024  # bytes; below, the header costs what compressing saves
_COMPRESSED_ASIDE = 100_000  # bytes; above, compressing would hold up other requests
_GZIP_LEVEL = 6
_OVERHEAD_BYTES = 2_000  # what an entry takes beside its bodies
_MOST_PRIVATE = 10_000
_LONGEST_PRIVATE = 500  # bytes of an address
_COMPRESSIBLE = (b"application/json", b"text/", b"application/javascript")
_TAG = re.compile(rb'(?:W/)?("[^"]*")')
_PERSONAL = b"private, no-cache"
_OWN_HEADERS = frozenset({b"cache-control", b"content-length", b"etag", b"vary"})
_NO_BODY: Message = {"type": "http.response.body", "body": b""}


@dataclass(frozen=True, slots=True)
class Variant:
    """A representation as it is sent: its entity tag, its headers, those of a 304, its bytes."""

    etag: bytes
    headers: Headers
    short_headers: Headers
    body: bytes


@dataclass(slots=True)
class Entry:
    """A ready response; `chosen_by` are the request's headers that it depends on."""

    plain: Variant
    chosen_by: Mapping[bytes, bytes | None]
    compressible: bool
    compressed: Variant | None = None

    @property
    def size(self) -> int:
        """Return the bytes that it takes."""
        more = len(self.compressed.body) if self.compressed else 0
        return _OVERHEAD_BYTES + len(self.plain.body) + more

    def fits(self, headers: Mapping[bytes, bytes]) -> bool:
        """Say whether this is the answer to a request with these headers."""
        return all(headers.get(name) == value for name, value in self.chosen_by.items())


def cache_control(max_age: int, stale: int) -> str:
    """Return what shared answers say of how long others may keep them, in seconds."""
    if not max_age and not stale:
        return "public, max-age=0, must-revalidate"
    return f"public, max-age={max_age}" + (f", stale-while-revalidate={stale}" if stale else "")


class ResponseCache:
    """ASGI middleware that keeps shared responses of one revision of the bank, within `capacity`.

    A revision is taken before a route is asked, and what the route reads is at least as new: so an
    answer may be newer than what it is kept under, never older. When the revision changes all is
    dropped, and what was being computed meanwhile is sent but not kept.
    """

    def __init__(
        self, app: ASGIApp, watch: RevisionWatch, *, capacity: int, control: str, vary: str = ""
    ) -> None:
        self._app = app
        self._watch = watch
        self._capacity = capacity
        self._control = control.encode()
        self._vary = tuple(vary.lower().encode().split())
        self._revision: int | None = None
        # Where a response depends on request headers, the names stand in place of an entry.
        self._entries: OrderedDict[Key, Entry | tuple[bytes, ...]] = OrderedDict()
        self._size = 0
        self._flights: dict[Key, asyncio.Future[Entry | None]] = {}
        self._private: dict[Key, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is ready, or ask the route and keep what it shares."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if b"authorization" in headers:
            # Whoever says who they are gets an answer of their own, whatever the route thinks.
            exchange = _Exchange(scope, receive, send, headers)
            entry = await self._pass(exchange)
            if entry is not None:
                await self._answer((), entry, exchange)
            return
        revision = self._watch.known()
        if revision is None:
            revision = await self._watch.ask()
        if revision != self._revision:
            self._start_over(revision)
        key: Key = (scope["path"], canonical_query(scope["query_string"]))
        entry = self._find(key, headers)
        exchange = _Exchange(scope, receive, send, headers)
        if entry is None:
            entry = await self._load(key, exchange)
        if entry is not None:
            await self._answer(key, entry, exchange)

    def _start_over(self, revision: int | None) -> None:
        self._revision = revision
        self._entries.clear()
        self._size = 0
        self._private.clear()
        # A new one: what is on its way belongs to the revision that it began under.
        self._flights = {}

    def _find(self, key: Key, headers: Mapping[bytes, bytes]) -> Entry | None:
        found = self._entries.get(key)
        if isinstance(found, tuple):
            key = _variant_key(key, found, headers)
            found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        assert isinstance(found, Entry)  # noqa: S101 (only first keys lead to names)
        return found

    async def _load(self, key: Key, exchange: "_Exchange") -> Entry | None:
        """Return the shared response, or pass on one that is not and return None.

        Of requests for the same at the same time one asks the route, the others wait for it.
        """
        if self._revision is None or key in self._private:
            return await self._pass(exchange)
        flight = self._flights.get(key)
        if flight is not None:
            # A waiting client that goes away must not take the others' answer with it.
            entry = await asyncio.shield(flight)
            if entry is not None and entry.fits(exchange.headers):
                return entry
            return await self._pass(exchange)
        return await self._lead(key, exchange)

    async def _lead(self, key: Key, exchange: "_Exchange") -> Entry | None:
        flights = self._flights
        flight = flights[key] = asyncio.get_running_loop().create_future()
        capture, entry = _Capture(exchange, flight), None
        try:
            entry = await self._ask(exchange, capture)
        finally:
            del flights[key]
            if not flight.done():
                flight.set_result(entry)
        if flights is self._flights:
            if entry is not None:
                self._keep(key, entry, exchange.headers)
            elif capture.status == _OK:
                self._remember_private(key)
        return entry

    async def _pass(self, exchange: "_Exchange") -> Entry | None:
        """Ask the route for this request alone."""
        return await self._ask(exchange, _Capture(exchange))

    async def _ask(self, exchange: "_Exchange", capture: "_Capture") -> Entry | None:
        """Ask the route; collect what it shares, send on at once what it does not."""
        scope = exchange.scope
        if exchange.is_head:
            # Routes need not know of HEAD: it is a GET whose body is not sent.
            scope = {**scope, "method": "GET"}
        await self._app(scope, exchange.receive, capture.send)
        return self._make_entry(capture, exchange.headers) if capture.shared else None

    def _make_entry(self, capture: "_Capture", asked: Mapping[bytes, bytes]) -> Entry:
        body = b"".join(capture.chunks)
        control = _PERSONAL if b"authorization" in asked else self._control
        names = _vary_names(capture.headers)
        compressible = len(body) >= _SMALLEST_COMPRESSED and dict(capture.headers).get(
            b"content-type", b""
        ).startswith(_COMPRESSIBLE)
        vary = [*names, *self._vary, *([b"accept-encoding"] if compressible else [])]
        kept = [pair for pair in capture.headers if pair[0].lower() not in _OWN_HEADERS]
        kept.append((b"cache-control", control))
        if vary:
            kept.append((b"vary", b", ".join(dict.fromkeys(vary))))
        tag = dict(capture.headers).get(b"etag") or entity_tag(body)
        chosen_by = {name: asked.get(name) for name in names}
        return Entry(_make_variant(tag, kept, body), chosen_by, compressible)

    def _remember_private(self, key: Key) -> None:
        """Let nobody wait for the answers to others' requests where each gets one of its own."""
        if _length(key) > _LONGEST_PRIVATE:
            return
        self._private[key] = None
        if len(self._private) > _MOST_PRIVATE:
            del self._private[next(iter(self._private))]

    def _keep(self, key: Key, entry: Entry, headers: Mapping[bytes, bytes]) -> None:
        if _size(key, entry) > self._capacity:
            return
        if entry.chosen_by:
            names = tuple(entry.chosen_by)
            self._put(key, names)
            key = _variant_key(key, names, headers)
        self._put(key, entry)

    def _put(self, key: Key, value: Entry | tuple[bytes, ...]) -> None:
        before = self._entries.pop(key, None)
        self._size += _size(key, value) - (_size(key, before) if before else 0)
        self._entries[key] = value
        self._shrink()

    def _shrink(self) -> None:
        while self._size > self._capacity:
            self._size -= _size(*self._entries.popitem(last=False))

    async def _answer(self, key: Key, entry: Entry, exchange: "_Exchange") -> None:
        variant = entry.plain
        if entry.compressible and accepts_gzip(exchange.headers.get(b"accept-encoding", b"")):
            variant = entry.compressed or await self._compress(key, entry)
        wanted = exchange.headers.get(b"if-none-match")
        if wanted is not None and matches(wanted, variant.etag):
            await exchange.send(_start(_NOT_MODIFIED, variant.short_headers))
            await exchange.send(_NO_BODY)
            return
        await exchange.send(_start(_OK, variant.headers))
        body = b"" if exchange.is_head else variant.body
        await exchange.send({"type": "http.response.body", "body": body})

    async def _compress(self, key: Key, entry: Entry) -> Variant:
        """Return the compressed representation, which is made once."""
        body = entry.plain.body
        if len(body) > _COMPRESSED_ASIDE:
            packed = await asyncio.to_thread(_gzip, body)
        else:
            packed = _gzip(body)
        if entry.compressed is None:
            # Another encoding is another representation, with a tag of its own (RFC 9110, 8.8.3).
            tag = entry.plain.etag[:-1] + b'-gzip"'
            headers = [pair for pair in entry.plain.headers if pair[0] not in _OWN_SIZE]
            headers.append((b"content-encoding", b"gzip"))
            entry.compressed = _make_variant(tag, headers, packed)
            key = _variant_key(key, tuple(entry.chosen_by), entry.chosen_by)
            if self._entries.get(key) is entry:
                self._size += len(packed)
                self._shrink()
        return entry.compressed


_OWN_SIZE = frozenset({b"content-length", b"etag"})


@dataclass(slots=True)
class _Exchange:
    """A request and where its answer goes."""

    scope: Scope
    receive: Receive
    send: Send
    headers: Mapping[bytes, bytes]

    @property
    def is_head(self) -> bool:
        return bool(self.scope["method"] == "HEAD")


@dataclass(slots=True)
class _Capture:
    """Takes what a route sends: a shared answer is collected, any other goes on to the client."""

    exchange: _Exchange
    flight: "asyncio.Future[Entry | None] | None" = None
    status: int = 0
    shared: bool = False
    headers: Headers = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        """Take a message."""
        if message["type"] == "http.response.start":
            self.headers = list(message.get("headers", ()))
            self.status = message["status"]
            self.shared = self.status == _OK and _is_shared(self.headers)
            if not self.shared:
                if self.flight is not None and not self.flight.done():
                    self.flight.set_result(None)
                await self.exchange.send(message)
        elif self.shared:
            self.chunks.append(message.get("body", b""))
        elif self.exchange.is_head and message["type"] == "http.response.body":
            await self.exchange.send({**message, "body": b""})
        else:
            await self.exchange.send(message)


def entity_tag(body: bytes) -> bytes:
    """Return the strong entity tag of a body: equal bytes have equal tags, in every process."""
    return b'"' + blake2b(body, digest_size=12).hexdigest().encode() + b'"'


def canonical_query(query: bytes) -> bytes:
    """Return a query with its parameters in order of their names, so that order does not matter.

    Values of one parameter keep their order.
    """
    if b"&" not in query:
        return query
    ordered = sorted(query.split(b"&"), key=_name)
    return b"&".join(ordered)


def _name(parameter: bytes) -> bytes:
    name, _, _ = parameter.partition(b"=")
    return name


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Say whether an If-None-Match names an entity tag, compared weakly (RFC 9110, 13.1.2)."""
    if if_none_match == etag or if_none_match.strip() == b"*":
        return True
    return etag.removeprefix(b"W/") in _TAG.findall(if_none_match)


@lru_cache(maxsize=256)
def accepts_gzip(accept_encoding: bytes) -> bool:
    """Say whether an Accept-Encoding allows gzip (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accept_encoding.lower().split(b","):
        coding, *parameters = (piece.strip() for piece in part.split(b";"))
        weight = next((one[2:] for one in parameters if one.startswith(b"q=")), b"1")
        weights[coding] = weight.strip(b"0.") != b""
    return weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", False)))


def _is_shared(headers: Sequence[tuple[bytes, bytes]]) -> bool:
    found = {name.lower(): value.lower() for name, value in headers}
    directives = {part.strip() for part in found.get(b"cache-control", b"").split(b",")}
    # What a route encodes itself would need its own rules for who can read it.
    own = found.keys() & {b"set-cookie", b"content-encoding"}
    return b"public" in directives and not own and found.get(b"vary") != b"*"


def _vary_names(headers: Headers) -> tuple[bytes, ...]:
    """Return which headers of the request a response depends on; the encoding is our own affair."""
    values = [value for name, value in headers if name.lower() == b"vary"]
    names = (name.strip().lower() for value in values for name in value.split(b","))
    return tuple(dict.fromkeys(name for name in names if name not in {b"", b"accept-encoding"}))


def _variant_key(key: Key, names: tuple[bytes, ...], headers: Mapping[bytes, bytes | None]) -> Key:
    return (*key, *(headers.get(name) for name in names))


def _make_variant(etag: bytes, headers: Headers, body: bytes) -> Variant:
    tagged = [*headers, (b"etag", etag)]
    short = [pair for pair in tagged if pair[0] in {b"cache-control", b"etag", b"vary"}]
    full = [*tagged, (b"content-length", b"%d" % len(body))]
    return Variant(etag, full, short, body)


def _start(status: int, headers: Headers) -> Message:
    # A list of its own: layers further out add to it.
    return {"type": "http.response.start", "status": status, "headers": headers.copy()}


def _size(key: Key, value: Entry | tuple[bytes, ...]) -> int:
    """Return the bytes that an entry takes; addresses can be longer than what they lead to."""
    return _length(key) + (value.size if isinstance(value, Entry) else _OVERHEAD_BYTES)


def _length(key: Key) -> int:
    return sum(len(part) for part in key if part)


def _gzip(body: bytes) -> bytes:
    # Without a time stamp, so that every process makes the same bytes of the same body.
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)
