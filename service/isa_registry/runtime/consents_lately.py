"""An organisation's own consents as a list: what was recorded last, and what is to be asked again soon."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.consent_entries import ConsentPayload
from isa_registry.domain.consents.states import ConsentState, Entry, fold, is_for_a_child, status
from isa_registry.domain.dates import day_after
from isa_registry.runtime.folding import payload_as_logged
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
        """Those that hold and end by `until`, the next to end first; then those that ran out, and that nobody answered
        anew or took back."""
        ends = {one.answer.consent: day for one in self.consents if one.state == "given" and (day := last_day(one))}
        due = [one for one in self.consents if ends.get(one.answer.consent, _NEVER) <= until]
        return tuple(sorted(due, key=lambda one: (status(one, today) == "expired", ends[one.answer.consent])))


_NEVER = "9999-99-99"


def last_day(consent: ConsentState) -> str | None:
    """The last day on which a yes counts: until it was to be said again, or the day before the child is asked."""
    said = consent.said
    days = [] if said.review_on is None else [said.review_on]
    if said.age_transition_on is not None and is_for_a_child(consent.answer.subject.kind, said.standing.by):
        days.append(day_after(said.age_transition_on, -1))
    return min(days, default=None)


async def lately(registry: Registry, organisation: str) -> Lately:
    """What a body's own records are now. Raises `LogDisagrees` where what is stored is not what was logged."""
    async with reading_for(registry.reading, organisation) as connection:
        stored = await consents_lately.lately(connection, organisation, limit=MOST + 1)
    entries = []
    for one in stored:
        payload = payload_as_logged(one)
        if not isinstance(payload, ConsentPayload):
            raise LogDisagrees(f"entry {one.index} is no part of a consent")
        entries.append(Entry(one.index, one.at, payload))
    found = sorted(fold(entries), key=lambda one: one.last.index, reverse=True)
    return Lately(tuple(found[:MOST]), more=len(found) > MOST)
