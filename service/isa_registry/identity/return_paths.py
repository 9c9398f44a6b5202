"""Where somebody goes after signing in: a page of ours and nothing else."""

from __future__ import annotations

import re
from urllib.parse import unquote

LONGEST_PATH = 512
LONGEST = 1_536
"""With its query. What was filled in on several pages may travel in it; it has to fit into the sign-in's cookie."""

_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?|/")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~=&+:,/@-]|%[0-9A-F]{2})*")
# They would lead round in a circle, or out of the register's own pages.
_ELSEWHERE = ("/auth", "/sign-in", "/sign-out", "/signed-out", "/demo", "/api", "/access", "/log/", "/bench")
_HERE = ("/log/verify",)


def return_path(text: str | None) -> str | None:
    """`text` where it is the path of a page here, with or without a query; None for everything else.

    It is not mended: what is not exactly of this form is not followed. A path has letters, digits and a few marks,
    never an empty, dotted or encoded step, so that no browser can read another address into it.
    """
    if text is None or len(text) > LONGEST:
        return None
    path, mark, query = text.partition("?")
    if len(path) > LONGEST_PATH:
        return None
    if not _PATH.fullmatch(path) or (mark and not _QUERY.fullmatch(query)):
        return None
    if any(not one.isprintable() for one in unquote(query, errors="replace")):
        return None
    if path not in _HERE and any(
        path == one or path.startswith(one if one.endswith("/") else f"{one}/") for one in _ELSEWHERE
    ):
        return None
    return text
