"""The same verifier at a terminal: `node command.mjs`, from a copy of the page's files."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from in_page.asking import SCRIPTS, node
from isa_verify.leaf import Leaf
from verify.http_server import serving
from verify.published_log import KEYS, PublishedLog, flipped, make_entries, make_receipt, payload_of
from verify.signing import log_signer

ENTRIES = make_entries(300)
FORMATS = Path(__file__).resolve().parents[2] / "docs/formats"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the script's files, the keys, and a receipt; nothing else of the registry."""
    directory = tmp_path_factory.mktemp("kept")
    for file in SCRIPTS.glob("*.mjs"):
        shutil.copy(file, directory)
    (directory / "log.vkeys").write_text("".join(f"{key}\n" for key in KEYS))
    (directory / "4.isa-receipt.json").write_bytes(make_receipt(ENTRIES[:9], 4))
    return directory


def run(copy: Path, *words: str) -> tuple[int, str]:
    """The exit status, and what was printed, on one line."""
    done = subprocess.run(
        [node(), "command.mjs", *words],
        cwd=copy,
        capture_output=True,
        timeout=60,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )
    assert done.stderr == b""
    return done.returncode, re.sub(r"\s+", " ", done.stdout.decode())


def test_a_receipt_is_verified_and_its_steps_told(copy: Path) -> None:
    status, told = run(copy, "receipt", "4.isa-receipt.json", "--vkeys", "log.vkeys", "--steps")
    assert status == 0
    assert "VERIFIED The log registry.example.org/durham holds this as entry 4" in told
    assert Leaf.parse(ENTRIES[4]).hash().hex() in told
    # Each step is followed with another tool.
    hashed = re.findall(r"What is hashed: ([0-9a-f]{130}) SHA-256: ([0-9a-f]{64})", told)
    assert len(hashed) == 4
    assert [hashlib.sha256(bytes.fromhex(what)).hexdigest() for what, _ in hashed] == [digest for _, digest in hashed]
    found = re.search(r"\(the key\): ([0-9a-f]+) Commitment: ([0-9a-f]+) With openssl: (.*?hexkey:[0-9a-f]+)", told)
    assert found is not None
    assert (
        found[2] == hmac.digest(bytes.fromhex(found[1]), b"isa-registry/v1\nrecord\n" + payload_of(4), "sha256").hex()
    )
    if shutil.which("openssl") and shutil.which("jq"):
        command = found[3].replace("FILE", "4.isa-receipt.json")
        done = subprocess.run(["bash", "-c", command], cwd=copy, capture_output=True, check=True, text=True, timeout=60)
        assert found[2] in done.stdout
    assert "? NOT CHECKED: There is a line by the log's ML-DSA-44 key" in told
    assert "Not checked here: the log's ML-DSA-44 signature" in told


def test_the_worked_example_of_the_documents_is_verified(copy: Path) -> None:
    for name in ("example.isa-receipt.json", "example.vkeys"):
        shutil.copy(FORMATS / name, copy)
    status, told = run(copy, "receipt", "example.isa-receipt.json", "--vkeys", "example.vkeys")
    assert (status, told.startswith("VERIFIED ")) == (0, True)


def test_what_was_tampered_with_is_not_verified_and_what_is_not_there_could_not_be(copy: Path) -> None:
    receipt = (copy / "4.isa-receipt.json").read_bytes()
    (copy / "changed.json").write_bytes(receipt.replace(b'"salt":"', b'"salt":"A', 1))
    assert run(copy, "receipt", "changed.json", "--vkeys", "log.vkeys")[0] == 1
    assert run(copy, "receipt", "nothing.json", "--vkeys", "log.vkeys") == (
        2,
        "COULD NOT RUN file-unreadable A file that was named cannot be read. ",
    )
    assert run(copy, "receipt", "4.isa-receipt.json")[1].startswith("COULD NOT RUN keys-missing ")
    # What is wrong with the keys is no verdict on the receipt.
    assert run(copy, "receipt", "4.isa-receipt.json", "--vkeys", "command.mjs")[0] == 2
    (copy / "policy").write_text(f"log {log_signer('other').key}\nquorum none\n")
    other = run(copy, "receipt", "4.isa-receipt.json", "--vkeys", "log.vkeys", "--policy", "policy")
    assert other[1].startswith("COULD NOT RUN keys-unsuitable ")
    assert run(copy, "verify", "--unknown")[1].startswith("COULD NOT RUN usage node command.mjs receipt FILE")


def test_a_served_log_is_verified_against_what_was_kept_of_it(copy: Path) -> None:
    kept, keys = copy / "kept", ("--vkeys", "log.vkeys")
    kept.write_bytes(PublishedLog(ENTRIES[:290]).files["checkpoint"])
    with serving(PublishedLog(ENTRIES)) as served:
        status, told = run(copy, "log", served.url, *keys, "--kept", "kept", "--whole")
        assert (status, "It goes on from the 290 entries" in told) == (0, True)
        assert kept.read_bytes() == served.log.files["checkpoint"]
        assert run(copy, "log", served.url, *keys, "--kept", "first")[0] == 0
        assert (copy / "first").read_bytes() == kept.read_bytes()
        assert run(copy, "entry", f"{served.url}/log/", "299", *keys)[0] == 0
        served.answers["/log/tile/0/000"] = (200, {}, flipped(served.log.files["tile/0/000"], 0))
        status, told = run(copy, "log", served.url, *keys, "--whole")
        assert (status, told.startswith("NOT VERIFIED tile-mismatch ")) == (1, True)
        served.answers = {"/log/checkpoint": (200, {}, PublishedLog(ENTRIES[:280]).files["checkpoint"])}
        assert run(copy, "log", served.url, *keys, "--kept", "kept")[1].startswith("NOT VERIFIED log-shrank ")
        assert kept.read_bytes() == served.log.files["checkpoint"]
        elsewhere = (302, {"Location": f"{served.url}/log/tile/0/000"}, b"")
        for answer in ((500, {}, b""), elsewhere, (200, {}, bytes(2 << 20))):
            served.answers["/log/checkpoint"] = answer
            assert run(copy, "log", served.url, *keys)[0] == 2
