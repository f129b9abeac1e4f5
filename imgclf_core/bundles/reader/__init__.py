"""Reading a bundle of a stranger and building its model anew."""
