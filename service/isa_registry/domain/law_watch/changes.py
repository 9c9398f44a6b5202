"""What is different of each provision between two states of the law, and which dates of it are near."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from isa_registry.domain.catalogue import Period, Provision
from isa_registry.domain.catalogue_difference import differences
from isa_registry.domain.register.law import Law
from isa_registry.domain.verifying import sha256_of

T = TypeVar("T")

Sort = Literal["added", "removed", "changed"]
Aspect = Literal["dates", "text", "confidence"]
ASPECTS: dict[Aspect, str] = {
    "dates": "Dates in force",
    "text": "What it says",
    "confidence": "How sure it is",
}
"""What is watched of a provision, each with its words."""

Comes = Literal["comes-into-force", "ends"]
COMES: dict[Comes, str] = {"comes-into-force": "comes into force", "ends": "is in force for the last time"}

AHEAD_DAYS = 90
"""How far ahead a date is told, where nobody says otherwise."""


class FromTo(Struct, Generic[T], frozen=True):
    """What something was and what it is; None: the provision was not there, or is there no longer."""

    was: T | None
    now: T | None


class ProvisionChange(Struct, frozen=True, omit_defaults=True):
    """A provision that came, went, or is different in what is watched; what did not change is None.

    `dates` are its periods in force, `confidence` how sure the registry is of it (`verified` where a mark counts too),
    `text` the SHA-256 (hex) of all that the catalogue's files say of it, which is what a mark names: dates and the
    authors' own confidence are in it. `words` are the differences of the files, member by member. `mark_lapsed`: what
    people checked counts as checked no longer.
    """

    code: str
    title: str
    sort: Sort
    dates: FromTo[tuple[Period, ...]] | None = None
    text: FromTo[str] | None = None
    confidence: FromTo[str] | None = None
    words: tuple[str, ...] = ()
    mark_lapsed: bool = False

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What of it changed, in the order in which it is told."""
        return tuple(aspect for aspect in ASPECTS if getattr(self, aspect) is not None)


class Coming(Struct, frozen=True):
    """A date of a provision that is near. `comes-into-force`: its first day. `ends`: its last day."""

    code: str
    title: str
    what: Comes
    on: str


def changes_between(old: Law, new: Law) -> tuple[ProvisionChange, ...]:
    """Every provision whose dates, text or confidence differ, in the order of the new catalogue; what is gone comes
    last."""
    before, after = old.written.provisions, new.written.provisions
    codes = [*after, *(code for code in before if code not in after)]
    found = (_change(old, new, code) for code in codes)
    return tuple(one for one in found if one is not None)


def _change(old: Law, new: Law, code: str) -> ProvisionChange | None:
    was, now = old.written.provisions.get(code), new.written.provisions.get(code)
    told = now or was
    assert told is not None
    if was is not None and was == now and old.read.provisions[code] == new.read.provisions[code]:
        return None
    change = ProvisionChange(
        code=code,
        title=told.title,
        sort="added" if was is None else "removed" if now is None else "changed",
        dates=_from_to(None if was is None else was.in_force, None if now is None else now.in_force),
        text=_from_to(None if was is None else sha256_of(was), None if now is None else sha256_of(now)),
        confidence=_from_to(_confidence(old, code), _confidence(new, code)),
        words=_words(was, now),
        mark_lapsed=_marked(old, code) and not _marked(new, code),
    )
    return change if change.aspects else None


def _from_to(was: T | None, now: T | None) -> FromTo[T] | None:
    return None if was == now else FromTo(was, now)


def _confidence(law: Law, code: str) -> str | None:
    found = law.read.provisions.get(code)
    return None if found is None else found.confidence


def _marked(law: Law, code: str) -> bool:
    mark = law.marks.get(f"provision {code}")
    return mark is not None and law.holds(mark)


def _words(was: Provision | None, now: Provision | None) -> tuple[str, ...]:
    if was is None or now is None:
        return ()
    old, new = ({"provisions.json": [msgspec.json.decode(msgspec.json.encode(one))]} for one in (was, now))
    return tuple(line for change in differences(old, new) for line in change.lines)


def coming(law: Law, today: str, days: int) -> tuple[Coming, ...]:
    """The dates of provisions until so many days from today, soonest first: first days after today, and last days from
    today on. A period that follows on the one before is no end and no beginning."""
    first = date.fromisoformat(today)
    last = first + timedelta(days=days)
    found = [
        Coming(provision.code, provision.title, what, on.isoformat())
        for provision in law.written.provisions.values()
        for what, on in _dates(provision)
        if (first < on if what == "comes-into-force" else first <= on) and on <= last
    ]
    return tuple(sorted(found, key=lambda one: (one.on, one.code)))


def _dates(provision: Provision) -> list[tuple[Comes, date]]:
    begins: list[date] = [one.from_ for one in provision.in_force]
    ends: list[date] = [one.until for one in provision.in_force if one.until is not None]
    day = timedelta(days=1)
    found: list[tuple[Comes, date]] = [("comes-into-force", on) for on in begins if on - day not in ends]
    return [*found, *(("ends", on) for on in ends if on + day not in begins)]
