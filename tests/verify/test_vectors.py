"""Data of other projects, where it lies beside the repository: the verifier agrees with theirs."""

import hashlib
import json
from pathlib import Path

import pytest

from isa_verify.audit import audit_log
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import decode_base64
from isa_verify.errors import AccessDeniedError, MalformedError, NotFoundError, VerificationError
from isa_verify.merkle import EMPTY_ROOT, Frontier, leaf_hash, verify_consistency, verify_inclusion
from isa_verify.note import VerifierKey, format_note, open_note, parse_note
from isa_verify.proof import TlogProof
from isa_verify.subtree import verify_subtree_consistency, verify_subtree_inclusion
from isa_verify.tiles import parse_bundle, parse_tile, tile_path, tiles_of
from loudly import shared

TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


class DirectoryLog:
    """A log in a directory whose entries are not leaves of a registry, and are therefore kept back."""

    def __init__(self, directory: Path, checkpoint: str = "checkpoint") -> None:
        self.directory, self.checkpoint = directory, checkpoint

    def fetch(self, path: str) -> bytes:
        if path.startswith("tile/entries"):
            raise AccessDeniedError("access-denied", "Entries of another kind.")
        file = self.directory / (self.checkpoint if path == "checkpoint" else path)
        if not file.is_file():
            raise NotFoundError("not-found", "There is no such file.")
        return file.read_bytes()


