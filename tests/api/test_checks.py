"""The answer check over HTTP, on the questions of the seed."""

from typing import Any

import httpx
import pytest

from app.api import schemas
from app.config import Settings
from app.database import Database
from app.documents.document import Choice, QuestionKind
from app.documents.read import read_document
from app.main import create_app
from app.services.importing import import_document
from tests.api.test_problems import assert_problem
from tests.conftest import NOW
from tests.factories import make_document, make_item

TWO_OF_FOUR = (
    "首先要从图像、文本里分别提取特征再融合到一起；"
    "另外可以用数据增强来扩充训练数据，让模型泛化更好。"
)


async def question_id(client: httpx.AsyncClient, number: int) -> str:
    """Return the public id of a question of the seed."""
    items = (await client.get("/v1/questions?view=prompt")).json()["items"]
    return str(items[number - 1]["id"])


async def check(
    client: httpx.AsyncClient, number: int, answer: str, **headers: str
) -> dict[str, Any]:
    """Check an answer to a question of the seed; return the verdict."""
    url = f"/v1/questions/{await question_id(client, number)}/check"
    response = await client.post(url, json={"answer": answer}, headers=headers)
    assert response.status_code == 200, response.text
    schemas.AnswerCheckOut.model_validate(response.json())
    body: dict[str, Any] = response.json()
    assert set(body) == set(schemas.AnswerCheckOut.model_fields)
    assert all(set(p) == set(schemas.PointVerdictOut.model_fields) for p in body["points"])
    return body


async def test_an_answer_that_covers_two_of_four_points(client: httpx.AsyncClient) -> None:
    """Covered points come with the learner's own words, missed ones are named in the feedback."""
    body = await check(client, 2, TWO_OF_FOUR)
    states = [point["state"] for point in body["points"]]

    assert states == ["covered", "missed", "missed", "covered"]
    assert body["score"] == 0.5
    assert body["feedback"] == "4 个要点中答到了 2 个。缺少：对齐与匹配、模型架构。"


async def test_evidence_is_the_learners_text(client: httpx.AsyncClient) -> None:
    """Each span cuts its evidence out of the answer as it was sent."""
    answer = f"答：　{TWO_OF_FOUR}"
    body = await check(client, 2, answer)
    shown = [point for point in body["points"] if point["span"]]

    assert shown
    for point in shown:
        start, end = point["span"]
        assert answer[start:end] == point["evidence"]


async def test_the_reference_itself_gets_full_marks(client: httpx.AsyncClient) -> None:
    """Every question of the seed accepts its own reference answer in full."""
    items = (await client.get("/v1/questions")).json()["items"]
    for number, item in enumerate(items, start=1):
        body = await check(client, number, item["answer"])

        assert [point["state"] for point in body["points"]] == ["covered"] * item["point_count"]
        assert body["score"] == 1


@pytest.mark.parametrize(
    "answer", ["", "   ", "\u200b", "我不知道", "请列举并简要解释多模态大模型的关键技术。"]
)
async def test_nothing_earns_nothing(client: httpx.AsyncClient, answer: str) -> None:
    """The empty answer, a shrug and the copied question score 0."""
    body = await check(client, 2, answer)

    assert body["score"] == 0
    assert {point["state"] for point in body["points"]} == {"missed"}


async def test_pasted_titles_are_not_explanations(client: httpx.AsyncClient) -> None:
    """Naming every point explains none."""
    body = await check(client, 2, "特征提取与融合、对齐与匹配、模型架构、数据增强")

    assert "covered" not in {point["state"] for point in body["points"]}
    assert body["score"] <= 0.5


async def test_the_opposite_is_not_covered(client: httpx.AsyncClient) -> None:
    """Saying that something is not needed is not naming it."""
    body = await check(client, 2, "不需要数据增强，也不需要做特征提取和融合。")

    assert {point["state"] for point in body["points"]} <= {"missed", "contradicted"}
    assert body["score"] == 0


