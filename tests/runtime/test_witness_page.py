"""docs/formats/witness.md names every status and code, and no other, and its worked exchange is what a witness does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from isa_registry.ledger.witness import (
    MAX_PROOF_LINES,
    MAX_REQUEST_SIZE,
    Code,
    Cosigner,
    Recorded,
    WitnessRefusal,
    accept,
    answer_of,
    read_logs,
    read_submission,
)
from isa_registry.outbound import witnesses
from isa_registry.runtime.witnesses import place as witness_place
from isa_registry.runtime.witnesses import rounds as witnessing
from isa_registry.runtime.witnesses import server as witness_server
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import decode_base64
from isa_verify.note import open_note
from verify.naive_merkle import naive_root
from verify.published_log import KEYS, ORIGIN
from verify.signing import POLICE
from verify.test_format_pages import blocks, entries

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/formats/witness.md").read_text(encoding="utf-8")
ROWS = {code: int(status) for status, code in re.findall(r"^\| ([0-9]{3}) \| `([a-z-]+)` \|", PAGE, re.MULTILINE)}
OF_THE_SERVER = {"too-many-requests": 429, "state-unwritable": 503}
SAID_BY_THE_SIZE = "size-conflict"


def test_statuses_and_codes_of_the_witness() -> None:
    refusals = {code: WitnessRefusal(code).status for code in get_args(Code) if code != SAID_BY_THE_SIZE}
    assert {**refusals, **OF_THE_SERVER} == ROWS
    assert "| 409 | |" in PAGE


def test_codes_of_the_logs_side() -> None:
    source = (ROOT / "service/isa_registry/outbound/witnesses.py").read_text(encoding="utf-8")
    raised = set(re.findall(r"WitnessError\(\"([a-z-]+)\"", source)) | set(witnesses._STATUSES.values())
    raised |= {"proof-refused", "status-refused", "size-unsettled", "size-ahead"}
    assert [] == sorted(code for code in raised if f"`{code}`" not in PAGE)
    assert [] == sorted(state for state in get_args(witnessing.WitnessState) if f"| `{state}` |" not in PAGE)


def test_figures() -> None:
    figures = [
        f"{MAX_REQUEST_SIZE:,} bytes",
        f"up to {MAX_PROOF_LINES} lines",
        f"over {witness_server.PEER_PER_SECOND:.0f} a second from one address ({witness_server.PEER_BURST} at once)",
        f"over {witness_server.TOTAL_PER_SECOND:.0f} from all ({witness_server.TOTAL_BURST} at once)",
        f"At most {witness_place.MOST_EVIDENCE['fork']:,} pairs",
        f"At most {witness_place.MOST_EVIDENCE['unproven']:,} pairs",
        f"{witnesses.MAX_ANSWER:,} bytes",
        f"{witnessing.EXTRA_SECONDS * 1000:.0f} milliseconds",
    ]
    assert [] == [figure for figure in figures if figure not in PAGE.replace("\n", " ")]
    assert (10, 600, 5) == (witnessing.ROUND_SECONDS, witnessing.REFRESH_SECONDS, witnesses.DEADLINE_SECONDS)
    for name in (witness_place.STATE_FILE, witness_place.ED25519_FILE, witness_place.ML_DSA_44_FILE):
        assert f"`{name}`" in PAGE


def test_the_worked_exchange_is_what_a_witness_answers() -> None:
    page = blocks("witness")
    line = page["cosignature"].encode()
    submission = read_submission(page["request"].encode(), read_logs(str(KEYS[0])))
    (cosigned,) = open_note(submission.note + line, (POLICE.key,)).verified
    assert cosigned.timestamp is not None
    private = POLICE._private
    assert isinstance(private, Ed25519PrivateKey)
    witness = Cosigner(name=POLICE.name, ed25519=private, ml_dsa_44=MLDSA44PrivateKey.generate())
    known = Recorded(checkpoint=Checkpoint(ORIGIN, 2, naive_root(entries()[:2])), at=cosigned.timestamp - 60, note=b"")

    recorded, lines = accept(submission, known, witness, cosigned.timestamp)

    assert line == answer_of(lines[:1])
    assert 2428 == len(decode_base64(str(lines[1]).split(" ")[2])) - 4
    assert recorded.checkpoint.text() == page["signed"].encode().split(b"\n", 2)[2]
    private.public_key().verify(decode_base64(str(lines[0]).split(" ")[2])[12:], page["signed"].encode())
