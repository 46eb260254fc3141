"""The figures of the importer in the documentation are those of today."""

from tests.documents.shapes import published, rows, table


def test_the_published_table_is_current() -> None:
    """A new golden document shows in docs/importing.md: `python -m tests.documents.shapes`."""
    assert published() == table()


def test_everything_expected_is_found() -> None:
    """Over every shape the reader finds what the keys of the golden documents say."""
    assert [name for name, row in rows().items() if row.expected != row.found] == []


def test_there_are_documents_of_every_shape() -> None:
    """No row of the table is empty."""
    assert all(row.documents for row in rows().values())