async def test_feedback_speaks_the_language_of_the_request(client: httpx.AsyncClient) -> None:
    """Without a preference feedback is in the question's language, else in the one asked for."""
    english = await check(client, 2, TWO_OF_FOUR, **{"accept-language": "en"})

    assert english["feedback"].startswith("2 of 4 points are covered. Missing: 对齐与匹配; ")


async def test_choices_are_checked_by_position(seeded: Database, seeded_url: str) -> None:
    """A question with choices takes positions or words that name them, no unknown positions."""
    item = make_item(
        "哪些是关系数据库？",
        answer="A、C",
        points=(),
        kind=QuestionKind.MULTIPLE_CHOICE,
        choices=(Choice("PostgreSQL", True), Choice("Redis", False), Choice("SQLite", True)),  # noqa: FBT003 (which are right)
    )
    await import_document(seeded, make_document(item), now=NOW, author="test", dry_run=False)
    transport = httpx.ASGITransport(create_app(Settings(database_url=seeded_url)))
    async with httpx.AsyncClient(transport=transport, base_url="http://tiku") as client:
        listed = (await client.get("/v1/questions?kind=multiple_choice")).json()["items"][0]
        url = f"/v1/questions/{listed['id']}/check"
        right = (await client.post(url, json={"choices": [3, 1]})).json()
        wrong = (await client.post(url, json={"choices": [1, 2]})).json()
        words = (await client.post(url, json={"answer": "选 A、SQLite"})).json()
        unclear = (await client.post(url, json={"answer": "有好几个"})).json()
        unknown = await client.post(url, json={"choices": [4]})

    assert listed["correct_choices"] == [1, 3]
    assert (right["score"], right["feedback"]) == (1, "选择正确。")
    assert (wrong["score"], wrong["feedback"]) == (0, "不完全正确，应选：1, 3。")
    assert wrong["choices"][1] == {"position": 2, "chosen": True, "correct": False}
    assert words == right
    assert (unclear["score"], unclear["needs_review"]) == (0, True)
    assert unclear["feedback"] == "看不出选的是哪一项，请用 A-C 或选项的文字作答。"
    assert_problem(unknown, 422, "wrong-answer-kind")


@pytest.mark.parametrize(
    ("answer", "status", "score"), [("以上都不对", 200, 1), ("", 409, None), ("见解析", 409, None)]
)
async def test_none_right_must_be_said(
    seeded: Database, seeded_url: str, answer: str, status: int, score: int | None
) -> None:
    """Where no option is marked right, the answer says that none is, or the key is missing."""
    item = make_item(
        "哪个是非关系数据库？",
        answer=answer,
        points=(),
        kind=QuestionKind.MULTIPLE_CHOICE,
        choices=(Choice("MySQL", correct=False), Choice("SQLite", correct=False)),
    )
    plan = await import_document(seeded, make_document(item), now=NOW, author="test")
    transport = httpx.ASGITransport(create_app(Settings(database_url=seeded_url)))
    async with httpx.AsyncClient(transport=transport, base_url="http://tiku") as client:
        url = f"/v1/questions/{plan.entries[0].id}/check"
        none = await client.post(url, json={"choices": []})
        words = await client.post(url, json={"answer": "都不对"})
        wrong = await client.post(url, json={"answer": "A"})

    assert [none.status_code, words.status_code] == [status, status]
    assert none.json().get("score") == words.json().get("score") == score
    if status == httpx.codes.OK:
        assert wrong.json()["feedback"] == "不正确，所有选项都不对。"


async def test_an_unanswered_question_cannot_be_checked(seeded: Database, seeded_url: str) -> None:
    """A question without points or choices says that there is nothing to check against."""
    document = make_document(make_item("什么是幻读？", answer="", points=()))
    plan = await import_document(seeded, document, now=NOW, author="test", dry_run=False)
    transport = httpx.ASGITransport(create_app(Settings(database_url=seeded_url)))
    async with httpx.AsyncClient(transport=transport, base_url="http://tiku") as client:
        url = f"/v1/questions/{plan.entries[0].id}/check"
        response = await client.post(url, json={"answer": "两次读到的行数不同"})

    assert_problem(response, 409, "not-checkable")


