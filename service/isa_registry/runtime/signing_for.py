"""Recording what a person decided on a page, under the registry's signature and on that person's authority."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct

from isa_registry.actions import sharing_events, signed_for
from isa_registry.actions.sharing_events import Admitted
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.sharing import SharingEvent, WithheldCategory, is_uuid7
from isa_registry.identity.attestation_key import AttestationKey
from isa_registry.identity.callers import SIGN_SECONDS, Caller
from isa_registry.runtime.people.authority import authority_of
from isa_registry.runtime.recorded_checks import recorded_check
from isa_registry.runtime.registry import Registry
from isa_registry.store import records
from isa_registry.store.pool import reading_for
from isa_registry.store.sessions import Session

RECORDERS = frozenset({"practitioner", "ig-lead"})
"""Whoever decides to share or not to share for their organisation, and may say so on a page."""


class Recorded(Struct, frozen=True):
    """An event as recorded. `repeated`: it was recorded before, and this is where."""

    event: str
    entry: int
    flags: tuple[str, ...]
    repeated: bool = False


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
        return (await self._admitted(event, withheld, caller))[1]

    async def record(
        self,
        event: SharingEvent,
        withheld: tuple[WithheldCategory, ...],
        caller: Caller,
        session: Session | None,
    ) -> Recorded:
        """Signs and records a decision. The same id again is answered with what it made: a button pressed twice makes
        one record.

        Raises `Refused`: `sign-in-too-old`; `forbidden` for a system or without the role; `unavailable` without a key
        or while the database is away; and what an event is refused for that a system sends.
        """
        registry = self._registry
        now, view = registry.now(), registry.follower.view
        if session is None:
            raise Refused("unavailable", "Nothing can be recorded at this moment. Try again shortly.", retry_after=5)
        authority = authority_of(caller, session, view, RECORDERS, now=now, within=SIGN_SECONDS)
        earlier = await self._earlier(event.id, caller)
        if earlier is not None:
            return earlier
        admitted, flags = await self._admitted(event, withheld, caller)
        appended = await registry.sequencer.append(signed_for.draft(admitted, flags, authority))
        return Recorded(event.id, appended.index, flags, repeated=appended.repeated)

    async def _admitted(
        self, event: SharingEvent, withheld: tuple[WithheldCategory, ...], caller: Caller
    ) -> tuple[Admitted, tuple[str, ...]]:
        registry = self._registry
        now, view = registry.now(), registry.follower.view
        admitted = signed_for.sign_event(event, withheld, caller, view, key=self._key, origin=registry.origin, now=now)
        answered = None if event.check is None else await self._outcome(event.check, caller)
        return admitted, sharing_events.flags_for(admitted.event, view, answered=answered, now=now)

    async def _earlier(self, event: str, caller: Caller) -> Recorded | None:
        if not is_uuid7(event):
            return None
        async with reading_for(self._registry.reading, caller.organisation) as connection:
            row = await records.sharing_event(connection, UUID(event), provider=caller.organisation)
        if row is None or row.provider != caller.organisation:
            return None
        return Recorded(event, row.index, row.flags, repeated=True)

    async def _outcome(self, check: str, caller: Caller) -> str:
        try:
            return (await recorded_check(self._registry, caller.organisation, check)).answer.outcome
        except Refused as refused:
            if refused.code not in ("not-found", "gone"):
                raise
            detail = "No recorded check of yours has this id."
            raise Refused("unprocessable", detail, (Fault("#/check", "unknown-check", detail),)) from None
