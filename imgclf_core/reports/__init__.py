"""The report of a run: one HTML file, with figures as PNG and tables as CSV."""
