"""The Evaluate page: every figure opens its photos."""
