"""The requests of the READMEs: `python -m tests.readme` writes their answers anew."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.config import ROOT

PAGES = ("README.md", "README.zh-CN.md")
_BASE = "http://127.0.0.1:8000"
_EXAMPLE = re.compile(r"```console\n\$ (curl .*?)\n```\n\n```json\n(.*?)\n```", re.DOTALL)
_WIDTH = 96
_TIME = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Example:
    """A command as a reader would copy it, and the JSON that stands below it."""

    page: str
    command: str
    answer: str


def examples() -> Iterator[Example]:
    """Yield the examples of both pages."""
    for page in PAGES:
        for command, answer in _EXAMPLE.findall((ROOT / page).read_text()):
            yield Example(page, command, answer)


def run(command: str, base: str) -> Any:
    """Run a command against a server elsewhere; return its JSON without its moments."""
    shell = ["bash", "-c", command.replace(_BASE, base)]
    output = subprocess.run(shell, capture_output=True, check=True, timeout=30).stdout
    return _timeless(json.loads(output))


def _timeless(value: Any) -> Any:
    """Replace the times that differ from one seed to the next."""
    if isinstance(value, dict):
        return {
            key: _TIME if key in {"updated_at", "imported_at"} else _timeless(member)
            for key, member in value.items()
        }
    return [_timeless(member) for member in value] if isinstance(value, list) else value


def compact(value: Any, indent: str = "") -> str:
    """Return JSON with a line for whatever fits on one, as a person would lay it out."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    deeper = f"{indent}  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {compact(member, deeper)}" for key, member in value.items()]
    else:
        parts = [compact(member, deeper) for member in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closing}"


def main() -> None:
    """Run all examples against the server on the standard port, and write their answers."""
    for page in PAGES:
        path = ROOT / page

        def answer(match: re.Match[str]) -> str:
            body = compact(run(match[1], _BASE))
            return f"```console\n$ {match[1]}\n```\n\n```json\n{body}\n```"

        path.write_text(_EXAMPLE.sub(answer, path.read_text()))


if __name__ == "__main__":
    main()
