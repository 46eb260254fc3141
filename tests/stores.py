"""Banks for tests on either engine, made quickly: copies of ones that were filled once."""

import asyncio
import shutil
from abc import ABC, abstractmethod
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from app.database import Database, migrate
from seed.__main__ import plant
from tests.postgres import Server

ENGINES = ("sqlite", "postgres")


class Store(ABC):
    """Makes banks of an engine, and keeps what they are copies of."""

    def __init__(self) -> None:
        self._numbers = count()
        self._templates: set[str] = set()

    def make(self, *, seeded: bool = False) -> str:
        """Return the URL of a new bank, which is migrated and has the seed or nothing."""
        template = "seeded" if seeded else "empty"
        if template not in self._templates:
            migrate(self.make_bare(template))
            if seeded:
                asyncio.run(_seed(self._url(template)))
            self._templates.add(template)
        name = f"bank_{next(self._numbers)}"
        self._copy(template, name)
        return self._url(name)

    @abstractmethod
    def make_bare(self, name: str) -> str:
        """Return the URL of a new database that was never migrated."""

    @abstractmethod
    def remove(self, url: str) -> None:
        """Remove a bank that nobody needs any more."""

    @abstractmethod
    def _url(self, name: str) -> str: ...

    @abstractmethod
    def _copy(self, template: str, name: str) -> None: ...


class SqliteStore(Store):
    """Banks as files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def make_bare(self, name: str) -> str:
        """Return the URL of a file that is not there: the migrations make it."""
        return self._url(name)

    def remove(self, url: str) -> None:
        """Remove the file, and those beside it."""
        path = Path(str(sa.make_url(url).database))
        for one in path.parent.glob(f"{path.name}*"):
            one.unlink()

    def _url(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.db"

    def _copy(self, template: str, name: str) -> None:
        shutil.copy(self._path(template), self._path(name))


class PostgresStore(Store):
    """Banks as databases of a server."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server

    def make_bare(self, name: str) -> str:
        """Return the URL of an empty database."""
        return self.server.create(name)

    def remove(self, url: str) -> None:
        """Drop the database."""
        self.server.drop(str(sa.make_url(url).database))

    def _url(self, name: str) -> str:
        return self.server.url(name)

    def _copy(self, template: str, name: str) -> None:
        self.server.create(name, template)


async def _seed(url: str) -> None:
    database = Database(url)
    await plant(database)
    await database.close()
