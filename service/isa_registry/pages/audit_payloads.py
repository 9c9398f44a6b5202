"""What an entry's payload says, line by line, and which other entries it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from isa_registry.actions.audit import read_payload
from isa_registry.domain.dates import is_instant, parse_instant
from isa_registry.domain.entries import (
    CheckAnswered,
    Payload,
    PayloadRead,
    SharingEventAcknowledged,
    SharingEventFlagged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.keeping_entries import HoldPlaced, PayloadErased
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.sharing import read_acknowledgement
from isa_registry.identity.compact import split_compact
from isa_registry.pages.answer_words import OUTCOMES, asked_in_words
from isa_registry.pages.changing import body_name
from isa_registry.pages.decisions_reading import event_in_words
from isa_registry.pages.people import plain_time
from isa_registry.store.audit import SeenEntry

MOST = 24_000
"""The longest payload, in bytes, that a page shows whole: a catalogue or an agreement's text is longer."""

_TO_OTHERS = {"Your record": "Its own record", "Their request": "The request", "The answer": "The question before it"}
"""What is called otherwise for whoever did not decide."""

Row = tuple[str, tuple[str, ...]]
"""What a member is called, and its lines."""


class Led(Struct, frozen=True):
    """Something that an entry leads to: what it is, and its entry's number, or the id of a check or an event."""

    words: str
    named: str


class CheckShown(Struct, frozen=True):
    """A question and its answer, as somebody reads them who did not ask. `cites` are the law and the clauses that it
    rests on, each with its page."""

    check: str
    asked: tuple[tuple[str, str], ...]
    outcome: str
    headline: str
    reasons: tuple[str, ...]
    cites: tuple[tuple[str, str], ...]
    decided: str
    log_size: int
    catalogue: str
    engine: str


class PayloadShown(Struct, frozen=True):
    """What is shown of a payload. `rows` say it line by line; `raw` is its JSON as it is committed to, None where that
    is too long for a page, and then `size` says how long it is."""

    rows: tuple[Row, ...]
    check: CheckShown | None
    raw: str | None
    size: int
    leads: tuple[Led, ...]


def payload_shown(entry: SeenEntry, view: RegisterView, *, as_made: bool) -> PayloadShown | None:
    """None where there is no payload to show. One that is not `as_made` is shown to the letter alone: it can say
    anything, or be nothing that can be read."""
    if entry.payload is None:
        return None
    payload, size = read_payload(entry) if as_made else None, len(entry.payload)
    check = check_shown(payload, view) if isinstance(payload, CheckAnswered) else None
    rows: tuple[Row, ...] = ()
    if isinstance(payload, SharingEventRecorded):
        event = payload.event
        said = ((_TO_OTHERS.get(name, name), lines) for name, lines in event_in_words(event, (), view))
        rows = (("By", (body_name(view, event.provider),)), *said)
    elif as_made and check is None and size <= MOST:
        rows = tuple(_rows(msgspec.json.decode(entry.payload)))
    return PayloadShown(
        rows=rows,
        check=check,
        raw=entry.payload.decode("utf-8", "replace") if size <= MOST else None,
        size=size,
        leads=() if payload is None else tuple(leads(entry.index, payload)),
    )


def check_shown(recorded: CheckAnswered, view: RegisterView) -> CheckShown:
    answer = recorded.answer
    cited = dict.fromkeys(one for reason in answer.reasons for one in reason.cites)
    return CheckShown(
        check=recorded.check,
        asked=tuple(asked_in_words(recorded.question, view)),
        outcome=OUTCOMES.get(answer.outcome, answer.outcome),
        headline=answer.headline,
        reasons=tuple(one.text for one in answer.reasons),
        cites=tuple((_cited(one, view), _place(one)) for one in cited),
        decided=plain_time(parse_instant(recorded.decided_at)),
        log_size=recorded.register.log_size,
        catalogue=recorded.register.catalogue,
        engine=recorded.register.engine,
    )


def _place(cited: str) -> str:
    """A provision's code, or `agreement/version#clause`."""
    return f"/agreements/{cited}" if "/" in cited else f"/law/provisions/{cited}"


def _cited(cited: str, view: RegisterView) -> str:
    catalogue = view.catalogue()
    provision = None if catalogue is None else catalogue.provisions.get(cited)
    return cited if provision is None else provision.title


def leads(index: int, payload: Payload) -> Iterator[Led]:
    """The entries that a payload names, in the order of reading, each once."""
    seen: set[str] = set()
    for one in _leads(index, payload):
        if one.named not in seen:
            seen.add(one.named)
            yield one


def _leads(index: int, payload: Payload) -> Iterator[Led]:
    match payload:
        case CheckAnswered():
            for found in payload.evidence.consents:
                yield Led("A consent that it relied on", str(found.entry))
        case SharingEventRecorded():
            event = payload.event
            if event.check is not None:
                yield Led("The question asked before it", event.check)
            if event.corrects is not None:
                yield Led("The decision that it corrects", event.corrects)
        case SharingEventWithheld() | SharingEventFlagged():
            yield Led("The decision that it belongs to", payload.event)
        case SharingEventAcknowledged():
            yield Led("The decision that it is about", read_acknowledgement(payload.jws).event)
        case PayloadErased():
            yield Led("What was erased", str(payload.index))
        case PayloadRead() if payload.first == payload.last:
            yield Led("What was read", str(payload.first))
        case PayloadRead():
            yield Led("The first that was read", str(payload.first))
            yield Led("The last that was read", str(payload.last))
        case HoldPlaced():
            for held in payload.scope.entries[:20]:
                yield Led("Held", str(held))
        case _:
            pass
    for member in ("decided_by", "approved_by"):
        for known in getattr(payload, member, ()):
            yield Led("Made the person known who decided it", str(known))


def _rows(members: dict[str, Any]) -> Iterator[Row]:
    """The members of a JSON object, and of the claims of a signed document in it."""
    for name, value in members.items():
        if name == "kind":
            continue
        if name == "jws" and isinstance(value, str):
            for path, line in _flat("signed", _claims(value)):
                yield path, (line,)
        else:
            for path, line in _flat(name, value):
                yield path, (line,)


def _claims(jws: str) -> dict[str, Any]:
    claims: dict[str, Any] = msgspec.json.decode(split_compact(jws).payload)
    return claims


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _flat(f"{path}: {name}", below)
    elif isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, below in enumerate(value, start=1):
            yield from _flat(f"{path} {number}", below)
    elif isinstance(value, list):
        if value:
            yield path.replace("_", " "), ", ".join(map(_said, value))
    else:
        yield path.replace("_", " "), _said(value)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "not said"
    if isinstance(value, str) and is_instant(value):
        return plain_time(parse_instant(value))
    return str(value)
