"""Where a body stands towards a version on a day (YYYY-MM-DD, Europe/London): what it decided, as the table of lives
has it, what follows from dates and from other entries, and what stands in the working state of invitations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from isa_registry.domain.register.facts import AgreementVersion, Attestation, Declined
from isa_registry.domain.register.lives import state_of_attestation
from isa_registry.domain.register.register import RegisterView

State = Literal[
    "none", "asked", "turned-down", "invited", "viewed", "queried", "attested", "re-attested", "by-parent", "stale",
    "lapsed", "withdrawn", "declined",
]  # fmt: skip

INVITED = frozenset({"invited", "viewed", "queried"})
"""The states of an invitation in which a body is asked to attest, and has not answered."""


class Standing(Struct, frozen=True):
    """A body's state. `counts`: the register takes the body for a signatory of the version on the day. `attestation` is
    the one by which it is or was bound, `through` the parent whose attestation that is."""

    organisation: str
    state: State
    counts: bool = False
    attestation: Attestation | None = None
    through: str | None = None
    declined: Declined | None = None


def standing(
    view: RegisterView, version: AgreementVersion, organisation: str, on: str, *, invitation: str | None = None
) -> Standing:
    """Where a body stands. `invitation` is its state there, as working state has it; a party of an opened version is
    invited without one."""
    agreement, number = version.agreement, version.version
    signature = view.signature(agreement, number, organisation, on)
    own = [one for one in view.attestations_by(agreement, number, organisation) if one.stands(on)]
    declined = view.declined(agreement, number, organisation)
    if own:
        state = _since(view, version, own[-1], organisation, on)
        return Standing(organisation, state, counts=signature is not None, attestation=own[-1])
    if signature is not None:
        # By a parent: a body that wants to be out of that is named out, whatever it said of the version.
        ended = _ended(view, version, organisation, on)
        return Standing(organisation, ended or "by-parent", True, signature, signature.organisation)
    if state_of_attestation(view, agreement, number, organisation) == "declined":
        return Standing(organisation, "declined", declined=declined)
    last = next(reversed(view.attestations_by(agreement, number, organisation)), None)
    if last is not None and last.withdrawn_on is not None and last.withdrawn_on <= on:
        return Standing(organisation, "withdrawn", attestation=last)
    return Standing(organisation, _invited(version, organisation, invitation))


def standings(
    view: RegisterView, version: AgreementVersion, on: str, invitations: Mapping[str, str] | None = None
) -> list[Standing]:
    """Every body that has anything to do with a version, by id: parties, signatories with those that follow them, who
    declined or withdrew, and who was invited or asked to join."""
    if invitations:
        found = (
            standing(view, version, body.organisation, on, invitation=invitations.get(body.organisation))
            for body in view.organisations()
        )
        return [one for one in found if one.state != "none"]
    known = ("standings", version.agreement, version.version, on)
    return view.memory.recall(known, lambda: _standings(view, version, on))


def is_superseded(view: RegisterView, version: AgreementVersion, on: str) -> bool:
    """Whether a newer version of the agreement is in force."""
    current = view.agreement_in_force(version.agreement, on)
    if current is None or current.version == version.version:
        return False
    if version.in_force_on is None or version.in_force_on > on:
        return current.published_at > version.published_at
    return ((current.in_force_on or ""), current.published_at) > (version.in_force_on, version.published_at)


def has_ended(version: AgreementVersion, on: str) -> bool:
    """Whether a version is withdrawn, or past its last day."""
    withdrawn = version.withdrawn_on is not None and version.withdrawn_on <= on
    return withdrawn or (version.ends is not None and version.ends < on)


def why_not_open(view: RegisterView, version: AgreementVersion, on: str) -> str | None:
    """Why nobody attests or declines a version on a day, in a sentence; None where it is open or in force."""
    if version.withdrawn is not None:
        return "This version was withdrawn, and is attested no more."
    if version.opened is None and version.in_force_on is None:
        return "This version is not open for attestation yet."
    if has_ended(version, on):
        return "This version has ended, and is attested no more."
    if any(one.covers(on) for one in version.suspensions):
        return "This version is suspended. It can be attested again once it is resumed."
    if is_superseded(view, version, on):
        return "A newer version is in force. Read and attest that one."
    return None


def _standings(view: RegisterView, version: AgreementVersion, on: str) -> list[Standing]:
    found = (standing(view, version, body.organisation, on) for body in view.organisations())
    return [one for one in found if one.state != "none"]


def _since(
    view: RegisterView, version: AgreementVersion, attestation: Attestation, organisation: str, on: str
) -> State:
    """What has become of an attestation that stands by its own dates."""
    ended = _ended(view, version, organisation, on)
    if ended is not None:
        return ended
    before = any(
        earlier.entry < attestation.entry
        for other in view.agreement_versions(version.agreement)
        if other.version != version.version
        for earlier in view.attestations_by(version.agreement, other.version, organisation)
    )
    return "re-attested" if before else "attested"


def _ended(
    view: RegisterView, version: AgreementVersion, organisation: str, on: str
) -> Literal["lapsed", "stale"] | None:
    body = view.organisation(organisation)
    closed = body is not None and body.closed_on is not None and body.closed_on <= on
    if closed or has_ended(version, on):
        return "lapsed"
    return "stale" if is_superseded(view, version, on) else None


def _invited(version: AgreementVersion, organisation: str, invitation: str | None) -> State:
    party = version.opened is not None and organisation in version.opened.parties
    match invitation:
        case "viewed" | "queried" | "invited":
            return invitation
        case "asked" | "turned-down":
            return "invited" if party else invitation
        case _:
            return "invited" if party else "none"
