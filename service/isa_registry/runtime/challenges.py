"""Challenges at work: raised, taken further, read again. The interface and the pages call this."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.actions import audit, challenges
from isa_registry.actions.identifiers import check_id
from isa_registry.domain.challenge_entries import ChallengeClosed, ChallengeMoved, ChallengeRaised
from isa_registry.domain.challenging.life import Challenge, Mark, every, standing
from isa_registry.domain.challenging.requests import CHALLENGE, RaiseChallenge, TakeStep, provider_of
from isa_registry.domain.challenging.stages import Differences, Stages
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Appended, IdempotencyClaim
from isa_registry.runtime.folding import payload_as_logged
from isa_registry.runtime.registry import Registry
from isa_registry.store import challenges as stored
from isa_registry.store import erasure, records
from isa_registry.store.audit import entries_at
from isa_registry.store.pool import EVERYTHING, Connection, reading_for

OVERSEER = "business-unit"
"""The role that sees the challenges of all bodies."""

_TRIES = 10
_SCANNED = 200


class Taken(Struct, frozen=True):
    """One entry of a challenge with what it says: who took the step is known from the payload alone."""

    mark: Mark
    payload: ChallengeRaised | ChallengeMoved | ChallengeClosed


class Read(Struct, frozen=True):
    """A challenge as it stands, its entries in order, and the stages that it goes through."""

    challenge: Challenge
    taken: tuple[Taken, ...]
    stages: Stages

    @property
    def raised(self) -> ChallengeRaised:
        first = self.taken[0].payload
        assert isinstance(first, ChallengeRaised)
        return first


async def raise_challenge(
    registry: Registry,
    differences: Differences,
    asked: RaiseChallenge,
    caller: Caller,
    claim: IdempotencyClaim | None = None,
) -> Appended:
    """Logs a challenge. Raises `Refused`: `unprocessable` with what is wrong, or for an event or a check of the
    caller's own that is not there."""
    now = registry.now()
    draft = challenges.raise_challenge(
        asked,
        caller,
        registry.follower.view,
        differences,
        challenge=check_id(now, registry.randomness(10)).replace("chk_", "chl_"),
        now=now,
        claim=claim,
    )
    await _refuse_unknown_of_own(registry, asked, caller.organisation)
    return await registry.sequencer.append(draft)


async def _refuse_unknown_of_own(registry: Registry, asked: RaiseChallenge, own: str) -> None:
    """What is said to be the caller's own must be there. Of another body nothing is looked up."""
    about = asked.about
    if about.kind == "request" or provider_of(asked, own) != own:
        return
    async with reading_for(registry.reading, own) as connection:
        if about.kind == "check":
            found = await records.check_index(connection, about.id) is not None
        else:
            row = await records.sharing_event(connection, about.id, provider=own)
            found = row is not None and row.provider == own
    if not found:
        detail = f"Your organisation has recorded no such {about.kind}."
        raise Refused("unprocessable", detail, (Fault("#/about/id", f"unknown-{about.kind}", detail),))


async def take_step(
    registry: Registry,
    differences: Differences,
    challenge: str,
    asked: TakeStep,
    caller: Caller,
    claim: IdempotencyClaim | None = None,
) -> Appended:
    """Logs a step, decided on what the challenge is at that very moment. Raises `Refused`: `not-found`,
    `unprocessable`, `conflict`."""
    for left in reversed(range(_TRIES)):
        async with reading_for(registry.reading, caller.organisation) as connection:
            found = standing(await stored.entries_of(connection, _id(challenge)))
        if found is None:
            raise not_found()
        draft = challenges.take_step(
            asked,
            found,
            caller,
            registry.follower.view,
            differences.of(found.partnership),
            now=registry.now(),
            claim=claim,
        )
        try:
            return await registry.sequencer.append(draft)
        except Refused as refused:
            if refused.code != "changed-meanwhile" or not left:
                raise
    raise AssertionError("the last try answers or raises")


