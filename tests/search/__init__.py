"""Tests of the pure part of search."""
