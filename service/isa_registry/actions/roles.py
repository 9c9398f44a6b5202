"""People's roles: what can be granted and revoked at all, whoever decides it (`deciding.py` says who may)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from isa_registry.actions.organisations import registered
from isa_registry.domain.access_entries import RoleGranted, RoleRevoked
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import leads_registry, led_by
from isa_registry.domain.roles import LEAD_ROLES, LONGEST_LEAD_DAYS, ROLES
from isa_registry.ledger.drafts import Draft, Precondition

_SUBJECT = re.compile(r"[^\s\x00-\x20\x7f]{1,255}")


def grant(role: RoleGranted, *, with_issuer: bool = False) -> Draft:
    """A role of one person. Refused (`unprocessable`) for what is no role, no person of an issuer of the body, or no
    date; (`forbidden`) for a role of a lead body's people that another body's would hold. `with_issuer`: the entry
    before it registers the issuer."""
    faults = _person_faults(role.subject)
    if role.role not in ROLES:
        faults.append(Fault("#/role", "unknown-code", f"Use one of {', '.join(ROLES)}."))
    if role.until is not None and not is_date(role.until):
        faults.append(Fault("#/until", "not-a-date", "Write dates as 2026-09-30."))
    if faults:
        raise Refused("unprocessable", "This role cannot be granted.", tuple(faults))

    def holds(view: RegisterView, at: str) -> None:
        if not with_issuer and all(one.organisation != role.organisation for one in view.issuers(role.issuer)):
            detail = "The organisation has no such issuer."
            raise Refused("unprocessable", detail, (Fault("#/issuer", "unknown-issuer", detail),))
        if role.role in LEAD_ROLES and not _may_hold(view, role):
            detail = (
                "auditor is a role of the registry's lead body's people alone, and business-unit one of the people of "
                "bodies that lead a partnership."
            )
            raise Refused("forbidden", detail)

    return Draft(payloads=(role,), preconditions=(registered(role.organisation), holds))


def new_term(role: RoleGranted) -> Precondition:
    """That the grant changes something at the tail, and ends when such a role must."""

    def holds(view: RegisterView, at: str) -> None:
        refuse_term(role.until, at, must_end=role.role in LEAD_ROLES)
        for held in view.roles(role.issuer, role.subject):
            if (held.organisation, held.role, held.until) == (role.organisation, role.role, role.until):
                raise Refused("conflict", "This person holds that role already, for as long.")

    return holds


def revoke(role: RoleRevoked) -> Draft:
    """A person's role ends with this entry. Refused (`not-found`) where they do not have it, a lapsed one excepted."""

    def holds(view: RegisterView, at: str) -> None:
        held = view.roles(role.issuer, role.subject)
        if all((one.organisation, one.role) != (role.organisation, role.role) for one in held):
            raise Refused("not-found", "There is no such role of such a person here.")

    return Draft(payloads=(role,), preconditions=(registered(role.organisation), holds))


def refuse_term(until: str | None, at: str, *, must_end: bool) -> None:
    """Raises `Refused` (`unprocessable`) where a grant made `at` (RFC 3339 UTC) would have ended before it begins, or
    one that `must_end` does not within the longest term."""
    today = london_date(parse_instant(at))
    if until is not None and until < today:
        raise _term("The last day is over.")
    if must_end:
        latest = (date.fromisoformat(today) + timedelta(days=LONGEST_LEAD_DAYS)).isoformat()
        if until is None or until > latest:
            raise _term(f"This is granted for a time: name a last day at most {LONGEST_LEAD_DAYS} days from now.")


def _may_hold(view: RegisterView, role: RoleGranted) -> bool:
    if role.role == "business-unit" and led_by(view, role.organisation):
        return True
    return leads_registry(view, role.organisation)


def _term(detail: str) -> Refused:
    return Refused("unprocessable", detail, (Fault("#/until", "term", detail),))


def _person_faults(subject: str) -> list[Fault]:
    if _SUBJECT.fullmatch(subject):
        return []
    detail = "A subject is 1 to 255 characters without spaces: the issuer's own identifier of the person, not a name."
    return [Fault("#/subject", "malformed", detail)]
