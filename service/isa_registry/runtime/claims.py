"""What may be made once only: an event under its id, a request under its Idempotency-Key; and what was read before a
draft that rests on it was made."""

from __future__ import annotations

from isa_registry.domain.dates import parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.drafts import Draft
from isa_registry.ledger.threads import threads_of
from isa_registry.store import index_rows, records
from isa_registry.store.pool import Connection


class Claims:
    """What is there already under the names that a batch claims, and what the batch itself adds."""

    def __init__(self) -> None:
        self._events: dict[tuple[str, str], records.Claimed] = {}
        self._keys: dict[bytes, records.Claimed] = {}
        self._threads: dict[str, int] | None = None

    @classmethod
    async def load(cls, connection: Connection, drafts: list[Draft], at: str) -> Claims:
        claims = cls()
        events = [draft.event for draft in drafts if draft.event is not None]
        keys = [draft.idempotency for draft in drafts if draft.idempotency is not None]
        threads = {thread for draft in drafts if draft.unchanged is not None for thread in draft.unchanged.threads}
        if threads:
            claims._threads = await index_rows.newest_in_threads(connection, sorted(threads))
        if events:
            claims._events.update(await records.claimed_events(connection, events))
        if keys:
            claims._keys.update(await records.claimed_keys(connection, keys, now=parse_instant(at)))
        return claims

    def find(self, draft: Draft) -> records.Claimed | None:
        """The same content where it is there already. Raises `Refused` where another content is, or it was erased."""
        if draft.idempotency is not None:
            found = self._keys.get(draft.idempotency.scope_sha256)
            if found is not None:
                _refuse_erased(found)
                if found.digest != draft.idempotency.request_sha256:
                    raise Refused("idempotency-conflict", "This Idempotency-Key was used for another request.")
                return found
        if draft.event is not None:
            found = self._events.get((draft.event.provider, draft.event.event))
            if found is not None:
                _refuse_erased(found)
                if found.digest != draft.event.sha256:
                    raise Refused("event-conflict", "An event with this id and another content is already recorded.")
                return found
        return None

    def hold(self, draft: Draft) -> None:
        """Raises `Refused` (`changed-meanwhile`) where a thread that the draft rests on has grown since it was read."""
        if draft.unchanged is None or self._threads is None:
            return
        since = draft.unchanged.since
        if any(self._threads.get(thread, -1) >= since for thread in draft.unchanged.threads):
            raise Refused("changed-meanwhile", "Something was recorded about this in the meantime. Read it again.")

    def take(self, draft: Draft, index: int) -> None:
        if self._threads is not None:
            for position, payload in enumerate(draft.payloads):
                self._threads.update(dict.fromkeys(threads_of(payload), index + position))
        if draft.idempotency is not None:
            self._keys[draft.idempotency.scope_sha256] = records.Claimed(
                digest=draft.idempotency.request_sha256, index=index
            )
        if draft.event is not None:
            self._events[(draft.event.provider, draft.event.event)] = records.Claimed(
                digest=draft.event.sha256, index=index
            )


def _refuse_erased(found: records.Claimed) -> None:
    if found.digest == records.ERASED:
        raise Refused("gone", "This was recorded before, and was erased when its retention ended.")
