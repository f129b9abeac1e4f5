"""Figures computed from arrays with NumPy alone."""
