"""The tables of the bank, and the vocabulary of their columns."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Constraints need names: SQLite alters a table by copying it, and copies only what it can name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Status(StrEnum):
    """Whether a question is served: only `published` ones are."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ChangeAction(StrEnum):
    """What happened to a question, as followers of the bank see it."""

    UPSERT = "upsert"
    DELETE = "delete"
    MERGE = "merge"


def table_of(model: type[SQLModel]) -> sa.Table:
    """Return the table behind a model, for statements that take whole rows."""
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    return table


class Scope(StrEnum):
    """What an API key may do; `edit` includes everything that an editor does."""

    EDIT = "edit"


class UtcDateTime(TypeDecorator[datetime]):
    """Points in time, always aware and always UTC, also where the engine keeps no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give SQLite's naive values the zone they were written in."""
        del dialect
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Bank(SQLModel, table=True):
    """The bank itself, one row: `revision` counts the transactions that readers can see.

    Beside changes of questions these are moves, and new names of topics and sources.
    """

    __tablename__: ClassVar[str] = "bank"

    id: int = Field(default=None, primary_key=True)
    revision: int = Field(sa_type=sa.BigInteger)


class Source(SQLModel, table=True):
    """A document that questions were imported from; `slug` is its public name."""

    __tablename__: ClassVar[str] = "source"

    id: int = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title: str
    language: str | None = None
    format: str
    sha256: str
    url: str | None = None
    licence: str | None = None
    imported_at: datetime = Field(sa_type=UtcDateTime)


class Topic(SQLModel, table=True):
    """A node of the topic tree; `position` orders siblings."""

    __tablename__: ClassVar[str] = "topic"

    id: int = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    parent_id: int | None = Field(default=None, foreign_key="topic.id", index=True)
    position: int


class Question(SQLModel, table=True):
    """A question with its reference answer.

    `public_id` survives re-imports and is the same on every installation for the same source and
    question; `key` is the identity that the document itself gives, if it does. `position` is the
    place in the source. `revision` counts changes of the content.
    `ordered` says that an answer must give the points in their order.
    `completion` says what editors added to a question whose document breaks off.

    `rendered_prompt` and `rendered_answer` are the two halves of the question's JSON, written with
    the rows, so that no read builds it again.
    """

    __tablename__: ClassVar[str] = "question"
    __table_args__ = (
        sa.Index("ix_question_listing", "status", "source_id", "position", "id"),
        # Holds all that most filters ask for and draws are made from, so that the rows, fifty
        # times as large, need not be looked through.
        sa.Index(
            "ix_question_selection",
            "status",
            "topic_id",
            "difficulty",
            "kind",
            "language",
            "source_id",
            "position",
            "public_id",
        ),
    )

    id: int = Field(default=None, primary_key=True)
    public_id: uuid.UUID = Field(unique=True)
    source_id: int = Field(foreign_key="source.id")
    topic_id: int | None = Field(default=None, foreign_key="topic.id")
    key: str | None = None
    number: str | None = None
    position: int
    line: int | None = None
    title: str
    prompt: str
    answer: str
    explanation: str
    kind: str
    difficulty: int | None = None
    language: str
    ordered: bool
    status: str
    completion: str | None = None
    revision: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    rendered_prompt: str
    rendered_answer: str


class SearchDocument(SQLModel, table=True):
    """What a search compares of a published question: its `words`, see `app.search.words`.

    The index over them is `search_index`, with `rowid` and `tokens`: an FTS5 table on SQLite, a
    tsvector on PostgreSQL. Only the migrations know how it is made, so it has no model.
    """

    __tablename__: ClassVar[str] = "search_document"

    question_id: int = Field(primary_key=True, foreign_key="question.id")
    words: str


class SearchToken(SQLModel, table=True):
    """How many published questions have a token; the empty token counts all of them."""

    __tablename__: ClassVar[str] = "search_token"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: str = Field(primary_key=True)
    documents: int


class AnswerPoint(SQLModel, table=True):
    """One statement of a full answer; `position` counts from 1, `weight` is relative to 1."""

    __tablename__: ClassVar[str] = "answer_point"
    __table_args__ = (sa.UniqueConstraint("question_id", "position"),)

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE")
    position: int
    title: str | None = None
    text: str
    weight: float
    required: bool
    aliases: list[str] = Field(sa_type=sa.JSON)
    accepted: list[str] = Field(sa_type=sa.JSON)
    origin: str


class Choice(SQLModel, table=True):
    """One option of a multiple-choice question; `position` counts from 1."""

    __tablename__: ClassVar[str] = "choice"
    __table_args__ = (sa.UniqueConstraint("question_id", "position"),)

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE")
    position: int
    text: str
    correct: bool


class Tag(SQLModel, table=True):
    """A free keyword of questions."""

    __tablename__: ClassVar[str] = "tag"

    id: int = Field(default=None, primary_key=True)
    name: str = Field(unique=True)


class QuestionTag(SQLModel, table=True):
    """Which question has which tag."""

    __tablename__: ClassVar[str] = "question_tag"

    question_id: int = Field(foreign_key="question.id", primary_key=True, ondelete="CASCADE")
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)


class QuestionRevision(SQLModel, table=True):
    """What a question was before a change: its JSON, and the fields that were changed then.

    `author` is who made the change that ended this revision, `created_at` when.
    """

    __tablename__: ClassVar[str] = "question_revision"
    __table_args__ = (sa.UniqueConstraint("question_id", "revision"),)

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", ondelete="CASCADE")
    revision: int
    content: dict[str, Any] = Field(sa_type=sa.JSON)
    fields: list[str] = Field(sa_type=sa.JSON)
    author: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class Change(SQLModel, table=True):
    """The bank's history in order; `sequence` is what followers count by.

    It names questions by their public id, so that it outlives the rows.
    """

    __tablename__: ClassVar[str] = "change"
    # Sequences are promised never to come again, which SQLite only keeps with AUTOINCREMENT.
    __table_args__ = ({"sqlite_autoincrement": True},)

    sequence: int = Field(default=None, primary_key=True)
    question_public_id: uuid.UUID = Field(index=True)
    action: str
    reason: str | None = None
    replaced_by: uuid.UUID | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)


class ApiKey(SQLModel, table=True):
    """A key that lets a program or a person do what its scopes say.

    Only the SHA-256 of the secret is kept: a key has too much chance in it to be guessed from that.
    `prefix` is the visible beginning, by which people and logs tell keys apart.
    """

    __tablename__: ClassVar[str] = "api_key"

    id: int = Field(default=None, primary_key=True)
    prefix: str = Field(unique=True)
    secret_hash: str
    name: str
    scopes: list[str] = Field(sa_type=sa.JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
