"""Where a value strays from its shape."""

from __future__ import annotations

import re

import msgspec

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]+|\.\.\.)\]")


def place_and_fault(error: msgspec.ValidationError) -> tuple[str, str]:
    """The JSON pointer (RFC 6901) of what was refused, and what is wrong there."""
    what, _, path = str(error).partition(" - at `$")
    return "".join(f"/{member or index}" for member, index in _STEP.findall(path)), what
