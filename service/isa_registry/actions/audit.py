"""Reading the log as an auditor, or as a body that looks at its own: what is asked for, who sees it, what is noted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

import msgspec
from msgspec import Struct

from isa_registry.domain.dates import LONDON, is_date, is_instant, parse_instant
from isa_registry.domain.entries import Payload, PayloadRead, decode_payload
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.callers import Caller
from isa_registry.ledger.committed import states_commitment_to
from isa_registry.ledger.concerns import PUBLIC_KINDS, agreements_of, organisations_of, shown_to
from isa_registry.ledger.drafts import Draft
from isa_registry.store.audit import SeenEntry
from isa_verify.leaf import RECORD

REASONS = (
    "inspection", "complaint", "court-order", "subject-access-request", "practice-review", "quality-assurance",
    "incident", "audit",
)  # fmt: skip
OPERATOR = "operator"

_WORDS = re.compile(r"[a-z0-9][a-z0-9.-]{0,99}")
_PAGE_MOST = 200


class Selection(Struct, frozen=True):
    """Which entries are asked for; an empty list leaves that open. `entries` are numbers. `since` and `until` are as
    they were given: a date of Europe/London, or RFC 3339 UTC with milliseconds; both are inclusive."""

    kinds: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    entries: tuple[int, ...] = ()

    @property
    def everything(self) -> bool:
        return self == Selection()

    def filter(self) -> dict[str, list[str]]:
        """As an evidence bundle says it (docs/formats/evidence.md)."""
        named = {
            "kinds": list(self.kinds),
            "organisations": list(self.organisations),
            "agreements": list(self.agreements),
            "entries": [str(one) for one in self.entries],
            "from": [] if self.since is None else [self.since],
            "until": [] if self.until is None else [self.until],
        }
        return {name: values for name, values in named.items() if values}

    def first_moment(self) -> datetime | None:
        return None if self.since is None else _moment(self.since, end=False)

    def last_moment(self) -> datetime | None:
        return None if self.until is None else _moment(self.until, end=True)


class Asked(Struct, frozen=True):
    """What a request for entries says. `before` is where the page begins, going down; `payloads` whether the caller
    wants to read payloads that are not its own."""

    selection: Selection
    reason: str | None = None
    before: int | None = None
    limit: int = 50
    payloads: bool = True


def parse_query(items: Iterable[tuple[str, str]], *, paged: bool) -> Asked:
    """The query of a request. A name that is not known is refused: left out silently, it would show more than was asked
    for. Raises `Refused` (`malformed`)."""
    given: dict[str, list[str]] = {}
    for name, value in items:
        given.setdefault(name, []).append(value)
    faults: list[Fault] = []
    once = ("from", "until", "reason", *(("cursor", "limit", "payloads") if paged else ()))
    for name, values in given.items():
        if name not in (*once, "kind", "organisation", "agreement", "entry"):
            # The name is the sender's own text, so it stays out of the answer.
            faults.append(Fault("#", "unknown-parameter", "There is a parameter here that this route does not have."))
        elif name in once and len(values) > 1:
            faults.append(Fault(f"#/{name}", "given-twice", "Give this parameter once."))
        elif len(values) > 100:
            faults.append(Fault(f"#/{name}", "count", "Give at most 100."))
        elif not all(_accepts(name, value) for value in values):
            faults.append(Fault(f"#/{name}", "malformed", _EXPECTED[name]))
    if faults:
        raise Refused("malformed", "The query is not one that this route takes.", tuple(faults))
    first = {name: values[0] for name, values in given.items()}
    return Asked(
        selection=Selection(
            kinds=tuple(given.get("kind", ())),
            organisations=tuple(given.get("organisation", ())),
            agreements=tuple(given.get("agreement", ())),
            since=first.get("from"),
            until=first.get("until"),
            entries=tuple(sorted({int(one) for one in given.get("entry", ())})),
        ),
        reason=first.get("reason"),
        before=int(first["cursor"][1:]) if "cursor" in first else None,
        limit=int(first.get("limit", "50")),
        payloads=first.get("payloads") != "none",
    )


_EXPECTED = {
    "from": "A date as 2026-09-30, or a time as 2026-09-30T14:05:00.000Z.",
    "until": "A date as 2026-09-30, or a time as 2026-09-30T14:05:00.000Z.",
    "reason": f"One of {', '.join(REASONS)}.",
    "cursor": "`next` of the page before, as this registry gave it.",
    "limit": f"A number from 1 to {_PAGE_MOST}.",
    "payloads": "`visible` or `none`.",
    "kind": "A kind of entry, as `agreement.published` or `sharing-event.recorded`.",
    "organisation": "The id of an organisation.",
    "agreement": "The id of an agreement.",
    "entry": "The number of an entry.",
}


def _accepts(name: str, value: str) -> bool:
    match name:
        case "from" | "until":
            return is_date(value) or is_instant(value)
        case "reason":
            return value in REASONS
        case "entry":
            return re.fullmatch(r"0|[1-9][0-9]{0,14}", value) is not None
        case "cursor":
            return re.fullmatch(r"a(0|[1-9][0-9]{0,14})", value) is not None
        case "limit":
            return re.fullmatch(r"[1-9][0-9]{0,2}", value) is not None and int(value) <= _PAGE_MOST
        case "payloads":
            return value in ("visible", "none")
        case _:
            return _WORDS.fullmatch(value) is not None


def _moment(text: str, *, end: bool) -> datetime:
    """The first moment of a day or instant, or with `end` the last."""
    if is_instant(text):
        return parse_instant(text)
    day = datetime.combine(datetime.fromisoformat(text).date(), time(), tzinfo=LONDON)
    # By wall clock: the days on which the clocks change have 23 or 25 hours.
    return day + timedelta(days=1) - timedelta(milliseconds=1) if end else day


def read_payload(entry: SeenEntry) -> Payload | None:
    """The payload, if it is the one that was logged and of a kind that this version knows."""
    if entry.payload is None or entry.salt is None:
        return None
    if not states_commitment_to(entry.leaf, entry.leaf_kind, entry.payload, entry.salt):
        return None
    try:
        return decode_payload(entry.payload)
    except msgspec.MsgspecError:
        return None


def selects(selection: Selection, entry: SeenEntry, *, organisation: str | None) -> bool:
    """Whether an entry is asked for and shown. `organisation` is the body that reads, None for an auditor.

    Rows come narrowed by kind, time and readers already; what only a payload tells is looked at here.
    """
    if selection.entries and entry.index not in selection.entries:
        return False
    if organisation is None and not (selection.organisations or selection.agreements):
        return True
    payload = read_payload(entry)
    if payload is None and entry.payload is not None:
        # What was changed since, or is not known here, hides from nobody who could have been meant.
        return organisation is None or entry.leaf_kind == RECORD or entry.leaf_kind in PUBLIC_KINDS
    if payload is None:
        # Of an erased entry nobody can tell any more whom it was about.
        narrowed = bool(selection.organisations or selection.agreements)
        return organisation is not None and entry.leaf_kind in PUBLIC_KINDS and not narrowed
    if organisation is not None and entry.leaf_kind != "record" and not shown_to(payload, organisation):
        return False
    if selection.organisations and not set(selection.organisations) & set(organisations_of(payload)):
        return False
    return not selection.agreements or bool(set(selection.agreements) & set(agreements_of(payload)))


def reads_anothers(entry: SeenEntry, organisation: str) -> bool:
    """Whether the payload is of a record that is not this organisation's to read as a party."""
    return entry.leaf_kind == "record" and entry.payload is not None and organisation not in (entry.readers or ())


