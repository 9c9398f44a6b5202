"""Signing what is committed, and never a second history of it."""
