"""What the answers are worth: figures and mistakes, computed from arrays."""
