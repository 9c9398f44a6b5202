"""The set-up list of a body: what is there, and what is still to do, in order, until nothing is left.

It is derived from the register and the day each time that it is asked. What holds people by name counts, not what a
claim of their sign-in gives, except for those who sign: a body may give that role by a claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from isa_registry.domain.access_entries import IssuerRegistered, RoleGranted
from isa_registry.domain.dates import day_after
from isa_registry.domain.lawful_bases.cover import SOON, cover
from isa_registry.domain.register.facts import AgreementVersion, Organisation, SigningKey
from isa_registry.domain.register.register import RegisterView

Who = Literal["business-unit", "ig-lead"]

URGENT = "urgent"
"""The contact of whom others ask when it cannot wait."""


class Kind(Struct, frozen=True):
    """A kind of step: who takes it, where (a page, and the interface's route), and why, in plain words."""

    code: str
    who: Who
    title: str
    why: str
    page: str
    interface: str


KINDS: dict[str, Kind] = {
    one.code: one
    for one in (
        Kind(
            "issuer",
            "business-unit",
            "Register the sign-in service",
            "It tells the registry which people and systems are the organisation’s. It can be one that a trust or a "
            "council has. One person proposes it, another approves it.",
            "/organisations/invitations/new?organisation={organisation}",
            "/api/v1/organisations/{organisation}/issuers",
        ),
        Kind(
            "ig-lead",
            "business-unit",
            "Let in the first information-governance lead",
            "From then on this person looks after everything else here. One person proposes it, another approves it.",
            "/account/proposals/role",
            "/api/v1/organisations/{organisation}/members",
        ),
        Kind(
            "signatory",
            "ig-lead",
            "Say who signs agreements",
            "Nobody can sign for the organisation until somebody has the role of signatory.",
            "/account/people/grant",
            "/api/v1/organisations/{organisation}/members",
        ),
        Kind(
            "event-key",
            "ig-lead",
            "Register a key that signs sharing events",
            "A system that records what was shared signs each record with the organisation’s own key. Without such a "
            "system there is no need for one.",
            "/account/keys/registration",
            "/api/v1/organisations/{organisation}/keys",
        ),
        Kind(
            "policy-document",
            "ig-lead",
            "Name the appropriate policy document",
            "Schedule 1 to the Data Protection Act 2018 asks for one wherever special category or criminal offence "
            "data is shared on its conditions. Give your own reference, and the day of its next review.",
            "/organisations/{organisation}",
            "/api/v1/organisations/{organisation}/particulars",
        ),
        Kind(
            "lawful-basis",
            "ig-lead",
            "Record the lawful basis",
            "For each purpose of an agreement that it signed, an organisation records what in law it relies on, so "
            "that answers can name it.",
            "/account/lawful-bases",
            "/api/v1/organisations/{organisation}/lawful-bases",
        ),
        Kind(
            "urgent-contact",
            "ig-lead",
            "Say whom to ask when it is urgent",
            "Partners who must decide today are led to this post or team. Never name a person.",
            "/organisations/{organisation}",
            "/api/v1/organisations/{organisation}/particulars",
        ),
        Kind(
            "ico-registration",
            "ig-lead",
            "Give the ICO registration number",
            "It shows partners that the organisation pays the data protection fee, and under which name.",
            "/organisations/{organisation}",
            "/api/v1/organisations/{organisation}/particulars",
        ),
    )
}  # fmt: skip
"""Every kind of step, in the order in which they are taken."""


class Step(Struct, frozen=True):
    """One step of a body's. Not `needed`: nothing waits for it, and it may be taken all the same. `agreement` and
    `purpose` say which lawful basis; `overdue`: it was done, and its review is over or its record holds no longer.
    `lapses_on`: it is done, and that day, which is no more than 30 days away, is the last of its record, or that of its
    review."""

    kind: Kind
    done: bool
    needed: bool = True
    agreement: str | None = None
    purpose: str | None = None
    overdue: bool = False
    lapses_on: str | None = None

    @property
    def waits(self) -> bool:
        return self.needed and not self.done


def steps(view: RegisterView, organisation: str, on: str) -> tuple[Step, ...]:
    """Every step of a body on a day, YYYY-MM-DD, in order; none once it is closed, or where it was never registered."""
    body = view.organisation(organisation)
    if body is None or (body.closed_on is not None and body.closed_on <= on):
        return ()
    return tuple(_steps(view, body, on))


def left(view: RegisterView, organisation: str, on: str) -> tuple[Step, ...]:
    """What is still to do: the list that empties."""
    return tuple(one for one in steps(view, organisation, on) if one.waits)


def _steps(view: RegisterView, body: Organisation, on: str) -> Iterator[Step]:
    of = body.organisation
    known = view.memory.recall(("set-up",), lambda: _Known(view))
    issuers = known.issuers.get(of, [])
    held = {
        one.role
        for one in known.roles.get(of, [])
        if (one.until is None or on <= one.until) and any(use.issuer == one.issuer for use in issuers)
    }
    by_claim = {mapping.role for use in issuers for mapping in use.roles_from}
    yield Step(KINDS["issuer"], bool(issuers))
    yield Step(KINDS["ig-lead"], "ig-lead" in held)
    # For a body that its parent signs for there need be nobody.
    signs = not body.follows_parent("*") or bool(body.named_out)
    yield Step(KINDS["signatory"], "signatory" in held | by_claim, needed=signs)
    yield Step(KINDS["event-key"], any(_signs_events(one, on) for one in known.keys.get(of, [])), of in known.recording)
    review_on = None if body.policy_document is None else body.policy_document.review_on
    overdue = review_on is not None and review_on < on
    soon = review_on if review_on is not None and on <= review_on <= day_after(on, SOON) else None
    yield Step(KINDS["policy-document"], review_on is not None and not overdue, overdue=overdue, lapses_on=soon)
    for agreement, purpose in signed_purposes(view, of, on):
        covered = cover(view.lawful_bases_for(of, agreement, purpose), on)
        yield Step(
            KINDS["lawful-basis"],
            covered.holding is not None,
            agreement=agreement,
            purpose=purpose,
            overdue=covered.lapsed_on is not None,
            lapses_on=covered.lapses_soon(on),
        )
    yield Step(KINDS["urgent-contact"], URGENT in body.contacts)
    yield Step(KINDS["ico-registration"], body.ico_registration is not None)


def signed_purposes(view: RegisterView, organisation: str, on: str) -> list[tuple[str, str]]:
    """The purposes of what a body has signed, and accepted, each once: of the version in force, and of one to come."""
    found: dict[tuple[str, str], None] = {}
    for version in view.memory.recall(("set-up-versions", on), lambda: _live_versions(view, on)):
        signature = view.signature(version.agreement, version.version, organisation, on)
        if signature is not None:
            for line in version.schedule.purposes:
                if line.code not in signature.reservations:
                    found[version.agreement, line.code] = None
    return list(found)


def _live_versions(view: RegisterView, on: str) -> list[AgreementVersion]:
    current = {one.agreement: one for one in view.agreements_in_force(on)}
    return [
        one
        for one in view.agreement_versions()
        if current.get(one.agreement) == one
        or (one.withdrawn_on is None and (one.in_force_on is None or one.in_force_on > on))
    ]


def _signs_events(key: SigningKey, on: str) -> bool:
    registered = key.registered
    return (
        "event" in registered.uses
        and not key.revoked
        and (registered.valid_until is None or on <= registered.valid_until[:10])
    )


class _Known:
    """What the register says of all bodies, by body: looked up once for a list of thousands."""

    __slots__ = ("issuers", "keys", "recording", "roles")

    def __init__(self, view: RegisterView) -> None:
        self.issuers: defaultdict[str, list[IssuerRegistered]] = defaultdict(list)
        self.roles: defaultdict[str, list[RoleGranted]] = defaultdict(list)
        self.keys: defaultdict[str, list[SigningKey]] = defaultdict(list)
        self.recording = {one.organisation for one in view.all_clients() if "events:write" in one.scopes}
        for use in view.every_issuer():
            self.issuers[use.organisation].append(use)
        for role in view.all_roles():
            self.roles[role.organisation].append(role)
        for key in view.all_keys():
            self.keys[key.registered.organisation].append(key)
