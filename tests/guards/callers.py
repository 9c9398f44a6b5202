"""Everybody who may come to the interface, and what the access table says will come of it: a few lines that know
nothing of how the application decides."""

from __future__ import annotations

import time
from collections.abc import Iterator

from msgspec import Struct

from api.speaking import ALL_SCOPES, forged_token
from isa_registry.api.access import Access
from isa_registry.identity.demonstration import LEAD_PEOPLE, LEAD_SCOPES, MACHINE_SCOPES, PEOPLE
from live import LEAD, POLICE, Demonstration

STRANGER = "harbour"
EVERY_SCOPE = (*MACHINE_SCOPES, *LEAD_SCOPES)


class Coming(Struct, frozen=True):
    """Somebody who comes, with what the registry has granted them. `scopes` and `roles` are those in effect."""

    name: str
    organisation: str | None = None
    person: bool = False
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    fresh: bool = True
    valid: bool = True
    claims: tuple[tuple[str, object], ...] = ()

    def headers(self, demonstration: Demonstration) -> dict[str, str]:
        if self.organisation is None:
            return {}
        token = forged_token(demonstration, self.organisation, **dict(self.claims))
        return {"Authorization": f"Bearer {token}"}


def everybody() -> Iterator[Coming]:
    """Whoever may come: anonymous, machines with each scope alone and with each missing, people of each role at three
    bodies, and tokens that were good once or elsewhere."""
    yield Coming("nobody")
    for organisation in (POLICE, STRANGER, LEAD):
        granted = EVERY_SCOPE if organisation == LEAD else MACHINE_SCOPES
        for scope in EVERY_SCOPE:
            yield _machine(f"{organisation} with {scope} alone", organisation, {scope}, granted)
            if organisation == LEAD:
                yield _machine(f"{organisation} without {scope}", organisation, {*EVERY_SCOPE} - {scope}, granted)
        for role in (*PEOPLE, *LEAD_PEOPLE):
            held = held_as(organisation, role) if organisation == LEAD or role in PEOPLE else set()
            yield _person(f"{role} of {organisation}", organisation, role, held)
        yield _person(f"somebody of {organisation} without a role", organisation, "newcomer", set())
    yield _machine(f"{POLICE} without any scope", POLICE, set(), MACHINE_SCOPES)
    for role in (*PEOPLE, *LEAD_PEOPLE):
        yield _person(f"{role} who signed in an hour ago", LEAD, role, held_as(LEAD, role), ago=3600)
        yield _person(f"{role} who does not say when", LEAD, role, held_as(LEAD, role), ago=None)
    hour_ago = int(time.time()) - 3600
    for name, claims in (
        ("expired", {"iat": hour_ago - 600, "exp": hour_ago}),
        ("for another audience", {"aud": "https://elsewhere.example"}),
        ("of an issuer that nobody registered", {"iss": "https://elsewhere.example"}),
        ("of another body's issuer by name", {"iss": "http://127.0.0.1:1/demo/idp/harbour"}),
        ("of a client that nobody registered", {"client_id": "other-system", "sub": "other-system"}),
        ("without an end", {"exp": None}),
    ):
        yield Coming(f"a token {name}", POLICE, valid=False, claims=tuple(claims.items()))


def held_as(organisation: str, role: str) -> set[str]:
    """The roles of somebody who was granted one: the lead body's information-governance leads have another besides."""
    return {role, "law-lead"} if (organisation, role) == (LEAD, "ig-lead") else {role}


def _machine(name: str, organisation: str, wanted: set[str], granted: tuple[str, ...]) -> Coming:
    return Coming(
        name, organisation, scopes=frozenset(wanted & set(granted)), claims=(("scope", " ".join(sorted(wanted))),)
    )


def _person(name: str, organisation: str, subject: str, held: set[str], *, ago: int | None = 0) -> Coming:
    auth_time = None if ago is None else int(time.time()) - ago
    claims = (("sub", subject), ("client_id", "isa-client"), ("scope", ALL_SCOPES), ("auth_time", auth_time))
    return Coming(name, organisation, person=True, roles=frozenset(held), fresh=ago == 0, claims=claims)


ADMITTED, TO_SIGN_IN = "admitted", "sent to sign in"
OPEN_TO_PARTNERS = {
    ("GET", "/api/v1/organisations/{organisation}"): "every partner sees who the partners are",
}
"""Routes with an organisation in their address that are not that organisation's own."""


def expected(route: tuple[str, str], access: Access, coming: Coming, *, of: str | None) -> str:
    """The code of the refusal that the table makes of somebody who comes with a token or with nothing, where they are
    sent instead, or `ADMITTED`. `of` is the organisation in the address."""
    if access.public or access.handshake:
        return ADMITTED
    if access.session:
        # No token opens a page.
        return TO_SIGN_IN if route[0] == "GET" else "not-signed-in"
    if coming.organisation is None:
        return "unauthenticated"
    if access.operator or not coming.valid:
        return "invalid-token"
    if coming.person:
        if not coming.roles & access.roles:
            return "forbidden"
    elif not coming.scopes & access.scopes:
        return "insufficient-scope" if access.scopes else "forbidden"
    if access.recent_sign_in and not (coming.person and coming.fresh):
        return "sign-in-too-old"
    overseeing = (coming.roles | coming.scopes) & ({"auditor", "audit:read"} | access.oversight)
    others = overseeing and ("auditor" in access.fields or access.oversight)
    if of not in (None, coming.organisation) and route not in OPEN_TO_PARTNERS and not others:
        return "not-your-organisation"
    return ADMITTED
