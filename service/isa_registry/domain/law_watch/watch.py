"""What law watch says: each provision that changed between two states of the register's law, or has a date that is
near, with what rests on it."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.law_watch.changes import Coming, ProvisionChange, changes_between, coming
from isa_registry.domain.law_watch.resting import NOTHING, Resting, resting_by_code
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.register import RegisterView


class Bounds(Struct, frozen=True):
    """Between which states of the law: the one that the first `old` entries of the log gave, and that of `new`."""

    old: int
    new: int


class Changed(Struct, frozen=True):
    """A provision that changed, and what rests on it today."""

    change: ProvisionChange
    resting: Resting


class Near(Struct, frozen=True):
    """A date of a provision that is near, and what rests on the provision today."""

    coming: Coming
    resting: Resting


class Watch(Struct, frozen=True):
    """What changed between two catalogues, named by hash, and what comes, as of a day (London). `bounds` is None where
    nothing was ever changed: both hashes are then the catalogue's."""

    on: str
    old: str
    new: str
    bounds: Bounds | None
    changed: tuple[Changed, ...]
    near: tuple[Near, ...]


def last_change(view: RegisterView) -> Bounds | None:
    """Just before the newest catalogue came, and just after; None where the register has had one at most."""
    entries = [entry for entry, _ in view.catalogues()]
    return None if len(entries) < 2 else Bounds(entries[-1], entries[-1] + 1)


def bounds_between(view: RegisterView, old: str | int, new: str | int | None) -> Bounds | None:
    """Between two states, each named by an entry of the log (the law as that entry left it) or by a catalogue's hash:
    as the older catalogue last stood, marks and all, and as the newer one first did. Without `new`: the law of now.
    None where the log holds no such entry or catalogue, or the second is before the first."""
    first, last = _end_of(view, old), view.size if new is None else _start_of(view, new)
    return None if first is None or last is None or last < first else Bounds(first, last)


def _end_of(view: RegisterView, named: str | int) -> int | None:
    if isinstance(named, int):
        return named + 1 if 0 <= named < view.size else None
    entries = view.catalogues()
    found = next((place for place, (_, one) in enumerate(entries) if one.sha256 == named), None)
    if found is None:
        return None
    return entries[found + 1][0] if found + 1 < len(entries) else view.size


def _start_of(view: RegisterView, named: str | int) -> int | None:
    if isinstance(named, int):
        return named + 1 if 0 <= named < view.size else None
    entry = view.catalogue_entry(named)
    return None if entry is None else entry + 1


def watch(view: RegisterView, bounds: Bounds | None, today: str, ahead: int) -> Watch | None:
    """Law watch between two states, with the dates of so many days ahead; None where a state has no law yet."""
    now = view.law()
    old, new = (now, now) if bounds is None else (view.law_at(bounds.old), view.law_at(bounds.new))
    if now is None or old is None or new is None:
        return None
    return watch_of(view, old, new, today, bounds=bounds, near=coming(now, today, ahead))


def watch_of(
    view: RegisterView,
    old: Law,
    new: Law,
    today: str,
    *,
    bounds: Bounds | None = None,
    near: tuple[Coming, ...] = (),
) -> Watch:
    """The same of any two states of the law, one of which may be only proposed."""
    rests = resting_by_code(view, today)
    return Watch(
        on=today,
        old=old.written.sha256,
        new=new.written.sha256,
        bounds=bounds,
        changed=tuple(Changed(one, rests.get(one.code, NOTHING)) for one in changes_between(old, new)),
        near=tuple(Near(one, rests.get(one.code, NOTHING)) for one in near),
    )
