"""The banks of the benchmarks are like those that imports make, only quicker made."""

from pathlib import Path

from app.database import Database
from app.services.filters import QuestionFilter
from app.services.questions import list_questions
from app.services.rendering import View
from benchmarks.synthetic_bank import make_bank
from tests.services.test_rendered import check_bank


async def test_a_synthetic_bank_is_rendered_as_stored(tmp_path: Path) -> None:
    """Its JSON is what its rows say, and its questions are found by topic, tag and words."""
    url = f"sqlite:///{tmp_path / 'bank.db'}"
    make_bank(url, 60)
    database = Database(url)
    checked = await check_bank(database)
    found = [
        await list_questions(database, chosen, limit=60, cursor=None, view=View.PROMPT)
        for chosen in (
            QuestionFilter(topics=("topic-1",)),
            QuestionFilter(any_tags=("标签1", "标签2", "标签3")),
            QuestionFilter(query="请解释"),
        )
    ]
    await database.close()

    assert checked == 60
    assert all(page.items for page in found)
    assert len(found[-1].items) == 60
