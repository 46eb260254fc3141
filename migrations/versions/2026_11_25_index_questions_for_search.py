"""Index questions for search."""

import orjson
import sqlalchemy as sa
from alembic import op

from app.services.indexing import index_words, words_of_rendered
from app.text import fold

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    """Apply this revision."""
    op.create_table(
        "search_document",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_search_document_question_id")
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_search_document")),
    )
    op.create_table(
        "search_token",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search_token")),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "sqlite":
        # No texts, no places and no lengths: words are compared elsewhere.
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5("
            "tokens, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars '+#.'\")"
        )
    else:
        op.execute(
            "CREATE TABLE search_index (rowid INTEGER PRIMARY KEY, tokens TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_index_tokens ON search_index USING gin (tokens)")
    _index_questions()
    op.drop_column("question", "search_text")


def _index_questions() -> None:
    """Index what is published, some questions at a time, so that memory stays bounded."""
    db = op.get_bind()
    read = sa.text(
        "SELECT id, rendered_prompt, rendered_answer FROM question"
        " WHERE status = 'published' AND id > :last ORDER BY id LIMIT :most"
    )
    last = 0
    while rows := db.execute(read, {"last": last, "most": _AT_ONCE}).all():
        last = rows[-1].id
        index_words(db, {row.id: words_of_rendered(row[1], row[2]) for row in rows})


def downgrade() -> None:
    """Take this revision back."""
    op.add_column(
        "question", sa.Column("search_text", sa.String(), nullable=False, server_default="")
    )
    _restore_search_text()
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("question", "search_text", server_default=None)
    for table in ("search_index", "search_token", "search_document"):
        op.execute(f"DROP TABLE {table}")


def _restore_search_text() -> None:
    """Write the column that the earlier search looked through."""
    db = op.get_bind()
    read = sa.text(
        "SELECT id, rendered_prompt, rendered_answer FROM question"
        " WHERE id > :last ORDER BY id LIMIT :most"
    )
    write = sa.text("UPDATE question SET search_text = :text WHERE id = :id")
    last = 0
    while rows := db.execute(read, {"last": last, "most": _AT_ONCE}).all():
        last = rows[-1].id
        db.execute(write, [{"id": row.id, "text": _search_text(row[1], row[2])} for row in rows])


def _search_text(prompt: str, answer: str) -> str:
    asked, answered = orjson.loads(prompt), orjson.loads(answer)
    parts = [asked["title"], asked["prompt"], answered["answer"], answered["explanation"]]
    parts += [choice["text"] for choice in asked["choices"]] + asked["tags"]
    parts += [
        said
        for point in answered["points"]
        for said in (*point["aliases"], *point.get("accepted", ()))
    ]
    return "\n".join(fold(part) for part in parts if part)
