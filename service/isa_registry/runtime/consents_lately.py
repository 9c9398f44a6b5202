"""An organisation's own consents as a list: what was recorded last, and what is to be asked again soon."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.consent_entries import ConsentPayload
from isa_registry.domain.consents.states import ConsentState, Entry, fold, status
from isa_registry.domain.entries import decode_payload
from isa_registry.runtime.folding import committed_payload
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import consents_lately
from isa_registry.store.pool import reading_for

MOST = 1000
"""Consents that are looked through. A body has few: consent is rarely what it shares on."""


class Lately(Struct, frozen=True):
    """Consents touched last, the newest first, and whether there are older ones that were not looked through."""

    consents: tuple[ConsentState, ...]
    more: bool

    def due(self, today: str, until: str) -> tuple[ConsentState, ...]:
        """Those that hold and are to be said again by `until`, the next to end first; then those that ran out and that
        nobody answered anew or took back."""
        ending = [one for one in self.consents if one.state == "given" and one.said.review_on is not None]
        due = [one for one in ending if (one.said.review_on or "") <= until or status(one, today) == "expired"]
        return tuple(sorted(due, key=lambda one: (status(one, today) == "expired", one.said.review_on or "")))


async def lately(registry: Registry, organisation: str) -> Lately:
    """What a body's own records are now. Raises `LogDisagrees` where what is stored is not what was logged."""
    async with reading_for(registry.reading, organisation) as connection:
        stored = await consents_lately.lately(connection, organisation, limit=MOST + 1)
    entries = []
    for one in stored:
        payload = decode_payload(committed_payload(one))
        if not isinstance(payload, ConsentPayload):
            raise LogDisagrees(f"entry {one.index} is no part of a consent")
        entries.append(Entry(one.index, one.at, payload))
    found = sorted(fold(entries), key=lambda one: one.last.index, reverse=True)
    return Lately(tuple(found[:MOST]), more=len(found) > MOST)
