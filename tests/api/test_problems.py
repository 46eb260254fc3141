"""What is refused over HTTP: always a problem document that names what is wrong and where."""

import base64
from typing import Any

import httpx
import pytest

from app.api.schemas import Problem

SOMEWHERE = "/v1/questions/00000000-0000-4000-8000-000000000000"


def assert_problem(response: httpx.Response, status: int, kind: str) -> Problem:
    """Return the problem that a response is, after checking its form."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(response.json())
    assert problem.type == f"urn:tiku:problem:{kind}"
    assert problem.status == status
    assert problem.title
    assert problem.detail
    return problem


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/questions?limit=0", "limit"),
        ("/v1/questions?limit=101", "limit"),
        ("/v1/questions?limit=ten", "limit"),
        ("/v1/questions?colour=red", "colour"),
        ("/v1/questions?view=none", "view"),
        ("/v1/questions?limit=1&limit=2", "limit"),
        ("/v1/questions?kind=essay", "kind"),
        ("/v1/questions?ids=7", "ids.0"),
        ("/v1/questions?difficulty_min=0", "difficulty_min"),
        ("/v1/questions?q=" + "长" * 201, "q"),
        ("/v1/questions?topic=%00", "topic.0"),
        ("/v1/questions/random?count=0", "count"),
        ("/v1/questions/random?seed=-1", "seed"),
        ("/v1/questions/random?cursor=abc", "cursor"),
        ("/v1/questions/7", "id"),
        (f"{SOMEWHERE}?colour=red", "colour"),
        ("/v1/topics?page=2", "page"),
        ("/v1/tags?q=x", "q"),
        ("/v1/sources?limit=1", "limit"),
    ],
)
async def test_bad_parameters_are_named(client: httpx.AsyncClient, path: str, field: str) -> None:
    """Unknown, repeated and out-of-range parameters are refused by name, never ignored."""
    problem = assert_problem(await client.get(path), 422, "invalid-request")

    assert [error.field for error in problem.errors] == [field]
    assert field in problem.detail


async def test_every_bad_field_is_named(client: httpx.AsyncClient) -> None:
    """Two faults are reported together."""
    response = await client.get("/v1/questions", params={"limit": 0, "colour": "red"})
    problem = assert_problem(response, 422, "invalid-request")

    assert {error.field for error in problem.errors} == {"limit", "colour"}


async def test_an_empty_range_is_refused(client: httpx.AsyncClient) -> None:
    """A range that can hold nothing is a mistake, not an empty list."""
    response = await client.get("/v1/questions?difficulty_min=4&difficulty_max=2")
    problem = assert_problem(response, 422, "invalid-request")

    assert problem.errors[0].message == "difficulty_min is greater than difficulty_max"


@pytest.mark.parametrize("field", ["topic", "tag", "any_tag", "source"])
@pytest.mark.parametrize("path", ["/v1/questions", "/v1/questions/random"])
async def test_unknown_filter_values_are_named(
    client: httpx.AsyncClient, path: str, field: str
) -> None:
    """A topic, tag or source that does not exist is an error, not an empty list."""
    response = await client.get(path, params={field: "没有"})
    problem = assert_problem(response, 422, "unknown-filter-value")

    assert "没有" in problem.detail
    assert [error.field for error in problem.errors] == [field]


async def test_half_characters_are_refused(client: httpx.AsyncClient) -> None:
    """Half of a surrogate pair is no text, in whatever way it is written."""
    body = b'{"answer": "\\ud800"}'
    headers = {"content-type": "application/json"}
    response = await client.post(f"{SOMEWHERE}/check", content=body, headers=headers)
    problem = assert_problem(response, 422, "invalid-request")

    assert problem.errors[0].field == "answer"


HUGE = base64.urlsafe_b64encode(b'[9223372036854775808,1,1,"x"]').decode()


@pytest.mark.parametrize("cursor", [HUGE, "x", "AAAA", "W10", "WzEsMiwzXQ", "6I2S6LCs", "é"])
async def test_bad_cursors_are_refused(client: httpx.AsyncClient, cursor: str) -> None:
    """A cursor that was not given out is refused, whatever it decodes to."""
    response = await client.get("/v1/questions", params={"cursor": cursor})
    problem = assert_problem(response, 422, "bad-cursor")

    assert [error.field for error in problem.errors] == ["cursor"]


async def test_a_cursor_belongs_to_its_filter(client: httpx.AsyncClient) -> None:
    """A cursor does not wander into another list."""
    first = await client.get("/v1/questions?limit=2&topic=applications")
    cursor = first.json()["next_cursor"]
    response = await client.get("/v1/questions", params={"limit": 2, "cursor": cursor})

    assert_problem(response, 422, "bad-cursor")


async def test_unknown_question(client: httpx.AsyncClient) -> None:
    """An id that nothing has is 404, for reading and for checking."""
    read = await client.get(SOMEWHERE)
    check = await client.post(f"{SOMEWHERE}/check", json={"answer": "缓存"})

    assert_problem(read, 404, "question-not-found")
    assert_problem(check, 404, "question-not-found")


async def test_unknown_paths_and_methods(client: httpx.AsyncClient) -> None:
    """The framework's own errors are problems as well."""
    missing = await client.get("/v1/nothing")
    method = await client.post("/v1/topics")

    assert_problem(missing, 404, "not-found")
    assert_problem(method, 405, "method-not-allowed")
    assert method.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/v1/topics", "/v1/questions?limit=2", "/v1/export?format=ndjson", "/healthz", "/docs"]
)
async def test_head_is_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    """Status and headers are those of GET, errors too."""
    get, head = await client.get(path), await client.head(path)
    missing = await client.head("/v1/nothing")
    method = await client.head("/v1/imports")

    assert (head.status_code, head.headers, head.content) == (get.status_code, get.headers, b"")
    assert (missing.status_code, missing.content) == (404, b"")
    assert (method.status_code, method.headers["allow"]) == (405, "POST")


