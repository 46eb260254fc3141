"""A PostgreSQL server of the tests' own: from Debian's packages, in a temporary directory."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg import sql

_DEBIAN = Path("/usr/lib/postgresql")
# Nothing here has to survive a crash of the machine, and many banks come and go.
_FAST = {"fsync": "off", "full_page_writes": "off"}

# Names sort as in a Chinese dictionary unless a query says otherwise, as servers may be set up.
_SORTING = ("--locale-provider=icu", "--icu-locale=zh")
# How soon a replica asks a primary that was away.
FOLLOW = {"wal_retrieve_retry_interval": "100ms"}


def find_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server that is installed, None without one."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return max(_DEBIAN.glob("*/bin"), default=None, key=lambda path: int(path.parent.name))


@dataclass(frozen=True, slots=True)
class Server:
    """A server whose files and socket are below a folder; `user` is who it runs as."""

    binaries: Path
    folder: Path
    port: int
    user: str | None

    @property
    def data(self) -> Path:
        """Return where its databases are."""
        return self.folder / "data"

    def url(self, database: str) -> str:
        """Return the URL of a database of the server, over its socket."""
        return f"postgresql://tiku@/{database}?host={self.folder}&port={self.port}"

    def create(self, database: str, template: str = "template1") -> str:
        """Create a database as a copy of another that nobody uses; return its URL."""
        with self.connect() as db:
            names = sql.Identifier(database), sql.Identifier(template)
            db.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, whoever still uses it."""
        with self.connect() as db:
            name = sql.Identifier(database)
            db.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def connect(self, database: str = "postgres") -> "psycopg.Connection":
        """Connect to a database, past the bank; each statement is its own transaction."""
        return psycopg.connect(self.url(database), autocommit=True)

    def start(self, **options: str) -> None:
        """Start the server, with options of its configuration."""
        chosen = {
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "127.0.0.1",
            **_FAST,
            **options,
        }
        given = " ".join(f"-c {name}={value}" for name, value in chosen.items())
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-l", self.folder / "log", "-o", given)

    def stop(self) -> None:
        """Stop the server at once, whoever uses it."""
        self.run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self.data)

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs as the server's user."""
        command = [str(self.binaries / program), *(str(part) for part in arguments)]
        subprocess.run(
            command, user=self.user, check=True, capture_output=True, cwd="/", timeout=60
        )


@contextmanager
def prepared_server() -> Iterator[Server]:
    """Give a server that has no files yet, in a folder of its own; skips the test without one."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(
            "no PostgreSQL server is installed (Debian: apt-get install postgresql); CI has it"
        )
    # Not below pytest's own folder, which each run of pytest closes to all users but its own.
    with TemporaryDirectory(prefix="tiku-postgres-") as folder:
        yield Server(binaries, Path(folder), free_port(), _server_user(Path(folder)))


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server with nothing in it."""
    with prepared_server() as server:
        server.run(
            "initdb", "--auth=trust", "--username=tiku", "-E", "UTF8", *_SORTING, "-D", server.data
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def running_replica(primary: Server) -> Iterator[Server]:
    """Run a streaming replica of a server: a hot standby."""
    with prepared_server() as replica:
        copied = ("-h", primary.folder, "-p", primary.port, "-U", "tiku", "-c", "fast")
        replica.run("pg_basebackup", *copied, "-R", "-X", "stream", "-D", replica.data)
        replica.start(**FOLLOW)
        try:
            yield replica
        finally:
            replica.stop()


def _server_user(folder: Path) -> str | None:
    """Return who the server runs as: PostgreSQL refuses root, so there it is its own user."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_name


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
