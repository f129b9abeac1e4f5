"""What is left when any single file operation fails, in the manner of the tests of SQLite."""
