"""Who decides what lets others act: one table, and the two ways of deciding that it knows.

An organisation's own information-governance lead decides alone about its people and its systems. Two people of the
lead body's business unit decide together about everything that reaches beyond one organisation. Both are held against
the register at the very tail, so that a role which another worker just took away counts. Every entry names, in
`approved_by`, the entries that made its deciders known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import clients, issuers, roles
from isa_registry.actions.locking_out import business_unit_goes_on
from isa_registry.domain.access_entries import (
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    IssuerRemoved,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.people import Person, granted_roles, holders
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.roles import LEAD_ROLES, LEAD_SCOPES
from isa_registry.domain.verification_entries import LawVerificationWithdrawn, LawVerified
from isa_registry.ledger.drafts import Draft, Precondition

AccessPayload = IssuerRegistered | IssuerRemoved | ClientGranted | ClientRevoked | RoleGranted | RoleRevoked
Change = tuple[AccessPayload, ...]
"""What is decided at once, without `approved_by`: one payload, an issuer's removal and what takes its place, or an
issuer and the first information-governance lead of a body that joins."""

Way = Literal["own-ig-lead", "two-of-the-business-unit"]
ALONE: Way = "own-ig-lead"
TWO: Way = "two-of-the-business-unit"


LawPayload = LawVerified | LawVerificationWithdrawn
P = TypeVar("P", bound=AccessPayload | LawPayload)


class Decider(Struct, frozen=True):
    """A person who decides, and the organisation for which they signed in."""

    organisation: str
    issuer: str
    subject: str

    @property
    def person(self) -> Person:
        return self.issuer, self.subject


class Refuses(Protocol):
    """Raises `Refused` unless a person is one of those who decide something together, at this moment."""

    def __call__(self, view: RegisterView, by: Decider, at: str, *, number: int | None = None) -> None: ...


class Together(Struct, Generic[P], frozen=True):
    """What two people decide, one proposing and another approving: which payloads, who those people are, and what a
    change must meet whoever they are. Ids of proposals begin with `prefix`."""

    prefix: str
    payloads: tuple[type[P], ...]
    refuses: Refuses
    preconditions: Callable[[tuple[P, ...]], tuple[Precondition, ...]]
    draft: Callable[[tuple[P, ...], Decider, Decider, RegisterView], Draft]


def ways(payload: AccessPayload) -> frozenset[Way]:
    """How a change may be decided. Two people grant `ig-lead` only to a body that has nobody with that role."""
    match payload:
        case RoleGranted(role=role) | RoleRevoked(role=role):
            if role in LEAD_ROLES:
                return frozenset({TWO})
            return frozenset({ALONE, TWO}) if role == "ig-lead" else frozenset({ALONE})
        case ClientGranted(scopes=scopes):
            return frozenset({TWO if any(scope in LEAD_SCOPES for scope in scopes) else ALONE})
        case ClientRevoked():
            return frozenset({ALONE, TWO})
        case IssuerRegistered() | IssuerRemoved():
            return frozenset({TWO})


def way_for(change: Change, organisation: str, by: Decider, roles: frozenset[str]) -> Way:
    """How somebody with these roles decides a change at an organisation.

    Refused: `forbidden` where only the organisation's own lead does; `second-person` where only two people do.
    """
    fitting = frozenset.intersection(*(ways(payload) for payload in change))
    if ALONE in fitting and organisation == by.organisation and "ig-lead" in roles:
        return ALONE
    if TWO in fitting and "business-unit" in roles:
        return TWO
    if ALONE in fitting:
        raise Refused("forbidden", "The organisation's own information-governance lead decides this.")
    raise Refused("second-person", "This takes two people of the business unit: one proposes, another approves.")


def alone(payload: AccessPayload, by: Decider, view: RegisterView) -> Draft:
    """A change that the organisation's own information-governance lead decides. `view` is where their number is found.

    Refused: `not-your-organisation`; `second-person` where one person does not suffice; `forbidden` for who is no such
    lead by a grant; `conflict` where the body would be left without one; and what the change itself is refused for.
    """
    if by.organisation != payload.organisation:
        raise Refused("not-your-organisation", "This is open to the organisation itself.")
    if ALONE not in ways(payload):
        raise Refused("second-person", "This takes two people of the business unit: one proposes, another approves.")
    number = _number(view, by)

    def holds(view: RegisterView, at: str) -> None:
        refuse_without_role(view, by, "ig-lead", at=at, number=number)
        if isinstance(payload, RoleRevoked) and payload.role == "ig-lead":
            others = holders(view, payload.organisation, "ig-lead", _day(at)) - {(payload.issuer, payload.subject)}
            if not others:
                detail = "This is the organisation's last information-governance lead: grant the role to another first."
                raise Refused("conflict", detail)

    return Draft(
        payloads=(replace(payload, approved_by=(number,)),), preconditions=(holds, *preconditions_of((payload,)))
    )


def by_two(change: Change, first: Decider, second: Decider, view: RegisterView) -> Draft:
    """A change that `first` proposed and `second` approves, both people of the lead body's business unit.

    They must have signed in through one issuer: that two issuers' subjects are two people is known to nobody. Refused:
    `second-person`; `forbidden` for who is not of the business unit by a grant; `conflict` where a body has a lead of
    its own, or the business unit could decide nothing any more; and what the change itself is refused for.
    """
    if any(TWO not in ways(payload) for payload in change):
        raise Refused("forbidden", "The organisation's own information-governance lead decides this.")
    return together(change, first, second, view, refuse_outside_business_unit, preconditions_by_two(change))


def together(
    change: tuple[P, ...],
    first: Decider,
    second: Decider,
    view: RegisterView,
    refuses: Refuses,
    preconditions: tuple[Precondition, ...],
) -> Draft:
    """A change that `first` proposed and `second` approves: two people by one issuer, both of those who decide it."""
    if first.issuer != second.issuer or first.subject == second.subject:
        detail = "Somebody else must approve this: another person, signed in through the same issuer as the first."
        raise Refused("second-person", detail)
    numbers = (_number(view, first), _number(view, second))

    def holds(view: RegisterView, at: str) -> None:
        for by, number in zip((first, second), numbers, strict=True):
            refuses(view, by, at, number=number)

    return Draft(
        payloads=tuple(replace(payload, approved_by=numbers) for payload in change),
        preconditions=(holds, *preconditions),
    )


def preconditions_by_two(change: Change) -> tuple[Precondition, ...]:
    """What a change must meet that two people decide, whoever they are."""

    def without_a_lead(view: RegisterView, at: str) -> None:
        bodies = [one.organisation for one in change if isinstance(one, RoleGranted) and one.role == "ig-lead"]
        if any(holders(view, body, "ig-lead", _day(at)) for body in bodies):
            raise Refused("conflict", "The organisation has an information-governance lead, who grants this.")

    return (*preconditions_of(change), without_a_lead, business_unit_goes_on(change))


def preconditions_of(change: Change) -> tuple[Precondition, ...]:
    """What a change must meet, whoever decides it. Raises `Refused` for what no register would take."""
    match change:
        case (IssuerRemoved() as removed, IssuerRegistered() as registered) if (
            removed.organisation == registered.organisation and removed.issuer == registered.issuer
        ):
            both = (issuers.remove(removed), issuers.register(registered, alone=True))
            return tuple(one for draft in both for one in draft.preconditions)
        case (IssuerRegistered() as issuer, RoleGranted(role="ig-lead") as lead) if (
            lead.organisation == issuer.organisation and lead.issuer == issuer.issuer
        ):
            # A body that joins: by way of which issuer, and who its first lead is, are one decision.
            granted = roles.grant(lead, with_issuer=True)
            return (*issuers.register(issuer).preconditions, *granted.preconditions, roles.new_term(lead))
        case (payload,):
            return _RULES[type(payload)](payload)
        case _:
            raise Refused("unprocessable", "These changes do not belong together.")


def refuse_outside_business_unit(view: RegisterView, by: Decider, at: str, *, number: int | None = None) -> None:
    """Raises `Refused` unless a person is of the lead body's business unit at this moment, by a grant."""
    _refuse_outside_lead_body(view, by, "This is for the lead body's business unit.")
    refuse_without_role(view, by, "business-unit", at=at, number=number)


