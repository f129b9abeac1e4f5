"""Taking a model away."""
