"""Shengliu: streaming Chinese emotional speech."""

__version__ = "0.1.0"
