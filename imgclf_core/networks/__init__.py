"""Networks, their weights, and the interpreter that runs them without TensorFlow."""
