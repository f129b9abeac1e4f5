"""Weights that come with the app, and the script that makes them."""