async def test_words_for_a_words_question_only(client: httpx.AsyncClient) -> None:
    """A question in words refuses positions of choices."""
    url = f"/v1/questions/{await question_id(client, 2)}/check"

    assert_problem(await client.post(url, json={"choices": [1]}), 422, "wrong-answer-kind")


ORDERED = """{"questions": [{"title": "如何启动发动机？", "ordered": true, "points": [
  {"text": "踩下离合器踏板", "weight": 2},
  {"title": "点火", "text": "转动钥匙接通起动机", "accepted": ["turn the key"], "required": true},
  {"text": "松开手刹"}]}]}"""


async def ask_ordered(seeded: Database, url: str, *answers: str) -> list[dict[str, Any]]:
    """Import a question whose order matters, and check answers to it."""
    document = read_document(ORDERED.encode(), name="engine.json")
    plan = await import_document(seeded, document, now=NOW, author="test")
    transport = httpx.ASGITransport(create_app(Settings(database_url=url)))
    async with httpx.AsyncClient(transport=transport, base_url="http://tiku") as client:
        path = f"/v1/questions/{plan.entries[0].id}"
        question = (await client.get(path)).json()
        replies = [await client.post(f"{path}/check", json={"answer": one}) for one in answers]

    assert question["ordered"] is True
    assert question["points"][1]["accepted"] == ["turn the key"]
    return [reply.json() for reply in replies]


async def test_order_wordings_weights_and_requirements(seeded: Database, seeded_url: str) -> None:
    """What an author says of a question and its points reaches the verdict."""
    right, moved, lacking = await ask_ordered(
        seeded,
        seeded_url,
        "踩下离合器踏板，turn the key，松开手刹。",
        "松开手刹。踩下离合器踏板。转动钥匙接通起动机。",
        "踩下离合器踏板。松开手刹。",
    )

    assert right["score"] == 1
    assert [point["reason"] for point in moved["points"]].count("out_of_order") == 1
    assert moved["points"][2]["state"] == "partial"
    assert moved["points"][2]["explanation"] == "说到了，但顺序不对。"
    assert moved["score"] == (2 + 1 + 0.5) / 4
    assert [point["state"] for point in lacking["points"]] == ["covered", "missed", "covered"]
    assert lacking["score"] == 0.5


async def test_a_verdict_is_explained_on_request(client: httpx.AsyncClient) -> None:
    """With explain=true the same verdict comes with windows, words, chances and rules."""
    url = f"/v1/questions/{await question_id(client, 2)}/check"
    answer = f"{TWO_OF_FOUR}不需要对齐与匹配。我不知道别的。"
    plain = (await client.post(url, json={"answer": answer})).json()
    response = await client.post(f"{url}?explain=true", json={"answer": answer})
    body = response.json()
    schemas.ExplainedCheckOut.model_validate(body)
    explained = body.pop("explained")
    first = explained["points"][0]

    assert body == plain
    assert set(first) == set(schemas.ExplainedPointOut.model_fields)
    assert first["windows"][0]["text"] == answer[slice(*first["windows"][0]["span"])]
    assert "融合" in first["words"]["found"]
    assert set(first["chances"]["network"]) == {"covered", "partial", "missed", "contradicted"}
    assert first["summary"].startswith("按权重找到了要点")
    assert [one["sentence"] for one in explained["unread"]] == ["答案表示不知道。"]
    assert any(rule["sentence"] for point in explained["points"] for rule in point["rules"])


async def test_explanations_speak_english_too(client: httpx.AsyncClient) -> None:
    """Sentences follow the language of the request."""
    url = f"/v1/questions/{await question_id(client, 2)}/check?explain=true"
    reply = await client.post(url, json={"answer": TWO_OF_FOUR}, headers={"accept-language": "en"})

    assert "of the point's words" in reply.json()["explained"]["points"][0]["summary"]
    assert_problem(await client.post(f"{url}1", json={"answer": "x"}), 422, "invalid-request")
