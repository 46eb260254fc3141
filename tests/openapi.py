"""The API as last agreed on: `python -m tests.openapi` writes it anew after a meant change."""

import json
from pathlib import Path

from app.config import Settings
from app.main import create_app

SNAPSHOT = Path(__file__).with_name("openapi.json")


def current() -> str:
    """Return the OpenAPI document of the code as it is, as stable text."""
    document = create_app(Settings(database_url="sqlite:///unused.db")).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    SNAPSHOT.write_text(current())
