"""Whether a network looks at the right thing."""
