"""Measurements of the real server; each module prints one JSON line and asserts nothing."""
