"""Acknowledgements: of the very document, by its recipient, and of nothing that was not shared."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.running import Ran
from client.scripted import EVENT, Heard, Says, Scripted, compact, scripted
from client.stand_in import ORGANISATION, TOKEN, StandIn, jwk
from isa_client.acknowledgements import acknowledgement_claims, sign_acknowledgement
from isa_client.documents import EVENT_TYPE, WITHHELD_TYPE, SigningKey, header_of, payload_of
from isa_client.errors import InputError

AT = "2026-11-27T10:00:00.000Z"
LOG = StandIn()
KEY = SigningKey.from_jwk(json.dumps(jwk(Ed25519PrivateKey.from_private_bytes(b"\x05" * 32), "k")).encode())


def event(typ: str = EVENT_TYPE, **claims: Any) -> str:
    whole = {"registry": "r.example", "partnership": "durham", "id": EVENT, "decision": "shared"}
    return compact(typ, **{**whole, "recipient": ORGANISATION, **claims})


def signed(document: str, **changes: Any) -> str:
    given: dict[str, Any] = {"recipient": ORGANISATION, "received_at": AT, "matches": True, **changes}
    return sign_acknowledgement(KEY, document, **given)


@pytest.mark.parametrize("matches", [True, False])
def test_it_names_the_very_document_and_says_whether_what_came_matches(matches: bool) -> None:
    made = signed(event(), matches=matches)
    assert header_of(made) == {"alg": "Ed25519", "kid": "k", "typ": "isa-acknowledgement+jws"}
    assert payload_of(made) == {
        "v": 1,
        "registry": "r.example",
        "partnership": "durham",
        "event": EVENT,
        "event_sha256": hashlib.sha256(event().encode()).hexdigest(),
        "recipient": ORGANISATION,
        "received_at": AT,
        "matches": matches,
    }


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "no document": ("a.b.c", {}, "event-malformed"),
    "another type": (event(WITHHELD_TYPE), {}, "event-malformed"),
    "no id": (event(id=None), {}, "event-malformed"),
    "an id of another form": (event(id="../checks"), {}, "event-malformed"),
    "another's": (event(recipient="harbour"), {}, "recipient-differs"),
    "a recipient by kind": (event(recipient={"kind": "faith"}), {}, "recipient-differs"),
    "not shared": (event(decision="not-shared"), {}, "nothing-shared"),
    "deferred": (event(decision="deferred"), {}, "nothing-shared"),
    "no time": (event(), {"received_at": ""}, "time-malformed"),
    "another zone": (event(), {"received_at": "2026-11-27T10:00:00.000+01:00"}, "time-malformed"),
    "no milliseconds": (event(), {"received_at": "2026-11-27T10:00:00Z"}, "time-malformed"),
    "no such day": (event(), {"received_at": "2026-02-30T10:00:00.000Z"}, "time-malformed"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_acknowledged_is_refused_before_it_is_signed(name: str) -> None:
    document, changes, code = BAD[name]
    with pytest.raises(InputError) as caught:
        signed(document, **changes)
    assert caught.value.code == code


def test_its_members_are_those_of_the_published_form() -> None:
    claims = acknowledgement_claims(event(), recipient=ORGANISATION, received_at=AT, matches=True)
    assert list(claims) == [
        "v", "registry", "partnership", "event", "event_sha256", "recipient", "received_at", "matches",
    ]  # fmt: skip


def test_it_is_the_very_document_of_the_published_example() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "sharing-event.md").read_text()
    blocks = {
        name: body.replace("\n", "")
        for name, body in re.findall(r"^```([a-z-]+)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    }
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
    example = payload_of(blocks["acknowledgement"])
    kid = str(header_of(blocks["acknowledgement"])["kid"])
    made = sign_acknowledgement(
        SigningKey.from_jwk(json.dumps(jwk(private, kid)).encode()),
        blocks["event"],
        recipient=str(example["recipient"]),
        received_at=str(example["received_at"]),
        matches=True,
    )
    assert made == blocks["acknowledgement"]


def registry(server: Scripted, heard: Heard) -> Says:
    issuer = f"{server.url}/demo/idp/{ORGANISATION}"
    if heard.path.endswith("openid-configuration"):
        return Says(200, {"issuer": issuer, "token_endpoint": f"{issuer}/token"})
    if heard.path.endswith("/token"):
        return Says(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300})
    if heard.path.endswith("/receipt?part=acknowledgement"):
        return Says(200, LOG.receipt_of({"kind": "sharing-event.acknowledged", "jws": signed(event())}))
    if heard.method == "GET":
        return Says(200, {"id": EVENT, "event": event()})
    return Says(201, {"event": EVENT, "entry": 9, "recorded_at": AT})


def test_the_command_fetches_the_event_signs_and_sends(
    run: Callable[..., Ran], stand_in: StandIn, tmp_path: Path
) -> None:
    with scripted() as server:
        server.instead = lambda heard: registry(server, heard)
        at = ("--url", server.url)
        ran = run("acknowledge", *at, "--event", EVENT, "--matches", "-o", "ack.jws")
        assert ran == Ran(0, f"Signed as {ORGANISATION} (matches): ack.jws\n", "")
        (tmp_path / "event.jws").write_text(event() + "\n")
        again = run("acknowledge", "--event-file", "event.jws", "--differs", "-o", "differs.jws", "--received-at", AT)
        assert (again.status, payload_of(Path("differs.jws").read_text().strip())["matches"]) == (0, False)
        sent = run("send", *at, "ack.jws")
        assert sent == Ran(0, f"Acknowledged.\n  event      {EVENT}\n  log index  9\n  at         {AT}\n", "")
        proved = ("receipt", *at, "--event", EVENT, "--vkey", LOG.vkey, "-o", "r.json")
        assert run(*proved, "--part", "acknowledgement").out.startswith("Verified: r.json\n")
        queued = run("send", *at, "ack.jws", "--queue", "queue.db")
        assert queued == Ran(0, f"Recorded: acknowledgement {EVENT}, log index 9.\n", "")
    posted = [heard for heard in server.heard if heard.path == f"/api/v1/sharing-events/{EVENT}/acknowledgement"]
    assert [heard.body.decode() for heard in posted] == [Path("ack.jws").read_text().strip()] * 2
    assert {heard.headers["content-type"] for heard in posted} == {"application/jose"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("acknowledge", "--event", EVENT, "-o", "x"), "--matches"),
        (("acknowledge", "--matches", "-o", "x"), "--event"),
        (("acknowledge", "--event", "../checks", "--matches", "-o", "x"), "version 7"),
        (("acknowledge", "--event-file", "none", "--matches", "-o", "x"), "cannot be read"),
        (("receipt", "--check", "chk_1", "--part", "withheld", "-o", "x"), "have parts"),
        (("send", "x", "--withheld", "x"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_says_why(run: Callable[..., Ran], arguments: tuple[str, ...], said: str) -> None:
    ran = run(*arguments)
    assert (ran.status, said in ran.err) == (2, True), ran.err
    assert not Path("x").exists()
