"""The migrations make exactly the tables that the models declare, and can be taken back."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from app.database import Database, alembic_config, expected_revision, migrate
from app.errors import DatabaseUrlError, NotReadyError
from app.services.filters import QuestionFilter
from app.services.health import check_ready
from app.services.questions import list_questions
from app.services.rendering import View


def tables(path: Path) -> set[str]:
    """Return the names of a SQLite file's own tables."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    connection.close()
    return {name for (name,) in found if not name.startswith("sqlite_")}


def rendered(path: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return both halves of the JSON of every question."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT rendered_prompt, rendered_answer FROM question").fetchall()
    connection.close()
    return [(json.loads(prompt), json.loads(answer)) for prompt, answer in rows]


def test_models_and_migrations_agree(url: str) -> None:
    """Alembic finds nothing that a new migration would have to change."""
    command.check(alembic_config(url))


def test_the_way_back_removes_everything(url: str, tmp_path: Path) -> None:
    """Downgrading to the beginning leaves only Alembic's own table."""
    command.downgrade(alembic_config(url), "base")

    assert tables(tmp_path / "bank.db") == {"alembic_version"}


def test_migrating_creates_file_and_folder(tmp_path: Path) -> None:
    """A first start needs no preparation."""
    path = tmp_path / "new" / "folder" / "bank.db"
    migrate(f"sqlite:///{path}")

    assert "question" in tables(path)


def test_migrating_twice_is_harmless(url: str, tmp_path: Path) -> None:
    """A second migration has nothing to do."""
    before = tables(tmp_path / "bank.db")
    migrate(url)

    assert tables(tmp_path / "bank.db") == before


async def test_another_version_is_not_ready(url: str, tmp_path: Path) -> None:
    """A database of another version is refused by name."""
    connection = sqlite3.connect(tmp_path / "bank.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    database = Database(url)
    with pytest.raises(NotReadyError) as caught:
        await check_ready(database)
    await database.close()

    assert caught.value.params == {"found": "9999", "expected": expected_revision()}


@pytest.mark.parametrize("url", ["mysql://host/bank", "sqlite://", "sqlite:///:memory:", "bank.db"])
def test_unusable_urls_are_refused(url: str) -> None:
    """What is neither a SQLite file nor PostgreSQL is refused before anything is opened."""
    with pytest.raises(DatabaseUrlError):
        Database(url)


def test_stored_questions_learn_the_new_members(seeded_url: str, tmp_path: Path) -> None:
    """The way back takes order and wordings out of the stored JSON, the way there puts them in."""
    path = tmp_path / "seeded.db"
    before = rendered(path)
    command.downgrade(alembic_config(seeded_url), "0002")
    old = rendered(path)
    migrate(seeded_url)

    assert "ordered" not in old[0][0]
    assert "accepted" not in old[0][1]["points"][0]
    assert rendered(path) == before


async def test_existing_questions_become_searchable(seeded_url: str) -> None:
    """A bank from before the search index is indexed as if it had been imported after."""
    await check_migrated_search(seeded_url)


async def check_migrated_search(url: str) -> None:
    """Take the search index of a seeded bank back and make it again, and hold it against before."""
    before = await _dump_index(url)
    command.downgrade(alembic_config(url), "0005")
    database = Database(url)
    async with database.reading() as db:
        texts = list(await db.scalars(sa.text("SELECT search_text FROM question")))
    await database.close()
    command.upgrade(alembic_config(url), "head")

    assert all("多模态" in text for text in texts)
    assert await _dump_index(url) == before
    assert len(before[0]) == 8


async def _dump_index(url: str) -> tuple[list[Any], list[Any], int]:
    """Return the words of all questions, the counts of all tokens, and what a search finds."""
    database = Database(url)
    async with database.reading() as db:
        words = (await db.execute(sa.text("SELECT * FROM search_document ORDER BY 1"))).all()
        counts = (await db.execute(sa.text("SELECT * FROM search_token"))).all()
    chosen = QuestionFilter(query="图像 -语音")
    page = await list_questions(database, chosen, limit=9, cursor=None, view=View.PROMPT)
    await database.close()
    return [*words], sorted(counts), len(page.items)
