"""People and roles of one's own organisation: who has which until when, granting, and taking away.

A person is an issuer and the subject that it gives them. A role is named in addresses by the entry that granted it, so
that no identifier of a person stands in one.
"""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.domain.access_entries import RoleGranted, RoleRevoked
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.roles import OWN_ROLES
from isa_registry.identity.forms import Sent, only
from isa_registry.ledger.drafts import Appended
from isa_registry.pages.changing import ROLES, Rejected, change, rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.leavers import UNUSED_DAYS, unused_roles

ADDRESS = "/account/people"
_MEANS = {
    "practitioner": "Asks whether information may be shared, and reads what the organisation recorded",
    "signatory": "Signs agreements for the organisation",
    "ig-lead": "Looks after the organisation’s people, systems and keys, as you do",
}


class RoleShown(Struct, frozen=True):
    """A role of a person. `entry` is where it was granted; days are YYYY-MM-DD."""

    subject: str
    issuer: str
    you: bool
    role: str
    until: str | None
    lapsed: bool
    entry: int | None


class LeaverShown(Struct, frozen=True):
    """A person who used no role for so long."""

    subject: str
    roles: str
    last_used: str | None


def member_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [_people(reads), *_granting(reads, writes), *_taking_away(reads, writes)]


def _people(reads: Declare) -> HTTPRouteHandler:
    @reads(ADDRESS)
    async def people(request: Request) -> Response[bytes]:
        registry, own = registry_of(request), caller_of(request).organisation
        report = await unused_roles(registry, own)
        issuers = registry.follower.view.issuers_of(own)
        return layout_of(request).page(
            "people.html",
            roles=_roles(request),
            issuers=_issuers(request),
            claims=[(one, ROLES.get(one.role, one.role)) for issuer in issuers for one in issuer.roles_from],
            leavers=[
                LeaverShown(
                    subject=one.subject,
                    roles=", ".join(ROLES.get(role.role, role.role) for role, _ in one.roles),
                    last_used=one.last_used,
                )
                for one in report.people
            ],
            unused_days=UNUSED_DAYS,
            noted_since=report.noted_since,
        )

    return people


def _roles(request: Request) -> list[RoleShown]:
    """Who can do nothing any more comes last."""
    registry, caller = registry_of(request), caller_of(request)
    view, today = registry.follower.view, london_date(registry.now())
    shown = [
        RoleShown(
            subject=one.subject,
            issuer=one.issuer,
            you=(one.issuer, one.subject) == (caller.issuer, caller.subject),
            role=ROLES.get(one.role, one.role),
            until=one.until,
            lapsed=one.until is not None and one.until < today,
            entry=view.granted_by(one),
        )
        for one in view.roles_of(caller.organisation)
    ]
    return sorted(shown, key=lambda one: (one.lapsed, one.subject, one.issuer, one.role))


# --- granting ---------------------------------------------------------------------------------------------------------


def _granting(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/grant")
    async def form(request: Request) -> Response[bytes]:
        return _grant_page(request, Form())

    @writes(f"{ADDRESS}/grant")
    async def grant(request: Request) -> Response[bytes]:
        sent = form_of(request)
        missing = _missing(sent)
        if missing:
            return _grant_page(request, Form(sent, missing), status=422)
        granted = _granted(request, sent)
        try:
            done = await change(request, (granted,))
        except Refused as refused:
            told = rejected(Form(sent), refused)
            return _grant_page(request, told.form, status=told.status)
        assert isinstance(done, Appended), "the lead of an organisation decides this alone"
        return layout_of(request).page(
            "role_granted.html", entry=done.index, role=ROLES[granted.role], subject=granted.subject
        )

    return [form, grant]


def _missing(sent: Sent) -> tuple[FieldError, ...]:
    wanted = (("subject", "Enter the person’s identifier"), ("role", "Choose a role"))
    return tuple(FieldError(field, says) for field, says in wanted if not only(sent, field).strip())


def _granted(request: Request, sent: Sent) -> RoleGranted:
    own = caller_of(request).organisation
    issuers = _issuers(request)
    return RoleGranted(
        organisation=own,
        issuer=issuers[0] if len(issuers) == 1 else only(sent, "issuer"),
        subject=only(sent, "subject").strip(),
        role=only(sent, "role"),
        until=only(sent, "until").strip() or None,
    )


def _issuers(request: Request) -> list[str]:
    """The issuers by way of which the organisation's people sign in, each once."""
    own = registry_of(request).follower.view.issuers_of(caller_of(request).organisation)
    return list(dict.fromkeys(one.issuer for one in own))


def _grant_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    return layout_of(request).page(
        "grant_role.html",
        status=status,
        form=form,
        issuers=_issuers(request),
        roles=[(role, ROLES[role], _MEANS[role]) for role in OWN_ROLES],
    )


# --- taking away ------------------------------------------------------------------------------------------------------


def _taking_away(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(f"{ADDRESS}/{{entry:str}}/revocation")
    async def look(request: Request, entry: FromPath[str]) -> Response[bytes]:
        return _revocation_page(request, _role(request, entry))

    @writes(f"{ADDRESS}/{{entry:str}}/revocation")
    async def revoke(request: Request, entry: FromPath[str]) -> Response[bytes]:
        role = _role(request, entry)
        revoked = RoleRevoked(organisation=role.organisation, issuer=role.issuer, subject=role.subject, role=role.role)
        try:
            done = await change(request, (revoked,))
        except Refused as refused:
            return _revocation_page(request, role, rejected(Form(), refused))
        assert isinstance(done, Appended), "the lead of an organisation decides this alone"
        return layout_of(request).page(
            "role_revoked.html", entry=done.index, role=ROLES.get(role.role, role.role), subject=role.subject
        )

    return [look, revoke]


def _role(request: Request, entry: str) -> RoleGranted:
    """The role that this entry granted, if it still stands. Raises `Refused`: `not-found`; `second-person`."""
    view = registry_of(request).follower.view
    for one in view.roles_of(caller_of(request).organisation):
        if str(view.granted_by(one)) == entry:
            if one.role not in OWN_ROLES:
                raise Refused("second-person", "Two people of the business unit take this role away.")
            return one
    raise Refused("not-found", "There is no such role here any more.")


def _revocation_page(request: Request, role: RoleGranted, told: Rejected | None = None) -> Response[bytes]:
    caller = caller_of(request)
    return layout_of(request).page(
        "revoke_role.html",
        status=200 if told is None else told.status,
        form=Form() if told is None else told.form,
        entry=registry_of(request).follower.view.granted_by(role),
        role=role,
        role_name=ROLES.get(role.role, role.role),
        you=(role.issuer, role.subject) == (caller.issuer, caller.subject),
    )
