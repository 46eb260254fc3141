"""Read routes: what they refuse, and that they cannot be given what they would not run."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, Query

from app.api.reading import ReadRoute
from app.api.schemas import NoQuery


async def _read(query: Annotated[NoQuery, Query()]) -> None:
    """Answer nothing."""


async def _dependency() -> None:
    """Depend on nothing."""


def test_a_read_with_dependencies_is_refused() -> None:
    """A dependency of a read would never run: so it is no read, and says so at the start."""
    router = APIRouter(route_class=ReadRoute)
    with pytest.raises(TypeError, match="no dependencies"):
        router.add_api_route("/x", _read, dependencies=[Depends(_dependency)])


async def test_every_fault_of_a_read_is_named(client: httpx.AsyncClient) -> None:
    """Path, unknown and repeated parameters are all told, each with its place."""
    response = await client.get("/v1/questions/x?view=y&z=1")
    repeated = await client.get("/v1/questions?limit=1&limit=2&topic=a&topic=b")
    errors = [(one["location"], one["field"]) for one in response.json()["errors"]]

    assert errors == [("path", "id"), ("query", "view"), ("query", "z")]
    assert [one["code"] for one in repeated.json()["errors"]] == ["repeated"]


async def test_long_queries_are_read_as_well(client: httpx.AsyncClient) -> None:
    """What is too long to be remembered is read each time, to the same effect."""
    items = (await client.get("/v1/questions")).json()["items"]
    ids = [item["id"] for item in items] * 4
    response = await client.get("/v1/questions", params={"ids": ids})

    assert [item["id"] for item in response.json()["items"]] == ids[:8]
