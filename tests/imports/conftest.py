"""A bundle in which nothing lies, for all tests of this folder."""

from tests.export.conftest import honest

__all__ = ["honest"]
