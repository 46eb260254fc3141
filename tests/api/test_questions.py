"""Questions over HTTP: filters, pages, draws, and what is refused."""

import uuid
from collections import Counter
from typing import Any

import httpx
import pytest

from app.api import schemas
from app.config import Settings
from app.database import Database
from app.documents.diff import plan_import
from app.main import create_app
from app.services.importing import import_document
from seed.__main__ import load_seed
from tests.conftest import NOW
from tests.factories import make_document, make_item

ANSWER_FIELDS = {"answer", "explanation", "points", "correct_choices", "completion"}


async def get_json(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    """Return the body of a successful GET."""
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


async def titles(client: httpx.AsyncClient, **params: Any) -> list[str]:
    """Return the titles that a filter lists."""
    body = await get_json(client, "/v1/questions", limit=100, **params)
    return [item["title"] for item in body["items"]]


async def test_all_eight_are_served_in_document_order(client: httpx.AsyncClient) -> None:
    """The seed has eight questions with thirty points, and none is a draft."""
    body = await get_json(client, "/v1/questions")

    assert [item["number"] for item in body["items"]] == [str(n) for n in range(1, 9)]
    assert [item["point_count"] for item in body["items"]] == [2, 4, 4, 4, 4, 4, 4, 4]
    assert body["next_cursor"] is None


async def test_responses_are_what_openapi_promises(client: httpx.AsyncClient) -> None:
    """Bytes that were rendered long before still fit the schemas, field by field."""
    full = await get_json(client, "/v1/questions")
    prompt = await get_json(client, "/v1/questions", view="prompt")

    for item in full["items"]:
        assert set(item) == set(schemas.Question.model_fields)
        schemas.Question.model_validate(item)
    for item in prompt["items"]:
        assert set(item) == set(schemas.QuestionPrompt.model_fields)
        schemas.QuestionPrompt.model_validate(item)


async def test_prompt_view_has_nothing_of_the_answer(client: httpx.AsyncClient) -> None:
    """Before answering, a learner sees the question only."""
    body = await get_json(client, "/v1/questions", view="prompt")

    assert all(ANSWER_FIELDS.isdisjoint(item) for item in body["items"])


async def test_pages_join_to_the_whole(client: httpx.AsyncClient) -> None:
    """Following Link from page to page gives every question once, in order."""
    whole = await titles(client)
    seen: list[str] = []
    url = "/v1/questions?limit=3&view=prompt"
    pages = 0
    while url:
        response = await client.get(url)
        seen += [item["title"] for item in response.json()["items"]]
        url = response.links.get("next", {}).get("url", "")
        pages += 1

    assert seen == whole
    assert pages == 3


async def test_a_full_last_page_has_no_next(client: httpx.AsyncClient) -> None:
    """Eight questions on pages of four are two pages, not three."""
    first = await get_json(client, "/v1/questions", limit=4)
    second = await get_json(client, "/v1/questions", limit=4, cursor=first["next_cursor"])

    assert len(second["items"]) == 4
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"topic": "applications"}, "3456"),
        ({"topic": "vision"}, "4"),
        ({"topic": ["applications", "vision"]}, "4"),
        ({"topic": ["training", "vision"]}, ""),
        ({"tag": "应用"}, "3456"),
        ({"tag": ["应用", "医学"]}, "5"),
        ({"any_tag": ["医学", "定义"]}, "15"),
        ({"kind": "free_text"}, "12345678"),
        ({"kind": "single_choice"}, ""),
        ({"difficulty_min": 3}, "278"),
        ({"difficulty_max": 1}, "1"),
        ({"difficulty_min": 2, "difficulty_max": 2}, "3456"),
        ({"language": "zh"}, "12345678"),
        ({"language": "en"}, ""),
        ({"source": "multimodal-llm"}, "12345678"),
        ({"q": "目标检测"}, "4"),
        ({"q": "目標檢測"}, "4"),
        ({"q": "语音 助手"}, "6"),
        ({"q": "transfer LEARNING"}, "2"),
        ({"q": "ASR"}, "3"),
        ({"q": "100%"}, ""),
        ({"topic": "applications", "q": "诊断"}, "5"),
    ],
)
async def test_filters(client: httpx.AsyncClient, filters: dict[str, Any], numbers: str) -> None:
    """Every filter picks exactly the questions that it means."""
    body = await get_json(client, "/v1/questions", **filters)

    assert "".join(item["number"] for item in body["items"]) == numbers


