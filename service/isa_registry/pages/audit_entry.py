"""One entry of the log: what it says as far as the reader may see it, its proof, and a decision answered again."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.actions import audit
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.refusals import Refused
from isa_registry.domain.replaying import Difference, Engines, Replayed, Today
from isa_registry.identity.forms import only
from isa_registry.ledger.concerns import PUBLIC_KINDS, organisations_of
from isa_registry.pages.answer_words import OUTCOMES
from isa_registry.pages.audit import ADDRESS, ENTRIES
from isa_registry.pages.audit_payloads import Led, check_shown, payload_shown
from isa_registry.pages.audit_words import CHANGES, REASONS, VERDICTS, kind_in_words
from isa_registry.pages.changing import body_name
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, plain_time, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.finding_entries import entry_called
from isa_registry.runtime.reading_entries import (
    as_read,
    find_entry,
    is_as_made,
    note_reading,
    reader_in_person,
)
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.replaying import as_today, recorded_check, replay_for
from isa_registry.store import log
from isa_registry.store.audit import SeenEntry
from isa_registry.store.pool import reading_for

ONE = f"{ENTRIES}/{{index:str}}"
_MOST_DIFFERENCES = 100
_ERASED = "This was erased when its retention ended; the log still proves that it was there."


class LeafRow(Struct, frozen=True):
    """A member of a leaf, what it means, and its value."""

    name: str
    says: str
    value: str


_LEAF = {
    "origin": "The name of the log",
    "seq": "The number of the entry",
    "prev": "The hash of the entry before it",
    "at": "When it was made, in universal time",
    "kind": "What sort of entry it is, as everybody may know",
    "commitment": "What the words of the entry, and a secret salt, give: it holds them fast and tells nothing of them",
}


class DifferenceShown(Struct, frozen=True):
    """A member of an answer that is otherwise."""

    change: str
    where: str
    was: str
    now: str


def audit_entry_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ONE)
    async def look(request: Request, index: FromPath[str]) -> Response[bytes]:
        entry = await _found(request, index)
        return await _page(request, entry, opened=not _anothers(request, entry))

    @writes(ONE)
    async def read(request: Request, index: FromPath[str]) -> Response[bytes]:
        entry = await _found(request, index)
        if (errors := _unexplained(request, entry)) is not None:
            return await _page(request, entry, opened=False, form=errors, status=422)
        await _note(request, entry, purpose="entry")
        return await _page(request, entry, opened=True)

    @writes(f"{ONE}/receipt")
    async def receipt(request: Request, index: FromPath[str]) -> Response[bytes]:
        entry, caller = await _found(request, index), caller_of(request)
        if (errors := _unexplained(request, entry)) is not None:
            return await _page(request, entry, opened=False, form=errors, status=422)
        if entry.payload is not None:
            await _note(request, entry, purpose="receipt")
        body = await receipt_for(registry_of(request), reader_in_person(caller).scope, entry.index)
        headers = {"Content-Disposition": f'attachment; filename="{entry.index}.isa-receipt.json"'}
        return Response(body, media_type="application/json", headers={**headers, "Cache-Control": "no-store"})

    @writes(f"{ONE}/replay")
    async def replay(request: Request, index: FromPath[str]) -> Response[bytes]:
        seen = await _found(request, index)
        if (errors := _unexplained(request, seen)) is not None:
            return await _page(request, seen, opened=False, form=errors, status=422)
        return await _replay_page(request, seen)

    return [look, read, receipt, replay]


async def _found(request: Request, index: str) -> SeenEntry:
    registry = registry_of(request)
    return await find_entry(registry, reader_in_person(caller_of(request)), index)


def _anothers(request: Request, entry: SeenEntry) -> bool:
    return audit.reads_anothers(entry, caller_of(request).organisation)


def _unexplained(request: Request, entry: SeenEntry) -> Form | None:
    """The form with what is missing, where another body's record is to be opened and nobody has said why."""
    if not _anothers(request, entry) or only(form_of(request), "reason") in REASONS:
        return None
    return Form(form_of(request), (FieldError("reason", "Choose why you read it"),))


async def _note(request: Request, entry: SeenEntry, *, purpose: str) -> None:
    reason = only(form_of(request), "reason")
    await note_reading(
        registry_of(request),
        caller_of(request),
        [entry],
        purpose=purpose,
        reason=reason if reason in REASONS else None,
    )


