"""Who is signed in, and what the navigation of a page offers to whom: one table."""

from __future__ import annotations

from msgspec import Struct

EVERYBODY: frozenset[str] = frozenset()
UNITS = frozenset({"business-unit", "partnership-unit"})
"""The business units: of the body that leads the registry, and of those that lead other partnerships."""


class SignedIn(Struct, frozen=True):
    """Who is signed in, as the header and the forms of a page need it: the organisation by id and name, the roles that
    the person has there today, the token that each form sends back (`csrf`), and the other organisations, by id and
    name, that the person can switch to."""

    organisation: str
    organisation_name: str
    roles: frozenset[str]
    csrf: str
    others: tuple[tuple[str, str], ...] = ()


class Line(Struct, frozen=True):
    """A line of the navigation. Without `roles` everybody has it; `signed_in`: whether one must, or must not, be."""

    text: str
    href: str
    roles: frozenset[str] = EVERYBODY
    signed_in: bool | None = None


TABLE = (
    Line("Agreements", "/agreements"),
    Line("Training", "/training"),
    Line("Organisations", "/organisations", signed_in=True),
    Line("The log", "/log"),
    Line("Documentation", "/documentation"),
    Line("Ask", "/ask", roles=frozenset({"practitioner", "ig-lead", "auditor", "business-unit"}), signed_in=True),
    Line("Consents", "/consents", roles=frozenset({"practitioner", "ig-lead"}), signed_in=True),
    Line("Decisions", "/decisions", roles=frozenset({"practitioner", "ig-lead"}), signed_in=True),
    Line("Differences", "/account/challenges", roles=frozenset({"practitioner", "ig-lead"}), signed_in=True),
    Line("Set-up", "/account/set-up", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("To do", "/account/to-do", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("Lawful bases", "/account/lawful-bases", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("To sign", "/account/attestations", roles=frozenset({"signatory"}), signed_in=True),
    Line("People", "/account/people", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("Keys", "/account/keys", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("Decisions to look at", "/account/flagged-decisions", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("Data requests", "/account/subject-access", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("Notices", "/account/notices", roles=frozenset({"ig-lead", "business-unit"}), signed_in=True),
    Line("Your agreements", "/account/agreements", roles=UNITS, signed_in=True),
    Line("Proposals", "/account/proposals", roles=frozenset({"business-unit"}), signed_in=True),
    Line("The law", "/account/law", roles=frozenset({"law-lead"}), signed_in=True),
    Line("Law watch", "/account/law/watch", roles=frozenset({"business-unit"}), signed_in=True),
    Line("Sign-in check", "/account/issuer", roles=frozenset({"ig-lead", "business-unit"}), signed_in=True),
    Line("Audit", "/audit", roles=frozenset({"ig-lead", "auditor"}), signed_in=True),
    Line("Reports", "/reports/attestation-matrix", signed_in=True),
    Line("Overdue challenges", "/reports/challenges-overdue", roles=frozenset({"business-unit"}), signed_in=True),
    Line("Your account", "/account", signed_in=True),
    Line("Sign in", "/sign-in", signed_in=False),
)


class Shown(Struct, frozen=True):
    """A line on a page. `current` is the page itself, `active` one below it."""

    text: str
    href: str
    current: bool
    active: bool


def navigation(path: str, signed_in: SignedIn | None) -> tuple[Shown, ...]:
    """The lines that a page at `path` shows to whoever reads it, in the table's order."""
    lines = [line for line in TABLE if _has(line, signed_in)]
    # Below a page that has a line of its own, the line of what is above it is not marked too.
    nearest = max((line.href for line in lines if path.startswith(line.href + "/")), key=len, default="")
    own = any(line.href == path for line in lines)
    return tuple(
        Shown(line.text, line.href, current=path == line.href, active=line.href == nearest and not own)
        for line in lines
    )


def _has(line: Line, signed_in: SignedIn | None) -> bool:
    if line.signed_in is not None and line.signed_in != (signed_in is not None):
        return False
    return not line.roles or (signed_in is not None and bool(line.roles & signed_in.roles))
