"""A query as SQL: the same conditions on both engines, of which only the index differs."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from app.models import Question, SearchDocument
from app.search.query import Query

INDEX = sa.table("search_index", sa.column("rowid", sa.Integer()))
_Compiler = sa.sql.compiler.SQLCompiler


class in_index(FunctionElement[bool]):  # noqa: N801 (reads as a condition of SQL)
    """Whether a row of the index has the tokens that an expression of `all_of` or `any_of` asks."""

    # Of no type: of a Boolean, SQLite would be asked whether it equals 1.
    inherit_cache = True
    name = "in_index"


@compiles(in_index, "sqlite")
def _by_fts5(element: in_index, compiler: _Compiler, **options: object) -> str:
    asked = compiler.process(element.clauses, **options)
    return f"search_index MATCH replace(replace({asked}, '&', ' AND '), '|', ' OR ')"


@compiles(in_index, "postgresql")
def _by_tsquery(element: in_index, compiler: _Compiler, **options: object) -> str:
    asked = compiler.process(element.clauses, **options)
    return f"search_index.tokens @@ CAST(replace({asked}, '\"', '''') AS tsquery)"


class has_part(FunctionElement[bool]):  # noqa: N801 (the same)
    """Whether a text has another one somewhere in it."""

    inherit_cache = True
    name = "has_part"


@compiles(has_part, "sqlite")
def _by_instr(element: has_part, compiler: _Compiler, **options: object) -> str:
    return f"(instr({compiler.process(element.clauses, **options)}) > 0)"


@compiles(has_part, "postgresql")
def _by_strpos(element: has_part, compiler: _Compiler, **options: object) -> str:
    return f"(strpos({compiler.process(element.clauses, **options)}) > 0)"


def found_first(match: sa.BindParameter[Any]) -> sa.Subquery:
    """Return the rows that the index has for an expression, as a table that is made first.

    PostgreSQL guesses how many questions have a token and, looking for the newest, would rather
    walk through all of them. This is for whoever knows that there are few.
    """
    return sa.select(INDEX.c.rowid).where(in_index(match)).offset(0).subquery()


def all_of(tokens: Iterable[str]) -> str:
    """Return an expression of the index that asks for all of these tokens, of which none quotes."""
    return "&".join(f'"{token}"' for token in tokens)


def any_of(tokens: Iterable[str]) -> str:
    """Return an expression that asks for at least one of them."""
    return "|".join(f'"{token}"' for token in tokens)


def match_values(query: Query) -> dict[str, Any]:
    """Return the values of a query's parameters; their names are its shape.

    Needles are only asked for where tokens alone find too much.
    """
    if not query.asked:
        return {}
    if not query.terms and not query.excluded:
        return {"nothing": 0}
    values: dict[str, Any] = {}
    if query.terms:
        tokens = [token for term in query.terms for token in term.tokens]
        values["match"] = all_of(dict.fromkeys(tokens))
    needles = [term.needle for term in query.terms if not term.exact]
    values |= {f"needle_{number}": needle for number, needle in enumerate(needles)}
    for number, term in enumerate(query.excluded):
        values[f"without_{number}"] = all_of(term.tokens)
        if not term.exact:
            values[f"without_needle_{number}"] = term.needle
    return values


def match_conditions(values: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on `Question` whose values are those of `match_values`."""
    if "nothing" in values:
        return [sa.literal_column("1") == bound(values, "nothing")]
    rows = col(Question.id)
    found: list[sa.ColumnElement[bool]] = []
    if "match" in values:
        needles = [name for name in values if name.startswith("needle_")]
        found.append(rows.in_(_matching(values, "match", needles)))
    for name in values:
        number = name.removeprefix("without_")
        if number != name and number.isdigit():
            needle = f"without_needle_{number}"
            matching = _matching(values, name, [needle] if needle in values else [])
            found.append(rows.not_in(matching))
    return found


def _matching(values: Mapping[str, Any], match: str, needles: Iterable[str]) -> sa.Select[int]:
    """Return a select of the row ids of questions that have the tokens and the needles."""
    select = sa.select(INDEX.c.rowid).where(in_index(bound(values, match)))
    having = [has_part(col(SearchDocument.words), bound(values, needle)) for needle in needles]
    if not having:
        return select
    same = col(SearchDocument.question_id) == INDEX.c.rowid
    return select.join(SearchDocument, same).where(*having)


def bound(values: Mapping[str, Any], name: str) -> sa.BindParameter[Any]:
    """Return the parameter of a name with its value."""
    return sa.bindparam(name, values[name])
