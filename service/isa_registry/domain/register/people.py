"""Who holds what on a day, by grants alone: what a claim of a sign-in gives is not in the log and decides nothing here.

Days are YYYY-MM-DD, Europe/London. A grant's last day is its `until`. It counts only while the issuer through which the
person signs in acts for the body.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.register.register import RegisterView

Person = tuple[str, str]
"""An issuer and a subject there."""


def granted_roles(view: RegisterView, organisation: str, person: Person, day: str) -> frozenset[str]:
    """The roles that a person holds for a body."""
    issuer, subject = person
    return frozenset(one.role for one in view.roles(issuer, subject) if _holds(view, one, organisation, day))


def holders(view: RegisterView, organisation: str, role: str, day: str) -> set[Person]:
    """Everybody who holds a role of a body."""
    return {
        (one.issuer, one.subject)
        for one in view.roles_of(organisation)
        if one.role == role and _holds(view, one, organisation, day)
    }


def most_by_one_issuer(people: Iterable[Person]) -> int:
    """How many of these people one issuer tells apart: of two issuers' subjects nobody knows that they are two."""
    by_issuer: defaultdict[str, int] = defaultdict(int)
    for issuer, _ in people:
        by_issuer[issuer] += 1
    return max(by_issuer.values(), default=0)


def _holds(view: RegisterView, grant: RoleGranted, organisation: str, day: str) -> bool:
    return (
        grant.organisation == organisation
        and (grant.until is None or day <= grant.until)
        and any(use.organisation == organisation for use in view.issuers(grant.issuer))
    )
