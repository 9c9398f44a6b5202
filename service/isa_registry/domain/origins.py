"""Origins of the web, read strictly: what a browser compares, and nothing that could mean more than one."""

from __future__ import annotations

import re

MOST = 50

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(
    rf"https://(?:{_LABEL}\.)*{_LABEL}(?::[1-9][0-9]{{0,4}})?|http://(?:127\.0\.0\.1|localhost)(?::[1-9][0-9]{{0,4}})?"
)


def is_origin(text: str) -> bool:
    """Whether it is one origin as browsers write it: https, a whole host name in lower case, a port only where it is
    not 443. By http a machine may name itself alone."""
    if not _ORIGIN.fullmatch(text) or len(text) > 253:
        return False
    port = text.rpartition(":")[2]
    return not port.isdigit() or (int(port) < 65_536 and (int(port) != 443 or text.startswith("http://")))


def read_origins(text: str) -> tuple[str, ...]:
    """Origins with commas between, each once. Raises ValueError for anything else."""
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    if len(found) > MOST or len(set(found)) != len(found) or not all(map(is_origin, found)):
        raise ValueError("not a list of origins")
    return found
