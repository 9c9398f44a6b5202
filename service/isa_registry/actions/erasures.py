"""Erasing what is no longer kept; the rules of how long that is; the holds that keep it all the same."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from isa_registry.actions import leading
from isa_registry.actions.deciding import Decider
from isa_registry.actions.organisations import registered
from isa_registry.domain.dates import is_instant
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced, PayloadErased, RetentionChanged
from isa_registry.domain.own_retention import OwnRule, as_rule, own_rule_faults
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import BY_RULE, REAPPLIED, REQUESTED, RetentionRule, is_code, rule_faults
from isa_registry.domain.shapes import decoding
from isa_registry.ledger.drafts import Draft


class ErasedPart(Struct, frozen=True):
    """One payload to erase: its entry, when that was logged (RFC 3339 UTC), the organisations it concerns; for an
    entry of the register, the first size that no longer depended on it."""

    index: int
    at: str
    parties: tuple[str, ...]
    until: int | None = None


class RetentionRules(Struct, frozen=True, forbid_unknown_fields=True):
    """A set of rules, as in a file."""

    rules: tuple[RetentionRule, ...]


def erase(
    parts: Sequence[ErasedPart], *, reason: str, rule: str | None = None, approved_by: tuple[int, ...] = ()
) -> Draft:
    """The entries that erase a record, an event before what belongs to it.

    Refused (`on-hold`) where a hold covers one of them at the tail. Raises ValueError for an erasure that neither a
    rule nor two people ask for.
    """
    if (rule is not None) != (reason == BY_RULE) or reason not in (BY_RULE, REAPPLIED, *REQUESTED):
        raise ValueError("an erasure is by a rule, or for another reason")
    if reason in REQUESTED and len(set(approved_by)) != 2:
        raise ValueError("two people ask for what no rule asks for")

    def holds(view: RegisterView, at: str) -> None:
        for part in parts:
            refuse_held(view, part)

    payloads = tuple(
        PayloadErased(index=part.index, reason=reason, rule=rule, until=part.until, approved_by=approved_by)
        for part in parts
    )
    return Draft(payloads=payloads, preconditions=(holds,))


def refuse_held(view: RegisterView, part: ErasedPart) -> None:
    """Raises `Refused` (`on-hold`) where a hold covers the payload."""
    if is_held(view, part):
        raise Refused("on-hold", "A legal hold covers this: nothing of it is erased until the hold is lifted.")


def is_held(view: RegisterView, part: ErasedPart) -> bool:
    """Whether a hold covers the payload."""
    return any(hold.scope.covers(part.index, part.at, part.parties) for hold in view.holds())


def change_retention(rules: Sequence[RetentionRule], organisation: str | None = None) -> Draft:
    """The rules of a body, or without one of the partnership, from here on. Refused (`unprocessable`) with a pointer to
    each thing that is wrong."""
    faults = tuple(rule_faults(rules))
    if faults:
        raise Refused("unprocessable", "These retention rules cannot be adopted as they stand.", faults)

    def kinds_known(view: RegisterView, at: str) -> None:
        catalogue = view.catalogue()
        if catalogue is not None and any(body not in catalogue.kinds for rule in rules for body in rule.bodies):
            detail = "A rule names a kind of organisation that is not in the catalogue."
            raise Refused("unprocessable", detail, (Fault("#/rules", "unknown-code", detail),))

    preconditions = (kinds_known,) if organisation is None else (kinds_known, registered(organisation))
    return Draft(
        payloads=(RetentionChanged(rules=tuple(rules), organisation=organisation),), preconditions=preconditions
    )


def change_own_retention(rules: Sequence[OwnRule], organisation: str, by: Decider, view: RegisterView) -> Draft:
    """A body's own rules in the place of those that it had, on the word of its information-governance lead; none at all
    leaves it the partnership's. Refused as `change_retention` is, and as `leading.ig_lead_of` is."""
    found = tuple(own_rule_faults(rules))
    if found:
        raise Refused("unprocessable", "These retention rules cannot be adopted as they stand.", found)
    draft = change_retention(tuple(map(as_rule, rules)), organisation)
    return leading.on_the_word_of(draft, leading.ig_lead_of(organisation, by, view))


def read_rules(document: bytes) -> tuple[RetentionRule, ...]:
    """The rules in a file as `agreements/retention.json`. Raises `Refused` (`malformed`)."""
    with decoding("The rules"):
        return msgspec.json.decode(document, type=RetentionRules).rules


def place_hold(hold: HoldPlaced) -> Draft:
    """From here on nothing in its scope is erased. Refused (`unprocessable`) for a scope that names nothing or codes of
    another form; (`conflict`) where the id was used before."""
    scope = hold.scope
    faults: list[Fault] = []
    if not is_code(hold.hold):
        faults.append(Fault("#/hold", "malformed", "A hold's id is lower-case words joined by hyphens."))
    if not is_code(hold.reason):
        faults.append(Fault("#/reason", "malformed", "A reason is a code: lower-case words joined by hyphens."))
    if scope.empty():
        faults.append(Fault("#/scope", "missing", "Name organisations, entries, or a period."))
    for name in ("since", "until"):
        value = getattr(scope, name)
        if value is not None and not is_instant(value):
            faults.append(Fault(f"#/scope/{name}", "not-a-time", "Write times as 2026-09-30T14:05:00.000Z."))
    if any(entry < 0 for entry in scope.entries):
        faults.append(Fault("#/scope/entries", "out-of-range", "An entry's number is not negative."))
    if faults:
        raise Refused("unprocessable", "This hold cannot be placed.", tuple(faults))

    def holds(view: RegisterView, at: str) -> None:
        if view.hold(hold.hold) is not None:
            raise Refused("conflict", "A hold with this id was placed before.")

    return Draft(payloads=(hold,), preconditions=(holds, *(registered(body) for body in scope.organisations)))


def lift_hold(lifted: HoldLifted) -> Draft:
    """The hold ends. Refused (`not-found`, `conflict`) where there is none, or it was lifted before."""
    if not is_code(lifted.reason):
        detail = "A reason is a code: lower-case words joined by hyphens."
        raise Refused("unprocessable", detail, (Fault("#/reason", "malformed", detail),))

    def holds(view: RegisterView, at: str) -> None:
        hold = view.hold(lifted.hold)
        if hold is None:
            raise Refused("not-found", "There is no such hold.")
        if hold.lifted_at is not None:
            raise Refused("conflict", "This hold was lifted before.")

    return Draft(payloads=(lifted,), preconditions=(holds,))