def role_of(caller: Caller) -> str:
    """By which role or scope the caller reads others' payloads."""
    return "auditor" if "auditor" in caller.roles else "audit:read"


def note_reading(
    entries: Sequence[SeenEntry], caller: Caller, *, purpose: str, reason: str | None = None
) -> Draft | None:
    """The entry that says that others' payloads are about to be read; None where every one is the caller's own."""
    foreign = [entry for entry in entries if reads_anothers(entry, caller.organisation)]
    if not foreign:
        return None
    one = len(foreign) == 1 and purpose != "page"
    return reading(
        organisation=caller.organisation,
        client=caller.client,
        role=role_of(caller),
        purpose=purpose,
        first=min(entry.index for entry in foreign),
        last=max(entry.index for entry in foreign),
        count=len(foreign),
        reason=reason,
        owners=tuple(name for name in foreign[0].readers or () if one),
    )


def reading(
    *,
    organisation: str,
    client: str,
    role: str,
    purpose: str,
    first: int,
    last: int,
    count: int | None = None,
    reason: str | None = None,
    owners: tuple[str, ...] = (),
) -> Draft:
    """The record of a reading."""
    return Draft(
        payloads=(
            PayloadRead(
                organisation=organisation,
                client=client,
                role=role,
                purpose=purpose,
                first=first,
                last=last,
                count=count,
                reason=reason,
                owners=owners,
            ),
        )
    )