async def read(
    connection: Connection, differences: Differences, challenge: str, *, until: int | None = None
) -> Read | None:
    """A challenge as the connection's reader may see it; as it stood after entry `until`, if that is said. None where
    there is none, or its first entry was erased."""
    marks = [one for one in await stored.entries_of(connection, _id(challenge)) if until is None or one.index <= until]
    found = standing(marks)
    if found is None:
        return None
    entries = {one.index: one for one in await entries_at(connection, [mark.index for mark in marks])}
    taken = []
    for mark in marks:
        entry = entries.get(mark.index)
        decoded = None if entry is None or entry.payload is None else payload_as_logged(entry)
        if isinstance(decoded, ChallengeRaised | ChallengeMoved | ChallengeClosed):
            taken.append(Taken(mark=mark, payload=decoded))
    if not taken or not isinstance(taken[0].payload, ChallengeRaised):
        return None
    return Read(challenge=found, taken=tuple(taken), stages=differences.of(found.partnership))


async def read_in_person(registry: Registry, differences: Differences, challenge: str, caller: Caller) -> Read:
    """A challenge of the caller's own body; to the business unit that of any two, and then it is logged that it was
    read. Raises `Refused` (`not-found`, `gone`)."""
    async with reading_for(registry.reading, caller.organisation) as connection:
        found = await read(connection, differences, challenge)
        erased = await erasure.erased_record(connection, challenge, organisation=caller.organisation)
    if found is None and erased is not None:
        raise _gone()
    if found is not None:
        return found
    if OVERSEER not in caller.roles:
        raise not_found()
    async with reading_for(registry.reading, EVERYTHING) as connection:
        found = await read(connection, differences, challenge)
        if found is None:
            raise not_found()
        entries = await entries_at(connection, [one.mark.index for one in found.taken])
    noted = audit.note_reading(entries, caller, purpose="entry")
    if noted is not None:
        await registry.sequencer.append(noted)
    return found


async def id_of(connection: Connection, index: int) -> str:
    """The challenge that an entry raised."""
    return (await _raised(connection, index)).challenge


async def listed(
    registry: Registry,
    differences: Differences,
    reader: str,
    own: str,
    *,
    side: str | None,
    state: str | None,
    before: int,
    limit: int,
) -> tuple[list[Challenge], int | None]:
    """Up to `limit` challenges raised before a log position that a reader sees, the newest first, and where the next
    page begins. `side` is `raised` or `received` by the body `own`, `state` is `open`, `overdue` or `closed`; None is
    any."""
    raised_by, raised_with = own if side == "raised" else None, own if side == "received" else None
    async with reading_for(registry.reading, reader) as connection:

        async def page(before: int, is_open: bool | None, limit: int) -> tuple[list[Challenge], int | None]:
            marks = await stored.entries_before(
                connection, before, raised_by=raised_by, raised_with=raised_with, is_open=is_open, limit=limit + 1
            )
            found = list(reversed(every(marks)))
            return found[:limit], found[limit - 1].entry if len(found) > limit else None

        if state != "overdue":
            return await page(before, None if state is None else state == "open", limit)
        found: list[Challenge] = []
        following: int | None = before
        while following is not None:
            some, following = await page(following, True, _SCANNED)
            found += [one for one in some if one.overdue(differences.of(one.partnership), registry.now())]
            if len(found) > limit:
                return found[:limit], found[limit - 1].entry
        return found, None


async def _raised(connection: Connection, index: int) -> ChallengeRaised:
    (entry,) = await entries_at(connection, [index])
    decoded = None if entry.payload is None else payload_as_logged(entry)
    if not isinstance(decoded, ChallengeRaised):
        raise _gone()
    return decoded


def _gone() -> Refused:
    return Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")


def not_found() -> Refused:
    return Refused("not-found", "There is no such challenge, or none that you may see.")


def _id(text: str) -> str:
    if not CHALLENGE.fullmatch(text):
        raise not_found()
    return text
