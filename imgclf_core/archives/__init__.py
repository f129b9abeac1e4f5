"""Zips and folders of strangers, read without unpacking and without trusting a word of them."""
