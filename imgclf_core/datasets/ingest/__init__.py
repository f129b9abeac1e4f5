"""How photos come into a data set."""
