"""Many answers in one request, a full queue, and clients that go away."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.types import Message

from app.api import schemas
from app.config import Settings
from app.database import Database
from app.documents.document import Choice, QuestionKind
from app.main import create_app
from app.services.importing import import_document
from app.services.judge import Judge
from tests.api.test_checks import TWO_OF_FOUR, question_id
from tests.api.test_problems import assert_problem
from tests.conftest import NOW
from tests.factories import make_document, make_item

UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def send(client: httpx.AsyncClient, *checks: Any, **headers: str) -> list[dict[str, Any]]:
    """Send a batch; return what became of each item."""
    response = await client.post("/v1/checks", json={"checks": list(checks)}, headers=headers)
    assert response.status_code == 200, response.text
    schemas.CheckBatchOut.model_validate(response.json())
    items: list[dict[str, Any]] = response.json()["items"]
    assert all(set(item) == {"check", "problem"} for item in items)
    assert all((item["check"] is None) != (item["problem"] is None) for item in items)
    return items


async def test_every_answer_has_its_own_verdict(client: httpx.AsyncClient) -> None:
    """A batch says of each answer what a single check says, in the order of the answers."""
    ids = [await question_id(client, number) for number in (2, 3, 2)]
    answers = [TWO_OF_FOUR, "我不知道。", ""]
    asked = [{"question_id": i, "answer": a} for i, a in zip(ids, answers, strict=True)]
    items = await send(client, *asked)
    single = [
        (await client.post(f"/v1/questions/{i}/check", json={"answer": a})).json()
        for i, a in zip(ids, answers, strict=True)
    ]

    assert [item["check"] for item in items] == single


async def test_a_bad_item_fails_alone(client: httpx.AsyncClient) -> None:
    """Each item has its own problem, named by its place in the body; the good ones are checked."""
    good = {"question_id": await question_id(client, 2), "answer": TWO_OF_FOUR}
    items = await send(
        client,
        {"question_id": UNKNOWN, "answer": "x"},
        good,
        {"question_id": "no", "answer": "x"},
        {**good, "choices": [1]},
        {**good, "answer": "长" * 20_001},
        {"question_id": good["question_id"], "choices": [1]},
        "text",
        {**good, "extra": 1},
        good,
    )
    kinds = [item["problem"] and item["problem"]["type"].rsplit(":")[-1] for item in items]

    assert kinds == [
        "question-not-found",
        None,
        "invalid-request",
        "invalid-request",
        "answer-too-long",
        "wrong-answer-kind",
        "invalid-request",
        "invalid-request",
        None,
    ]
    assert items[1] == items[8]
    assert items[2]["problem"]["errors"][0]["field"] == "checks.2.question_id"
    assert items[7]["problem"]["errors"][0]["field"] == "checks.7.extra"


async def test_problems_of_items_speak_the_language_of_the_request(
    client: httpx.AsyncClient,
) -> None:
    """Titles and details follow Accept-Language as those of whole answers do."""
    (item,) = await send(
        client, {"question_id": UNKNOWN, "answer": ""}, **{"accept-language": "zh"}
    )

    assert item["problem"]["title"] == "没有这道题"


async def test_choices_and_questions_without_points_in_a_batch(
    seeded: Database, seeded_url: str, judge: Judge
) -> None:
    """Chosen options are checked beside words; what cannot be checked says so."""
    choice = make_item(
        "哪个是关系数据库？",
        answer="A",
        points=(),
        kind=QuestionKind.SINGLE_CHOICE,
        choices=(Choice("PostgreSQL", True), Choice("Redis", False)),  # noqa: FBT003 (which is right)
    )
    empty = make_item("什么是幻读？", answer="", points=())
    document = make_document(choice, empty)
    plan = await import_document(seeded, document, now=NOW, author="test", dry_run=False)
    ids = [str(entry.id) for entry in plan.entries]
    app = create_app(Settings(database_url=seeded_url), judge=judge)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tiku") as client:
        right, beyond, nothing = await send(
            client,
            {"question_id": ids[0], "choices": [1]},
            {"question_id": ids[0], "choices": [3]},
            {"question_id": ids[1], "answer": "x"},
        )

    assert right["check"]["score"] == 1
    assert beyond["problem"]["type"].endswith("wrong-answer-kind")
    assert nothing["problem"]["status"] == 409


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"checks": []}, 422, "invalid-request"),
        ({}, 422, "invalid-request"),
        ({"checks": {}}, 422, "invalid-request"),
        ({"checks": [{}], "more": 1}, 422, "invalid-request"),
        ({"checks": [{}] * 101}, 422, "invalid-request"),
        ([], 422, "invalid-request"),
    ],
)
async def test_a_body_that_is_no_batch(
    client: httpx.AsyncClient, body: object, status: int, kind: str
) -> None:
    """What is wrong with the whole is the problem of the whole."""
    assert_problem(await client.post("/v1/checks", json=body), status, kind)


async def test_too_many_names_the_limit(client: httpx.AsyncClient) -> None:
    """A batch over the limit is told what the limit is."""
    response = await client.post("/v1/checks", json={"checks": [{}] * 101})

    assert response.json()["errors"][0]["field"] == "checks"
    assert "100" in response.json()["errors"][0]["message"]


async def test_verdicts_are_kept_by_no_cache(client: httpx.AsyncClient) -> None:
    """An answer belongs to one learner."""
    identifier = await question_id(client, 2)
    single = await client.post(f"/v1/questions/{identifier}/check", json={"answer": ""})
    many = await client.post(
        "/v1/checks", json={"checks": [{"question_id": identifier, "answer": ""}]}
    )

    assert single.headers["cache-control"] == many.headers["cache-control"] == "no-store"


async def test_a_full_queue_says_when_to_come_again(
    client: httpx.AsyncClient, judge: Judge
) -> None:
    """With every place taken, single checks and batches get 503; reads go on."""
    identifier = await question_id(client, 2)
    places = Settings().check_workers + Settings().check_queue
    held = [judge.admitted() for _ in range(places)]
    for place in held:
        place.__enter__()
    try:
        single = await client.post(f"/v1/questions/{identifier}/check", json={"answer": "x"})
        many = await client.post("/v1/checks", json={"checks": [{}]})
        read = await client.get(f"/v1/questions/{identifier}")
    finally:
        for place in held:
            place.__exit__(None, None, None)

    for response in (single, many):
        assert_problem(response, 503, "checks-busy")
        assert int(response.headers["retry-after"]) >= 1
    assert read.status_code == 200


async def test_a_check_over_its_time_is_a_problem(seeded_url: str) -> None:
    """A single check answers 504, a batch has the problem in its place."""
    settings = Settings(database_url=seeded_url, check_seconds=0.001)
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tiku") as client,
    ):
        identifier = await question_id(client, 2)
        answer = "模型架构。" * 1_000
        single = await client.post(f"/v1/questions/{identifier}/check", json={"answer": answer})
        (item,) = await send(client, {"question_id": identifier, "answer": answer})

    assert_problem(single, 504, "check-timeout")
    assert item["problem"]["type"].endswith("check-timeout")


@pytest.mark.parametrize("path", ["/v1/questions/{id}/check", "/v1/checks"])
async def test_a_client_that_goes_away_frees_its_place(
    client: httpx.AsyncClient, seeded_url: str, judge: Judge, path: str
) -> None:
    """What nobody waits for any more is given up."""
    identifier = await question_id(client, 2)
    body = httpx.Request(
        "POST",
        "http://tiku",
        json={"answer": "x" * 5_000}
        if "{id}" in path
        else {"checks": [{"question_id": identifier, "answer": "x" * 5_000}] * 100},
    ).content
    messages: list[Message] = [
        {"type": "http.request", "body": body, "more_body": False},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send_message(message: Message) -> None:
        await asyncio.sleep(0)
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path.format(id=identifier),
        "raw_path": path.format(id=identifier).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json")],
        "server": ("tiku", 80),
        "client": ("127.0.0.1", 1),
    }
    app = create_app(Settings(database_url=seeded_url), judge=judge)
    await asyncio.wait_for(app(scope, receive, send_message), timeout=10)

    assert sent[0]["status"] == 499
    assert messages == []
