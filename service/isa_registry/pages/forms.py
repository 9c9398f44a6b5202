"""A form as a page shows it: what stands or was sent, and what is wrong with it where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from isa_registry.domain.refusals import Fault
from isa_registry.identity.forms import Sent


class FieldError(Struct, frozen=True):
    """What is wrong with a field, in words that say what to do: `Enter the day on which it ends`."""

    field: str
    text: str


class Form(Struct, frozen=True):
    """What a form holds as it is shown: the values that stand or were sent, and what is wrong with them."""

    values: Sent = {}
    errors: tuple[FieldError, ...] = ()

    def value(self, field: str) -> str:
        """The field's value, or its first one; empty where there is none."""
        return next(iter(self.values.get(field, ())), "")

    def chosen(self, field: str) -> tuple[str, ...]:
        """Every value of a field with several."""
        return tuple(self.values.get(field, ()))

    def error(self, field: str) -> str | None:
        """What is wrong with the field: the first thing, if any."""
        return next((one.text for one in self.errors if one.field == field), None)

    def refused(self, faults: Iterable[Fault], fields: Mapping[str, str] | None = None) -> Form:
        """The same form with an action's faults. `fields` names the field of a pointer where it is not the last part
        of it: `#/key/kid` is the field `kid`."""
        named = fields or {}
        errors = tuple(
            FieldError(named.get(fault.pointer, fault.pointer.rpartition("/")[2]), fault.detail.removesuffix("."))
            for fault in faults
        )
        return Form(self.values, (*self.errors, *errors))