async def _page(
    request: Request, entry: SeenEntry, *, opened: bool, form: Form | None = None, status: int = 200
) -> Response[bytes]:
    """The entry's page; what its payload says only where it was `opened`."""
    registry, caller = registry_of(request), caller_of(request)
    reader, view = reader_in_person(caller), registry.follower.view
    (found,) = await as_read(registry, reader, caller, [entry], others=opened)
    as_made = is_as_made(found)
    shown = payload_shown(entry, view, as_made=as_made) if found.state == "present" else None
    payload = audit.read_payload(entry) if found.state == "present" and as_made else None
    return layout_of(request).page(
        "audit_entry.html",
        status=status,
        found=found,
        what=kind_in_words(found.kind),
        when=plain_time(parse_instant(found.at)),
        shown=shown,
        as_made=as_made,
        leads=[] if shown is None else [(one.words, await _led(request, one)) for one in shown.leads],
        # Neither opened nor erased: either another body's, or not there although nothing erased it.
        openable=found.state == "withheld" and entry.payload is not None,
        opened=opened and _anothers(request, entry),
        sees=[body_name(view, one) for one in ([] if payload is None else organisations_of(payload))],
        everybody=found.state == "present" and entry.leaf_kind in PUBLIC_KINDS,
        leaf_hash=found.leaf_hash.hex(),
        leaf=_leaf_rows(found.leaf),
        reasons=list(REASONS.items()),
        reason=only(form_of(request), "reason") if opened and _anothers(request, entry) else "",
        form=form or Form(),
        audits=reader.auditor,
        last=view.size - 1,
        back=ADDRESS,
    )


def _leaf_rows(leaf: bytes) -> list[LeafRow]:
    """None for one that somebody changed so that it cannot be read."""
    try:
        fields = msgspec.json.decode(leaf, type=dict[str, Any])
    except msgspec.MsgspecError:
        return []
    return [LeafRow(name, says, str(fields.get(name, ""))) for name, says in _LEAF.items()]


async def _led(request: Request, one: Led) -> str | None:
    """The entry that is led to, for whoever may open it; None where it is not there for them."""
    caller = caller_of(request)
    try:
        index = await entry_called(registry_of(request), reader_in_person(caller), caller, one.named)
    except Refused as refused:
        if refused.code not in ("not-found", "gone"):
            raise
        return None
    return str(index)


async def _replay_page(request: Request, seen: SeenEntry) -> Response[bytes]:
    registry, caller = registry_of(request), caller_of(request)
    async with reading_for(registry.reading, reader_in_person(caller).scope) as connection:
        entry = await log.entry(connection, seen.index)
    if entry is None:
        raise Refused("gone", _ERASED)
    recorded = recorded_check(entry)
    if recorded is None:
        raise Refused("not-found", "This entry holds no question that was answered.")
    await _note(request, seen, purpose="entry")
    engines: Engines = request.app.state.engines
    found = await replay_for(registry, entry, recorded, engines=engines, turns=request.app.state.past_turns)
    request.app.state.watch.replayed(found.verdict)
    today = as_today(registry, recorded, engines)
    tag, headline, means = VERDICTS[found.verdict]
    return layout_of(request).page(
        "audit_replay.html",
        found=found,
        tag=tag,
        headline=headline,
        means=means,
        why=found.why,
        check=check_shown(recorded, registry.follower.view),
        again=_outcome(found),
        differences=_differences(found.differences),
        today=_outcome(today),
        today_why=today.why,
        on=plain_date(today.on),
        grew=today.again is not None and today.again.register.log_size,
        today_differences=_differences(tuple(one for one in today.differences if not _of_register(one))),
        most=_MOST_DIFFERENCES,
        back=f"{ENTRIES}/{seen.index}",
    )


def _outcome(found: Replayed | Today) -> str | None:
    return None if found.again is None else OUTCOMES.get(found.again.answer.outcome, found.again.answer.outcome)


def _of_register(one: Difference) -> bool:
    """Whether it is what the answer was made from, and not what it says."""
    return one.pointer.startswith("/register/")


def _differences(found: tuple[Difference, ...]) -> list[DifferenceShown]:
    return [
        DifferenceShown(
            change=CHANGES[one.change],
            where=one.pointer,
            was="" if one.change == "added" else json.dumps(one.was, ensure_ascii=False),
            now="" if one.change == "removed" else json.dumps(one.now, ensure_ascii=False),
        )
        for one in found
    ]
