"""The description of the API: unchanged by accident, complete, and good to generate from."""

import json
from typing import Any

import httpx

from tests.openapi import SNAPSHOT, current

DOCUMENT: dict[str, Any] = json.loads(current())
OPERATIONS = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def test_the_api_is_as_agreed() -> None:
    """A change of the API is meant: `make openapi` writes the snapshot anew."""
    assert current() == SNAPSHOT.read_text()


def test_operations_have_unique_names_and_summaries() -> None:
    """Generated clients get one well-named function for each operation."""
    names = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert len(set(names)) == len(names)
    assert all(name.isalpha() and name[0].islower() for name in names)
    assert all(operation["summary"] for _, _, operation in OPERATIONS)


def test_every_error_is_a_problem() -> None:
    """No error answer has another shape than problem+json."""
    for path, method, operation in OPERATIONS:
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(response["content"]) == ["application/problem+json"], (path, method)


def test_response_schemas_have_no_defaults() -> None:
    """Generated types know that every member is there."""
    for name in ("Question", "QuestionPage", "AnswerCheckOut", "TopicOut"):
        schema = DOCUMENT["components"]["schemas"][name]

        assert set(schema["required"]) == set(schema["properties"]), name


async def test_the_example_can_be_tried(client: httpx.AsyncClient) -> None:
    """The example body of the check works on the example id, as /docs offers it."""
    operation = DOCUMENT["paths"]["/v1/questions/{id}/check"]["post"]
    example_id = operation["parameters"][0]["examples"]["seed"]["value"]
    schema = DOCUMENT["components"]["schemas"]["CheckRequest"]
    response = await client.post(f"/v1/questions/{example_id}/check", json=schema["examples"][0])

    assert response.status_code == 200
    assert response.json()["score"] > 0


async def test_the_documentation_needs_no_other_host(client: httpx.AsyncClient) -> None:
    """/docs loads its scripts and styles from this server."""
    page = (await client.get("/docs")).text
    script = await client.get("/static-offline-docs/swagger-ui-bundle.js")

    assert "://" not in page.replace("http://tiku", "")
    assert script.status_code == 200


async def test_the_root_leads_to_the_documentation(client: httpx.AsyncClient) -> None:
    """Whoever opens the server in a browser finds something to look at."""
    response = await client.get("/")

    assert response.headers["location"] == "/docs"


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    """A seeded bank lives and is ready."""
    assert (await client.get("/healthz")).status_code == 204
    assert (await client.get("/readyz")).status_code == 204
