"""Documents and plans as plain data: what `--json` prints and what HTTP returns."""

from collections.abc import Iterable
from typing import Any

from app.documents.diff import Entry, Plan, Verdict
from app.documents.document import Document, DocumentWarning, Item
from app.messages import Language, render


def describe_document(document: Document, language: Language) -> dict[str, Any]:
    """Return what was read from a document, warnings in a language."""
    return {
        "questions": [_describe_item(item, language) for item in document.items],
        "warnings": describe_warnings(document.warnings, language),
    }


def describe_plans(plans: Iterable[Plan], language: Language) -> dict[str, Any]:
    """Return what an import of several documents does, a report each."""
    return {"documents": [describe_plan(plan, language) for plan in plans]}


def describe_plan(plan: Plan, language: Language) -> dict[str, Any]:
    """Return what an import does, question by question, and what was noticed on the way."""
    document = plan.document
    return {
        "source": document.slug,
        "title": document.title,
        "sha256": document.sha256,
        "counts": {verdict.value: plan.count(verdict) for verdict in Verdict},
        "questions": [_describe_entry(entry, language) for entry in plan.entries],
        "warnings": describe_warnings(all_warnings(document), language),
        "passed_over": [
            {
                "first": lines.first,
                "last": lines.last,
                "reason": lines.reason,
                "message": render(f"passed_over.{lines.reason}", language),
            }
            for lines in document.passed_over
        ],
    }


def all_warnings(document: Document) -> list[DocumentWarning]:
    """Return the warnings of a document and of its items, in the order of their lines."""
    found = [*document.warnings, *(one for item in document.items for one in item.warnings)]
    return sorted(found, key=lambda warning: warning.line or 0)


def describe_warnings(
    warnings: Iterable[DocumentWarning], language: Language
) -> list[dict[str, Any]]:
    """Return warnings with their message in a language."""
    return [
        {
            "kind": warning.kind.value,
            "line": warning.line,
            "message": render(f"warning.{warning.kind}", language, warning.params),
        }
        for warning in warnings
    ]


def _describe_item(item: Item, language: Language) -> dict[str, Any]:
    return {
        "title": item.title,
        "prompt": item.prompt,
        "answer": item.answer,
        "explanation": item.explanation,
        "points": [{"title": point.title, "text": point.text} for point in item.points],
        "choices": [{"text": one.text, "correct": one.correct} for one in item.choices],
        "difficulty": item.difficulty,
        "tags": list(item.tags or ()),
        "topics": list(item.topics),
        "line": item.line,
        "warnings": describe_warnings(item.warnings, language),
    }


def _describe_entry(entry: Entry, language: Language) -> dict[str, Any]:
    return {
        "verdict": entry.verdict.value,
        "id": str(entry.id),
        "title": entry.item.title,
        "line": entry.line,
        "draft": entry.draft,
        "fields": list(entry.fields),
        "reason": render(f"plan.{entry.reason}", language) if entry.reason else None,
    }
