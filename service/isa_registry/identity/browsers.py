"""The family of a browser: enough for somebody to tell their own sessions apart, and no more."""

from __future__ import annotations

# In this order: most browsers also name those that they descend from.
_MARKS = (("edg", "edge"), ("opr/", "opera"), ("firefox", "firefox"), ("chrom", "chrome"), ("safari", "safari"))


def browser_family(user_agent: str | None) -> str:
    """One of `edge`, `opera`, `firefox`, `chrome`, `safari`, `other`."""
    lower = (user_agent or "")[:512].lower()
    return next((family for mark, family in _MARKS if mark in lower), "other")
