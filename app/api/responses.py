"""Answers that are ready bytes: shared with everybody, or for one request alone."""

from starlette.responses import Response

_JSON = "application/json"


def share_json(body: bytes) -> Response:
    """Return an answer that is the same for all who ask: caches may keep it, ours does."""
    return Response(body, headers={"Cache-Control": "public"}, media_type=_JSON)


def send_json(body: bytes) -> Response:
    """Return an answer that nobody may keep."""
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=_JSON)
