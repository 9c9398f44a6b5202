"""What a consent's entries add up to, and what it is on a day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

from msgspec import Struct

from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentPayload,
    ConsentRefused,
    ConsentRenewed,
    ConsentWithdrawn,
)
from isa_registry.domain.consents.codes import CHILD_ITSELF, CHILD_KINDS, Status
from isa_registry.domain.consents.life import NEW, step
from isa_registry.domain.dates import london_date, parse_instant

Saying = ConsentGiven | ConsentRefused | ConsentRenewed
"""An entry in which somebody answered: who, how, and until when it counts."""


class Entry(Struct, frozen=True):
    """An entry of a consent's life: its index in the log, when it was logged, and what it says."""

    index: int
    at: str
    payload: ConsentPayload


class ConsentState(NamedTuple):
    """A consent: its entries in their order, and the state that the table of its life leads to. What its first entry
    says of subject, role and scope holds to its end."""

    entries: tuple[Entry, ...]
    state: str

    @property
    def answer(self) -> ConsentGiven | ConsentRefused:
        """What it began with."""
        return cast("ConsentGiven | ConsentRefused", self.entries[0].payload)

    @property
    def last(self) -> Entry:
        return self.entries[-1]

    @property
    def said(self) -> Saying:
        """What was said last: the answer, or its newest renewal."""
        return [one.payload for one in self.entries if isinstance(one.payload, Saying)][-1]


def fold(entries: Iterable[Entry]) -> list[ConsentState]:
    """The consents that these entries make, each by its id, in the order in which they began.

    The entries are of one body and come in the log's order. Those whose first entry is not there are left out: it
    was erased, and what followed goes after it. Raises `ValueError` for a step that the table does not have: the
    sequencer lets none into the log.
    """
    found: dict[str, ConsentState] = {}
    for entry in entries:
        consent = entry.payload.consent
        before = found.get(consent)
        kind = str(entry.payload.__struct_config__.tag)
        taken = step(NEW if before is None else before.state, kind)
        if taken is not None:
            found[consent] = ConsentState((*(() if before is None else before.entries), entry), taken.to)
        elif before is not None:
            raise ValueError(f"{kind} does not follow {before.state}")
    return list(found.values())


def after(consent: ConsentState | None, entry: Entry) -> ConsentState:
    """A consent once this entry follows. Raises `ValueError` for one that does not."""
    found = fold([*(() if consent is None else consent.entries), entry])
    if len(found) != 1:
        raise ValueError("the entry is of another consent")
    return found[0]


def until(consent: ConsentState, index: int) -> ConsentState:
    """A consent as it was after the entry at an index, which is one of its own."""
    (found,) = fold([entry for entry in consent.entries if entry.index <= index])
    return found


def day_of(instant: str) -> str:
    """The London day of a moment."""
    return london_date(parse_instant(instant))


class OnDay(NamedTuple):
    """What a consent is on a day, by which of its entries, and when what made it so was said."""

    status: Status
    entry: int
    said_at: str


def on_day(consent: ConsentState, day: str) -> OnDay | None:
    """What a consent is on a London day, as far as these entries know; None before it was answered.

    `review_on` is the last day on which a yes counts. From `age_transition_on` on, nothing counts that somebody else
    said for a child; what the child said with capacity does. What was found void is so on every day.
    """
    last = consent.last
    if isinstance(last.payload, ConsentInvalidated):
        return OnDay("invalidated", last.index, last.payload.found_at)
    found: OnDay | None = None
    said: Saying | None = None
    for entry in consent.entries:
        payload = entry.payload
        if isinstance(payload, ConsentInvalidated) or day_of(payload.answered_at) > day:
            continue
        if isinstance(payload, ConsentWithdrawn):
            assert said is not None, "a withdrawal is never said before what it withdraws"
            over = _outgrown(consent, payload.by, said, day)
            found = OnDay("expired" if over else "withdrawn", entry.index, payload.answered_at)
        else:
            said = payload
            found = OnDay(_counts(consent, said, day), entry.index, said.answered_at)
    return found


def status(consent: ConsentState, day: str) -> Status | None:
    """What a consent is on a London day; None before it was answered."""
    found = on_day(consent, day)
    return None if found is None else found.status


def _counts(consent: ConsentState, said: Saying, day: str) -> Status:
    if _outgrown(consent, said.standing.by, said, day) or (said.review_on is not None and said.review_on < day):
        return "expired"
    return "refused" if isinstance(said, ConsentRefused) else "given"


def _outgrown(consent: ConsentState, by: str, said: Saying, day: str) -> bool:
    return is_for_a_child(consent.answer.subject.kind, by) and (
        said.age_transition_on is not None and said.age_transition_on <= day
    )


def is_for_a_child(kind: str, by: str) -> bool:
    """Whether somebody else answers for a child."""
    return kind in CHILD_KINDS and by != CHILD_ITSELF
