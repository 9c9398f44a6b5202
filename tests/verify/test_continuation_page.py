"""The worked bytes of docs/formats/continuation.md are what the service writes and what the verifier follows."""

import hashlib
import re
from pathlib import Path

import pytest

from isa_registry.domain.entries import LogContinued, decode_payload, encode_payload
from isa_registry.domain.register.carrying import CARRIED, OF_ONE_LOG
from isa_verify import cli
from isa_verify.continuation import REASONS, follow_continuation
from isa_verify.log_keys import parse_keys
from isa_verify.receipt import Receipt

PAGES = Path(__file__).parents[2] / "docs" / "formats"
PAGE = (PAGES / "continuation.md").read_text(encoding="utf-8")
RECEIPT = PAGES / "example-continued.isa-receipt.json"


def block(name: str) -> str:
    (found,) = re.findall(rf"^```(?:json|text) {name}\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_worked_receipt_is_followed_from_the_log_that_ended() -> None:
    data = RECEIPT.read_bytes()
    old, new = (parse_keys((PAGES / name).read_bytes()) for name in ("example.vkeys", "example-continued.vkeys"))
    followed = follow_continuation(data, new, old, None)

    assert (3, "database-restored") == (followed.old.checkpoint.size, followed.reason)
    assert hashlib.sha256(data).hexdigest() == block("continuation-sha256")
    receipt = Receipt.parse(data)
    assert receipt.leaf.decode() == block("continuation-leaf")
    assert receipt.payload.decode().startswith(block("continuation-payload"))
    assert receipt.payload.decode().endswith(block("continuation-payload-end"))


def test_the_worked_payload_is_one_that_the_service_writes() -> None:
    worked = Receipt.parse(RECEIPT.read_bytes()).payload
    payload = decode_payload(worked)
    assert isinstance(payload, LogContinued)
    assert encode_payload(payload) == worked


def test_the_command_on_the_page_verifies_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["receipt", str(RECEIPT), "--vkeys", str(PAGES / "example-continued.vkeys")]) == 0
    assert "index 1, in a log of 3 entries" in capsys.readouterr().out


def test_the_page_says_of_every_kind_of_the_register_what_becomes_of_it() -> None:
    named = set(re.findall(r"`([a-z-]+\.[a-z*-]+)`", PAGE))
    unsaid = {kind for kind in CARRIED | OF_ONE_LOG if not {kind, f"{kind.split('.')[0]}.*"} & named}
    assert unsaid == set()
    assert [] == [reason for reason in REASONS if f"`{reason}`" not in PAGE]