def refuse_outside_lead_bodys_leads(view: RegisterView, by: Decider, at: str, *, number: int | None = None) -> None:
    """Raises `Refused` unless a person is an information-governance lead of the lead body at this moment, by a
    grant."""
    _refuse_outside_lead_body(view, by, "This is for the lead body's information-governance leads.")
    refuse_without_role(view, by, "ig-lead", at=at, number=number)


def _refuse_outside_lead_body(view: RegisterView, by: Decider, whom: str) -> None:
    opened = view.opened()
    if opened is None or by.organisation != opened.lead_body:
        raise Refused("forbidden", whom)


def number_of(view: RegisterView, by: Decider) -> int:
    """The entry that first made a decider known. Raises `Refused` (`forbidden`) where none did."""
    return _number(view, by)


def refuse_without_role(view: RegisterView, by: Decider, *roles: str, at: str, number: int | None = None) -> None:
    """Raises `Refused` (`forbidden`) unless a person holds one of these roles of their organisation at this moment, by
    a grant; (`conflict`) where another entry than `number` made them known by now."""
    if granted_roles(view, by.organisation, by.person, _day(at)).isdisjoint(roles):
        named = " or ".join(roles)
        raise Refused("forbidden", f"This takes the role {named}, granted by name and not by a claim, at this moment.")
    if number is not None and view.first_known_by(*by.person) != number:
        raise Refused("conflict", "What the log says of who decides was changed at this moment. Try again.")


def _number(view: RegisterView, by: Decider) -> int:
    number = view.first_known_by(*by.person)
    if number is None:
        raise Refused("forbidden", "Whoever decides this has a role that was granted by name, and not by a claim.")
    return number


def _day(at: str) -> str:
    return london_date(parse_instant(at))


ACCESS: Together[AccessPayload] = Together(
    prefix="prp_",
    payloads=(IssuerRegistered, IssuerRemoved, ClientGranted, ClientRevoked, RoleGranted, RoleRevoked),
    refuses=refuse_outside_business_unit,
    preconditions=preconditions_by_two,
    draft=by_two,
)
"""What two people of the business unit decide."""

# `Any` because each row takes its own payload, which the key guarantees.
_RULES: dict[type, Callable[[Any], tuple[Precondition, ...]]] = {
    RoleGranted: lambda role: (*roles.grant(role).preconditions, roles.new_term(role)),
    RoleRevoked: lambda role: roles.revoke(role).preconditions,
    ClientGranted: lambda client: (*clients.grant(client).preconditions, clients.new_term(client)),
    ClientRevoked: lambda client: clients.revoke(client).preconditions,
    IssuerRegistered: lambda issuer: issuers.register(issuer).preconditions,
    IssuerRemoved: lambda issuer: issuers.remove(issuer).preconditions,
}
