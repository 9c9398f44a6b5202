"""docs/formats/witness.md names every status and code, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from isa_registry.ledger.witness import MAX_PROOF_LINES, MAX_REQUEST_SIZE, Code, WitnessRefusal
from isa_registry.outbound import witnesses
from isa_registry.runtime import witness_place, witness_server, witnessing

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
