"""The migrations make exactly the tables that the models declare, and can be taken back."""

import json
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


def fetch(url: str, statement: str) -> list[Any]:
    """Return the rows of a statement, which may also be one that changes the bank by hand."""
    engine = sa.create_engine(alembic_config(url).get_main_option("sqlalchemy.url") or "")
    with engine.begin() as db:
        result = db.execute(sa.text(statement))
        found = list(result) if result.returns_rows else []
    engine.dispose()
    return found


def tables(url: str) -> set[str]:
    """Return the names of a bank's own tables."""
    engine = sa.create_engine(alembic_config(url).get_main_option("sqlalchemy.url") or "")
    found = set(sa.inspect(engine).get_table_names())
    engine.dispose()
    return found


def rendered(url: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return both halves of the JSON of every question."""
    rows = fetch(url, "SELECT rendered_prompt, rendered_answer FROM question ORDER BY id")
    return [(json.loads(prompt), json.loads(answer)) for prompt, answer in rows]


def test_models_and_migrations_agree(url: str) -> None:
    """Alembic finds nothing that a new migration would have to change."""
    command.check(alembic_config(url))


def test_the_way_back_removes_everything(url: str) -> None:
    """Downgrading to the beginning leaves only Alembic's own table."""
    command.downgrade(alembic_config(url), "base")

    assert tables(url) == {"alembic_version"}


def test_migrating_creates_file_and_folder(tmp_path: Path) -> None:
    """A first start needs no preparation."""
    url = f"sqlite:///{tmp_path / 'new' / 'folder' / 'bank.db'}"
    migrate(url)

    assert "question" in tables(url)


def test_migrating_twice_is_harmless(url: str) -> None:
    """A second migration has nothing to do."""
    before = tables(url)
    migrate(url)

    assert tables(url) == before


async def test_another_version_is_not_ready(url: str) -> None:
    """A database of another version is refused by name."""
    fetch(url, "UPDATE alembic_version SET version_num = '9999'")
    database = Database(url)
    with pytest.raises(NotReadyError) as caught:
        await check_ready(database)
    await database.close()

    assert caught.value.params == {"found": "9999", "expected": expected_revision()}


@pytest.mark.parametrize(
    "url",
    [
        "mysql://host/bank",
        "sqlite://",
        "sqlite:///:memory:",
        "bank.db",
        "postgresql://host/bank?prepare_threshold=never",
    ],
)
def test_unusable_urls_are_refused(url: str) -> None:
    """What is neither a SQLite file nor PostgreSQL is refused before anything is opened."""
    with pytest.raises(DatabaseUrlError):
        Database(url)


def test_stored_questions_learn_the_new_members(seeded_url: str) -> None:
    """The way back takes order and wordings out of the stored JSON, the way there puts them in."""
    before = rendered(seeded_url)
    command.downgrade(alembic_config(seeded_url), "0002")
    old = rendered(seeded_url)
    migrate(seeded_url)

    assert "ordered" not in old[0][0]
    assert "accepted" not in old[0][1]["points"][0]
    assert rendered(seeded_url) == before


async def test_existing_questions_become_searchable(seeded_url: str) -> None:
    """A bank from before the search index is indexed as if it had been imported after."""
    before = await _dump_index(seeded_url)
    command.downgrade(alembic_config(seeded_url), "0005")
    texts = fetch(seeded_url, "SELECT search_text FROM question")
    command.upgrade(alembic_config(seeded_url), "head")

    assert all("多模态" in text for (text,) in texts)
    assert await _dump_index(seeded_url) == before
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
