"""One model for visitors, and nothing else."""
