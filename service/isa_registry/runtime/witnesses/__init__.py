"""Witnesses: those of our policy, asked in rounds, and the one that an agency runs itself."""
