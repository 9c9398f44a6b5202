"""Data of other projects: the verifier of the pages says of each what `isa_verify` says.

Proofs about subtrees are not asked about: no receipt, checkpoint or tile has one, and the page reads none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from in_page.asking import VERIFIED, Page, Question, Verdict, b64, said_by
from isa_verify.audit import audit_log
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import decode_base64
from isa_verify.merkle import leaf_hash, verify_consistency, verify_inclusion
from isa_verify.note import VerifierKey, open_note, parse_note
from isa_verify.proof import TlogProof
from isa_verify.tiles import parse_bundle, tile_path
from loudly import shared
from verify.test_vectors import TESSERA_KEY, DirectoryLog, digest, merkle_cases

MIRROR = "vectors/sunlight-skylight-testdata/cmd/skylight/testdata/witness/mirror"
MIRROR_KEY = "mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O"
SUNLIGHT = "vectors/sunlight-skylight-testdata/cmd/skylight/testdata/tree/checkpoint"

UNCHECKED = {"goverify-logs/pq.note"}
"""The one vector with a signature that no browser can check, ML-DSA-44: the page says so of that signature."""


def files_of(directory: Path, checkpoint: str = "checkpoint") -> dict[str, str]:
    files = {str(one.relative_to(directory)): one for one in directory.rglob("*") if one.is_file()}
    served = {path: b64(one.read_bytes()) for path, one in files.items() if path.startswith("tile/")}
    return {**served, "checkpoint": b64((directory / checkpoint).read_bytes())}


def notes() -> dict[str, tuple[bytes, list[str]]]:
    """Every signed note that `isa_verify` reads, with its keys."""
    collected = json.loads(shared("vectors/signed-note.json").read_text())["notes"]
    found = {f"signed-note.json {at}": (one["note"].encode(), one["vkeys"]) for at, one in enumerate(collected)}
    logs = shared("vectors/goverify-logs")
    found["goverify-logs/pq.note"] = ((logs / "pq.note").read_bytes(), [(logs / "pq.vkey").read_text().strip()])
    for name in ("log-256-257", "log-400-1000"):
        vkeys = (logs / name / "vkeys").read_text().split()
        for checkpoint in ("checkpoint", "checkpoint.old"):
            found[f"goverify-logs/{name}/{checkpoint}"] = ((logs / name / checkpoint).read_bytes(), vkeys)
    for size in range(16):
        tessera = shared(f"vectors/tessera-testlog/testdata/log/checkpoint.{size}")
        found[f"tessera-testlog {size}"] = (tessera.read_bytes(), [TESSERA_KEY])
    (mirrored,) = [one for one in shared(MIRROR).glob("*/checkpoint") if one.parent.name != "mirror"]
    found["sunlight mirror"] = (mirrored.read_bytes(), [MIRROR_KEY])
    found["sunlight"] = (shared(SUNLIGHT).read_bytes(), [TESSERA_KEY])
    return found


def test_every_inclusion_and_consistency_case_of_transparency_dev(page: Page) -> None:
    cases: list[tuple[Question, Callable[[], object]]] = []
    for case in merkle_cases("inclusion"):
        leaf, root = digest(case["leafHash"]), digest(case["root"])
        proof = [digest(item) for item in case["proof"] or []]
        index, size = case["leafIdx"], case["treeSize"]
        cases.append(
            (
                {
                    "ask": "inclusion",
                    "leaf": b64(leaf),
                    "index": str(index),
                    "size": str(size),
                    "proof": [b64(item) for item in proof],
                    "root": b64(root),
                },
                lambda arguments=(leaf, index, size, proof, root): verify_inclusion(*arguments),
            )
        )
    for case in merkle_cases("consistency"):
        roots, sizes = (digest(case["root1"]), digest(case["root2"])), (case["size1"], case["size2"])
        proof = [digest(item) for item in case["proof"] or []]
        cases.append(
            (
                {
                    "ask": "consistency",
                    "old": str(sizes[0]),
                    "oldRoot": b64(roots[0]),
                    "size": str(sizes[1]),
                    "root": b64(roots[1]),
                    "proof": [b64(item) for item in proof],
                },
                lambda arguments=(sizes[0], roots[0], sizes[1], roots[1], proof): verify_consistency(*arguments),
            )
        )
    assert len(cases) == 98 + 98
    assert page.differing(cases) == []


def test_every_signed_note_its_keys_and_its_checkpoint(page: Page) -> None:
    unchecked = set()
    for name, (data, vkeys) in notes().items():
        keys = [VerifierKey.parse(vkey) for vkey in vkeys]
        answer = page.ask({"ask": "note", "data": b64(data), "keys": vkeys})
        assert answer.verdict == said_by(lambda data=data, keys=keys: open_note(data, keys)), name
        if not all(answer.told.get("signed", [])):
            unchecked.add(name)
        text = parse_note(data).text
        body = page.ask({"ask": "checkpoint", "data": b64(text)}).verdict
        assert body == said_by(lambda text=text: Checkpoint.parse(text)), name
    assert unchecked == UNCHECKED


def test_every_collected_key(page: Page) -> None:
    vkeys = json.loads(shared("vectors/signed-note.json").read_text())["vkeys"]
    cases = [({"ask": "key", "text": vkey}, lambda vkey=vkey: VerifierKey.parse(vkey)) for vkey in vkeys]
    assert page.differing(cases) == []
    assert len(cases) > 1


def test_of_an_altered_ml_dsa_44_vector_the_page_says_what_it_did_not_check(page: Page) -> None:
    logs = shared("vectors/goverify-logs")
    vkey = (logs / "pq.vkey").read_text().strip()
    altered = (logs / "pq.note").read_bytes().replace(b"\n1000\n", b"\n1001\n")
    theirs = said_by(lambda: open_note(altered, [VerifierKey.parse(vkey)]))
    own = page.ask({"ask": "note", "data": b64(altered), "keys": [vkey]})
    assert (own.verdict, own.told["signed"]) == (VERIFIED, [False])
    assert theirs == Verdict("not verified", "signature-invalid")


@pytest.mark.parametrize("whole", [False, True])
def test_the_log_of_tessera_at_every_size(page: Page, whole: bool) -> None:
    directory = shared("vectors/tessera-testlog/testdata/log")
    for size in range(16):
        kept = (directory / f"checkpoint.{size - 1}").read_bytes() if size else None
        question = {
            "ask": "log",
            "files": files_of(directory, f"checkpoint.{size}"),
            "keys": [TESSERA_KEY],
            "kept": None if kept is None else b64(kept),
            "whole": whole,
        }
        log = DirectoryLog(directory, f"checkpoint.{size}")
        theirs = said_by(lambda log=log, kept=kept: audit_log(log.fetch, [VerifierKey.parse(TESSERA_KEY)], kept))
        assert page.ask(question).verdict == theirs == VERIFIED


@pytest.mark.parametrize("name", ["log-256-257", "log-400-1000"])
def test_logs_that_another_implementation_accepts(page: Page, name: str) -> None:
    directory = shared(f"vectors/goverify-logs/{name}")
    log_key = (directory / "vkeys").read_text().split()[0]
    files = files_of(directory)
    asked = {"ask": "log", "files": files, "keys": [log_key]}
    kept = b64((directory / "checkpoint.old").read_bytes())
    assert page.ask({**asked, "kept": kept, "whole": False}).verdict == VERIFIED
    assert page.ask({**asked, "kept": kept, "whole": True}).verdict == VERIFIED
    # Read the other way round, it is a log that shrank.
    swapped = {**asked, "files": {**files, "checkpoint": kept}, "kept": files["checkpoint"]}
    assert page.ask({**swapped, "whole": False}).verdict == Verdict("not verified", "log-shrank")

    text = (directory / "p.tlog-proof").read_bytes()
    assert page.ask({"ask": "proof", "data": b64(text)}).verdict == VERIFIED
    proof = TlogProof.parse(text)
    number, slot = divmod(proof.index, 256)
    width = min(256, Checkpoint.parse(parse_note(proof.checkpoint).text).size - number * 256)
    entry = parse_bundle(decode_base64(files[tile_path("entries", number, width)]), width)[slot]
    here = {"ask": "entry", "files": files, "keys": [log_key], "index": str(proof.index)}
    assert page.ask({**here, "entry": b64(entry)}).verdict == VERIFIED
    assert page.ask({**here, "entry": b64(entry + b" ")}).verdict == Verdict("not verified", "entry-mismatch")
    assert leaf_hash(entry) != leaf_hash(entry + b" ")
