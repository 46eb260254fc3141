"""The call to a language model that checks answers beside the embedded check."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

import httpx

from app.config import Settings
from app.grading.remote import MOST_REPLY_CHARACTERS, ask, read_completion
from app.grading.verdict import Fallback, ReferencePoint

_log = logging.getLogger(__name__)
_MOST_BYTES = 8 * MOST_REPLY_CHARACTERS  # a character may take several, and be escaped
_FAILURES = 3  # in a row, after which the endpoint is left alone for a while
_REST = 30.0  # seconds
_LONGEST_REST = 600.0  # whatever the endpoint asks for
_WORKING = frozenset({Fallback.UNREADABLE, Fallback.TOO_LONG, Fallback.BUSY})
_RATE_LIMITED = 429
_WAITING_SHARE = 0.5  # of the time-out that may go by before there is a place


class RemoteGrader:
    """An endpoint that speaks OpenAI's chat completions; never raises, but says why it has none.

    After three failures in a row, or when it says that it is asked too often, it is left alone for
    a while, so that an endpoint that is dead does not cost a time-out a check; then one call tries.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.concurrency = settings.grader_concurrency
        self.model = settings.grader_model
        key = settings.grader_key.get_secret_value()
        self._seconds = settings.grader_timeout
        self._clock = clock
        self._places = asyncio.Semaphore(self.concurrency)
        self._failures = 0
        self._rests_until = 0.0
        self._trying = False
        self._url = f"{settings.grader_url.rstrip('/')}/chat/completions"
        self._client = httpx.AsyncClient(
            # Uncompressed, so that what is counted is what arrives.
            headers={"Accept-Encoding": "identity"}
            | ({"Authorization": f"Bearer {key}"} if key else {}),
            timeout=self._seconds,
            limits=httpx.Limits(max_connections=self.concurrency),
            follow_redirects=False,  # the key and the answer go to no address but the one set
        )

    async def grade(
        self, question: str, points: Sequence[ReferencePoint], answer: str
    ) -> str | Fallback:
        """Return what the model wrote, or why there is nothing."""
        if self._trying or self._clock() < self._rests_until:
            return Fallback.RESTING
        tries = self._failures >= _FAILURES
        self._trying = tries
        try:
            outcome = await self._call(ask(self.model, question, points, answer))
        finally:
            if tries:
                self._trying = False
        self._remember(outcome)
        return outcome

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _call(self, body: dict[str, object]) -> str | Fallback:
        try:
            async with asyncio.timeout(self._seconds * _WAITING_SHARE):
                await self._places.acquire()
        except TimeoutError:
            return Fallback.BUSY
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(body)
        except (TimeoutError, httpx.TimeoutException):
            return Fallback.TIMEOUT
        except httpx.HTTPError as error:
            _log.warning("the remote grader cannot be reached: %s", type(error).__name__)
            return Fallback.UNREACHABLE
        finally:
            self._places.release()

    async def _post(self, body: dict[str, object]) -> str | Fallback:
        async with self._client.stream("POST", self._url, json=body) as response:
            if (fallback := self._refusal(response)) is not None:
                return fallback
            received = bytearray()
            async for part in response.aiter_raw():
                received += part
                if len(received) > _MOST_BYTES:
                    return Fallback.TOO_LONG
        return read_completion(bytes(received)) or Fallback.UNREADABLE

    def _refusal(self, response: httpx.Response) -> Fallback | None:
        if response.is_success:
            return None
        _log.warning("the remote grader answered %d", response.status_code)
        if response.status_code == _RATE_LIMITED:
            self._rest(_seconds_asked_for(response))
            return Fallback.RATE_LIMITED
        if response.is_redirect:
            return Fallback.REDIRECTED
        return Fallback.REFUSED if response.is_client_error else Fallback.FAILED

    def _remember(self, outcome: str | Fallback) -> None:
        if not isinstance(outcome, Fallback) or outcome in _WORKING:
            if outcome is not Fallback.BUSY:
                self._failures = 0
            return
        self._failures += 1
        if self._failures >= _FAILURES:
            self._rest(_REST)

    def _rest(self, seconds: float) -> None:
        until = self._clock() + min(seconds, _LONGEST_REST)
        self._rests_until = max(self._rests_until, until)


def _seconds_asked_for(response: httpx.Response) -> float:
    """Return what Retry-After asks for; a date, or nothing, is the usual rest."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else _REST
