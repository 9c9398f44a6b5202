"""Every event that a life can meet, as payloads of entries, and ways through the table of lives."""

from __future__ import annotations

import msgspec

from demonstration import attested, published
from isa_registry.domain import agreement_entries as entries
from isa_registry.domain.entries import RegisterPayload
from isa_registry.domain.lifecycles import NEW, STEPS, Machine, step

AGREEMENT, VERSION = "tier-2-hoth", "3.0"
BODIES = ("durham-constabulary", "harbour")
LOGGED: tuple[Machine, ...] = ("agreement", "attestation")
VERSION_THING = f"{AGREEMENT} {VERSION}"


def events_of(machine: Machine) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.event for one in STEPS if one.machine == machine))


def ways(machine: Machine) -> dict[str, tuple[str, ...]]:
    """To every state that can be reached, one shortest way: the events that lead there."""
    found: dict[str, tuple[str, ...]] = {NEW: ()}
    waiting = [NEW]
    while waiting:
        state = waiting.pop(0)
        for event in events_of(machine):
            taken = step(machine, state, event)
            if taken is not None and taken.to not in found:
                found[taken.to] = (*found[state], event)
                waiting.append(taken.to)
    return found


def version_event(event: str, number: int = 0) -> RegisterPayload:
    """An event in the life of the version; `number` tells two of the same apart."""
    on = f"2026-12-{number % 28 + 1:02}"
    first = published(AGREEMENT)
    schedule = msgspec.structs.replace(first.schedule, version=VERSION)
    made: dict[str, RegisterPayload] = {
        "publish": msgspec.structs.replace(first, version=VERSION, schedule=schedule),
        "open": entries.AgreementOpened(AGREEMENT, VERSION, entries.InForceRule(quorum=2), BODIES),
        "come-into-force": entries.AgreementInForce(AGREEMENT, VERSION, on),
        "suspend": entries.AgreementSuspended(AGREEMENT, VERSION, on, "law-changed"),
        "resume": entries.AgreementResumed(AGREEMENT, VERSION, on),
        "withdraw": entries.AgreementWithdrawn(AGREEMENT, VERSION, on, "replaced"),
        "review": entries.AgreementReviewed(AGREEMENT, VERSION, on, "stays-as-it-is"),
    }
    return made[event]


def attestation_event(event: str, body: str, number: int = 0) -> RegisterPayload:
    """An event in the life of a body's attestation of the version."""
    identifier = f"att-{body}-{number}"
    made: dict[str, RegisterPayload] = {
        "attest": attested(body, AGREEMENT, version=VERSION, identifier=identifier),
        "decline": entries.AttestationDeclined(AGREEMENT, VERSION, body, "other"),
        "withdraw": entries.AttestationWithdrawn(identifier, AGREEMENT, VERSION, body, "2026-12-01", "other"),
    }
    return made[event]


class Script:
    """Payloads of (thing, event) pairs: the thing is the version, or a body's attestation of it. A withdrawal is of the
    attestation that the body made last, of those that were `taken`."""

    def __init__(self) -> None:
        self._number = 0
        self._made: dict[str, int] = {}

    def payload(self, thing: str, event: str) -> RegisterPayload:
        self._number += 1
        if thing == VERSION_THING:
            return version_event(event, self._number)
        number = self._number if event == "attest" else self._made.get(thing, 0)
        return attestation_event(event, thing, number)

    def taken(self, thing: str, event: str) -> None:
        if event == "attest":
            self._made[thing] = self._number