def merkle_cases(kind: str) -> list[dict[str, object]]:
    files = sorted(shared(f"vectors/transparency-dev-merkle/testdata/{kind}").rglob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def digest(text: str | None) -> bytes:
    return decode_base64(text or "")


def test_subtree_inclusion_cases_of_transparency_dev() -> None:
    cases = merkle_cases("subtreeinclusion")
    for case in cases:
        arguments = (
            digest(case["leafHash"]),
            case["leafIdx"],
            case["start"],
            case["end"],
            [digest(item) for item in case["proof"] or []],
            digest(case["root"]),
        )
        if case["wantErr"]:
            with pytest.raises(VerificationError):
                verify_subtree_inclusion(*arguments)
        else:
            verify_subtree_inclusion(*arguments)
    assert len(cases) == 204


def test_subtree_consistency_cases_of_transparency_dev() -> None:
    cases = merkle_cases("subtreeconsistency")
    for case in cases:
        # One case passes with a root that is not 32 bytes; this verifier is stricter on purpose.
        stricter = case["desc"] == "sizes are equal (one) and proof is empty" and len(digest(case["root1"])) != 32
        arguments = (
            case["start"],
            case["end"],
            case["size"],
            [digest(item) for item in case["proof"] or []],
            digest(case["root1"]),
            digest(case["root2"]),
        )
        if case["wantErr"] or stricter:
            with pytest.raises(VerificationError):
                verify_subtree_consistency(*arguments)
        else:
            verify_subtree_consistency(*arguments)
    assert len(cases) == 118


def test_inclusion_cases_of_transparency_dev() -> None:
    cases = merkle_cases("inclusion")
    for case in cases:
        arguments = (
            digest(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [digest(item) for item in case["proof"] or []],
            digest(case["root"]),
        )
        if case["wantErr"]:
            with pytest.raises(VerificationError):
                verify_inclusion(*arguments)
        else:
            verify_inclusion(*arguments)
    assert len(cases) == 98


def test_consistency_cases_of_transparency_dev() -> None:
    """One case is expected to pass there with roots that are no hashes; here they are refused on purpose."""
    cases = merkle_cases("consistency")
    for case in cases:
        arguments = (
            case["size1"],
            digest(case["root1"]),
            case["size2"],
            digest(case["root2"]),
            [digest(item) for item in case["proof"] or []],
        )
        not_hashes = case["desc"] == "sizes are equal (one) and proof is empty" and len(arguments[1]) != 32
        if case["wantErr"] or not_hashes:
            with pytest.raises(VerificationError):
                verify_consistency(*arguments)
        else:
            verify_consistency(*arguments)
    assert len(cases) == 98


@pytest.mark.parametrize("size", range(16))
def test_the_log_of_tessera_at_every_size(size: int) -> None:
    directory = shared("vectors/tessera-testlog/testdata/log")
    log = DirectoryLog(directory, f"checkpoint.{size}")
    remembered = (directory / f"checkpoint.{size - 1}").read_bytes() if size else None
    summary = audit_log(log.fetch, [VerifierKey.parse(TESSERA_KEY)], remembered)
    assert (size, size == 0) == (summary.size, summary.entries_read)
    if size:
        hashes = parse_tile((directory / tile_path(0, 0, size)).read_bytes(), size)
        entries = parse_bundle((directory / tile_path("entries", 0, size)).read_bytes(), size)
        assert hashes == [leaf_hash(entry) for entry in entries]
    else:
        assert summary.root == EMPTY_ROOT


@pytest.mark.parametrize("number", range(4))
def test_collected_signed_notes(number: int) -> None:
    case = json.loads(shared("vectors/signed-note.json").read_text())["notes"][number]
    keys = [VerifierKey.parse(vkey) for vkey in case["vkeys"]]
    note = open_note(case["note"].encode(), keys)
    assert keys == [signature.key for signature in note.verified]
    assert note.unverified == ()
    assert case["note"].encode() == format_note(note.text, parse_note(case["note"].encode()).signatures)


def test_collected_verifier_keys_but_the_one_with_a_wrong_id() -> None:
    for vkey in json.loads(shared("vectors/signed-note.json").read_text())["vkeys"]:
        if vkey.startswith("test+5893dc2c+"):
            with pytest.raises(MalformedError, match="key-id-mismatch"):
                VerifierKey.parse(vkey)
        else:
            assert vkey == str(VerifierKey.parse(vkey))


def test_an_ml_dsa_cosignature_that_another_implementation_accepts() -> None:
    directory = shared("vectors/goverify-logs")
    key = VerifierKey.parse((directory / "pq.vkey").read_text().strip())
    data = (directory / "pq.note").read_bytes()
    assert [signature.timestamp for signature in open_note(data, [key]).verified] == [1_700_000_060]
    with pytest.raises(VerificationError, match="signature-invalid"):
        open_note(data.replace(b"\n1000\n", b"\n1001\n"), [key])


@pytest.mark.parametrize("name", ["log-256-257", "log-400-1000"])
def test_logs_that_another_implementation_accepts(name: str) -> None:
    directory = shared(f"vectors/goverify-logs/{name}")
    log_key, witness_key = (VerifierKey.parse(line) for line in (directory / "vkeys").read_text().split())
    remembered = (directory / "checkpoint.old").read_bytes()
    summary = audit_log(DirectoryLog(directory).fetch, [log_key], remembered)
    old = Checkpoint.parse(parse_note(remembered).text)
    assert old.size == summary.previous_size
    assert [witness_key.name] == [line.name for line in summary.unverified]
    assert len(open_note(summary.data, [log_key, witness_key]).verified) == 2

    lines = (directory / "consistency").read_text().split()
    verify_consistency(old.size, old.root, summary.size, summary.root, [digest(line) for line in lines])

    text = (directory / "p.tlog-proof").read_bytes()
    proof = TlogProof.parse(text)
    assert text == proof.text()
    number, slot = divmod(proof.index, 256)
    checkpoint = Checkpoint.parse(parse_note(proof.checkpoint).text)
    width = min(256, checkpoint.size - number * 256)
    entries = parse_bundle((directory / tile_path("entries", number, width)).read_bytes(), width)
    verify_inclusion(leaf_hash(entries[slot]), proof.index, checkpoint.size, proof.hashes, checkpoint.root)


def test_the_tiles_of_a_mirror_by_sunlight() -> None:
    """The mirror vouches for the tree with a cosignature of type 0x04."""
    directory = shared("vectors/sunlight-skylight-testdata/cmd/skylight/testdata/witness/mirror")
    key = VerifierKey.parse("mirror.example.org+3fb148ef+BAAjjch9GyYz0sJsJx7ALhbdAtz2ov0unbzSl1vMp94O")
    log = DirectoryLog(directory / hashlib.sha256(b"rome2026h1.example.org").hexdigest())
    opened = open_note(log.fetch("checkpoint"), [key])
    checkpoint = Checkpoint.parse(opened.text)
    frontier = Frontier()
    for level, number, width in tiles_of(checkpoint.size):
        hashes = parse_tile(log.fetch(tile_path(level, number, width)), width)
        if level == 0:
            frontier = frontier.extend(hashes)
        else:
            assert hashes == [frontier.hashes[0]]
    assert frontier.root() == checkpoint.root
    assert [signature.timestamp for signature in opened.verified] == [1_767_139_200]


def test_a_checkpoint_by_sunlight() -> None:
    """It carries a static-ct signature of type 0x05, which is not ours to check."""
    directory = shared("vectors/sunlight-skylight-testdata/cmd/skylight/testdata/tree")
    note = parse_note((directory / "checkpoint").read_bytes())
    assert Checkpoint.parse(note.text).size == 300
    assert [line.key_id for line in note.signatures] == [bytes.fromhex("91507526")]
