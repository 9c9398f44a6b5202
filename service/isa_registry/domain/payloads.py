"""What the payloads of all kinds of entry have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class PayloadStruct(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    """A payload: its tag is its kind, a member that it does not have is refused, one at its default is left out."""


class known_once(Generic[T]):  # noqa: N801 - it is used as a property is
    """What follows from a payload and is worked out once, for as long as that payload is held. It is no member: nothing
    of it is written or compared. The payload's struct has `dict=True`."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self._name = work_out.__name__
        self.__doc__ = work_out.__doc__

    def __get__(self, payload: object, _owner: type) -> T:
        # From now on this is found in the payload itself, and asked of nobody.
        known = payload.__dict__[self._name] = self._work_out(payload)
        return known
