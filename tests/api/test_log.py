"""The log in public: checkpoints, keys and tiles for anybody, entries for auditors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient

from api.speaking import ORIGIN, Database, Signer, assert_problem
from isa_registry.api.frame import admit_request
from isa_registry.api.limits import Limits
from isa_registry.api.log import bundle
from isa_registry.api.problems import HANDLERS
from isa_registry.store.sql import statements
from isa_verify.merkle import leaf_hash, root_of
from isa_verify.note import ED25519, ML_DSA_44, VerifierKey
from isa_verify.signed_checkpoint import open_signed_checkpoint
from isa_verify.tiles import parse_bundle
from live import LEAD, POLICE, Demonstration

FOR_EVER = "public, max-age=31536000, immutable"
ENTRIES = "/log/tile/entries/000"


@pytest.fixture(scope="module")
def reader(demonstration: Demonstration) -> Iterator[httpx.Client]:
    """The lead body's system, with the auditor's scope."""
    with demonstration.client(LEAD, "audit:read") as client:
        yield client


def test_the_checkpoint_is_signed_by_the_published_key(nobody: httpx.Client, demonstration: Demonstration) -> None:
    answer = nobody.get("/log/checkpoint")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (
        "text/plain; charset=utf-8", "public, max-age=1",
    )  # fmt: skip
    verified = open_signed_checkpoint(answer.content, [VerifierKey.parse(vkey) for vkey in demonstration.vkeys])
    assert verified.checkpoint.origin == ORIGIN
    assert verified.checkpoint.size > 300


def test_without_witnesses_the_pending_checkpoint_is_the_newest(nobody: httpx.Client) -> None:
    """They may differ only by what was signed between the two requests."""
    pending = nobody.get("/log/checkpoint.pending").text.splitlines()
    newest = nobody.get("/log/checkpoint").text.splitlines()
    assert pending[0] == newest[0] == ORIGIN
    assert int(pending[1]) <= int(newest[1])


def test_keys_are_listed_with_the_sizes_they_hold_for(nobody: httpx.Client) -> None:
    answer = nobody.get("/log/keys")
    lines = [line.split(" ") for line in answer.text.splitlines()]
    keys = [VerifierKey.parse(vkey) for vkey, _, _ in lines]
    assert [(ORIGIN, ED25519), (ORIGIN, ML_DSA_44)] == [(key.name, key.type) for key in keys]
    assert [("0", "-")] * 2 == [(first, last) for _, first, last in lines]
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_a_log_whose_keys_were_never_changed_lists_no_rotation(nobody: httpx.Client) -> None:
    answer = nobody.get("/log/key-rotations")
    assert (200, b"", "application/jsonl") == (
        answer.status_code, answer.content, answer.headers["content-type"].partition(";")[0],
    )  # fmt: skip


def test_a_full_tile_never_changes_and_says_so(nobody: httpx.Client, database: Database) -> None:
    answer = nobody.get("/log/tile/0/000")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/octet-stream", FOR_EVER)
    stored = database.as_owner("SELECT leaf_hash FROM entry WHERE index < 256 ORDER BY index")
    assert answer.content == b"".join(row[0] for row in stored)


def test_tiles_above_hold_the_roots_of_those_below(nobody: httpx.Client) -> None:
    below = nobody.get("/log/tile/0/000").content
    above = nobody.get("/log/tile/1/000.p/1")
    assert above.content == root_of([below[start : start + 32] for start in range(0, len(below), 32)])


def test_a_partial_tile_is_there_as_far_as_a_checkpoint_covers(nobody: httpx.Client) -> None:
    size = int(nobody.get("/log/checkpoint").text.splitlines()[1])
    number, width = divmod(size, 256)
    if width:
        answer = nobody.get(f"/log/tile/0/{number:03}.p/{width}")
        assert (answer.status_code, len(answer.content)) == (200, 32 * width)
    assert_problem(nobody.get(f"/log/tile/0/{number + 1:03}"), 404, "not-found")


def test_a_partial_tile_is_there_only_at_the_width_of_a_checkpoint(nobody: httpx.Client, database: Database) -> None:
    """What no checkpoint ever covered exactly was never published, and has no address of its own."""
    sizes = {row[0] for row in database.as_owner("SELECT size FROM checkpoint")}
    never = next(width for width in range(1, 256) if width not in sizes)
    assert_problem(nobody.get(f"/log/tile/0/000.p/{never}"), 404, "not-found")


def test_a_tile_has_a_strong_tag_and_is_not_sent_twice(nobody: httpx.Client) -> None:
    first = nobody.get("/log/tile/0/000")
    tag = first.headers["etag"]
    assert tag == f'"{hashlib.sha256(first.content).hexdigest()}"'
    for held in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        again = nobody.get("/log/tile/0/000", headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == FOR_EVER
    assert nobody.get("/log/tile/0/000", headers={"If-None-Match": '"other"'}).content == first.content


def test_head_says_what_get_would(nobody: httpx.Client) -> None:
    head, whole = nobody.head("/log/tile/0/000"), nobody.get("/log/tile/0/000")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("*", True), ("identity", False), ("gzip;q=0", False), ("br", False)],
)
def test_a_bundle_is_packed_for_whoever_takes_it(reader: httpx.Client, accepted: str, packed: bool) -> None:
    plain = reader.get(ENTRIES, headers={"Accept-Encoding": "identity"})
    answer = reader.get(ENTRIES, headers={"Accept-Encoding": accepted})
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.headers.get("content-encoding") == "gzip") == packed
    assert answer.content == plain.content
    assert (answer.headers["etag"] == plain.headers["etag"]) != packed
    again = reader.get(ENTRIES, headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_entries_are_for_auditors_and_no_shared_cache_keeps_them(
    reader: httpx.Client, auditor: httpx.Client, police: httpx.Client, nobody: httpx.Client
) -> None:
    assert_problem(nobody.get(ENTRIES), 401, "unauthenticated")
    assert_problem(police.get(ENTRIES), 403, "insufficient-scope")
    for client in (reader, auditor):
        answer = client.get(ENTRIES)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, max-age=31536000, immutable")
    hashes = nobody.get("/log/tile/0/000").content
    assert b"".join(leaf_hash(leaf) for leaf in parse_bundle(answer.content, 256)) == hashes


@pytest.mark.parametrize(
    "path",
    [
        "/log/tile//entries/000", "/log/tile/./entries/000", "/log/tile/entries%2f000", "/log/tile/entries//000",
        "/log/tile/entries/%2e/000", "/log/tile/x/../entries/000", "/log/tile/%65ntries/000", "/log/tile/ENTRIES/000",
        "/log/tile/entries/000/", "/log/tile/entries/../entries/000",
    ],
)  # fmt: skip
def test_no_spelling_of_the_address_opens_them(nobody: httpx.Client, path: str) -> None:
    assert nobody.get(path).status_code in (401, 404)


@pytest.mark.parametrize(("opened", "code"), [(False, "unauthenticated"), (True, "not-found")])
def test_the_operator_may_open_the_entries_to_anybody(opened: bool, code: str) -> None:
    """On a log that is empty: who may ask is settled before what there is."""
    registry = SimpleNamespace(follower=SimpleNamespace(checkpoint=None, view=None))
    app = Litestar(
        [bundle],
        before_request=admit_request,
        exception_handlers=HANDLERS,
        state=State(
            {"registry": registry, "limits": Limits(), "open_entries": opened, "public_url": "https://registry.test"}
        ),
        openapi_config=None,
        logging_config=None,
    )
    with TestClient(app) as client:
        assert client.get(ENTRIES).json()["type"].endswith(f"/{code}")


def test_a_full_tile_costs_one_read_of_an_index(database: Database) -> None:
    database.as_owner("SET enable_seqscan = off")  # the table is small here
    statement = statements("audit")["full_tile"].replace("$1", "0").replace("$2", "0")
    plan = [row[0] for row in database.as_owner(f"EXPLAIN (COSTS OFF) {statement}")]
    assert plan == ["Index Scan using tile_pkey on tile", "  Index Cond: ((level = 0) AND (number = 0))"]


def test_the_log_holds_nothing_of_a_case(
    reader: httpx.Client, police: httpx.Client, signer: Signer, demonstration: Demonstration
) -> None:
    """A leaf says that there is a record and when, and commits to it; not what, whose, or of which sort."""
    jws = signer.sign(signer.event())
    recorded = police.post("/api/v1/sharing-events", content=jws, headers={"Content-Type": "application/jose"}).json()
    police.get(recorded["receipt"]).raise_for_status()  # by then a checkpoint covers it
    number, position = divmod(recorded["entry"], 256)
    leaf = leaf_at(reader, number, position)
    assert b'"kind":"record"' in leaf
    for word in (POLICE, LEAD, recorded["id"], "sharing", jws[-40:]):
        assert word.encode() not in leaf


def leaf_at(reader: httpx.Client, number: int, position: int) -> bytes:
    """The leaf, from the bundle as the newest checkpoint has it."""
    width = min(256, int(reader.get("/log/checkpoint").text.splitlines()[1]) - number * 256)
    suffix = "" if width == 256 else f".p/{width}"
    bundle = reader.get(f"/log/tile/entries/{number:03}{suffix}").raise_for_status().content
    return parse_bundle(bundle, width)[position]


def test_health_says_how_far_a_worker_has_read(nobody: httpx.Client) -> None:
    assert nobody.get("/livez").json() == {"status": "ok"}
    ready = nobody.get("/readyz").json()
    assert set(ready) == {"status", "log_size", "checkpoint_size", "published_size", "writes", "warnings"}
    assert (ready["status"], ready["writes"]) == ("ok", True)
    # What other tests of this demonstration do is told to bodies of which some have no address.
    assert set(ready["warnings"]) <= {"notices-untold"}
    assert 300 < ready["checkpoint_size"] <= ready["log_size"]


def test_a_log_that_continues_none_has_no_continuation(nobody: httpx.Client) -> None:
    assert 404 == nobody.get("/log/continuation").status_code
