"""Use cases: one function each, and all of the SQL."""
