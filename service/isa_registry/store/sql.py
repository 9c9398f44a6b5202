"""Named statements in `.sql` files: `-- name: entry_tail`, a line of intent, the statement."""

from __future__ import annotations

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)$", re.MULTILINE)


def statements(aggregate: str) -> dict[str, str]:
    """Every named statement of `store/{aggregate}.sql`. Raises ValueError where a name comes twice."""
    text = files("isa_registry.store").joinpath(f"{aggregate}.sql").read_text(encoding="utf-8")
    parts = _NAME.split(text)[1:]
    found: dict[str, str] = {}
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in found:
            raise ValueError(f"{aggregate}.sql names {name} twice")
        found[name] = body.strip()
    return found