async def test_a_real_server_answers_head(server: str) -> None:
    """The length is announced, and no byte of the body follows."""
    async with httpx.AsyncClient(base_url=server) as client:
        get, head = await client.get("/v1/topics"), await client.head("/v1/topics")

    assert head.headers["content-length"] == str(len(get.content))
    assert head.content == b""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"answer": "缓存", "choices": [1]}, ""),
        ({"answer": 7}, "answer"),
        ({"answer": "缓存", "extra": 1}, "extra"),
        ({"choices": ["A"]}, "choices.0"),
        ([], ""),
    ],
)
async def test_bad_bodies_are_named(client: httpx.AsyncClient, body: Any, field: str) -> None:
    """A body is held to its schema before anything is looked up."""
    problem = assert_problem(
        await client.post(f"{SOMEWHERE}/check", json=body), 422, "invalid-request"
    )

    assert [error.field for error in problem.errors] == [field]


async def test_broken_json_says_where(client: httpx.AsyncClient) -> None:
    """JSON that does not parse names the character."""
    response = await client.post(
        f"{SOMEWHERE}/check",
        content='{"answer": "缓存"',
        headers={"content-type": "application/json"},
    )
    problem = assert_problem(response, 400, "malformed-json")

    assert "15" in problem.detail


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    """Two megabytes are refused, whether their size was announced or not."""

    async def chunks() -> Any:
        for _ in range(32):
            yield b"x" * 65_536

    json = {"content-type": "application/json"}
    announced = await client.post(f"{SOMEWHERE}/check", content=b"x" * 2**21, headers=json)
    streamed = await client.post(f"{SOMEWHERE}/check", content=chunks(), headers=json)

    assert_problem(announced, 413, "too-large")
    assert_problem(streamed, 413, "too-large")


async def test_an_answer_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    """A megabyte of answer says how much would be checked."""
    response = await client.post(f"{SOMEWHERE}/check", json={"answer": "a" * 1_000_000})
    problem = assert_problem(response, 413, "answer-too-long")

    assert "1000000" in problem.detail
    assert "20000" in problem.detail


async def test_problems_speak_the_language_of_the_request(client: httpx.AsyncClient) -> None:
    """Accept-Language decides, down to the message of a field."""
    chinese = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}
    response = await client.get("/v1/questions?limit=0", headers=chinese)
    problem = assert_problem(response, 422, "invalid-request")

    assert response.headers["content-language"] == "zh"
    assert problem.title == "请求参数无效"
    assert problem.errors[0].message == "小于 1"


async def test_a_bug_is_a_problem_without_details(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unforeseen error answers 500 and gives nothing of itself away."""

    def broken(*_: object) -> str:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("app.services.questions.render_view", broken)
    response = await client.get("/v1/questions")

    assert_problem(response, 500, "internal-error")
    assert "secret" not in response.text
