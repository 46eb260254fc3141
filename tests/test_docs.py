"""What the documentation promises to list, it lists."""

import hashlib
import re
import tomllib

import pytest

from app.config import ROOT, Settings
from app.documents.diff import Verdict
from app.errors import TikuError
from app.grading.verdict import Fallback
from app.services.exporting import Format
from tests.test_openapi import OPERATIONS

DOCS = ROOT / "docs"


def read(name: str) -> str:
    """Return a page of the documentation."""
    return (DOCS / name).read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    """A setting stands in docs/settings.md with its default and its meaning."""
    field = Settings.model_fields[name]
    row = re.search(
        rf"^\| `TIKU_{name.upper()}` \| `(.*)` \| (.*) \|$", read("settings.md"), re.MULTILINE
    )

    assert row, f"TIKU_{name.upper()} is missing"
    assert row[1] == str(field.default)
    assert field.description
    assert row[2].startswith(field.description.rstrip("."))


@pytest.mark.parametrize("path", sorted({path for path, _, _ in OPERATIONS}))
def test_every_endpoint_is_documented(path: str) -> None:
    """A route stands in docs/api.md."""
    assert f"`{path}`" in read("api.md")


@pytest.mark.parametrize("error", TikuError.__subclasses__(), ids=lambda error: error.kind)
def test_every_problem_is_documented(error: type[TikuError]) -> None:
    """A kind of problem stands in docs/api.md with its status."""
    assert f"| `{error.kind}` | {error.status} |" in read("api.md")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_of_a_plan_is_documented(verdict: Verdict) -> None:
    """What can become of a question stands in docs/importing.md."""
    assert f"| `{verdict}` |" in read("importing.md")


@pytest.mark.parametrize("fallback", Fallback)
def test_every_fallback_is_documented(fallback: Fallback) -> None:
    """Why a remote grader had no part stands in docs/answer-check.md."""
    assert f"| `{fallback}` |" in read("answer-check.md")


@pytest.mark.parametrize("format_", Format)
def test_every_format_is_documented(format_: Format) -> None:
    """What a bank can be exported as stands in docs/api.md."""
    assert f"`{format_}`" in read("api.md")


def test_every_package_has_its_reason() -> None:
    """A dependency stands in docs/dependencies.md."""
    page = read("dependencies.md")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    packages = [one for group in groups for one in group if isinstance(one, str)]
    names = [re.split(r"[^\w-]", package)[0] for package in packages]

    assert "fastapi" in names
    assert [name for name in names if name not in page] == []


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs"])
def test_links_lead_somewhere(page: str) -> None:
    """Relative links in the documentation point to files that exist."""
    path = ROOT / page
    for file in path.rglob("*.md") if path.is_dir() else [path]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_the_seed_document_is_untouched() -> None:
    """The source document is there byte for byte; the overlay holds what editors add."""
    digest = hashlib.sha256((ROOT / "seed" / "multimodal-llm.md").read_bytes()).hexdigest()

    assert digest == "bba13af73cdd13cfa4913bf420a9e0ff20527d0d2c58528b69c07f75648c7a43"
