"""The auditor's interface: entries as far as the caller may see them, proofs, and evidence to take away."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Raw, Struct

from isa_registry.actions import audit
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.reading import note_reading, reader_scope
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.runtime.auditing import Reader, find_down
from isa_registry.runtime.evidence.bundle import Evidence, begin
from isa_registry.runtime.proofs import Tree
from isa_registry.runtime.registry import Registry
from isa_registry.store import log
from isa_registry.store.audit import SeenEntry, entries_at, erased_by
from isa_registry.store.pool import reading_for
from isa_verify.encoding import encode_base64

_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
_GONE_FROM_VIEW = "There is no such entry, or none that you may see."


class LeafFields(Struct, frozen=True):
    """The members of a leaf (docs/formats/leaf.md)."""

    v: int
    origin: str
    seq: int
    prev: str
    at: str
    kind: str
    commitment: str


class AuditEntry(Struct, frozen=True):
    """An entry. `kind` is the payload's own, where that is seen. `state` is `present`, `withheld` or `erased`;
    `erased_by` is the index of the entry that erased it. `payload` is the committed JSON as it stands in the log and
    `salt` its salt in base64: with them and `leaf.kind` the commitment can be computed."""

    index: int
    at: str
    kind: str
    leaf: LeafFields
    leaf_hash: str
    state: str
    erased_by: int | None
    payload: Raw | None
    salt: str | None


class AuditPage(Struct, frozen=True):
    """Entries, newest first. A page can be short, or empty, and still have a `next`: a long log is searched a piece at
    a time. `log_size` is how many entries there were."""

    entries: list[AuditEntry]
    next: str | None
    log_size: int


class InclusionProof(Struct, frozen=True):
    """The proof that entry `index` is in the tree of the first `size` entries (RFC 9162 section 2.1.3): hashes in
    base64, from the leaf upward. `checkpoint` is the newest signed one, `consistency` the proof from `size` to its."""

    index: int
    size: int
    leaf_hash: str
    hashes: list[str]
    root: str
    consistency: list[str]
    checkpoint: str


class ConsistencyProof(Struct, frozen=True, rename={"older": "from", "newer": "to"}):
    """The proof that the tree of `to` entries begins with that of `from` (RFC 9162 section 2.1.4): hashes in base64.
    `checkpoint` is the newest signed one, and `to_checkpoint` the proof from `to` to its size."""

    older: int
    newer: int
    from_root: str
    to_root: str
    hashes: list[str]
    to_checkpoint: list[str]
    checkpoint: str


_leaf = msgspec.json.Decoder(LeafFields)


@reads("/api/v1/audit/entries")
async def list_entries(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    asked = audit.parse_query(request.query_params.multi_items(), paged=True)
    reader = Reader(reader_scope(request))
    size = registry.follower.view.size
    found = await find_down(
        registry.reading, reader, asked.selection, size=size, before=asked.before, limit=asked.limit
    )
    if asked.payloads:
        await note_reading(request, found.entries, purpose="page", reason=asked.reason)
    page = AuditPage(
        entries=await _rendered(request, found.entries, others=asked.payloads),
        next=f"a{found.below}" if found.below else None,
        log_size=size,
    )
    headers = {}
    if page.next is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        query = urlencode([*kept, ("cursor", page.next)])
        headers["Link"] = f'</api/v1/audit/entries?{query}>; rel="next"'
    return json_response(page, headers=headers)


@reads("/api/v1/audit/entries/{index:str}")
async def read_entry(request: Request, index: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    asked = audit.parse_query(request.query_params.multi_items(), paged=False)
    if not asked.selection.everything:
        raise Refused("malformed", "One entry takes no filter.", (Fault("#", "unknown-parameter", "Leave it out."),))
    reader = Reader(reader_scope(request))
    if not _NUMBER.fullmatch(index):
        raise Refused("not-found", _GONE_FROM_VIEW)
    async with reading_for(registry.reading, reader.scope) as connection:
        entries = await entries_at(connection, [int(index)])
    hidden = entries and entries[0].payload is None and entries[0].leaf_kind == "record" and not reader.auditor
    shown = entries and audit.selects(asked.selection, entries[0], organisation=reader.organisation)
    if hidden or not shown:
        raise Refused("not-found", _GONE_FROM_VIEW)
    await note_reading(request, entries, purpose="entry", reason=asked.reason)
    (rendered,) = await _rendered(request, entries, others=True)
    return json_response(rendered)


async def _rendered(
    request: Request, entries: list[SeenEntry] | tuple[SeenEntry, ...], *, others: bool
) -> list[AuditEntry]:
    registry: Registry = request.app.state.registry
    absent = [entry.index for entry in entries if entry.payload is None]
    erasing: dict[int, int] = {}
    if absent:
        async with reading_for(registry.reading, reader_scope(request)) as connection:
            erasing = await erased_by(connection, absent)
    organisation = caller_of(request).organisation
    found = []
    for entry in entries:
        shown = entry.payload is not None and (others or not audit.reads_anothers(entry, organisation))
        # What is not there although nothing erased it is not called erased: `isa-registry fsck` names it.
        state = "present" if shown else "erased" if entry.index in erasing else "withheld"
        found.append(
            AuditEntry(
                index=entry.index,
                at=entry.at,
                kind=entry.kind if shown and entry.kind is not None else entry.leaf_kind,
                leaf=_leaf.decode(entry.leaf),
                leaf_hash=entry.leaf_hash.hex(),
                state=state,
                erased_by=erasing.get(entry.index),
                payload=Raw(entry.payload) if shown and entry.payload is not None else None,
                salt=encode_base64(entry.salt) if shown and entry.salt is not None else None,
            )
        )
    return found


def _size(request: Request, name: str, default: int | None = None) -> int:
    """A number of the query. Raises `Refused` (`malformed`)."""
    values = request.query_params.getall(name, [])
    if not values and default is not None:
        return default
    if len(values) != 1 or not _NUMBER.fullmatch(values[0]):
        raise Refused(
            "malformed",
            "The query is not one that this route takes.",
            (Fault(f"#/{name}", "not-a-number", "Send it once."),),
        )
    return int(values[0])


def _signed(registry: Registry) -> log.StoredCheckpoint:
    newest = registry.follower.checkpoint
    if newest is None:
        raise Refused("unavailable", "The log's first checkpoint is not signed yet.", retry_after=1)
    return newest


def _out_of_range(name: str) -> Refused:
    detail = "It lies beyond the newest signed checkpoint, or beyond the size that the proof is for."
    return Refused("unprocessable", "There is no such proof.", (Fault(f"#/{name}", "out-of-range", detail),))


@reads("/api/v1/audit/inclusion")
async def prove_inclusion(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    newest = _signed(registry)
    size = _size(request, "size", newest.size)
    index = _size(request, "index")
    if size > newest.size:
        raise _out_of_range("size")
    if index >= size:
        raise _out_of_range("index")
    tree, signed = Tree(size), Tree(newest.size)
    async with reading_for(registry.reading, "") as connection:
        proof = InclusionProof(
            index=index,
            size=size,
            leaf_hash=encode_base64((await log.leaf_hashes(connection, index, index + 1))[0]),
            hashes=[encode_base64(one) for one in await tree.inclusion(connection, index)],
            root=encode_base64(await tree.root(connection)),
            consistency=[encode_base64(one) for one in await signed.consistency(connection, size)],
            checkpoint=newest.note.decode(),
        )
    return json_response(proof)


@reads("/api/v1/audit/consistency")
async def prove_consistency(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    newest = _signed(registry)
    newer = _size(request, "to", newest.size)
    older = _size(request, "from")
    if newer > newest.size:
        raise _out_of_range("to")
    if older > newer:
        raise _out_of_range("from")
    before, after, signed = Tree(older), Tree(newer), Tree(newest.size)
    async with reading_for(registry.reading, "") as connection:
        proof = ConsistencyProof(
            older=older,
            newer=newer,
            from_root=encode_base64(await before.root(connection)),
            to_root=encode_base64(await after.root(connection)),
            hashes=[encode_base64(one) for one in await after.consistency(connection, older)],
            to_checkpoint=[encode_base64(one) for one in await signed.consistency(connection, newer)],
            checkpoint=newest.note.decode(),
        )
    return json_response(proof)


@reads("/api/v1/audit/export")
async def export(request: Request) -> Stream:
    """An evidence bundle as a stream: the whole log for an auditor who narrows nothing, else a selection."""
    registry: Registry = request.app.state.registry
    asked = audit.parse_query(request.query_params.multi_items(), paged=False)
    caller, reader = caller_of(request), Reader(reader_scope(request))
    evidence = Evidence(
        pool=registry.reading,
        reader=reader,
        selection=asked.selection,
        checkpoint=_signed(registry),
        view=registry.follower.view,
        made_at=instant(registry.now()),
    )
    if reader.auditor:
        # Before the first byte, so without a count: how many are others' is known only at the end.
        draft = audit.reading(
            organisation=caller.organisation,
            client=caller.client,
            role=audit.role_of(caller),
            purpose="export",
            first=0,
            last=evidence.checkpoint.size - 1,
            reason=asked.reason,
        )
        await registry.sequencer.append(draft)
    lines = await begin(evidence, request.app.state.exports)
    headers = {
        "Content-Disposition": f'attachment; filename="{evidence.checkpoint.size}.isa-evidence.jsonl"',
        "ISA-Export-Entries": str(evidence.checkpoint.size),
        "Cache-Control": "no-store",
    }
    return Stream(lines, media_type="application/jsonl", headers=headers)


HANDLERS = [list_entries, read_entry, prove_inclusion, prove_consistency, export]
