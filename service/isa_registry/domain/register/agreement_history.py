"""What was decided about a version, entry by entry, as the register remembers it."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


class Decided(Struct, frozen=True):
    """An event in a version's life: the `entry` that it is, the day that it names, and its code. `review_due` is when
    the next review is due, where it says so; `successor` the version that takes its place."""

    event: str
    entry: int
    on: str | None = None
    code: str | None = None
    review_due: str | None = None
    successor: str | None = None


def decisions_about(view: RegisterView, agreement: str, version: str) -> list[Decided]:
    """Every decision, oldest first; one whose entry was erased, because nothing depends on it, is not among them."""
    found: list[Decided] = []
    before: AgreementVersion | None = None
    for entry, after in view.agreement_history(agreement, version):
        decided = _between(before, after, entry)
        if decided is not None:
            found.append(decided)
        before = after
    return found


def _between(before: AgreementVersion | None, after: AgreementVersion, entry: int) -> Decided | None:
    if before is None:
        return Decided("publish", entry, on=london_date(parse_instant(after.published_at)))
    if after.opened is not None and before.opened != after.opened:
        return Decided("open", entry, on=after.opened.rule.on)
    if after.withdrawn is not None and before.withdrawn != after.withdrawn:
        said = after.withdrawn
        return Decided("withdraw", entry, on=said.on, code=said.reason, successor=said.successor)
    if len(after.suspensions) > len(before.suspensions):
        begun = after.suspensions[-1]
        return Decided("suspend", entry, on=begun.on, code=begun.reason)
    if after.suspensions != before.suspensions:
        return Decided("resume", entry, on=after.suspensions[-1].until)
    if after.in_force_on is not None and before.in_force_on is None:
        return Decided("come-into-force", entry, on=after.in_force_on, review_due=after.review_due)
    if after.reviewed is not None:
        held = after.reviewed
        return Decided("review", entry, on=held.on, code=held.outcome, review_due=held.review_due)
    return None
