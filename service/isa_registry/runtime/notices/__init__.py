"""Telling the people concerned: making notices, sending them, and what is sent to systems."""
