"""The worked bytes on the pages of docs/formats are what the verifier computes, so that the pages cannot go stale."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from isa_verify import cli
from isa_verify.evidence import verify_evidence
from isa_verify.leaf import Leaf, commitment
from isa_verify.log_keys import LogKey
from isa_verify.merkle import inclusion_ranges, leaf_hash
from isa_verify.note import VerifierKey
from isa_verify.policy import Policy
from isa_verify.proof import TlogProof
from isa_verify.receipt import Receipt, verify_receipt
from isa_verify.rotations import follow
from isa_verify.signed_checkpoint import open_signed_checkpoint
from isa_verify.tiles import encode_bundle, tile_path, tiles_of
from verify import rejections
from verify.naive_merkle import naive_root
from verify.published_log import KEYS
from verify.signing import COUNCIL, NHS, POLICE

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = REPOSITORY / "docs" / "formats"
RECEIPT = PAGES / "example.isa-receipt.json"
EVIDENCE = PAGES / "example.isa-evidence.jsonl"
ROTATIONS = PAGES / "example.key-rotations"


def blocks(page: str) -> dict[str, str]:
    text = (PAGES / f"{page}.md").read_text()
    found = re.findall(r"^```(?:json|text) ([a-z0-9-]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert len(found) == len(dict(found)) == text.count("\n```") // 2
    return dict(found)


def entries() -> list[bytes]:
    page = blocks("leaf")
    return [page[f"leaf-{index}"].removesuffix("\n").encode() for index in range(3)]


def test_leaf() -> None:
    page = blocks("leaf")
    leaves = [Leaf.parse(entry) for entry in entries()]
    assert [leaf.seq for leaf in leaves] == [0, 1, 2]
    assert [leaf.prev for leaf in leaves[1:]] == [leaf_hash(entry).hex() for entry in entries()[:2]]
    payload, salt = page["payload-2"].strip().encode(), bytes.fromhex(page["salt-2"])
    assert commitment("record", payload, salt) == leaves[2].commitment
    assert leaf_hash(entries()[2]).hex() == page["leaf-hash-2"].strip()


def test_checkpoint() -> None:
    page = blocks("checkpoint")
    key = VerifierKey.parse(page["vkey"].strip())
    signed = open_signed_checkpoint(page["checkpoint"].encode(), [key])
    assert key == KEYS[0]
    assert (signed.checkpoint.size, signed.checkpoint.root) == (3, naive_root(entries()))


def test_tiles() -> None:
    page = blocks("tiles")
    paths = [tile_path(*tile) for tile in tiles_of(70_000)]
    assert paths[:273] == [tile_path(0, number, 256) for number in range(273)]
    assert paths[273:] == page["tiles-70000"].split()
    assert [leaf_hash(entry).hex() for entry in entries()] == page["tile"].split()
    bundle = encode_bundle(entries())
    assert hashlib.sha256(bundle).hexdigest() == page["bundle-sha256"].strip()
    text = (PAGES / "tiles.md").read_text()
    assert f"({len(entries()[0])} bytes, `{bundle[:2].hex()}`) and has {len(bundle)} bytes in all" in text
    assert naive_root(entries()).hex() == page["root"].strip()


def test_receipt() -> None:
    page = blocks("receipt")
    data = RECEIPT.read_bytes()
    assert hashlib.sha256(data).hexdigest() == page["receipt-sha256"].strip()
    receipt = Receipt.parse(data)
    assert receipt.proof.startswith(page["proof-head"].encode() + b"\n")
    assert receipt.leaf == entries()[2]
    assert receipt.payload == blocks("leaf")["payload-2"].strip().encode()
    hashes = tuple(naive_root(entries()[start:end]) for start, end in inclusion_ranges(2, 3))
    assert TlogProof.parse(receipt.proof).hashes == hashes
    keys = [VerifierKey.parse(line) for line in (PAGES / "example.vkeys").read_text().splitlines()]
    assert tuple(keys) == KEYS
    assert verify_receipt(data, keys).index == 2
    both = TlogProof.parse(receipt.proof).checkpoint
    assert both.decode().startswith(blocks("checkpoint")["checkpoint"])


def test_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    page, lines = blocks("evidence"), EVIDENCE.read_bytes().splitlines(keepends=True)
    assert lines[3:] == [page["entry-2"].encode(), page["end"].encode()]
    with EVIDENCE.open("rb") as file:
        verified = verify_evidence(file, KEYS[:1])
    assert (verified.entries, verified.present, verified.withheld, verified.erased) == (3, 1, 2, 0)
    assert cli.main(["export", str(EVIDENCE), "--vkey", str(KEYS[0])]) == 0
    assert "3 entries" in capsys.readouterr().out


def test_key_rotation() -> None:
    page, leaf = blocks("key-rotation"), blocks("key-rotation")["leaf"].strip().encode()
    payload, salt = page["payload"].strip().encode(), bytes.fromhex(page["salt"])
    receipt = Receipt.parse(ROTATIONS.read_bytes().removesuffix(b"\n"))
    assert (receipt.leaf, receipt.payload, receipt.salt) == (leaf, payload, salt)
    assert Leaf.parse(leaf).prev == leaf_hash(entries()[2]).hex()
    trusted, (followed,) = follow(ROTATIONS.read_bytes(), KEYS)
    assert (followed.index, followed.checkpoint.root) == (3, naive_root([*entries(), leaf]))
    old, new = (LogKey.parse(line) for line in reversed(page["keys"].splitlines()))
    assert set(trusted) == {old, new, LogKey(KEYS[1])}
    assert (old.key, old.last, new.first) == (KEYS[0], 6, 3)


def test_policy() -> None:
    policy = Policy.parse(blocks("policy")["policy"].encode())
    assert policy.log_keys == (KEYS[0],)
    assert {witness.key for witness in policy.witnesses} == {POLICE.key, COUNCIL.key, NHS.key}
    assert policy.satisfied_by({"police", "nhs"})
    assert not policy.satisfied_by({"council"})


def test_the_command_on_the_receipts_page_verifies_it(capsys: pytest.CaptureFixture[str]) -> None:
    vkeys = (PAGES / "example.vkeys").read_text().splitlines()
    assert cli.main(["receipt", str(RECEIPT), "--vkey", vkeys[0], "--vkey", vkeys[1]]) == 0
    assert "index 2, in a log of 3 entries" in capsys.readouterr().out


def test_the_numbered_procedure_is_the_codes_own() -> None:
    """The page and the docstring number the same steps, and the code repeats each number."""
    page = re.findall(r"^([0-9])\. ", (PAGES / "receipt.md").read_text(), re.MULTILINE)
    source = (REPOSITORY / "service" / "isa_verify" / "receipt.py").read_text()
    assert page == re.findall(r"^    # ([0-9])\.$", source, re.MULTILINE)
    assert page == re.findall(r"^    ([0-9])\. ", source, re.MULTILINE)


def test_every_rejection_is_on_its_page_with_what_it_says() -> None:
    """`python tests/verify/rejections.py` makes the page anew."""
    assert rejections.rendered() == rejections.PAGE.read_text()
    assert len(rejections.collected()) > 90


@pytest.mark.parametrize("code", [code for code, one in rejections.collected().items() if one.exits != {2}])
def test_every_code_of_a_rejection_is_on_a_page_that_explains_it(code: str) -> None:
    pages = [page for page in PAGES.glob("*.md") if page != rejections.PAGE]
    text = "".join(file.read_text() for file in [*pages, REPOSITORY / "packaging/verify/README.md"])
    assert f"`{code}`" in text


def test_the_key_on_the_page_is_the_seed_it_names() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key().public_bytes_raw()
    assert base64.b64encode(b"\x01" + public).decode() in blocks("checkpoint")["vkey"]
