"""docs/formats/webhook.md: its worked example, byte for byte, and its way of verifying, run as it is printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from isa_registry.domain.notices.events import KINDS, TEST_KIND, Event
from isa_registry.identity.compact import KeyUnusableError
from isa_registry.identity.event_signing import EventSigner
from isa_registry.runtime.notices.pauses import WEBHOOKS
from isa_verify.encoding import encode_base64url

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "webhook.md").read_text()
SEED = bytes(range(32))
JWK = {
    "kty": "OKP", "crv": "Ed25519", "kid": "example", "d": encode_base64url(SEED),
    "x": encode_base64url(Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()),
}  # fmt: skip


def worked() -> dict[str, str]:
    (block,) = re.findall(r"^```\n(public key:.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return {name: value.strip() for name, _, value in (line.partition(":") for line in block.splitlines())}


def verify() -> Any:
    (snippet,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)
    return names["verified"]


def test_the_worked_example_is_what_would_be_sent() -> None:
    example = worked()
    said = msgspec.json.decode(example["body"], type=dict[str, Any])
    data = {name: value for name, value in said["data"].items() if name != "entry"}
    event = Event(said["type"], said["timestamp"], data, said["data"]["entry"])
    assert event.body() == example["body"].encode()
    signer = EventSigner([JWK])
    headers = signer.headers(example["webhook-id"], int(example["webhook-timestamp"]), event.body())
    assert headers == {name: value for name, value in example.items() if name.startswith("webhook-")}
    assert signer.public_keys()["standard_webhooks"] == [example["public key"]]


def test_the_printed_way_of_verifying_takes_the_example_and_nothing_that_differs() -> None:
    example = worked()
    verified, now = verify(), float(example["webhook-timestamp"])
    body, key = example["body"].encode(), example["public key"]
    assert verified(example, body, key, now)
    assert verified({**example, "webhook-signature": "v1a,AAAA " + example["webhook-signature"]}, body, key, now)
    assert not verified(example, body + b" ", key, now)
    assert not verified({**example, "webhook-id": "msg_2"}, body, key, now)
    assert not verified(example, body, key, now + 301)
    assert not verified({**example, "webhook-signature": "v1," + example["webhook-signature"][4:]}, body, key, now)


def test_the_page_names_every_kind_and_every_pause() -> None:
    named = set(re.findall(r"`((?:agreement|attestation|challenge|sharing-event|webhook)\.[a-z-]+)`", PAGE))
    assert named >= {*KINDS, TEST_KIND}
    assert WEBHOOKS == (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    assert "5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours" in " ".join(PAGE.split())


@pytest.mark.parametrize(
    "wrong",
    [{"kid": ""}, {"kty": "EC"}, {"crv": "X25519"}, {"d": "AAAA"}, {"x": encode_base64url(bytes(32))}, {"d": ""}],
)
def test_a_key_that_is_no_ed25519_key_signs_nothing(wrong: dict[str, str]) -> None:
    with pytest.raises(KeyUnusableError):
        EventSigner([{**JWK, **wrong}])
