"""`tiku check-bank`: the questions of a bank that cannot be checked well."""

import asyncio
import json

import pytest

from app.config import ROOT
from app.database import Database
from app.documents.document import Choice, Document, Point, QuestionKind
from app.grading.audit import FaultKind
from app.messages import names
from app.services.importing import import_document
from tests.conftest import NOW
from tests.factories import make_document, make_item
from tests.test_command_line import run

GOOD = make_item("什么是缓存？", number="1", tags=("good",))
ALIKE = make_item(
    "持久性是什么？",
    number="2",
    answer="- 提交后数据不丢失。\n- 提交之后数据不丢失。",
    points=(Point("提交后数据不丢失。"), Point("提交之后数据不丢失。")),
)
NO_KEY = make_item(
    "哪个是栈？",
    number="3",
    answer="",
    points=(),
    kind=QuestionKind.MULTIPLE_CHOICE,
    choices=(Choice("A", correct=False), Choice("B", correct=False)),
)
KEYED = make_item(
    "哪个先进先出？",
    number="4",
    answer="A",
    points=(),
    kind=QuestionKind.SINGLE_CHOICE,
    choices=(Choice("队列", correct=True), Choice("栈", correct=False)),
)
EMPTY = make_item("什么是幻读？", number="5", answer="", points=())


def fill(url: str, document: Document) -> None:
    """Import a document into a bank."""

    async def work() -> None:
        database = Database(url)
        await import_document(database, document, now=NOW, author="test")
        await database.close()

    asyncio.run(work())


def test_faults_are_data_with_the_speed(url: str) -> None:
    """With --json every question that has faults is named with them, and the speed."""
    fill(url, make_document(GOOD, ALIKE, NO_KEY, KEYED, EMPTY))
    result = run("check-bank", "--json", url=url, language="zh_CN.UTF-8")
    report = json.loads(result.stdout)
    found = {one["number"]: {fault["kind"] for fault in one["faults"]} for one in report["found"]}

    assert result.returncode == 1
    assert report["questions"] == 5
    assert report["questions_per_second"] > 0
    assert report["engine"] == "hybrid"
    assert found == {"2": {"indistinct"}, "3": {"no_key"}, "5": {"nothing_to_check"}}
    assert report["found"][0]["faults"][0]["points"] == [1, 2]
    assert report["found"][0]["faults"][0]["message"].startswith("要点 1, 2 无法区分")


def test_in_a_pipe_there_is_a_line_a_fault(url: str) -> None:
    """No table, no progress, no summary: lines that other programs can read."""
    fill(url, make_document(GOOD, NO_KEY))
    result = run("check-bank", url=url)

    assert result.returncode == 1
    assert result.stdout.decode() == (
        "notes:3: no_key: 哪个是栈？: Nothing says which options are right.\n"
    )
    assert result.stderr == b""


def test_the_bank_that_comes_with_tiku_is_clean(seeded_url: str) -> None:
    """A clean bank, or a clean part of one, prints nothing and ends with status 0."""
    result = run("check-bank", url=seeded_url)

    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")


def test_filters_pick_the_questions(url: str) -> None:
    """The filters are those of the list; what they do not know is refused."""
    fill(url, make_document(GOOD, NO_KEY))
    picked = run("check-bank", "--json", "--tag", "good", url=url)
    unknown = run("check-bank", "--topic", "nowhere", url=url)
    kind = run("check-bank", "--kind", "essay", url=url)

    assert (picked.returncode, json.loads(picked.stdout)["questions"]) == (0, 1)
    assert unknown.returncode == kind.returncode == 2
    assert "nowhere" in unknown.stderr.decode()


def test_many_questions_are_shared_among_processes(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty questions are audited in their order by processes of their own."""
    monkeypatch.setenv("TIKU_ENGINE", "lexical")
    items = [
        make_item(f"第{n}题问什么？", number=str(n), answer="略", points=(Point("略"),))
        for n in range(50)
    ]
    fill(url, make_document(*items))
    report = json.loads(run("check-bank", "--json", url=url).stdout)

    assert report["engine"] == "lexical"
    assert [one["number"] for one in report["found"]] == [str(n) for n in range(50)]


@pytest.mark.parametrize("kind", FaultKind)
def test_every_fault_is_explained(kind: FaultKind) -> None:
    """A new fault without its words fails here."""
    page = (ROOT / "docs" / "answer-check.md").read_text(encoding="utf-8")

    assert f"fault.{kind}" in names()
    assert f"| `{kind}` |" in page
