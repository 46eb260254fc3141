"""Draw sessions and shuffled lists over HTTP, and which answers are shared."""

from typing import Any

import httpx
import pytest

from app.api import schemas
from app.config import Settings
from app.main import create_app

_PAPER = {
    "topic": ["applications"],
    "size": 3,
    "quotas": [{"topic": "vision", "count": 1}, {"difficulty": 2, "count": 1}],
}


async def test_a_paper_is_what_openapi_promises(client: httpx.AsyncClient) -> None:
    """Every member is there, the questions keep to the quotas, and the token gives them again."""
    response = await client.post("/v1/draws?view=prompt", json=_PAPER)
    body = response.json()
    again = await client.get(f"/v1/draws/{body['token']}?view=prompt")

    schemas.DrawOut.model_validate(body)
    assert set(body) == set(schemas.DrawOut.model_fields)
    assert body["items"][0]["topic"] == "vision"
    assert (body["outcome"], body["seed"], len(body["items"])) == ("complete", 7, 3)
    assert again.json() == body
    assert response.headers["cache-control"] == "no-store"
    assert again.headers["etag"]


async def test_a_walk_is_continued_by_any_process(
    client: httpx.AsyncClient, seeded_url: str
) -> None:
    """Another process with the same bank goes on where the first one stopped."""
    first = (await client.post("/v1/draws?limit=5&view=prompt", json={"seed": 3})).json()
    app = create_app(Settings(database_url=seeded_url))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://other") as other,
    ):
        second = (await other.get(f"/v1/draws/{first['next_token']}?limit=5")).json()
    numbers = [item["number"] for item in (*first["items"], *second["items"])]

    assert sorted(numbers) == list("12345678")
    assert (second["position"], second["next_token"]) == (5, None)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"size": 0}, "size", "greater_than_equal"),
        ({"seed": 2**53}, "seed", "less_than_equal"),
        ({"sizes": 1}, "sizes", "extra_forbidden"),
        ({"size": 1, "quotas": [{"count": 2}]}, "", "size_below_quotas"),
        ({"quotas": [{"count": 150}, {"count": 51}]}, "", "paper_too_large"),
        ({"quotas": [{"count": 1, "difficulty": 6}]}, "quotas.0.difficulty", "less_than_equal"),
        ({"exclude": ["x"]}, "exclude.0", "uuid_parsing"),
        ({"difficulty_min": 3, "difficulty_max": 2}, "", "range_empty"),
    ],
)
async def test_what_cannot_be_drawn_is_named(
    client: httpx.AsyncClient, body: dict[str, Any], field: str, code: str
) -> None:
    """Each fault of a body has its place and its kind."""
    response = await client.post("/v1/draws", json=body)
    (error,) = response.json()["errors"]

    assert response.status_code == 422
    assert (error["location"], error["field"], error["code"]) == ("body", field, code)
    assert "{" not in error["message"]


async def test_a_bad_token_is_named(client: httpx.AsyncClient) -> None:
    """The problem says that the path is at fault."""
    response = await client.get("/v1/draws/nonsense")
    problem = response.json()

    assert response.status_code == 422
    assert problem["type"] == "urn:tiku:problem:bad-draw-token"
    assert (problem["errors"][0]["location"], problem["errors"][0]["field"]) == ("path", "token")


async def test_a_shuffled_list_follows_its_links(client: httpx.AsyncClient) -> None:
    """Following Link through a shuffled bank gives every question once, in no document's order."""
    seen: list[str] = []
    url = "/v1/questions?order=random&seed=2&limit=3&view=prompt"
    while url:
        response = await client.get(url)
        seen += [item["number"] for item in response.json()["items"]]
        url = response.links.get("next", {}).get("url", "")

    assert sorted(seen) == list("12345678")
    assert seen != sorted(seen)


@pytest.mark.parametrize(
    "query",
    [
        "order=random",
        "seed=1",
        "order=random&seed=1&cursor=x",
        "order=random&seed=1&cursor=WyJ4IiwiNmQ3ZTA5Il0",
        "order=sideways&seed=1",
    ],
)
async def test_shuffles_need_their_seed(client: httpx.AsyncClient, query: str) -> None:
    """Seed and order go together, and a cursor belongs to its shuffle."""
    other = (await client.get("/v1/questions?order=random&seed=2&limit=3")).json()["next_cursor"]

    assert (await client.get(f"/v1/questions?{query}")).status_code == 422
    wrong = await client.get(f"/v1/questions?order=random&seed=3&cursor={other}")
    assert wrong.json()["type"] == "urn:tiku:problem:bad-cursor"


@pytest.mark.parametrize(
    ("path", "shared"),
    [
        ("/v1/questions", True),
        ("/v1/questions/8a7d6901-ec16-5367-beb1-2bf176b31507", True),
        ("/v1/questions/random?seed=1", True),
        ("/v1/questions/random", False),
        ("/v1/topics", True),
        ("/v1/tags", True),
        ("/v1/sources", True),
        ("/v1/export?format=json", False),
        ("/v1/questions?topic=nowhere", False),
        ("/healthz", False),
    ],
)
async def test_who_may_keep_an_answer(
    client: httpx.AsyncClient,
    path: str,
    shared: bool,  # noqa: FBT001 (a table)
) -> None:
    """Answers that are the same for all are shared and have a tag; the others do not."""
    response = await client.get(path)
    head = await client.head(path)

    assert ("public" in response.headers.get("cache-control", "")) is shared
    assert ("etag" in response.headers) is shared
    assert head.status_code == response.status_code
    assert head.content == b""


async def test_a_ready_answer_still_names_its_origin(seeded_url: str) -> None:
    """What is said to the pages of another origin is said of ready answers too, to each its own."""
    origins = ["https://a.example", "https://b.example"]
    app = create_app(Settings(database_url=seeded_url, cors_origins=origins))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tiku") as client,
    ):
        plain = await client.get("/v1/tags")
        allowed = [
            (await client.get("/v1/tags", headers={"Origin": origin})).headers
            for origin in (*origins, "https://c.example")
        ]

    assert [one.get("access-control-allow-origin") for one in allowed] == [*origins, None]
    assert "origin" in plain.headers["vary"].lower()
    assert "access-control-allow-origin" not in plain.headers
