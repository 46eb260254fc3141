"""Whether the bank can be served: the database answers, and has the tables of this version."""

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.database import Database, expected_revision
from app.errors import NotReadyError


async def check_ready(database: Database) -> None:
    """Raise NotReadyError where the database does not answer or is of another version."""
    expected = expected_revision()
    try:
        async with database.reading() as db:
            found = await db.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        raise NotReadyError(found="-", expected=expected) from error
    if found != expected:
        raise NotReadyError(found=found, expected=expected)
