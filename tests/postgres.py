"""A PostgreSQL server of the tests' own: from Debian's packages, in a temporary directory."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_DEBIAN = Path("/usr/lib/postgresql")


def find_binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL server that is installed, None without one."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    return max(_DEBIAN.glob("*/bin"), default=None, key=lambda path: int(path.parent.name))


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """Run a server whose files are below `folder`; give the URL of its empty database."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(
            "no PostgreSQL server is installed (Debian: apt-get install postgresql); CI has it"
        )
    user = _server_user(folder)
    data, port = folder / "data", free_port()
    _run(user, binaries / "initdb", "--auth=trust", "--username=tiku", "-E", "UTF8", "-D", data)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    _run(user, binaries / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options)
    try:
        _run(user, binaries / "createdb", "-h", "127.0.0.1", "-p", port, "-U", "tiku", "bank")
        yield f"postgresql://tiku@127.0.0.1:{port}/bank"
    finally:
        _run(user, binaries / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", data)


def _server_user(folder: Path) -> str | None:
    """Return who the server runs as: PostgreSQL refuses root, so there it is its own user."""
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    # pytest's own folders are closed to others, and the server has to pass through them.
    for parent in folder.parents:
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    return user.pw_name


def _run(user: str | None, *command: object) -> None:
    arguments = [str(part) for part in command]
    subprocess.run(arguments, user=user, check=True, capture_output=True, cwd="/", timeout=60)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
