"""Tests of the document readers, the import plan and the overlay."""
