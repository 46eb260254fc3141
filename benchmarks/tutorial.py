"""A question bank as tutorials of FastAPI and SQLModel write it, for `benchmarks.peers`.

`python -m benchmarks.tutorial` makes its tables, in the file that `TUTORIAL_DATABASE` names.
"""

import os
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, func, select

engine = create_engine(
    f"sqlite:///{os.environ.get('TUTORIAL_DATABASE', 'tutorial.db')}",
    connect_args={"check_same_thread": False},
)
app = FastAPI()


class QuestionBase(SQLModel):
    """What a question shows of itself."""

    title: str
    prompt: str
    answer: str
    topic: str = Field(index=True)
    difficulty: int = Field(index=True)


class Question(QuestionBase, table=True):
    """A question; `as_json` has its points for those who know no second table."""

    id: int | None = Field(default=None, primary_key=True)
    as_json: str
    points: list["Point"] = Relationship(back_populates="question")


class Point(SQLModel, table=True):
    """A point of its answer."""

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", index=True)
    title: str | None = None
    text: str
    question: Question = Relationship(back_populates="points")


class PointPublic(SQLModel):
    """A point as it is sent."""

    title: str | None
    text: str


class QuestionPublic(QuestionBase):
    """A question as it is sent."""

    id: int
    points: list[PointPublic]


def get_session() -> Iterator[Session]:
    """Give a request its session."""
    with Session(engine) as session:
        yield session


InSession = Annotated[Session, Depends(get_session)]


@app.get("/questions/random", response_model=QuestionPublic)
def read_random(session: InSession, topic: str | None = None) -> Question:
    """Draw a question."""
    statement = select(Question).order_by(func.random()).limit(1)
    if topic:
        statement = statement.where(Question.topic == topic)
    question = session.exec(statement).first()
    if not question:
        raise HTTPException(status_code=404, detail="Question not found")
    return question


@app.get("/questions/{question_id}", response_model=QuestionPublic)
def read_question(question_id: int, session: InSession) -> Question:
    """Return a question."""
    question = session.get(Question, question_id)
    if not question:
        raise HTTPException(status_code=404, detail="Question not found")
    return question


@app.get("/questions", response_model=list[QuestionPublic])
def read_questions(session: InSession, offset: int = 0, limit: int = 20) -> list[Question]:
    """List questions."""
    return list(session.exec(select(Question).offset(offset).limit(limit)).all())


if __name__ == "__main__":
    SQLModel.metadata.create_all(engine)
