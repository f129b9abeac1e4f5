"""The Data page: one module a part of it; `pages/1_Data.py` puts them in order."""
