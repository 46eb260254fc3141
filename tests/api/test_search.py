"""Search over HTTP: the shape of the answer, orders, pages, limits, facets, similar questions."""

from typing import Any

import httpx
import pytest

from app.api import schemas
from app.api.schemas import MAX_QUERY, MAX_TERMS


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    """Return the body of a successful GET."""
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()


def marked(hit: dict[str, Any]) -> str:
    """Return a hit's text with the spans in brackets."""
    text: str = hit["text"]
    for start, end in reversed(hit["spans"]):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


async def test_a_search_is_ranked_and_says_where(client: httpx.AsyncClient) -> None:
    """The question that has it in its title comes first, with its hits for a front end to show."""
    body = await get(client, "/v1/questions", q="視覺")
    first = body["hits"][0]["fields"][0]

    schemas.FoundPage.model_validate(body)
    assert set(body) == set(schemas.FoundPage.model_fields)
    assert body["items"][0]["number"] == "4"
    assert body["total"] == len(body["items"]) == len(body["hits"])
    assert body["capped"] is False
    assert (first["field"], first["position"], first["offset"]) == ("title", None, 0)
    assert marked(first) == "多模态大模型在计算机[视觉]中的应用有哪些？"


async def test_spans_lie_in_the_field_that_they_name(client: httpx.AsyncClient) -> None:
    """A snippet stands at its offset in the question's own field."""
    body = await get(client, "/v1/questions", q="数据 模型", limit=8)
    assert body["items"]
    for item, hit in zip(body["items"], body["hits"], strict=True):
        for field in hit["fields"]:
            if field["field"] in {"title", "prompt", "answer", "explanation"}:
                whole = item[field["field"]]
            elif field["field"] == "point":
                whole = item["points"][field["position"] - 1]["text"]
            else:
                continue
            start, end = field["spans"][0]

            assert whole[field["offset"] :].startswith(field["text"])
            assert field["text"][start:end] in {"数据", "模型"}


async def test_the_order_can_be_that_of_the_documents(client: httpx.AsyncClient) -> None:
    """`order=document` finds the same, in the order of the documents, with the same hits."""
    ranked = await get(client, "/v1/questions", q="模型 图像")
    listed = await get(client, "/v1/questions", q="模型 图像", order="document")
    numbers = [item["number"] for item in listed["items"]]

    assert numbers == sorted(numbers)
    assert {item["id"] for item in ranked["items"]} == {item["id"] for item in listed["items"]}
    assert listed["total"] == ranked["total"]
    assert sorted(map(str, listed["hits"])) == sorted(map(str, ranked["hits"]))


async def test_a_search_can_be_shuffled(client: httpx.AsyncClient) -> None:
    """`order=random` pages through what a query finds, as a list does."""
    body = await get(client, "/v1/questions", q="图像", order="random", seed=1)

    assert set(body) == set(schemas.QuestionPage.model_fields)
    assert body["items"]


async def test_pages_of_a_search_join_to_the_whole(client: httpx.AsyncClient) -> None:
    """Following Link gives every question once, in the order of their ranks."""
    whole = await get(client, "/v1/questions", q="模型", limit=100)
    seen: list[str] = []
    url = "/v1/questions?q=%E6%A8%A1%E5%9E%8B&limit=3"
    while url:
        response = await client.get(url)
        seen += [item["id"] for item in response.json()["items"]]
        url = response.links.get("next", {}).get("url", "")

    assert seen == [item["id"] for item in whole["items"]]
    assert len(seen) > 3


async def test_cursors_belong_to_their_query(client: httpx.AsyncClient) -> None:
    """A cursor of another query, or of the same in another order, is refused."""
    first = await get(client, "/v1/questions", q="模型", limit=1)
    for params in ({"q": "图像"}, {"q": "模型", "order": "document"}, {}):
        response = await client.get(
            "/v1/questions", params={**params, "cursor": first["next_cursor"]}
        )

        assert response.status_code == 422
        assert response.json()["type"] == "urn:tiku:problem:bad-cursor"


