"""Where a page of a list ends, as an opaque word for the client to bring back."""

import base64
import binascii
import hashlib
from collections.abc import Sequence

import orjson

from app.errors import BadCursorError


def make_cursor(place: Sequence[int | str], *belongs_to: object) -> str:
    """Return a cursor for a place in the list that `belongs_to` describes."""
    packed = orjson.dumps([*place, _fingerprint(belongs_to)])
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(cursor: str, *belongs_to: object) -> Sequence[object]:
    """Return the place of a cursor; BadCursorError for one that this list did not give out."""
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place: Sequence[object]
        *place, fingerprint = orjson.loads(packed)
    except (binascii.Error, ValueError, TypeError) as error:
        raise BadCursorError(field="cursor", cursor=cursor) from error
    if fingerprint != _fingerprint(belongs_to):
        raise BadCursorError(field="cursor", cursor=cursor)
    return place


def _fingerprint(belongs_to: tuple[object, ...]) -> str:
    """Tell lists apart, so that a cursor cannot wander from one into another."""
    return hashlib.sha256(repr(belongs_to).encode()).hexdigest()[:12]
