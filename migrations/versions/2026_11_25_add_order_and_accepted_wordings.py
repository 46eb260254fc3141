"""Add the order that matters, and accepted wordings of points."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_QUESTION = sa.table(
    "question",
    sa.column("id", sa.Integer()),
    sa.column("rendered_prompt", sa.String()),
    sa.column("rendered_answer", sa.String()),
)
_ROWS = 500


def upgrade() -> None:
    """Apply this revision."""
    with op.batch_alter_table("question") as batch:
        batch.add_column(
            sa.Column("ordered", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("answer_point") as batch:
        batch.add_column(sa.Column("accepted", sa.JSON(), nullable=False, server_default="[]"))
    _rewrite(_add_order, _add_accepted)


def downgrade() -> None:
    """Take this revision back."""
    _rewrite(_drop_order, _drop_accepted)
    with op.batch_alter_table("answer_point") as batch:
        batch.drop_column("accepted")
    with op.batch_alter_table("question") as batch:
        batch.drop_column("ordered")


def _rewrite(
    prompt: Callable[[dict[str, Any]], None], answer: Callable[[dict[str, Any]], None]
) -> None:
    """Change the JSON of every question, which is stored ready to be sent."""
    db, last = op.get_bind(), 0
    while rows := db.execute(
        sa.select(_QUESTION).where(_QUESTION.c.id > last).order_by(_QUESTION.c.id).limit(_ROWS)
    ).all():
        for row in rows:
            values = {
                "rendered_prompt": _changed(row.rendered_prompt, prompt),
                "rendered_answer": _changed(row.rendered_answer, answer),
            }
            db.execute(sa.update(_QUESTION).where(_QUESTION.c.id == row.id).values(values))
        last = rows[-1].id


def _changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    content = json.loads(text)
    change(content)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _add_order(content: dict[str, Any]) -> None:
    content["ordered"] = False


def _drop_order(content: dict[str, Any]) -> None:
    content.pop("ordered", None)


def _add_accepted(content: dict[str, Any]) -> None:
    for point in content["points"]:
        point["accepted"] = []


def _drop_accepted(content: dict[str, Any]) -> None:
    for point in content["points"]:
        point.pop("accepted", None)
