"""In which state of its life a thing is, by what the register says of it, and whether it takes an event."""

from __future__ import annotations

from isa_registry.domain.agreement_entries import AttestationMade, AttestationWithdrawn
from isa_registry.domain.happenings import Happening, happening
from isa_registry.domain.lifecycles import NEW, Machine, events, step
from isa_registry.domain.payloads import PayloadStruct
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView

CALLED: dict[Machine, str] = {"agreement": "This version", "attestation": "The organisation's attestation"}

IN_WORDS: dict[str, str] = {
    "none": "not there yet",
    "published": "published and not open",
    "open": "open for attestation",
    "in-force": "in force, or has a day to come into force",
    "suspended": "suspended",
    "withdrawn": "withdrawn",
    "attested": "made and stands",
    "declined": "declined",
}
"""A state as it stands in a sentence."""

EVENTS_IN_WORDS: dict[str, str] = {
    "publish": "publishing",
    "open": "opening",
    "come-into-force": "coming into force",
    "suspend": "suspending",
    "resume": "resuming",
    "withdraw": "withdrawing",
    "review": "a review",
    "attest": "attesting",
    "decline": "declining",
}


def state_of_version(version: AgreementVersion | None) -> str:
    """The state of a version, by the facts that decisions have set; dates are not looked at."""
    if version is None:
        return NEW
    if version.withdrawn is not None:
        return "withdrawn"
    if version.suspensions and version.suspensions[-1].until is None:
        return "suspended"
    if version.in_force_on is not None:
        return "in-force"
    return "published" if version.opened is None else "open"


def state_of_attestation(view: RegisterView, agreement: str, version: str, organisation: str) -> str:
    """The state of a body's own attestation of a version; dates are not looked at."""
    made = view.attestations_by(agreement, version, organisation)
    declined = view.declined(agreement, version, organisation)
    if declined is not None and (not made or made[-1].entry < declined.entry):
        return "declined"
    if not made:
        return NEW
    return "attested" if made[-1].withdrawn_on is None else "withdrawn"


def state_of(view: RegisterView, happened: Happening) -> str:
    """The state of the thing that an event happens to."""
    if happened.machine == "attestation":
        return state_of_attestation(view, *happened.thing.split(" "))
    return state_of_version(view.agreement_version(*happened.thing.split(" ")))


def refuse_untimely(view: RegisterView, payload: PayloadStruct) -> None:
    """Raises `Refused` (`conflict`) where an entry would be an event that the table of lives does not have in the state
    that its thing is in."""
    happened = happening(payload)
    if happened is None:
        return
    state = state_of(view, happened)
    if step(happened.machine, state, happened.event) is None:
        raise Refused("conflict", untimely(happened.machine, state, happened.event))
    _refuse_mistaken(view, payload)


def _refuse_mistaken(view: RegisterView, payload: PayloadStruct) -> None:
    """An attestation's entries name it, and what it is of: the two must be one."""
    if isinstance(payload, AttestationMade) and view.attestation(payload.attestation) is not None:
        raise Refused("conflict", "There is an attestation of this id already.")
    if isinstance(payload, AttestationWithdrawn):
        made = view.attestations_by(payload.agreement, payload.version, payload.organisation)
        if made[-1].attestation != payload.attestation:
            raise Refused("conflict", "This is not the organisation's latest attestation of this version.")


def untimely(machine: Machine, state: str, event: str) -> str:
    """Why an event is refused in a state: which state that is, and what it takes."""
    taken = [EVENTS_IN_WORDS[one] for one in dict.fromkeys(events(machine, state))]
    what = f"It takes {_either(taken)}, and not {EVENTS_IN_WORDS[event]}." if taken else "Nothing follows from there."
    return f"{CALLED[machine]} is {IN_WORDS[state]}. {what}"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
