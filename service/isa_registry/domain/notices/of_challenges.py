"""What bodies and their systems are told of professional differences: that one was raised with them, that the other
body took a step, and that a stage is overdue, once for each stage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from isa_registry.domain.challenging.life import Challenge, Mark
from isa_registry.domain.challenging.stages import Differences
from isa_registry.domain.dates import instant, london_date
from isa_registry.domain.notices.concerned import told
from isa_registry.domain.notices.events import Event
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.register.register import RegisterView


def notices_of_challenge(mark: Mark) -> list[Notice]:
    """Whoever did not take the step is told of it."""
    body = mark.other if mark.by_body == mark.organisation else mark.organisation
    template = "challenge-raised" if mark.event == "raised" else "challenge-moved"
    values = {"challenge": mark.challenge, "organisation": mark.by_body}
    return told(template, f"entry {mark.index}", values, {"own": (body,)})


def events_of_challenge(mark: Mark, at: str) -> list[Event]:
    """What the systems of the two bodies are told, and nobody else's. `at` is when it was logged."""
    data = {"challenge": mark.challenge, "organisation": mark.organisation, "other": mark.other}
    return [Event(f"challenge.{mark.event}", at, data, mark.index, to=body) for body in (mark.organisation, mark.other)]


def overdue_challenges(
    found: Iterable[Challenge], differences: Differences, view: RegisterView, now: datetime
) -> list[Notice]:
    """Both bodies and the business unit are told that a stage's time is over; of the next stage anew."""
    notices: list[Notice] = []
    for one in found:
        stages = differences.partnerships.get(one.partnership)
        due = None if stages is None else one.due(stages)
        if due is None or now < due.at:
            continue
        last = due.day.isoformat() if due.day is not None else london_date(due.at - timedelta(milliseconds=1))
        values = {"challenge": one.id, "stage": one.stage, "due": last}
        about = f"{one.id} {one.stage} {instant(one.stage_since)}"
        bodies = (one.organisation, one.other)
        notices += told("challenge-overdue", about, values, {"own": bodies, "unit": _unit(view, one.partnership)})
    return notices


def _unit(view: RegisterView, partnership: str) -> tuple[str, ...]:
    """The lead body of a challenge's partnership; the registry's own where that is not registered."""
    found, opened = view.partnership(partnership), view.opened()
    if found is not None:
        return (found.lead_body,)
    return () if opened is None else (opened.lead_body,)
