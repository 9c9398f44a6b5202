"""Who is signed in, what the navigation of a page offers to whom, and what is found on a person's account: tables."""

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
    Line("To do", "/account/to-do", roles=frozenset({"ig-lead"}), signed_in=True),
    Line("To sign", "/account/attestations", roles=frozenset({"signatory"}), signed_in=True),
    Line("Your agreements", "/account/agreements", roles=UNITS, signed_in=True),
    Line("Audit", "/audit", roles=frozenset({"ig-lead", "auditor"}), signed_in=True),
    Line("Reports", "/reports/attestation-matrix", signed_in=True),
    Line("Your account", "/account", signed_in=True),
    Line("Sign in", "/sign-in", signed_in=False),
)


class Group(Struct, frozen=True):
    """Lines of the account page under one heading, each for the roles that it names."""

    heading: str
    lines: tuple[Line, ...]


_LEAD, _UNIT = frozenset({"ig-lead"}), frozenset({"business-unit"})

ACCOUNT = (
    Group(
        "Agreements",
        (
            Line("What waits for you to sign, and what was signed", "/account/attestations", frozenset({"signatory"})),
            Line(
                "Agreements of your partnership: drafts, versions, bodies and questions", "/account/agreements", UNITS
            ),
            Line("Who has attested what", "/reports/attestation-matrix"),
            Line("What is due for review", "/reports/reviews-due"),
        ),
    ),
    Group(
        "Decisions",
        (
            Line("Decisions to look at", "/account/flagged-decisions", _LEAD),
            Line("Requests of people for their data", "/account/subject-access", _LEAD),
            Line("Figures of the quarter", "/reports/quarterly", _LEAD | UNITS | frozenset({"auditor"})),
            Line("Professional differences that are overdue", "/reports/challenges-overdue", _UNIT),
        ),
    ),
    Group(
        "The law",
        (
            Line("Lawful bases of your organisation", "/account/lawful-bases", _LEAD),
            Line("Points of the law to check", "/account/law", frozenset({"law-lead"})),
            Line("Changes of the law to look at", "/account/law/watch", _UNIT | frozenset({"law-lead", "auditor"})),
        ),
    ),
    Group(
        "Who may act",
        (
            Line("What is left to set up", "/account/set-up", _LEAD),
            Line("People and roles", "/account/people", _LEAD),
            Line("Signing keys", "/account/keys", _LEAD),
            Line("Who else may bind your organisation", "/account/delegations", _LEAD),
            Line("Your organisation’s details", "/account/particulars", _LEAD),
            Line("Proposals that wait for a second person", "/account/proposals", _UNIT),
            Line("Where your organisation is told of things", "/account/notices", _LEAD | _UNIT),
            Line("Check your organisation’s sign-in", "/account/issuer", _LEAD | _UNIT),
        ),
    ),
)
"""What is done now and then, and would crowd the navigation."""


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


def of_account(signed_in: SignedIn) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The groups of the account page that somebody has anything in: a heading, and each line's words and address."""
    found = (
        (group.heading, tuple((line.text, line.href) for line in group.lines if _has(line, signed_in)))
        for group in ACCOUNT
    )
    return tuple(group for group in found if group[1])


def _has(line: Line, signed_in: SignedIn | None) -> bool:
    if line.signed_in is not None and line.signed_in != (signed_in is not None):
        return False
    return not line.roles or (signed_in is not None and bool(line.roles & signed_in.roles))
