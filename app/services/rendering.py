"""A question's JSON, made once when it is written and then only copied.

It has two halves: what a learner may see before answering, and the reference answer. Joined they
are the full view, so nothing is stored twice and no view can disagree with another.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

from app.documents.document import Item


class View(StrEnum):
    """How much of a question is shown."""

    PROMPT = "prompt"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Placed:
    """An item with what only the bank knows of it."""

    id: uuid.UUID
    item: Item
    source: str
    topic: str | None
    status: str
    revision: int
    updated_at: datetime


def render_prompt(placed: Placed) -> str:
    """Return the half that gives nothing of the answer away, as a JSON object."""
    item = placed.item
    return _dump(
        {
            "id": str(placed.id),
            "revision": placed.revision,
            "status": placed.status,
            "source": placed.source,
            "topic": placed.topic,
            "number": item.number,
            "title": item.title,
            "prompt": item.prompt,
            "kind": item.kind,
            "difficulty": item.difficulty,
            "language": item.language,
            "tags": sorted(item.tags or ()),
            "choices": [
                {"position": position, "text": choice.text}
                for position, choice in enumerate(item.choices, start=1)
            ],
            "point_count": len(item.points),
            "ordered": bool(item.ordered),
            "updated_at": format_time(placed.updated_at),
        }
    )


def render_answer(item: Item) -> str:
    """Return the reference answer's half, as a JSON object."""
    return _dump(
        {
            "answer": item.answer,
            "explanation": item.explanation,
            "points": [
                {
                    "position": position,
                    "title": point.title,
                    "text": point.text,
                    "weight": point.weight,
                    "required": point.required,
                    "aliases": point.aliases,
                    "accepted": point.accepted,
                    "origin": point.origin,
                }
                for position, point in enumerate(item.points, start=1)
            ],
            "correct_choices": [
                position for position, choice in enumerate(item.choices, start=1) if choice.correct
            ],
            "completion": item.completion,
        }
    )


def join_halves(prompt: str, answer: str) -> str:
    """Return one JSON object with the members of both, which must not be empty."""
    return f"{prompt[:-1]},{answer[1:]}"


def join_encoded(prompt: bytes, answer: bytes) -> bytes:
    """Return the same of halves that are bytes, as reads have them."""
    return b"%b,%b" % (prompt[:-1], answer[1:])


def format_time(moment: datetime) -> str:
    """Return a point in time as the API writes it: UTC, whole seconds, `Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _dump(value: dict[str, object]) -> str:
    return orjson.dumps(value).decode()
