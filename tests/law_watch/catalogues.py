"""Catalogues that differ from the one that ships, as directories for the commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demonstration import catalogue_files

CHANGED = "ca-2004-s11"
"""A provision on which clauses, records and answers of the demonstration rest."""


def directory(
    place: Path, name: str = "provisions.json", *, without: str | None = None, **edits: dict[str, Any]
) -> Path:
    """A directory with the shipped catalogue, some items of one file otherwise (by code, `_` for `-`) or gone."""
    place.mkdir()
    for file, text in catalogue_files().items():
        (place / file).write_bytes(text)
    items = [one for one in json.loads(catalogue_files()[name]) if one["code"] != without]
    for one in items:
        one.update(edits.get(one["code"].replace("-", "_"), {}))
    (place / name).write_text(json.dumps(items), encoding="utf-8")
    return place
