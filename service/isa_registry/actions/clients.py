"""Machine clients and their scopes: what can be granted at all, whoever decides it (`deciding.py` says who may)."""

from __future__ import annotations

import re

from isa_registry.actions.organisations import registered
from isa_registry.actions.roles import refuse_term
from isa_registry.domain.access_entries import ClientGranted, ClientRevoked
from isa_registry.domain.dates import is_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.roles import LEAD_SCOPES, SCOPES
from isa_registry.ledger.drafts import Draft, Precondition

_CLIENT = re.compile(r"[\x21-\x7e]{1,255}")


def grant(client: ClientGranted) -> Draft:
    """The scopes of a machine client from here on. Refused (`unprocessable`) for what is no client id, no scope or no
    date; (`forbidden`) for `audit:read` or `admin` of a body that is not the lead body."""
    faults: list[Fault] = []
    if not _CLIENT.fullmatch(client.client):
        detail = "A client id is 1 to 255 printable ASCII characters without spaces, as the issuer's tokens name it."
        faults.append(Fault("#/client", "malformed", detail))
    if not client.scopes or any(scope not in SCOPES for scope in client.scopes):
        faults.append(Fault("#/scopes", "unknown-code", f"Name one or more of {', '.join(SCOPES)}."))
    elif len(set(client.scopes)) != len(client.scopes):
        faults.append(Fault("#/scopes", "given-twice", "Name each scope once."))
    if client.until is not None and not is_date(client.until):
        faults.append(Fault("#/until", "not-a-date", "Write dates as 2026-09-30."))
    if faults:
        raise Refused("unprocessable", "This client cannot be granted anything as it stands.", tuple(faults))

    def holds(view: RegisterView, at: str) -> None:
        opened = view.opened()
        lead = opened is not None and opened.lead_body == client.organisation
        if not lead and any(scope in LEAD_SCOPES for scope in client.scopes):
            raise Refused("forbidden", "audit:read and admin are granted to the lead body's clients alone.")

    return Draft(payloads=(client,), preconditions=(registered(client.organisation), holds))


def new_term(client: ClientGranted) -> Precondition:
    """That the grant changes something at the tail, and ends when such a one must. What ends takes nothing else along:
    a scope of the lead body has a client of its own."""
    ends = [scope for scope in client.scopes if scope in LEAD_SCOPES]
    if ends and len(ends) != len(client.scopes):
        detail = "Give audit:read and admin a client of their own: when their time ends, nothing else may end with it."
        raise Refused("unprocessable", detail, (Fault("#/scopes", "not-together", detail),))

    def holds(view: RegisterView, at: str) -> None:
        refuse_term(client.until, at, must_end=bool(ends))
        held = view.client(client.organisation, client.client)
        if held is not None and (set(held.scopes), held.until) == (set(client.scopes), client.until):
            raise Refused("conflict", "This client has exactly these scopes already, for as long.")

    return holds


def revoke(client: ClientRevoked) -> Draft:
    """A client may do nothing from this entry on. Refused (`not-found`) where nothing is granted to it."""

    def holds(view: RegisterView, at: str) -> None:
        held = view.client(client.organisation, client.client)
        if held is None or not held.scopes:
            raise Refused("not-found", "The organisation has no such client.")

    return Draft(payloads=(client,), preconditions=(registered(client.organisation), holds))
