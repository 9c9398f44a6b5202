"""How long a payload is kept: rules as data, the day on which one falls due, and the holds that suspend them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Literal

from msgspec import Struct

from isa_registry.domain.dates import LONDON, parse_instant
from isa_registry.domain.refusals import Fault

Starts = Literal["decision", "birth", "superseded", "closure", "last-entry", "end-of-agreement", "as-guidance-says"]
Confidence = Literal["verified", "secondary", "general-knowledge", "uncertain"]

COMPUTABLE = ("decision", "birth", "superseded")
"""What the registry can reckon from. A birth it does not know is taken as the decision's own day or, for a child who
was not born yet, the year after: the latest that it can have been."""

BY_RULE = "retention-ended"
REAPPLIED = "reapplied"
REQUESTED = ("record-ended", "erasure-right", "recorded-in-error", "court-order")
"""Reasons for an erasure that no rule asks for: the record that it was kept with has ended; UK GDPR article 17; it
should not have been recorded; a court said so."""

COMPANIONS = ("sharing-event.withheld", "sharing-event.flagged")
"""Payloads that stand right after an event, belong to it, and are erased with it."""

BELONGING = (
    *COMPANIONS, "sharing-event.acknowledged", "challenge.moved", "challenge.closed", "consent.renewed",
    "consent.withdrawn", "consent.invalidated",
)  # fmt: skip
"""Those, and what goes with another entry that may stand anywhere: an acknowledgement with its event, and what follows
in a challenge or a consent with its beginning. No rule is about them."""

_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_KIND = re.compile(r"[a-z][a-z-]*\.[a-z][a-z-]*")


class RetentionRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule: what it applies to, and how long that is kept.

    It applies to payloads of `kinds` that belong to an organisation of one of `bodies` (none: of any kind) and name
    the retention class `record_class` (None: that name none, or cannot). `years` run from what `starts` names; a rule
    without them never falls due by itself. `proposal`: no national rule was found. `confidence` and `source` say how
    sure the rule is, and where it was read.
    """

    code: str
    kinds: tuple[str, ...]
    starts: Starts
    confidence: Confidence
    source: str
    says: str
    years: int | None = None
    bodies: tuple[str, ...] = ()
    record_class: str | None = None
    proposal: bool = False

    def computable(self) -> bool:
        """Whether the registry can tell by itself when the period ends."""
        return self.years is not None and self.starts in COMPUTABLE

    def ends(self, started: str) -> str | None:
        """The first day on which a payload may be erased, for a period that began on a day (both YYYY-MM-DD)."""
        if self.years is None or self.starts not in COMPUTABLE:
            return None
        return years_later(started, self.years + (1 if self.starts == "birth" else 0))

    def last_start_due(self, today: str) -> str | None:
        """The latest day from which the period has ended by `today`; None where it never ends by itself."""
        if self.years is None or self.starts not in COMPUTABLE:
            return None
        return years_earlier(today, self.years + (1 if self.starts == "birth" else 0))


def years_later(day: str, count: int) -> str:
    """The same day some years on; 29 February becomes 1 March where there is none, so nothing is kept too short."""
    found = date.fromisoformat(day)
    try:
        return found.replace(year=found.year + count).isoformat()
    except ValueError:
        return date(found.year + count, 3, 1).isoformat()


def years_earlier(day: str, count: int) -> str:
    """The latest day whose `years_later` is not after `day`."""
    found = date.fromisoformat(day)
    try:
        return found.replace(year=found.year - count).isoformat()
    except ValueError:
        return date(found.year - count, 2, 28).isoformat()


def end_of_day(day: str) -> datetime:
    """The moment at which the day after begins in London."""
    following = date.fromordinal(date.fromisoformat(day).toordinal() + 1)
    return datetime.combine(following, time(), LONDON)


def rule_for(
    rules: Iterable[RetentionRule], kind: str, organisation_kind: str | None, record_class: str | None = None
) -> RetentionRule | None:
    """The first rule for a payload of a kind, of an organisation of a kind, that names a class; None where none is.

    What is not ruled is kept, until somebody decides."""
    for rule in rules:
        if kind not in rule.kinds or rule.record_class != record_class:
            continue
        if not rule.bodies or organisation_kind in rule.bodies:
            return rule
    return None


def rule_faults(rules: Sequence[RetentionRule]) -> Iterator[Fault]:
    """What is wrong with a set of rules; the pointers are into the set."""
    seen: set[str] = set()
    for position, rule in enumerate(rules):
        at = f"#/rules/{position}"
        if not _CODE.fullmatch(rule.code) or rule.code in seen:
            yield Fault(f"{at}/code", "malformed", "A rule's code is lower-case words joined by hyphens, used once.")
        seen.add(rule.code)
        if not rule.kinds or any(not _KIND.fullmatch(kind) for kind in rule.kinds):
            yield Fault(f"{at}/kinds", "malformed", "Name one or more kinds of payload.")
        if any(kind in BELONGING or kind == "payload.erased" for kind in rule.kinds):
            yield Fault(f"{at}/kinds", "unknown-code", "This kind goes with another entry, or stays.")
        if rule.years is not None and not 1 <= rule.years <= 150:
            yield Fault(f"{at}/years", "out-of-range", "Expected from 1 to 150 years.")
        if rule.years is not None and rule.starts not in COMPUTABLE:
            yield Fault(f"{at}/years", "not-computable", "The registry cannot reckon from that: leave the years out.")
        if not rule.source.strip() or not rule.says.strip():
            yield Fault(f"{at}/source", "missing", "Say what the rule is, and where it was read.")


class HoldScope(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a hold covers: payloads that concern one of `organisations`, are among `entries`, and were logged from
    `since` until before `until` (RFC 3339 UTC). What is left out narrows nothing."""

    organisations: tuple[str, ...] = ()
    entries: tuple[int, ...] = ()
    since: str | None = None
    until: str | None = None

    def covers(self, entry: int, at: str, parties: Iterable[str]) -> bool:
        """Whether it covers the payload of an entry logged `at`, which concerns `parties`."""
        moment = parse_instant(at)
        return (
            (not self.organisations or not set(self.organisations).isdisjoint(parties))
            and (not self.entries or entry in self.entries)
            and (self.since is None or moment >= parse_instant(self.since))
            and (self.until is None or moment < parse_instant(self.until))
        )

    def empty(self) -> bool:
        """Whether it names nothing: such a hold would cover everything without saying so."""
        return not self.organisations and not self.entries and self.since is None and self.until is None


def is_code(text: str) -> bool:
    """Whether `text` is a code: lower-case words joined by hyphens, at most 64 characters."""
    return len(text) <= 64 and _CODE.fullmatch(text) is not None
