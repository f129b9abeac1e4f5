"""Labels that look wrong."""
