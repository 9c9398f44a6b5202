"""Recording what a person decided on a page, under the registry's signature and on that person's authority."""

from __future__ import annotations

from isa_registry.actions import sharing_events, signed_for
from isa_registry.actions.sharing_flags import flags_for, read_check
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.sharing import SharingEvent, WithheldCategory, is_uuid7, read_event
from isa_registry.identity.attestation_key import AttestationKey
from isa_registry.identity.callers import SIGN_SECONDS, Caller
from isa_registry.runtime import recording_events
from isa_registry.runtime.acknowledging import Acknowledged, acknowledge
from isa_registry.runtime.people.authority import authority_of
from isa_registry.runtime.recording_events import Signed
from isa_registry.runtime.registry import Registry
from isa_registry.store import records
from isa_registry.store.pool import reading_for
from isa_registry.store.sessions import Session

RECORDERS = frozenset({"practitioner", "ig-lead"})
"""Whoever decides to share or not to share for their organisation, and may say so on a page."""


class SigningFor:
    """`key` is the registry's own; without it nothing is signed for anybody."""

    def __init__(self, registry: Registry, key: AttestationKey | None) -> None:
        self._registry = registry
        self._key = key

    async def look(
        self, event: SharingEvent, withheld: tuple[WithheldCategory, ...], caller: Caller
    ) -> tuple[str, ...]:
        """What the registry would mark on a decision if it were recorded now. What is signed on the way goes nowhere.

        Raises `Refused` with whatever recording it would be refused for, as far as that is known before.
        """
        registry, view = self._registry, self._registry.follower.view
        submitted = signed_for.sign_event(event, withheld, signed_for.usable(self._key, view))
        now, own = registry.now(), signed_for.own_key
        admitted = sharing_events.admit(submitted, caller, view, origin=registry.origin, now=now, key_for=own)
        check = None
        if event.check is not None:
            async with reading_for(registry.reading, caller.organisation) as connection:
                found = await records.check_payloads(connection, [event.check])
            if event.check not in found:
                detail = "No recorded check of yours has this id."
                raise Refused("unprocessable", detail, (Fault("#/check", "unknown-check", detail),))
            check = read_check(found[event.check])
        return flags_for(admitted.event, view, check)

    async def record(
        self,
        event: SharingEvent,
        withheld: tuple[WithheldCategory, ...],
        caller: Caller,
        session: Session | None,
    ) -> str:
        """Signs and records a decision; its id. The same id again is where it stands: a button pressed twice makes one
        record.

        Raises `Refused`: `sign-in-too-old`; `forbidden` for a system or without the role; `unavailable` without a key
        or while the database is away; and what an event is refused for that a system sends.
        """
        signed = self._signed(caller, session)
        if await self._is_recorded(event.id, caller):
            return event.id
        submitted = signed_for.sign_event(event, withheld, signed_for.usable(self._key, self._registry.follower.view))
        return (await recording_events.record(self._registry, submitted, caller, signed=signed)).id

    async def acknowledge(
        self, event_jws: str, received_at: str, caller: Caller, session: Session | None, *, matches: bool
    ) -> Acknowledged:
        """Signs and records what a person says of an event that was shared with their organisation. Raises `Refused` as
        `record` does."""
        signed = self._signed(caller, session)
        key = signed_for.usable(self._key, self._registry.follower.view)
        said = signed_for.sign_acknowledgement(event_jws, caller.organisation, received_at, matches=matches, key=key)
        return await acknowledge(self._registry, said, read_event(event_jws).id, caller, signed=signed)

    def _signed(self, caller: Caller, session: Session | None) -> Signed:
        registry = self._registry
        if session is None:
            raise Refused("unavailable", "Nothing can be recorded at this moment. Try again shortly.", retry_after=5)
        authority = authority_of(
            caller, session, registry.follower.view, RECORDERS, now=registry.now(), within=SIGN_SECONDS
        )
        return Signed(
            key_for=signed_for.own_key,
            sign_in=authority.sign_in,
            approved_by=authority.approved_by,
            holds=(authority.holds,),
        )

    async def _is_recorded(self, event: str, caller: Caller) -> bool:
        if not is_uuid7(event):
            return False
        async with reading_for(self._registry.reading, caller.organisation) as connection:
            row = await records.sharing_event(connection, event, provider=caller.organisation)
        return row is not None and row.provider == caller.organisation
