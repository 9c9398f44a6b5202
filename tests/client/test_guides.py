"""The guides for agencies' systems, run as they are printed against a real demonstration."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from isa_client.documents import header_of, payload_of
from isa_client.receipts import parse_keys, verify
from isa_client.references import read_subject_key, subject_reference
from isa_verify.encoding import decode_base64url
from live import LEAD, POLICE, Demonstration

GUIDES = Path(__file__).resolve().parents[2] / "docs" / "guides"


def blocks(guide: str, language: str) -> list[str]:
    text = (GUIDES / guide).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def here(text: str, demonstration: Demonstration) -> str:
    """The text for a demonstration on another port, with its state elsewhere."""
    assert "http://127.0.0.1:8000" in text
    assert "var/demo" in text
    return text.replace("http://127.0.0.1:8000", demonstration.url).replace("var/demo", str(demonstration.state))


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_curl_and_openssl_alone_ask_sign_send_and_fetch_a_proof_that_holds(
    demonstration: Demonstration, directory: Path
) -> None:
    script = "set -eu\n" + here("\n".join(blocks("agency-system-curl.md", "sh")), demonstration)
    done = subprocess.run(
        ["bash", "-c", script],
        env={name: value for name, value in os.environ.items() if not name.startswith("ISA_")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "duty-to-share" in done.stdout
    assert re.search(r"^cns_[0-9a-f]{32} given\nInformation that was shared", done.stdout, re.MULTILINE)
    event = Path("event.jws").read_text()
    claims = payload_of(event)
    receipt = Path("event.isa-receipt.json").read_bytes()
    verify(receipt, parse_keys(demonstration.vkeys), str(claims["id"]), document=event)
    with demonstration.client(LEAD, "events:read") as council:
        shown = council.get(f"/api/v1/sharing-events/{claims['id']}").json()
    assert (shown["event"], shown["state"]) == (event, "matched")
    key = read_subject_key(demonstration.state / "demo" / "keys" / f"{POLICE}.subject-key")
    assert claims["subjects"] == [{"kind": "child", "roles": [], "ref": subject_reference(key, "local-child-77")}]
    assert {path.stat().st_mode & 0o077 for path in directory.iterdir()} == {0}

    compact = Path("event-es256.jws").read_text()
    signed, _, signature = compact.rpartition(".")
    raw = decode_base64url(signature)
    assert (len(raw), header_of(compact)["alg"]) == (64, "ES256")
    public = load_pem_private_key(Path("p256.pem").read_bytes(), None).public_key()
    assert isinstance(public, EllipticCurvePublicKey)
    halves = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    public.verify(encode_dss_signature(*halves), signed.encode(), ECDSA(SHA256()))


def test_python_asks_signs_queues_sends_and_proves(demonstration: Demonstration, directory: Path) -> None:
    program = here("\n".join(blocks("agency-system-python.md", "python")), demonstration)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.splitlines()
    assert printed[0].startswith("duty-to-share - ")
    entry = re.fullmatch(r"[0-9a-f-]{36} is entry ([0-9]+)", printed[1])
    assert entry is not None, done.stdout
    assert re.fullmatch(r"the correction is entry [0-9]+", printed[2])
    assert re.fullmatch(rf"entry {entry[1]} (operator|witnessed)", printed[3])
    assert re.fullmatch(r"acknowledged as entry [0-9]+", printed[4])
    assert re.fullmatch(r"cns_[0-9a-f]{32} given", printed[5])
    assert "does not undo it" in printed[6]
    # Other tests of this demonstration may have left events of the same child.
    assert f"{printed[1].split()[0]} shared" in printed[9:-2]
    assert [line.split()[0] for line in printed[-2:]] == ["2027", "1"]
    assert json.loads(Path("event.isa-receipt.json").read_bytes())["v"] == 1
    assert Path("isa-queue.db").stat().st_mode & 0o077 == 0
