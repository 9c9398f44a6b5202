"""What a business unit has to look at: changes of the law on which something rests, each until somebody of it said what
follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from isa_registry.domain.catalogue_uses import relied_on
from isa_registry.domain.law_watch.changes import AHEAD_DAYS, Coming, coming
from isa_registry.domain.law_watch.history import Came, every_change
from isa_registry.domain.law_watch.resting import NOTHING, Resting, resting_by_code
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verification_entries import LawChangeLookedAt

OUTCOMES: dict[str, str] = {
    "nothing-follows": "Nothing follows from it: what rests on it stays as it is",
    "agreement-to-change": "A new version of an agreement is to be drafted",
    "bases-to-change": "Bodies are to look at their lawful bases",
    "agreement-and-bases-to-change": "Both: an agreement and lawful bases are to change",
    "advice-asked-for": "Legal advice was asked for",
}
"""What can follow from a change of the law, each with the words that pages show."""


class ToLookAt(Struct, frozen=True):
    """A change of the law, what rests on its provision today, whether answers can rest on it, and what was said of it,
    by which entry."""

    came: Came
    resting: Resting
    answers: bool
    said: LawChangeLookedAt | None = None
    entry: int | None = None

    @property
    def matters(self) -> bool:
        return self.resting.any or self.answers

    @property
    def waits(self) -> bool:
        return self.matters and self.said is None


def changes_to_look_at(view: RegisterView, today: str) -> tuple[ToLookAt, ...]:
    """The newest change of each provision that ever changed, newest first: an older one has nothing left to look at."""
    return view.memory.recall(("law-to-look-at", today), lambda: tuple(_to_look_at(view, today)))


def _to_look_at(view: RegisterView, today: str) -> Iterator[ToLookAt]:
    newest = {one.change.code: one for one in every_change(view)}
    rests, catalogue = resting_by_code(view, today), view.catalogue()
    cited: Iterable[str] = () if catalogue is None else relied_on(catalogue)
    for one in sorted(newest.values(), key=lambda came: -came.entry):
        entry, said = view.looked_at(one.catalogue, one.change.code) or (None, None)
        yield ToLookAt(one, rests.get(one.change.code, NOTHING), one.change.code in cited, said, entry)


def waiting(view: RegisterView, today: str) -> tuple[ToLookAt, ...]:
    """Those on which something rests, and of which nobody has said what follows."""
    return tuple(one for one in changes_to_look_at(view, today) if one.waits)


def dates_ahead(view: RegisterView, today: str) -> tuple[tuple[Coming, Resting], ...]:
    """Dates of provisions that are near, where something rests on the provision."""
    law = view.law()
    found = () if law is None else coming(law, today, AHEAD_DAYS)
    if not found:
        return ()
    rests = resting_by_code(view, today)
    return tuple((one, rests[one.code]) for one in found if one.code in rests and rests[one.code].any)
