"""Training networks: the jobs and how they do it."""
