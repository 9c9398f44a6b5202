"""Catalogues that differ from the one that ships, as files and as directories for the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demonstration import catalogue_files

CHANGED = "ca-2004-s11"
"""A provision on which clauses, records and answers of the demonstration rest."""


def files(name: str = "provisions.json", *, without: str | None = None, **edits: dict[str, Any]) -> dict[str, bytes]:
    """The shipped catalogue, some items of one file otherwise (by code, `_` for `-`) or gone."""
    items = [one for one in json.loads(catalogue_files()[name]) if one["code"] != without]
    for one in items:
        one.update(edits.get(one["code"].replace("-", "_"), {}))
    return {**catalogue_files(), name: json.dumps(items).encode()}


def directory(
    place: Path, name: str = "provisions.json", *, without: str | None = None, **edits: dict[str, Any]
) -> Path:
    """The same as a directory."""
    place.mkdir()
    for file, text in files(name, without=without, **edits).items():
        (place / file).write_bytes(text)
    return place
