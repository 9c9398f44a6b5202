"""Chasing the bodies that have not answered: by itself some days after a version was opened, and by hand in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec import Struct

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.notices.concerned import told, waited_for
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.steps import CHASING_DAYS, days_until, step_after
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView

FIRST_DAY = 2
"""Nobody is chased by hand sooner: whoever was asked has just been told so."""


class Reminder(Struct, frozen=True):
    """How a body can be chased today: by the first of `notices` that was not made before. `before` are the keys of all
    that it may have been told of the same; if one of them was made today, it is not told again."""

    organisation: str
    notices: tuple[Notice, ...]
    before: tuple[str, ...]


def chased(view: RegisterView, version: AgreementVersion, today: str) -> list[Notice]:
    """The reminders that the latest step asks for, made before or not."""
    opened_on = _opened_on(version)
    step = None if opened_on is None else step_after(opened_on, today, CHASING_DAYS)
    if step is None or not _still_asked(view, version, today):
        return []
    return _notices(version, waited_for(view, version, today), step, str(step))


def next_by_itself(view: RegisterView, version: AgreementVersion, today: str) -> str | None:
    """The day of the next step; None where none follows."""
    opened_on = _opened_on(version)
    if opened_on is None or not _still_asked(view, version, today):
        return None
    days = (str(date.fromisoformat(opened_on) + timedelta(days=step)) for step in CHASING_DAYS)
    return next((day for day in days if day > today), None)


def first_by_hand(version: AgreementVersion) -> str | None:
    """The first day on which the unit may chase; None before the version can be attested."""
    since = _opened_on(version) or version.in_force_on
    return None if since is None else str(date.fromisoformat(since) + timedelta(days=FIRST_DAY))


def by_hand(
    view: RegisterView, version: AgreementVersion, invited: Iterable[str], today: str, *, asking: Iterable[str] = ()
) -> Iterator[Reminder]:
    """Whom the unit may chase today: parties and the bodies `invited` otherwise that have not answered, without those
    `asking`, who wait for the unit. A step that has come and was not told yet is told in its place, so that it does not
    follow on the same day."""
    first, since = first_by_hand(version), _opened_on(version) or version.in_force_on
    if first is None or since is None or today < first or not _still_asked(view, version, today):
        return
    days, name = -days_until(since, today), _name(version)
    of_step = {one.organisation: one for one in chased(view, version, today)}
    spared = set(asking)
    others = [one for one in invited if _unanswered(view, version, one, today)]
    for body in dict.fromkeys((*waited_for(view, version, today), *others)):
        if body not in spared:
            (alone,) = _notices(version, (body,), days, today)
            step = of_step.get(body)
            yield Reminder(
                organisation=body,
                notices=(alone,) if step is None else (step, alone),
                before=(
                    alone.key,
                    f"attestation-invited {body} {name}",
                    *(f"attestation-chased {body} {name} {one}" for one in CHASING_DAYS),
                ),
            )


def _notices(version: AgreementVersion, bodies: Iterable[str], days: int, which: str) -> list[Notice]:
    values = {"agreement": version.agreement, "version": version.version, "days": days}
    return told("attestation-chased", f"{_name(version)} {which}", values, {"parties": bodies})


def _unanswered(view: RegisterView, version: AgreementVersion, organisation: str, on: str) -> bool:
    body = view.organisation(organisation)
    return (
        body is not None
        and body.takes_part(on)
        and view.signature(version.agreement, version.version, organisation, on) is None
        and view.declined(version.agreement, version.version, organisation) is None
    )


def _opened_on(version: AgreementVersion) -> str | None:
    return None if version.opened_at is None else london_date(parse_instant(version.opened_at))


def _still_asked(view: RegisterView, version: AgreementVersion, today: str) -> bool:
    """Whether an answer is still wanted: the version has not ended, and no later one has taken its place."""
    if version.withdrawn is not None or (version.ends is not None and version.ends < today):
        return False
    current = view.agreement_in_force(version.agreement, today)
    return current is None or current is version or current.published_at < version.published_at


def _name(version: AgreementVersion) -> str:
    return f"{version.agreement}/{version.version}"
