"""Asking for an erasure that no rule asks for: two people of the business unit do, and the parties are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from isa_registry.actions import erasures
from isa_registry.actions.erasures import ErasedPart
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import COMPANIONS, REQUESTED
from isa_registry.runtime.erasure import consents
from isa_registry.runtime.erasure.runs import parts_of
from isa_registry.store import erasure
from isa_registry.store.pool import Pool, connect, reading_for


class ErasureRequests:
    """What two people ask for. `notice` is how long the parties are told before it is done."""

    def __init__(self, database_url: str, *, notice: timedelta, now: Callable[[], datetime]) -> None:
        self._url = database_url
        self._notice = notice
        self._now = now

    async def ask(self, reading: Pool, view: RegisterView, *, index: int, reason: str, person: int) -> erasure.Notice:
        """The first person's wish, or the second's that makes it good. The same person's again changes nothing.

        `person` is the number of who asks (`RegisterView.first_known_by`). Raises `Refused`: `unprocessable` for a
        reason that nobody can give, or for a part of an event; `not-found`; `gone` where it is erased; `on-hold`;
        `still-in-force`; `conflict` where the first person gave another reason.
        """
        if reason not in REQUESTED:
            detail = f"Give one of {', '.join(REQUESTED)}."
            raise Refused("unprocessable", detail, (Fault("#/reason", "unknown-code", detail),))
        async with reading_for(reading, "*") as connection:
            announced = await erasure.notice(connection, index)
            target = await erasure.target(connection, index)
            if target is None:
                raise Refused("not-found", "The log has no such entry.")
            if target.by is not None or target.kind is None:
                raise Refused("gone", "This is erased already; the log still proves that it was there.")
            if target.kind in COMPANIONS:
                detail = "This belongs to the event before it, and is erased with that."
                raise Refused("unprocessable", detail, (Fault("#/entry", "part-of-an-event", detail),))
            if target.kind in consents.KINDS and target.kind not in consents.BEGIN:
                detail = "This belongs to the consent that it is said in, and is erased with its first entry."
                raise Refused("unprocessable", detail, (Fault("#/entry", "part-of-a-consent", detail),))
            parts = await parts_of(connection, view, target)
        if parts is None:
            detail = "The register, a recorded check, or the log's account of an erasure depends on this entry."
            raise Refused("still-in-force", detail)
        for part in parts:
            erasures.refuse_held(view, part)
        working = await connect(self._url, "isa_work")
        try:
            now = self._now()
            if announced is None:
                await erasure.announce(working, _wish(target, parts[0], reason=reason, person=person, now=now))
            else:
                await erasure.approve(working, index, person=person, reason=reason, erase_after=now + self._notice)
            stands = await erasure.notice(working, index)
        finally:
            await working.close()
        if stands is None:
            raise Refused("gone", "This is erased already; the log still proves that it was there.")
        if stands.rule is None and stands.reason != reason:
            raise Refused("conflict", "Another person asked for this for another reason. Agree on one first.")
        return stands


def _wish(target: erasure.Target, part: ErasedPart, *, reason: str, person: int, now: datetime) -> erasure.Notice:
    parties = tuple(target.readers or part.parties)
    return erasure.Notice(
        index=target.index,
        organisation=target.organisation or (parties[0] if parties else ""),
        readers=parties,
        reason=reason,
        rule=None,
        requested_by=person,
        approved_by=None,
        announced_at=now,
        erase_after=None,
    )
