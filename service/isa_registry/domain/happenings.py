"""Which step of which life a log entry is: a function of its payload alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from isa_registry.domain import agreement_entries
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.lifecycles import Machine, event_of
from isa_registry.domain.payloads import PayloadStruct


class Happening(NamedTuple):
    """An event in the life of a thing: of a version, "agreement version"; of an attestation, "agreement version
    organisation"."""

    machine: Machine
    thing: str
    event: str


def happening(payload: PayloadStruct) -> Happening | None:
    """What an entry is in a life that is logged; None for an entry that is no such step."""
    names = _NAMES.get(type(payload))
    if names is None:
        return None
    found = event_of(str(payload.__struct_config__.tag))
    assert found is not None
    machine, event = found
    return Happening(machine, names(payload), event)


def version_of(thing: str) -> tuple[str, str]:
    """The agreement and the version that a thing is or is about."""
    agreement, version = thing.split(" ")[:2]
    return agreement, version


def _version(payload: Any) -> str:
    return f"{payload.agreement} {payload.version}"


def _signatory(payload: Any) -> str:
    return f"{payload.agreement} {payload.version} {payload.organisation}"


# `Any` because each row takes its own payload, which the key guarantees.
_NAMES: dict[type, Callable[[Any], str]] = {
    agreement_entries.AgreementPublished: _version,
    agreement_entries.AgreementOpened: _version,
    agreement_entries.AgreementInForce: _version,
    agreement_entries.AgreementSuspended: _version,
    agreement_entries.AgreementResumed: _version,
    agreement_entries.AgreementWithdrawn: _version,
    agreement_entries.AgreementReviewed: _version,
    agreement_entries.AttestationMade: lambda payload: _signatory(read_attestation(payload.jws)),
    agreement_entries.AttestationDeclined: _signatory,
    agreement_entries.AttestationWithdrawn: _signatory,
}
