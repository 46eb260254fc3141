"""Settings: every one is an environment variable `TIKU_…`, documented in docs/settings.md."""

import json
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import BadSettingError

ROOT = Path(__file__).resolve().parent.parent


def _check_endpoint(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError("not an http or https URL")
    return url


class Settings(BaseSettings):
    """What an operator can choose; the defaults run the bank on one SQLite file."""

    model_config = SettingsConfigDict(env_prefix="TIKU_", env_file=".env", extra="ignore")

    database_url: str = Field(
        default="sqlite:///var/tiku.db",
        description="Where the bank is: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    database_replica_url: str = Field(
        default="",
        description="A streaming replica of the bank on PostgreSQL, which answers reads.",
    )
    host: str = Field(default="127.0.0.1", description="The address that the server listens on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="The port that it listens on.")
    workers: int = Field(default=1, ge=1, le=64, description="How many processes serve requests.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log record that is written."
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default=[],
        description='Origins whose pages may call the API, as a JSON list; `["*"]` allows all.',
    )
    engine: Literal["hybrid", "lexical"] = Field(
        default="hybrid",
        description="What checks answers: `hybrid`, words and a network, or `lexical`, words only.",
    )
    check_workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many processes check answers.",
    )
    check_queue: int = Field(
        default=32,
        ge=0,
        le=10_000,
        description="How many requests may wait for a check.",
    )
    check_seconds: float = Field(
        default=20.0, gt=0, description="The longest time that one check may take, in seconds."
    )
    max_checks: int = Field(
        default=100, ge=1, le=1_000, description="The most answers in one batch of checks."
    )
    grader_url: Annotated[str, AfterValidator(_check_endpoint)] = Field(
        default="",
        description="Where a language model checks answers too: the base URL of an "
        "OpenAI-compatible endpoint.",
    )
    grader_model: str = Field(
        default="", validate_default=True, description="The name of the model there."
    )
    grader_key: SecretStr = Field(
        default=SecretStr(""), description="The key that the endpoint wants, if it wants one."
    )
    grader_timeout: float = Field(
        default=20.0, gt=0, description="How long the endpoint may take for an answer, in seconds."
    )
    grader_concurrency: int = Field(
        default=4, ge=1, le=256, description="How many answers the endpoint is sent at a time."
    )
    cache_bytes: int = Field(
        default=64_000_000,
        ge=0,
        description="What ready responses may take in each process, in bytes; 0 keeps none.",
    )
    selection_bytes: int = Field(
        default=64_000_000,
        ge=0,
        description="What the lists of ids that draws are made from may take, in bytes.",
    )
    cache_max_age: int = Field(
        default=0,
        ge=0,
        description="For how many seconds browsers and CDNs may reuse a shared answer unasked.",
    )
    cache_stale: int = Field(
        default=0,
        ge=0,
        description="For how many seconds more they may use it while they ask for a new one.",
    )
    max_body_bytes: int = Field(
        default=2**20, ge=1, description="The largest request body, in bytes."
    )
    max_answer_characters: int = Field(
        default=20_000, ge=1, description="The longest answer that is checked, in characters."
    )
    max_document_bytes: int = Field(
        default=20_000_000, ge=1, description="The largest document that is read, in bytes."
    )
    max_document_lines: int = Field(
        default=400_000, ge=1, description="The most lines of a document."
    )
    max_line_characters: int = Field(
        default=1_000_000, ge=1, description="The longest line of a document, in characters."
    )
    max_document_headings: int = Field(
        default=25_000, ge=1, description="The most headings of a document."
    )
    max_document_questions: int = Field(
        default=20_000, ge=1, description="The most questions of a document."
    )
    max_nesting: int = Field(
        default=40,
        ge=1,
        le=100,
        description="How deep lists and quotations may stand in each other before they are text.",
    )
    max_topic_depth: int = Field(
        default=20, ge=1, le=100, description="How deep topics may stand below each other."
    )
    max_reading_seconds: float = Field(
        default=60, gt=0, description="The longest that reading one document may take, in seconds."
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _read_list(cls, value: object) -> object:
        """Read a JSON list here, where a fault is the setting's and not the reader's."""
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError('not a JSON list such as ["https://app.example.org"]') from error

    @field_validator("database_replica_url")
    @classmethod
    def _replica_of_postgres(cls, url: str, info: ValidationInfo) -> str:
        if url and not all(
            one.startswith("postgresql") for one in (url, info.data.get("database_url", ""))
        ):
            raise ValueError("is a postgresql:// URL, as TIKU_DATABASE_URL then has to be")
        return url

    @field_validator("grader_model")
    @classmethod
    def _model_with_url(cls, model: str, info: ValidationInfo) -> str:
        if info.data.get("grader_url") and not model:
            raise ValueError("is needed with TIKU_GRADER_URL")
        return model


def load_settings() -> Settings:
    """Return the settings of this process; raises BadSettingError that names the variable."""
    try:
        return Settings()
    except UnicodeDecodeError as error:
        raise BadSettingError(name=".env", reason="not UTF-8") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = f"TIKU_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise BadSettingError(name=name, reason=first["msg"]) from error
