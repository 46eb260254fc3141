"""Documents of several sources, such as the export of a whole bank: told apart again."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace

from app.documents.document import Document, Item, Source
from app.errors import SameSourceError, UnreadableDocumentError


def split_sources(document: Document) -> tuple[Document, ...]:
    """Return a document for each source that has questions in it, in the order of `sources`.

    Questions that name no source are the document's own; theirs comes first. What was noticed of
    the document as a whole stays with the first part.
    """
    known = {source.slug: source for source in document.sources}
    if not known:
        return (document,)
    items: defaultdict[str, list[Item]] = defaultdict(list)
    for item in document.items:
        items[item.source or ""].append(item)
    own = replace(document, items=tuple(items[""]), sources=())
    others = [_part(document, known[slug], items[slug]) for slug in known if items[slug]]
    if own.items or not others:
        return (own, *others)
    first = replace(others[0], warnings=document.warnings, passed_over=document.passed_over)
    return (first, *others[1:])


def check_named_sources(document: Document, name: str) -> None:
    """Raise UnreadableDocumentError where an item names a source that the document does not have.

    A source that the document describes twice is refused as well.
    """
    counts = Counter(source.slug for source in document.sources)
    for slug, count in counts.items():
        if count > 1:
            raise UnreadableDocumentError(
                name=name, reason="unreadable.source_twice", slug=slug, where="sources"
            )
    for place, item in enumerate(document.items):
        if item.source is not None and item.source not in counts:
            where = str(item.line) if item.line else f"questions.{place}.source"
            raise UnreadableDocumentError(
                name=name, reason="unreadable.unknown_source", slug=item.source, where=where
            )


def check_sources(documents: Iterable[Document]) -> None:
    """Raise SameSourceError where a later document would be taken for a new edition of another."""
    seen: set[str] = set()
    for document in documents:
        for part in split_sources(document):
            if part.slug in seen:
                raise SameSourceError(slug=part.slug)
            seen.add(part.slug)


def _part(document: Document, source: Source, items: Iterable[Item]) -> Document:
    return Document(
        slug=source.slug,
        title=source.title,
        items=tuple(items),
        topics=document.topics,
        format=document.format,
        sha256=document.sha256,
        language=source.language,
        url=source.url,
        licence=source.licence,
    )
