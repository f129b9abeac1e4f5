"""The Data page: one module a part of it."""
