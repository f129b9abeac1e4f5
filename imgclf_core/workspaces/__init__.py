"""Whose data is where, what begins by itself, and what goes after a day."""
