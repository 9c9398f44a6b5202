"""Who may bind a body: sign an agreement so that it is the body that has signed.

Its own office holders, in the roles that the agreement's schedule names for its kind. A `delegate` of its own, but only
by the reference of a delegation that it gave. The office holders of another body that it delegated to, in the roles for
that body's kind; what was delegated is not delegated on. Nobody at all while the body is suspended, or once it is
closed. Days are YYYY-MM-DD, Europe/London.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import AgreementVersion, Delegation, Organisation
from isa_registry.domain.register.register import RegisterView

DELEGATE = "delegate"
"""The signatory role of somebody who holds no office and signs by a delegation."""


class Binder(Struct, frozen=True):
    """Signatories of `organisation` who may bind a body in any of `roles`. `ref`: only whoever has that reference.
    `delegation`: by which; None for the body's own office holders."""

    organisation: str
    roles: tuple[str, ...]
    ref: str | None = None
    delegation: str | None = None


class Signer(Struct, frozen=True):
    """Somebody who signs: the body whose signatory they are, and the role and reference in which they sign."""

    organisation: str
    role: str
    ref: str


def who_may_bind(view: RegisterView, organisation: str, version: AgreementVersion, on: str) -> tuple[Binder, ...]:
    """Everybody who may bind a body for an agreement version on a day, its own office holders first."""
    body = view.organisation(organisation)
    if body is None or not body.takes_part(on):
        return ()
    roles = version.schedule.signatory_roles.get(body.organisation_kind, ())
    found = [Binder(organisation=organisation, roles=_offices(roles))]
    for delegation in view.delegations_of(organisation):
        if delegation.holds(version.agreement, on):
            found += _by_delegation(view, delegation, version, roles, on)
    return tuple(one for one in found if one.roles)


def binder_of(view: RegisterView, organisation: str, version: AgreementVersion, on: str, signer: Signer) -> Binder:
    """On what somebody may bind a body for an agreement version on a day.

    Raises `Refused`: `not-found` for a body that is not registered, `unprocessable` otherwise, with a pointer into an
    attestation to what is wrong.
    """
    body = view.organisation(organisation)
    if body is None:
        raise Refused("not-found", "There is no such organisation.")
    if not body.takes_part(on):
        raise _not_binding("#/organisation", "not-taking-part", _standing(body, on))
    for binder in who_may_bind(view, organisation, version, on):
        theirs = binder.organisation == signer.organisation and binder.ref in (None, signer.ref)
        if theirs and signer.role in binder.roles:
            return binder
    if signer.organisation != organisation:
        detail = "The organisation has not delegated this to the body whose signatory signs, or not in this role."
        raise _not_binding("#/signatory/role", "no-delegation", detail)
    allowed = version.schedule.signatory_roles.get(body.organisation_kind, ())
    if signer.role not in allowed:
        named = ", ".join(allowed) or "nobody"
        detail = f"For this kind of organisation the agreement is signed by: {named}."
        raise _not_binding("#/signatory/role", "role-not-allowed", detail)
    detail = (
        "A delegate signs by a delegation in force that names this reference: the organisation's "
        "information-governance lead gives it first."
    )
    raise _not_binding("#/signatory/ref", "no-delegation", detail)


def bound_by(
    view: RegisterView, signing: str, version: AgreementVersion, on: str
) -> list[tuple[Organisation, tuple[Binder, ...]]]:
    """The bodies that signatories of one may bind for an agreement version on a day, with on what: their own first."""
    own = view.organisation(signing)
    others = [body for body in view.organisations() if body != own and view.delegations_of(body.organisation)]
    found = []
    for body in [*([] if own is None else [own]), *others]:
        binders = who_may_bind(view, body.organisation, version, on)
        theirs = tuple(one for one in binders if one.organisation == signing)
        if theirs:
            found.append((body, theirs))
    return found


def speaks_for(view: RegisterView, signing: str, organisation: str, agreement: str, on: str) -> bool:
    """Whether signatories of one body may say no, or take a yes back, for another: it is their own, or has delegated
    the agreement to theirs. Also while it is suspended: nobody is kept from saying no."""
    delegated = (one.given.to for one in view.delegations_of(organisation) if one.holds(agreement, on))
    return organisation == signing or signing in delegated


def _by_delegation(
    view: RegisterView, delegation: Delegation, version: AgreementVersion, roles: tuple[str, ...], on: str
) -> list[Binder]:
    given = delegation.given
    if given.ref is not None:
        own = (DELEGATE,) if DELEGATE in roles else ()
        return [Binder(organisation=given.organisation, roles=own, ref=given.ref, delegation=given.delegation)]
    other = None if given.to is None else view.organisation(given.to)
    if other is None or not other.takes_part(on):
        return []
    theirs = _offices(version.schedule.signatory_roles.get(other.organisation_kind, ()))
    return [Binder(organisation=other.organisation, roles=theirs, delegation=given.delegation)]


def _offices(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if role != DELEGATE)


def _standing(body: Organisation, on: str) -> str:
    if body.closed_on is not None and body.closed_on <= on:
        return "This organisation is closed. Its successor, if it has one, signs for itself."
    return "This organisation is suspended: nobody can bind it until that ends."


def _not_binding(pointer: str, code: str, detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault(pointer, code, detail),))
