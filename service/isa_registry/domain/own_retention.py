"""The rules that a body sets for its own records: said in codes and numbers, with a reference to its own schedule.

What such a rule says in words is made of them here: a body writes no sentence, so none is about a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from isa_registry.domain.references import own_reference_fault
from isa_registry.domain.refusals import Fault
from isa_registry.domain.retention import COMPUTABLE, RetentionRule, Starts, is_code

MOST_RULES = 50

RULED: dict[str, tuple[str, ...]] = {
    "sharing-event.recorded": ("sharing-event.recorded",),
    "consent.given": ("consent.given", "consent.refused"),
    "check.answered": ("check.answered",),
    "records.searched": ("records.searched",),
    "challenge.raised": ("challenge.raised",),
}
"""The kinds for which a body sets rules of its own, each with those that its rule is for: what somebody answered is
kept as long whether they said yes or no."""

CLASSED = frozenset({"sharing-event.recorded", "consent.given"})
"""Those whose records may name a class."""

_FROM = {
    "decision": "from the day of the decision",
    "birth": "from the birth of the child",
    "closure": "from when the record was closed, on the organisation’s word",
    "last-entry": "from the record’s last entry, on the organisation’s word",
    "end-of-agreement": "from the end of the agreement, on the organisation’s word",
    "as-guidance-says": "as guidance says, on the organisation’s word",
}


class OwnRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of a body for its own records: `code` is its name for it. It applies to records of a `kind` that name
    `record_class` (events and consents may; without it, those that name none), and keeps them `years` from what
    `starts` names. Without years it never ends by itself. `schedule` is the reference of the body's own
    retention schedule."""

    code: str
    kind: str
    starts: Starts
    schedule: str
    record_class: str | None = None
    years: int | None = None


def own_rule_faults(rules: Sequence[OwnRule]) -> Iterator[Fault]:
    """What is wrong with a body's own rules beyond what is wrong with any; the pointers are into the request."""
    if len(rules) > MOST_RULES:
        yield Fault("#/rules", "count", f"Send at most {MOST_RULES} rules.")
    seen: set[tuple[str, str | None]] = set()
    for place, one in enumerate(rules[:MOST_RULES]):
        at = f"#/rules/{place}"
        if one.kind not in RULED:
            yield Fault(f"{at}/kind", "unknown-code", f"A rule is for one of {', '.join(RULED)}.")
        if one.starts == "superseded":
            yield Fault(f"{at}/starts", "unknown-code", "That is for entries of the register.")
        elif one.starts not in COMPUTABLE and one.years is not None:
            yield Fault(f"{at}/years", "not-computable", "The registry cannot reckon from that: leave the years out.")
        if one.record_class is not None and (one.kind not in CLASSED or not is_code(one.record_class)):
            detail = "A class is lower-case words joined by hyphens, and events and consents alone name one."
            yield Fault(f"{at}/record_class", "malformed", detail)
        if (one.kind, one.record_class) in seen:
            yield Fault(f"{at}/record_class", "repeated", "There is another rule for the same records.")
        seen.add((one.kind, one.record_class))
        fault = own_reference_fault(one.schedule)
        if fault is not None:
            yield Fault(f"{at}/schedule", "not-a-reference", fault)


def as_rule(one: OwnRule) -> RetentionRule:
    """The rule as it is logged."""
    kept = f"{one.years} year{'' if one.years == 1 else 's'} " if one.years is not None else "Kept until it ends: "
    return RetentionRule(
        code=one.code,
        kinds=RULED[one.kind],
        starts=one.starts,
        confidence="verified",
        source=f"The organisation’s own retention schedule, {one.schedule}.",
        says=f"{kept}{_FROM[one.starts]}.",
        years=one.years,
        record_class=one.record_class,
    )
