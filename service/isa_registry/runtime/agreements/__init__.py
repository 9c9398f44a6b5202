"""Agreements at work: drafts of words, and versions that come into force by their rule."""
