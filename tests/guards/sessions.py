"""Everybody who may come to the pages with a session, and what the access table says will come of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import unescape

from msgspec import Struct

from api.speaking import Database
from guards.callers import ADMITTED, STRANGER, TO_SIGN_IN, held_as
from isa_registry.api.access import Access
from isa_registry.api.problems import PROBLEMS
from isa_registry.identity.demonstration import LEAD_PEOPLE, PEOPLE
from isa_registry.pages.problems import FOR_PEOPLE
from isa_verify.encoding import decode_base64url
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser

TO_SIGN_IN_AGAIN = "sent to sign in again"

CODE_OF_TITLE = {
    FOR_PEOPLE[code].title if code in FOR_PEOPLE else problem.title: code for code, problem in PROBLEMS.items()
}

ENDED = {
    "that was not used for half an hour": "last_used_at = last_used_at - interval '31 minutes'",
    "that began half a day ago": "signed_in_at = signed_in_at - interval '12 hours', "
    "expires_at = expires_at - interval '12 hours'",
    "that was revoked": "revoked_at = now()",
    "whose issuer signs nobody in for this body any more": "issuer = 'https://removed.example'",
}
"""Ways in which a session ends, as the database has them."""

SIGNED_IN_LONG_AGO = {
    "an hour ago": "auth_time = auth_time - interval '1 hour'",
    "nobody knows when": "auth_time = NULL",
}

Sent = tuple[dict[str, str], list[tuple[str, str]]]


class Visiting(Struct, frozen=True):
    """Somebody who shows a session. `roles` are those that they have, `becomes` is what happens to the session after
    its person signed in, `form` is whose token a form of theirs carries, `elsewhere` says that another site sends it.
    """

    name: str
    organisation: str
    subject: str
    roles: frozenset[str]
    becomes: str = ""
    fresh: bool = True
    live: bool = True
    form: str = "own"
    elsewhere: bool = False

    def sign_in(self, demonstration: Demonstration, database: Database) -> Sent:
        """The headers of their requests, and the fields of their forms."""
        with Browser(demonstration) as browser:
            browser.sign_in(self.organisation, self.subject)
            cookie, token = browser.cookies["isa-session"], browser.csrf()
        if self.becomes:
            digest = hashlib.sha256(decode_base64url(cookie)).digest()
            database.as_owner(f"UPDATE person_session SET {self.becomes} WHERE id_sha256 = $1", digest)
        headers = {"Cookie": f"isa-session={cookie}"}
        if self.elsewhere:
            headers["Sec-Fetch-Site"] = "cross-site"
        return headers, {"own": [("csrf", token)], "none": [], "another's": [("csrf", "A" * 43)]}[self.form]


def visitors() -> Iterator[Visiting]:
    """People of each role at three bodies, and sessions that were good once, or whose forms are not theirs."""
    for body in (POLICE, STRANGER, LEAD):
        for role in (*PEOPLE, *(LEAD_PEOPLE if body == LEAD else ())):
            yield Visiting(f"{role} of {body}, signed in", body, role, frozenset(held_as(body, role)))
    lead, law_lead = frozenset({"ig-lead"}), frozenset(held_as(LEAD, "ig-lead"))
    for when, becomes in SIGNED_IN_LONG_AGO.items():
        yield Visiting(f"a lead who signed in {when}", POLICE, "ig-lead", lead, becomes, fresh=False)
    for how, becomes in ENDED.items():
        yield Visiting(f"a session {how}", POLICE, "ig-lead", lead, becomes, live=False)
    for form in ("none", "another's"):
        yield Visiting(f"a form with {form} token", LEAD, "ig-lead", law_lead, form=form)
    yield Visiting("a form that another site sends", LEAD, "ig-lead", law_lead, elsewhere=True)


def expected_of_visitor(access: Access, visiting: Visiting, *, reads: bool) -> str:
    """What comes of a visitor on a route: the code of the refusal, where they are sent, or `ADMITTED`."""
    if access.operator:
        return "unauthenticated"
    if access.handshake:
        forged = visiting.elsewhere and not reads and not access.from_provider
        return "forged-request" if forged else ADMITTED
    if not access.session:
        return ADMITTED if access.public else "unauthenticated"
    if visiting.elsewhere and not reads:
        return "forged-request"
    if not visiting.live:
        return TO_SIGN_IN if reads else "not-signed-in"
    if not reads and visiting.form != "own":
        return "forged-request"
    if not visiting.roles & access.roles:
        return "forbidden"
    # A form that is longer filled in takes a sign-in of an hour ago; of whoever does not say when, none does.
    within = visiting.becomes == SIGNED_IN_LONG_AGO["an hour ago"] and access.recent_seconds > 3600
    if access.recent_sign_in and not (visiting.fresh or within):
        return TO_SIGN_IN_AGAIN if reads else "sign-in-too-old"
    return ADMITTED


def code_of_page(page: str) -> str:
    """The code of the problem that a page tells of; empty for a page that tells of none."""
    title = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    return "" if title is None else CODE_OF_TITLE.get(unescape(title.group(1).strip()), "")
