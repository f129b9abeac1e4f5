"""The exported model: one sealed zip, written and read."""
