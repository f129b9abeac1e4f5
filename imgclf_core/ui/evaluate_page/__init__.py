"""The Evaluate page: every figure is a door to its photos, every photo can be acted on."""
