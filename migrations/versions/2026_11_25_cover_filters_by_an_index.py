"""Cover filters by an index."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COVERED = (
    "status",
    "topic_id",
    "difficulty",
    "kind",
    "language",
    "source_id",
    "position",
    "public_id",
)


def upgrade() -> None:
    """Apply this revision."""
    op.create_index("ix_question_selection", "question", [*_COVERED], unique=False)
    op.drop_index("ix_question_topic", "question")


def downgrade() -> None:
    """Take this revision back."""
    op.create_index("ix_question_topic", "question", ["topic_id", "status"], unique=False)
    op.drop_index("ix_question_selection", "question")
