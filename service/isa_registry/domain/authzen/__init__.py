"""The protocol of the OpenID AuthZEN Authorization API 1.0, apart from who decides: forms, semantics, searches, pages.

Whoever decides is a `Policy` (`policy.py`). Ours answers checks; nothing in here knows what a check is.
"""
