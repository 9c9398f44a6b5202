"""Roles that nobody uses: for the organisation's own lead, who asks whether those people still work there."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct

from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.dates import london_date
from isa_registry.runtime.registry import Registry
from isa_registry.store import person_use
from isa_registry.store.pool import reading_for

UNUSED_DAYS = 90


class Leaver(Struct, frozen=True):
    """A person who used no role for so long: each role with the day on which it was granted. Days are YYYY-MM-DD."""

    issuer: str
    subject: str
    last_used: str | None
    roles: tuple[tuple[RoleGranted, str], ...]


class LeaversReport(Struct, frozen=True):
    """Whom to ask after. `noted_since` is the day from which on use is noted."""

    noted_since: str
    people: tuple[Leaver, ...]


async def unused_roles(registry: Registry, organisation: str) -> LeaversReport:
    """The people of a body whose roles were there for 90 days without a day on which they were used. One whose last day
    is over is not listed: it can do nothing any more."""
    view, today = registry.follower.view, date.fromisoformat(london_date(registry.now()))
    granted = [one for one in view.roles_of(organisation) if one.until is None or one.until >= today.isoformat()]
    entries = {id(one): view.granted_by(one) for one in granted}
    async with reading_for(registry.reading, organisation) as connection:
        used = await person_use.people_used(connection, organisation)
        since = await person_use.used_since(connection)
        times = await person_use.granted_at(connection, [one for one in entries.values() if one is not None])
    last = today - timedelta(days=UNUSED_DAYS)
    found: dict[tuple[str, str], list[tuple[RoleGranted, str]]] = {}
    for one in granted:
        entry = entries[id(one)]
        granted_on = today if entry is None else date.fromisoformat(london_date(times[entry]))
        # No use before `since` was noted, so until then everybody counts as having been there.
        newest = max(granted_on, since, used.get((one.issuer, one.subject), date.min))
        if newest <= last:
            found.setdefault((one.issuer, one.subject), []).append((one, granted_on.isoformat()))
    people = tuple(
        Leaver(issuer, subject, _day(used.get((issuer, subject))), tuple(roles))
        for (issuer, subject), roles in found.items()
    )
    return LeaversReport(noted_since=since.isoformat(), people=people)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
