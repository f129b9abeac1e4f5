"""Writing a bundle and verifying that it answers as the run does."""
