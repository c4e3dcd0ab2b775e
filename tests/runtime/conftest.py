"""Fixtures of the runtime's tests."""

from tests.support.models import default_model  # noqa: F401  (a fixture: the default model's file)
