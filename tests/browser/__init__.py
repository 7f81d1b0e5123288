"""Tests of the page in real browsers, against the real server."""
