"""Alembic's entry: which tables there should be, and which database to change."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from app import models
from app.config import Settings
from app.database import alembic_config


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write plain SQLAlchemy types into revisions, so that they outlive SQLModel and our models."""
    del autogen
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, models.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include_name(name: str | None, kind: str, parents: object) -> bool:
    """Pass over the search index and its parts: each engine has its own, and no model."""
    del parents
    return not (kind == "table" and name and name.startswith("search_index"))


def run_migrations() -> None:
    """Migrate the database that the caller named, or the one of the settings."""
    url = context.config.get_main_option("sqlalchemy.url") or alembic_config(
        Settings().database_url
    ).get_main_option("sqlalchemy.url")
    if url is None:  # pragma: no cover (alembic_config always sets it)
        raise ValueError("no database URL")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_item=render_item,
            include_name=include_name,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run_migrations()
