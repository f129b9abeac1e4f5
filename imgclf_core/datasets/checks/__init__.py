"""What may be wrong with the photos of a data set."""
