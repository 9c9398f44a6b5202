"""On whose authority the registry signs: what its record keeps of how a person signed in, and what must hold of them
where the record is appended."""

from __future__ import annotations

from datetime import UTC, datetime

from isa_registry.actions.signed_for import Authority
from isa_registry.domain.agreement_entries import SignInEvidence
from isa_registry.domain.dates import instant, parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import RECENT_SECONDS, Caller
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.runtime.people.visitors import roles_for
from isa_registry.store.sessions import Session


def sign_in_of(caller: Caller, session: Session | None, *, now: datetime, within: int) -> SignInEvidence:
    """How a person signed in, within so many seconds. `session`: theirs on the pages, whose ID token says how.

    Raises `Refused`: `forbidden` for a system, `sign-in-too-old`.
    """
    if not caller.person:
        raise Refused(
            "forbidden", "The registry signs for a person who is signed in. A system sends a signed document."
        )
    if not caller.signed_in_since(now.timestamp() - within) or caller.auth_time is None:
        lately = "five minutes" if within == RECENT_SECONDS else f"{within // 60} minutes"
        raise Refused("sign-in-too-old", f"Sign in again: this needs a sign-in within the last {lately}.")
    sha256 = None if session is None or session.id_token_sha256 is None else session.id_token_sha256.hex()
    return SignInEvidence(
        issuer=caller.issuer,
        auth_time=instant(datetime.fromtimestamp(caller.auth_time, UTC)),
        id_token_sha256=sha256,
        acr=None if session is None else session.acr,
        amr=() if session is None else session.amr,
    )


def authority_of(
    caller: Caller,
    session: Session,
    view: RegisterView,
    roles: frozenset[str],
    *,
    now: datetime,
    within: int,
) -> Authority:
    """The authority of a person who holds one of these roles, by a grant or by a claim that their issuer's use maps;
    at the tail it is asked again. Raises `Refused` as `sign_in_of`."""
    evidence = sign_in_of(caller, session, now=now, within=within)
    number = view.first_known_by(caller.issuer, caller.subject)

    def holds(view: RegisterView, at: str) -> None:
        use = use_for(view, caller.issuer, caller.organisation)
        if use is None or not roles & roles_for(view, use, caller.subject, session.claims, parse_instant(at)):
            raise Refused("forbidden", "Your role was taken away at this moment. Nothing was recorded.")
        if view.first_known_by(caller.issuer, caller.subject) != number:
            raise Refused("conflict", "What the log says of who decides was changed at this moment. Try again.")

    return Authority(sign_in=evidence, approved_by=() if number is None else (number,), holds=holds)
