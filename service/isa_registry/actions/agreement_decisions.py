"""What is decided about a published version: opening it, its coming into force, and everything that follows.

Each function gives the draft of one decision, with what it must meet at the tail; who decides it is added by
`actions/leading.py`. Days are YYYY-MM-DD, Europe/London, and no decision reaches back before the day of its entry: what
was answered under a version stays answered under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from isa_registry.actions.agreement_days import days_of, refuse_faults, today_of, version_of
from isa_registry.domain.agreement_codes import REVIEW_OUTCOMES, SUSPENSION_REASONS, WITHDRAWAL_REASONS
from isa_registry.domain.agreement_entries import (
    AgreementInForce,
    AgreementOpened,
    AgreementResumed,
    AgreementReviewed,
    AgreementSuspended,
    AgreementWithdrawn,
)
from isa_registry.domain.dates import is_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.agreement_life import in_force_by_rule, rule_met
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lives import refuse_untimely
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

MOST_PARTIES = 5_000


def open_version(opened: AgreementOpened) -> Draft:
    """A published version is open for attestation by its parties, with the rule by which it comes into force."""
    refuse_faults("The rule and the parties do not fit.", _rule_faults(opened))

    def holds(view: RegisterView, at: str) -> None:
        version = version_of(view, opened)
        refuse_untimely(view, opened)
        today = today_of(at)
        faults = list(_party_faults(view, version, opened.parties, today))
        if opened.rule.on is not None and opened.rule.on < today:
            faults.append(Fault("#/rule/on", "in-the-past", "Name today or a later day."))
        if version.schedule.ends is not None and (opened.rule.on or today) > version.schedule.ends:
            faults.append(Fault("#/rule/on", "after-its-end", "The schedule says that it has ended by then."))
        refuse_faults("The rule and the parties do not fit.", faults)

    return Draft(payloads=(opened,), preconditions=(holds,))


def bring_into_force(decision: AgreementInForce) -> Draft:
    """A published or open version is in force from a day on, whatever its rule says. Founding a log does so for days
    that have been."""
    refuse_faults("The dates do not fit.", _in_force_faults(decision))

    def holds(view: RegisterView, at: str) -> None:
        version_of(view, decision)
        refuse_untimely(view, decision)

    return Draft(payloads=(decision,), preconditions=(holds,))


def decide_in_force(decision: AgreementInForce) -> Draft:
    """The same by the business unit: from today or a later day, and not before the one that the schedule names."""
    draft = bring_into_force(decision)

    def holds(view: RegisterView, at: str) -> None:
        version = version_of(view, decision)
        faults = list(_past(decision.on, at))
        if decision.on < version.schedule.effective_from:
            detail = "The schedule names a later day from which it holds."
            faults.append(Fault("#/on", "before-the-schedule", detail))
        refuse_faults("The dates do not fit.", faults)

    return Draft(payloads=draft.payloads, preconditions=(*draft.preconditions, holds))


def come_into_force(version: AgreementVersion, day: str) -> Draft:
    """What follows once a version's rule is met: in force from `day`. The rule is held at the tail, where it must give
    that very day; refused (`conflict`) where it does not, or another worker has logged it."""

    def holds(view: RegisterView, at: str) -> None:
        current = view.agreement_version(version.agreement, version.version)
        if current is None or rule_met(view, current, today_of(at)) != day:
            raise Refused("conflict", "The rule by which this version comes into force is not met at this moment.")

    return Draft(payloads=(in_force_by_rule(version, day),), preconditions=(holds,))


def suspend(decision: AgreementSuspended) -> Draft:
    """A version in force is not, from a day on, until it is resumed."""
    refuse_faults(
        "This cannot be suspended so.", [*days_of(on=decision.on), *_code(decision.reason, SUSPENSION_REASONS)]
    )

    def holds(view: RegisterView, at: str) -> None:
        version = version_of(view, decision)
        refuse_untimely(view, decision)
        faults = list(_past(decision.on, at))
        if version.in_force_on is not None and decision.on < version.in_force_on:
            faults.append(Fault("#/on", "before-in-force", "It is not in force on that day yet: name a later one."))
        refuse_faults("The day does not fit.", faults)

    return Draft(payloads=(decision,), preconditions=(holds,))


def resume(decision: AgreementResumed) -> Draft:
    """A suspended version is in force again from a day on."""
    refuse_faults("The day does not fit.", days_of(on=decision.on))

    def holds(view: RegisterView, at: str) -> None:
        version = version_of(view, decision)
        refuse_untimely(view, decision)
        faults = list(_past(decision.on, at))
        if decision.on < version.suspensions[-1].on:
            faults.append(
                Fault("#/on", "before-the-suspension", "It is not suspended before that day: name a later one.")
            )
        refuse_faults("The day does not fit.", faults)

    return Draft(payloads=(decision,), preconditions=(holds,))


def withdraw(decision: AgreementWithdrawn) -> Draft:
    """A version is never in force again from a day on; `successor` takes its place, where one does."""
    refuse_faults(
        "This cannot be withdrawn so.", [*days_of(on=decision.on), *_code(decision.reason, WITHDRAWAL_REASONS)]
    )

    def holds(view: RegisterView, at: str) -> None:
        version_of(view, decision)
        refuse_untimely(view, decision)
        faults = list(_past(decision.on, at))
        if decision.successor is not None:
            faults += _successor_faults(view, decision)
        refuse_faults("This cannot be withdrawn so.", faults)

    return Draft(payloads=(decision,), preconditions=(holds,))


def review(decision: AgreementReviewed) -> Draft:
    """A review took place, on a day that has been, and says when the next one is due."""
    faults = [
        *days_of(on=decision.on, review_due=decision.review_due),
        *_code(decision.outcome, REVIEW_OUTCOMES, "outcome"),
    ]
    if decision.review_due is not None and decision.review_due <= decision.on:
        faults.append(
            Fault("#/review_due", "before-the-review", "The next review is due after this one: name a later day.")
        )
    refuse_faults("This review cannot be recorded so.", faults)

    def holds(view: RegisterView, at: str) -> None:
        version = version_of(view, decision)
        refuse_untimely(view, decision)
        found: list[Fault] = []
        if decision.on > today_of(at):
            found.append(Fault("#/on", "in-the-future", "Name the day on which it took place."))
        if decision.review_due is not None and decision.review_due <= today_of(at):
            found.append(Fault("#/review_due", "in-the-past", "The next review is due on a day to come: name one."))
        if version.ends is not None and decision.review_due is not None and decision.review_due > version.ends:
            found.append(Fault("#/review_due", "after-its-end", "The version has ended by then: name an earlier day."))
        refuse_faults("The dates do not fit.", found)

    return Draft(payloads=(decision,), preconditions=(holds,))


# --- what is wrong with them -----------------------------------------------------------------------------------------


def _rule_faults(opened: AgreementOpened) -> Iterator[Fault]:
    rule, parties = opened.rule, opened.parties
    yield from days_of("#/rule/on", rule.on)
    if not 1 <= len(parties) <= MOST_PARTIES:
        yield Fault("#/parties", "how-many", f"Name the bodies that are asked to attest: from 1 to {MOST_PARTIES}.")
    yield from _twice("#/parties", parties)
    yield from _twice("#/rule/bodies", rule.bodies)
    if rule.on is None and rule.quorum is None and not rule.bodies:
        yield Fault("#/rule", "says-nothing", "Name a day, a number of bodies, or bodies that must have attested.")
    if rule.quorum is not None and not 1 <= rule.quorum <= len(set(parties)):
        yield Fault("#/rule/quorum", "out-of-range", "Name a number from 1 to that of the parties.")
    named = set(parties)
    for place, body in enumerate(rule.bodies):
        if body not in named:
            yield Fault(f"#/rule/bodies/{place}", "not-a-party", "A body that must attest is one of the parties.")


def _party_faults(view: RegisterView, version: AgreementVersion, parties: Iterable[str], today: str) -> Iterator[Fault]:
    opened = view.opened()
    own = opened.partnership if opened is not None else ""
    partnership = version.partnership or own
    for place, party in enumerate(parties):
        at, body = f"#/parties/{place}", view.organisation(party)
        if body is None:
            yield Fault(at, "not-registered", "No such body is registered. Register it first, or leave it out.")
        elif not body.takes_part(today):
            yield Fault(at, "not-taking-part", "This body is suspended or closed. Leave it out.")
        elif partnership not in (body.partnerships or (own,)):
            detail = (
                "This body does not belong to the agreement's partnership. Change its record first, or leave it out."
            )
            yield Fault(at, "not-of-the-partnership", detail)


def _in_force_faults(decision: AgreementInForce) -> Iterator[Fault]:
    yield from days_of(on=decision.on, review_due=decision.review_due, ends=decision.ends)
    for member, day in (("review_due", decision.review_due), ("ends", decision.ends)):
        if day is not None and is_date(day) and is_date(decision.on) and day <= decision.on:
            yield Fault(f"#/{member}", "before-in-force", "Name a day after the one from which it is in force.")


def _successor_faults(view: RegisterView, decision: AgreementWithdrawn) -> Iterator[Fault]:
    agreement, slash, name = (decision.successor or "").partition("/")
    found = view.agreement_version(agreement, name) if slash else None
    if found is None:
        yield Fault(
            "#/successor", "unknown-agreement", "Name a published version as agreement/version, or leave it out."
        )
    elif (agreement, name) == (decision.agreement, decision.version):
        yield Fault("#/successor", "itself", "A version does not take its own place: name another.")
    elif found.withdrawn is not None:
        yield Fault("#/successor", "withdrawn-agreement", "The version named is withdrawn itself: name another.")


def _past(on: str, at: str) -> Iterator[Fault]:
    if on < today_of(at):
        yield Fault("#/on", "in-the-past", "Name today or a later day: nothing is decided for days that have been.")


def _code(given: str, known: dict[str, str], member: str = "reason") -> Iterator[Fault]:
    if given not in known:
        yield Fault(f"#/{member}", "unknown-code", f"One of {', '.join(known)}.")


def _twice(at: str, names: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            yield Fault(f"{at}/{place}", "twice", "This body is named twice: leave one.")
        seen.add(name)
