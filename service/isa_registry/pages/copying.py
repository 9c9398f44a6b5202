"""What a page offers to copy."""

from __future__ import annotations

from msgspec import Struct


class ToCopy(Struct, frozen=True):
    """Something to copy: under which id on the page, what it is, and the text itself."""

    id: str
    label: str
    text: str
    rows: int = 1
