"""The auditor's interface: entries as far as the caller may see them, proofs, and evidence to take away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Raw, Struct

from isa_registry.actions import audit
from isa_registry.api.frame import caller_of
from isa_registry.api.json import json_response
from isa_registry.api.reading import reader_scope
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.runtime import reading_entries
from isa_registry.runtime.auditing import Reader
from isa_registry.runtime.proofs import Tree
from isa_registry.runtime.reading_entries import (
    EntryRead,
    evidence_headers,
    is_as_made,
    newest_signed,
    take_evidence,
)
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.tree import LogDisagrees
from isa_registry.store import log
from isa_registry.store.pool import reading_for
from isa_verify.encoding import encode_base64
from isa_verify.errors import VerificationError
from isa_verify.merkle import verify_consistency, verify_inclusion

_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")


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
    """An entry. `kind` is the payload's own, where that is seen. `state` is `present`, `withheld`, `erased`, or
    `altered` where what is stored is not what was logged: then nothing of it is shown but its leaf, if that can be read
    at all. `erased_by` is the index of the entry that erased it. `payload` is the committed JSON as it stands in the
    log and `salt` its salt in base64: with them and `leaf.kind` the commitment can be computed."""

    index: int
    at: str
    kind: str
    leaf: LeafFields | None
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
    found = await reading_entries.list_entries(registry, Reader(reader_scope(request)), caller_of(request), asked)
    page = AuditPage(entries=[_rendered(one) for one in found.entries], next=found.next, log_size=found.log_size)
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
    reader, caller = Reader(reader_scope(request)), caller_of(request)
    entry = await reading_entries.find_entry(registry, reader, index)
    await reading_entries.note_reading(registry, caller, [entry], purpose="entry", reason=asked.reason)
    (found,) = await reading_entries.as_read(registry, reader, caller, [entry], others=True)
    return json_response(_rendered(found))


def _rendered(entry: EntryRead) -> AuditEntry:
    as_made = is_as_made(entry) and _is_json(entry.payload)
    return AuditEntry(
        index=entry.index,
        at=entry.at,
        kind=entry.kind,
        leaf=_leaf_of(entry),
        leaf_hash=entry.leaf_hash.hex(),
        state=entry.state if as_made else "altered",
        erased_by=entry.erased_by,
        payload=Raw(entry.payload) if as_made and entry.payload is not None else None,
        salt=encode_base64(entry.salt) if as_made and entry.salt is not None else None,
    )


def _is_json(payload: bytes | None) -> bool:
    """Whether a payload can stand in an answer as it is. One that the log itself commits to need not even be JSON."""
    try:
        return payload is None or msgspec.json.decode(payload) is not None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False


def _leaf_of(entry: EntryRead) -> LeafFields | None:
    try:
        return _leaf.decode(entry.leaf)
    except msgspec.MsgspecError:
        return None


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


def _out_of_range(name: str) -> Refused:
    detail = "It lies beyond the newest signed checkpoint, or beyond the size that the proof is for."
    return Refused("unprocessable", "There is no such proof.", (Fault(f"#/{name}", "out-of-range", detail),))


@contextmanager
def _proved(place: int) -> Iterator[None]:
    """Whatever is wrong with a proof is found here, and not by whoever asked for it. Raises `LogDisagrees`."""
    try:
        yield
    except VerificationError as error:
        raise LogDisagrees(f"no proof about entry {place} holds: {error.code}") from None


def _extended_by(newest: log.StoredCheckpoint, size: int, root: bytes, consistency: list[bytes]) -> None:
    if size:
        verify_consistency(size, root, newest.size, newest.root, consistency)


@reads("/api/v1/audit/inclusion")
async def prove_inclusion(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    newest = newest_signed(registry)
    size = _size(request, "size", newest.size)
    index = _size(request, "index")
    if size > newest.size:
        raise _out_of_range("size")
    if index >= size:
        raise _out_of_range("index")
    tree, signed = Tree(size), Tree(newest.size)
    async with reading_for(registry.reading, "") as connection:
        leaf = b"".join(await log.leaf_hashes(connection, index, index + 1))
        hashes, root = await tree.inclusion(connection, index), await tree.root(connection)
        consistency = await signed.consistency(connection, size)
    with _proved(index):
        verify_inclusion(leaf, index, size, hashes, root)
        _extended_by(newest, size, root, consistency)
    proof = InclusionProof(
        index=index,
        size=size,
        leaf_hash=encode_base64(leaf),
        hashes=[encode_base64(one) for one in hashes],
        root=encode_base64(root),
        consistency=[encode_base64(one) for one in consistency],
        checkpoint=newest.note.decode(),
    )
    return json_response(proof)


@reads("/api/v1/audit/consistency")
async def prove_consistency(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    newest = newest_signed(registry)
    newer = _size(request, "to", newest.size)
    older = _size(request, "from")
    if newer > newest.size:
        raise _out_of_range("to")
    if older > newer:
        raise _out_of_range("from")
    before, after, signed = Tree(older), Tree(newer), Tree(newest.size)
    async with reading_for(registry.reading, "") as connection:
        from_root, to_root = await before.root(connection), await after.root(connection)
        hashes = await after.consistency(connection, older)
        to_checkpoint = await signed.consistency(connection, newer)
    with _proved(newer):
        if older:
            verify_consistency(older, from_root, newer, to_root, hashes)
        _extended_by(newest, newer, to_root, to_checkpoint)
    proof = ConsistencyProof(
        older=older,
        newer=newer,
        from_root=encode_base64(from_root),
        to_root=encode_base64(to_root),
        hashes=[encode_base64(one) for one in hashes],
        to_checkpoint=[encode_base64(one) for one in to_checkpoint],
        checkpoint=newest.note.decode(),
    )
    return json_response(proof)


@reads("/api/v1/audit/export")
async def export(request: Request) -> Stream:
    """An evidence bundle as a stream: the whole log for an auditor who narrows nothing, else a selection."""
    registry: Registry = request.app.state.registry
    asked = audit.parse_query(request.query_params.multi_items(), paged=False)
    reader, turns = Reader(reader_scope(request)), request.app.state.exports
    evidence, lines = await take_evidence(registry, reader, caller_of(request), asked, turns)
    return Stream(lines, media_type="application/jsonl", headers=evidence_headers(evidence))


HANDLERS = [list_entries, read_entry, prove_inclusion, prove_consistency, export]
