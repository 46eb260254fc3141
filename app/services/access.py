"""API keys: made, listed and revoked by whoever runs the bank, and held against requests."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app.errors import KeyNeededError, ScopeNeededError, UnknownKeyError
from app.models import ApiKey, Scope

_MARK = "tk_"  # what secret scanners can look for
_PREFIX_LENGTH = len(_MARK) + 8
_SECRET_BYTES = 30


@dataclass(frozen=True, slots=True)
class KeySummary:
    """A key without its secret."""

    prefix: str
    name: str
    scopes: Sequence[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> Literal["valid", "expired", "revoked"]:
        """Return whether the key opens anything at this time, or why not."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at and now >= self.expires_at else "valid"


async def create_key(
    db: AsyncConnection,
    *,
    name: str,
    scopes: Sequence[Scope],
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Make a key and return it; it cannot be had again."""
    key = _MARK + secrets.token_urlsafe(_SECRET_BYTES)
    await db.execute(
        sa.insert(ApiKey).values(
            prefix=key[:_PREFIX_LENGTH],
            secret_hash=_hash(key),
            name=name,
            scopes=[scope.value for scope in scopes],
            created_at=now,
            expires_at=expires_at,
        )
    )
    return key


async def list_keys(db: AsyncConnection) -> list[KeySummary]:
    """Return all keys, the oldest first."""
    rows = await db.execute(_summaries().order_by(col(ApiKey.id)))
    return [KeySummary(**row) for row in rows.mappings()]


async def revoke_key(db: AsyncConnection, prefix: str, *, now: datetime) -> None:
    """Take a key out of use at once; raises UnknownKeyError, also for one that is revoked."""
    result = await db.execute(
        # In an emergency one pastes the whole key.
        sa.update(ApiKey)
        .where(col(ApiKey.prefix) == prefix[:_PREFIX_LENGTH], col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    if not result.rowcount:
        raise UnknownKeyError(prefix=prefix[:_PREFIX_LENGTH])


async def require_scope(
    db: AsyncConnection, key: str | None, scope: Scope, *, now: datetime
) -> KeySummary:
    """Return the summary of a key that opens `scope`.

    Raises KeyNeededError for no key or one that is unknown, expired or revoked: which of these it
    is would help whoever is guessing. Raises ScopeNeededError for a valid key of another scope.
    """
    if key is None:
        raise KeyNeededError
    row = (
        (
            await db.execute(
                _summaries(col(ApiKey.secret_hash)).where(
                    col(ApiKey.prefix) == key[:_PREFIX_LENGTH]
                )
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None or not hmac.compare_digest(row["secret_hash"], _hash(key)):
        raise KeyNeededError
    summary = KeySummary(**{name: value for name, value in row.items() if name != "secret_hash"})
    if summary.state(now) != "valid":
        raise KeyNeededError
    if scope not in summary.scopes:
        raise ScopeNeededError(scope=scope)
    return summary


def _summaries(*more: Mapped[str]) -> sa.Select[*tuple[object, ...]]:
    return sa.select(
        col(ApiKey.prefix),
        col(ApiKey.name),
        col(ApiKey.scopes),
        col(ApiKey.created_at),
        col(ApiKey.expires_at),
        col(ApiKey.revoked_at),
        *more,
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
