"""From a sign-in that holds to a session: whether this person may have one here, and which one it replaces."""

from __future__ import annotations

from datetime import datetime

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.flows import SignInRefused
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.runtime.people.events import access_event
from isa_registry.runtime.people.sessions import Sessions
from isa_registry.runtime.people.sign_in import SignedIn
from isa_registry.runtime.people.visitors import roles_for
from isa_registry.store.sessions import Session


class RoleLacking(SignInRefused):
    """Their provider vouches for them, but nobody gave them a role here. `subject` is shown to the person themselves,
    so that they can tell their information-governance lead; it is never logged."""

    def __init__(self, subject: str) -> None:
        super().__init__("no-role")
        self.subject = subject


async def enter(
    sessions: Sessions, signed_in: SignedIn, view: RegisterView, *, held: Session | None, browser: str
) -> tuple[str, Session]:
    """A new session for somebody who signed in, or once more proved who they are. `held` is the live session that the
    browser shows, which the new one replaces.

    Raises `SignInRefused`: `no-role` as `RoleLacking`; for a step-up `session-ended` where the session that asked for
    it is no longer there, or `another-person` where somebody else came back.
    """
    use, person, again = signed_in.use, signed_in.person, signed_in.flow.again
    if again is not None:
        if held is None or held.id_sha256.hex() != again:
            raise SignInRefused("session-ended")
        if (held.issuer, held.subject, held.organisation) != (person.issuer, person.subject, use.organisation):
            raise SignInRefused("another-person")
    if not roles_for(view, use, person.subject, person.claims, sessions.now()):
        raise RoleLacking(person.subject)
    cookie, session = await sessions.open(
        use,
        person,
        browser=browser,
        refresh_token=signed_in.refresh_token,
        replacing=None if held is None else held.id_sha256,
    )
    access_event(
        "signed-in" if again is None else "stepped-up", organisation=use.organisation, session=session.reference
    )
    return cookie, session


def switchable(session: Session, view: RegisterView, now: datetime) -> list[Issuer]:
    """The other organisations for which this very sign-in holds too: those that the issuer's mapping gave its person by
    way of the same client, where they have a role today. For any other one signs in anew."""
    own = use_for(view, session.issuer, session.organisation)
    found: list[Issuer] = []
    for organisation in session.reaches:
        use = use_for(view, session.issuer, organisation)
        if use is None or own is None or use.sign_in is None or own.sign_in is None or organisation == own.organisation:
            continue
        if use.sign_in.client == own.sign_in.client and roles_for(view, use, session.subject, (), now):
            found.append(use)
    return found
