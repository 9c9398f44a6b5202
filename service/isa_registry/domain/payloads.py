"""What the payloads of all kinds of entry have in common."""

from __future__ import annotations

from msgspec import Struct


class PayloadStruct(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    """A payload: its tag is its kind, a member that it does not have is refused, one at its default is left out."""