@pytest.mark.parametrize("query", ["-", '"', "？！", "-图像", '-"', "a b c - d", "\u3000"])
async def test_odd_queries_are_answered(client: httpx.AsyncClient, query: str) -> None:
    """Exclusions alone, marks alone, and quotes never closed are no errors, in any order."""
    for order in ({}, {"order": "document"}, {"order": "random", "seed": 1}):
        await get(client, "/v1/questions", q=query, **order)


async def test_exclusions_alone_list_the_rest(client: httpx.AsyncClient) -> None:
    """There is nothing to rank by: the rest comes in the order of the documents."""
    whole = await get(client, "/v1/questions", q="-视觉", order="relevance")
    numbers = [item["number"] for item in whole["items"]]

    assert "4" not in numbers
    assert numbers == sorted(numbers)
    assert all(hit == {"fields": []} for hit in whole["hits"])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"q": " ".join(f"a{n}" for n in range(MAX_TERMS + 1))}, "too_many_terms"),
        ({"q": "图" * (MAX_QUERY + 1)}, "string_too_long"),
        ({"order": "relevance"}, "relevance_without_query"),
    ],
)
async def test_what_is_too_much_is_refused_by_name(
    client: httpx.AsyncClient, params: dict[str, str], code: str
) -> None:
    """A limit is one clear error."""
    response = await client.get("/v1/questions", params=params)
    (error,) = response.json()["errors"]

    assert response.status_code == 422
    assert error["code"] == code


async def test_other_routes_take_the_same_query(client: httpx.AsyncClient) -> None:
    """Draws, exports and facets find what the list finds."""
    listed = await get(client, "/v1/questions", q="模型 -视觉", order="document")
    ids = {item["id"] for item in listed["items"]}
    drawn = await get(client, "/v1/questions/random", q="模型 -视觉", count=9)
    exported = await get(client, "/v1/export", q="模型 -视觉", format="json")
    stats = await get(client, "/v1/stats", q="模型 -视觉")

    assert ids
    assert {item["id"] for item in drawn["items"]} == ids
    assert len(exported["items"] if "items" in exported else exported["questions"]) == len(ids)
    assert stats["total"] == len(ids)


async def test_facets_are_counted(client: httpx.AsyncClient) -> None:
    """The counts of the seed, in the shape that OpenAPI promises."""
    body = await get(client, "/v1/stats")
    narrowed = await get(client, "/v1/stats", topic="applications", tag="医学")

    schemas.StatisticsOut.model_validate(body)
    assert body["total"] == 8
    assert body["kinds"] == [{"value": "free_text", "questions": 8}]
    assert {node["slug"]: node["questions"] for node in body["topics"]} == {
        "foundations": 1,
        "techniques": 1,
        "applications": 4,
        "training": 2,
    }
    assert narrowed["topics"][0]["slug"] == "applications"
    assert [child["slug"] for child in narrowed["topics"][0]["children"]] == ["medicine"]
    assert narrowed["sources"] == [{"value": "multimodal-llm", "questions": 1}]


async def test_facets_are_kept_like_every_read(client: httpx.AsyncClient) -> None:
    """An unchanged bank answers a repeated count with 304."""
    first = await client.get("/v1/stats")
    again = await client.get("/v1/stats", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304


async def test_similar_questions_are_listed(client: httpx.AsyncClient) -> None:
    """The applications of one field are like those of another; views hold here too."""
    items = (await get(client, "/v1/questions"))["items"]
    body = await get(client, f"/v1/questions/{items[3]['id']}/similar", limit=3, view="prompt")

    schemas.SimilarQuestions.model_validate(body)
    assert {item["number"] for item in body["items"]} <= {"1", "2", "3", "5", "6", "7", "8"}
    assert body["items"][0]["number"] in {"3", "5", "6"}
    assert "answer" not in body["items"][0]
    assert len(body["overlaps"]) == len(body["items"])


async def test_similar_to_nothing_is_not_found(client: httpx.AsyncClient) -> None:
    """An unknown id is a 404."""
    response = await client.get("/v1/questions/00000000-0000-0000-0000-000000000000/similar")

    assert response.status_code == 404
