"""The report of a run: one HTML file to print and to keep, and its figures as PNG and CSV."""