async def test_ids_pick_questions(client: httpx.AsyncClient) -> None:
    """A list of ids gives those questions, in the order of the bank."""
    items = (await get_json(client, "/v1/questions"))["items"]
    chosen = [items[5]["id"], items[1]["id"]]
    body = await get_json(client, "/v1/questions", ids=chosen)

    assert [item["id"] for item in body["items"]] == [items[1]["id"], items[5]["id"]]


async def test_one_question_by_id(client: httpx.AsyncClient) -> None:
    """A single question is the same JSON as in a list."""
    item = (await get_json(client, "/v1/questions"))["items"][7]

    assert await get_json(client, f"/v1/questions/{item['id']}") == item


async def test_editors_completion_is_marked(client: httpx.AsyncClient) -> None:
    """Question 8 says that editors completed it, and which points are theirs."""
    item = (await get_json(client, "/v1/questions", topic="training"))["items"][-1]

    assert "编者补写" in item["completion"]
    assert [point["origin"] for point in item["points"]] == [
        "document",
        "editors",
        "editors",
        "editors",
    ]


async def test_a_draw_is_repeatable_by_its_seed(client: httpx.AsyncClient) -> None:
    """The seed in the answer draws the same questions again."""
    first = await get_json(client, "/v1/questions/random", count=3)
    second = await get_json(client, "/v1/questions/random", count=3, seed=first["seed"])

    assert first == second
    assert len({item["id"] for item in first["items"]}) == 3
    assert first["available"] == 8


async def test_a_draw_keeps_to_its_filter_and_exclusions(client: httpx.AsyncClient) -> None:
    """Filters, exclusions and view hold for draws; too few questions are all there are."""
    excluded = (await get_json(client, "/v1/questions", topic="vision"))["items"][0]["id"]
    body = await get_json(
        client,
        "/v1/questions/random",
        topic="applications",
        count=9,
        exclude=excluded,
        view="prompt",
    )

    assert sorted(item["number"] for item in body["items"]) == ["3", "5", "6"]
    assert body["available"] == 3
    assert ANSWER_FIELDS.isdisjoint(body["items"][0])


async def test_draws_are_uniform(client: httpx.AsyncClient) -> None:
    """Over 800 seeds every question comes about as often: chi-squared below its 99.9% point."""
    drawn: Counter[str] = Counter()
    for seed in range(800):
        body = await get_json(client, "/v1/questions/random", seed=seed, view="prompt")
        drawn[body["items"][0]["number"]] += 1
    chi_squared = sum((count - 100) ** 2 / 100 for count in drawn.values())

    assert len(drawn) == 8
    assert chi_squared < 24.3


async def test_topics_are_a_tree_with_counts(client: httpx.AsyncClient) -> None:
    """A topic counts its own questions and those below."""
    body = await get_json(client, "/v1/topics")
    roots = {node["slug"]: node["questions"] for node in body["items"]}
    applications = body["items"][2]

    schemas.TopicTree.model_validate(body)
    assert roots == {"foundations": 1, "techniques": 1, "applications": 4, "training": 2}
    assert [node["slug"] for node in applications["children"]] == [
        "natural-language",
        "vision",
        "medicine",
        "interaction",
    ]


async def test_tags_and_sources_are_listed(client: httpx.AsyncClient) -> None:
    """Tags come with counts, the most used first; sources with what they have."""
    tags = await get_json(client, "/v1/tags")
    sources = await get_json(client, "/v1/sources")

    schemas.TagList.model_validate(tags)
    schemas.SourceList.model_validate(sources)
    assert tags["items"][0] == {"name": "多模态", "questions": 8}
    assert [(one["slug"], one["questions"], one["drafts"]) for one in sources["items"]] == [
        ("multimodal-llm", 8, 0)
    ]


async def test_language_includes_its_variants(seeded: Database, seeded_url: str) -> None:
    """`zh` finds traditional questions too, `zh-Hant` only those."""
    document = make_document(make_item("請解釋什麼是資料庫的鎖？", answer="鎖讓交易依序進行。"))
    await import_document(seeded, document, now=NOW, author="test", dry_run=False)
    transport = httpx.ASGITransport(create_app(Settings(database_url=seeded_url)))
    async with httpx.AsyncClient(transport=transport, base_url="http://tiku") as client:
        simplified = await titles(client, language="zh")
        traditional = await titles(client, language="zh-Hant")

    assert len(simplified) == 9
    assert traditional == ["請解釋什麼是資料庫的鎖？"]


def test_ids_of_the_seed_never_change() -> None:
    """A client may keep these ids for ever: they follow from the document alone."""
    first = plan_import([], load_seed()).entries[0].id

    assert first == uuid.UUID("c584f724-12d9-50fe-8136-271dff44d3a8")
