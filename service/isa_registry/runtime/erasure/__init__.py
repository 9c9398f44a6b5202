"""Erasing what is no longer kept."""
