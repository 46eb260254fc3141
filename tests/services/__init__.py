"""Tests of the services, on databases that the migrations made."""
