"""Answers for new photos, one or thousands."""
