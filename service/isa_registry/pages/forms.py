"""Forms: what was sent, read strictly, and what is wrong with it, shown where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from msgspec import Struct

from isa_registry.domain.refusals import Fault, Refused

Sent = Mapping[str, tuple[str, ...]]
"""The fields of a form by name, each with its values in order."""

CONTENT_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 200


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
            FieldError(named.get(fault.pointer, fault.pointer.rpartition("/")[2]), fault.detail) for fault in faults
        )
        return Form(self.values, (*self.errors, *errors))


def read_form(body: bytes) -> Sent:
    """The fields of an HTML form as a browser sends it. Raises `Refused` (malformed) for anything else."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Refused("malformed", "The form cannot be read.") from None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value.replace("\r\n", "\n"))
    return found


def only(sent: Sent, field: str) -> str:
    """A field that is there once at most; empty where it is not. Raises `Refused` (malformed) where it is there twice,
    which no form of ours does."""
    values = sent.get(field, ())
    if len(values) > 1:
        raise Refused("malformed", "A field is there twice.")
    return values[0] if values else ""
