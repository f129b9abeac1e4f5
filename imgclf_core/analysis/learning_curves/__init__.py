"""Whether more photos would help."""
