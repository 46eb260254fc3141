"""Tests of the API, over ASGI."""
