"""Whoever registers a key shows that its holder wants that: every other proof is refused, and says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from api.proving import TYP, Body, claims_of, private_of, public_of, request_for, signed
from api.speaking import EVENT, MARKER, assert_problem, at
from identity.issuing import hmac_signed
from isa_registry.identity.key_material import thumbprint
from isa_verify.encoding import canonical_json, encode_base64url
from live import POLICE, Demonstration

KEYS = f"/api/v1/organisations/{POLICE}/keys"
MINE, ANOTHER = private_of(), private_of()
OTHER_THUMBPRINT = thumbprint(public_of(ANOTHER))

Made = Callable[[], str]


def saying(**changes: object) -> Made:
    return lambda: signed(claims_of(MINE, **changes), MINE)


def with_header(**header: Any) -> Made:
    return lambda: signed(claims_of(MINE), MINE, header)


def without(member: str) -> Made:
    return lambda: signed({name: value for name, value in claims_of(MINE).items() if name != member}, MINE)


def none_signed() -> str:
    header = encode_base64url(canonical_json({"alg": "none", "kid": MINE["kid"], "typ": TYP}))
    return f"{header}.{encode_base64url(canonical_json(claims_of(MINE)))}."


def signed_with_the_public_key() -> str:
    header = {"alg": "HS256", "kid": MINE["kid"], "typ": TYP}
    return hmac_signed(header, claims_of(MINE), json.dumps(public_of(MINE)).encode())


def by_another() -> str:
    return signed(claims_of(MINE), ANOTHER, {"kid": MINE["kid"]})


def flipped() -> str:
    whole = signed(claims_of(MINE), MINE)
    return whole[:-3] + ("AAA" if not whole.endswith("AAA") else "BBB")


def twice(member: bytes) -> Made:
    return lambda: signed(b'{"v":1,' + member + canonical_json(claims_of(MINE))[1:], MINE)


BAD: dict[str, tuple[Made, str, str]] = {
    # how it is signed
    "made with another key": (by_another, "#/proof", "jws-signature"),
    "a proof of another key": (lambda: signed(claims_of(ANOTHER), ANOTHER), "#/proof", "jws-key-unknown"),
    "unsigned": (none_signed, "#/proof", "jws-algorithm"),
    "HMAC under the public key": (signed_with_the_public_key, "#/proof", "jws-algorithm"),
    "a flipped signature": (flipped, "#/proof", "jws-signature"),
    "another type": (with_header(typ=EVENT), "#/proof", "jws-type"),
    "a token's type": (with_header(typ="at+jwt"), "#/proof", "jws-type"),
    "no kid of this key": (with_header(kid="another"), "#/proof", "jws-key-unknown"),
    "with its key in the header": (with_header(jwk=public_of(MINE)), "#/proof", "jws-header"),
    "with a key's address in the header": (with_header(jku="https://keys.example"), "#/proof", "jws-header"),
    "with a certificate in the header": (with_header(x5c=["MIIB"]), "#/proof", "jws-header"),
    "with critical members": (with_header(crit=["b64"], b64=False), "#/proof", "jws-header"),
    "two parts": (lambda: "a.b", "#/proof", "jws-malformed"),
    "not base64url": (lambda: "?" + signed(claims_of(MINE), MINE)[1:], "#/proof", "jws-malformed"),
    "too large": (lambda: "a" * 50_000, "#", ""),
    "a member twice": (twice(b'"v":1,'), "#/proof", "jws-payload"),
    "no object": (lambda: signed(b"[]", MINE), "#/proof", "jws-payload"),
    # what it says
    "another version": (saying(v=2), "#/proof/v", "unknown-version"),
    "another registry": (saying(registry="registry.example.org/durham"), "#/proof/registry", "another-registry"),
    "another partnership": (saying(partnership="york"), "#/proof/partnership", "another-partnership"),
    "another organisation": (saying(organisation="harbour"), "#/proof/organisation", "another-organisation"),
    "another kid": (saying(kid=ANOTHER["kid"]), "#/proof/kid", "another-kid"),
    "other uses": (saying(uses=["acknowledgement"]), "#/proof/uses", "other-uses"),
    "more uses": (saying(uses=["event", "acknowledgement"]), "#/proof/uses", "other-uses"),
    "a signatory": (saying(signatory={"role": "siro", "ref": "POST-1"}), "#/proof/signatory", "another-signatory"),
    "another key's thumbprint": (saying(thumbprint=OTHER_THUMBPRINT), "#/proof/thumbprint", "another-key"),
    "eleven minutes old": (lambda: saying(made_at=at(minutes=11))(), "#/proof/made_at", "proof-stale"),
    "from the future": (lambda: saying(made_at=at(minutes=-3))(), "#/proof/made_at", "proof-stale"),
    "another spelling of a time": (saying(made_at="2026-11-23 09:30"), "#/proof/made_at", "not-a-time"),
    "a time in seconds": (saying(made_at=int(datetime.now(UTC).timestamp())), "#/proof/made_at", "malformed"),
    "an unknown member": (saying(**{MARKER: MARKER}), "#/proof", "malformed"),
    **{
        f"without {member}": (without(member), f"#/proof/{member}", "malformed")
        for member in ("v", "registry", "organisation", "kid", "uses", "signatory", "thumbprint", "made_at")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BAD))
@pytest.mark.usefixtures("unchanged")
def test_a_proof_of_anything_else_is_refused(lead: httpx.Client, name: str) -> None:
    make, pointer, code = BAD[name]
    answer = lead.post(KEYS, json=request_for(MINE, proof=make()))
    if name == "too large":
        assert_problem(answer, 413, "too-large")
        return
    expected = {"malformed": (400, "malformed")} | dict.fromkeys(CODES_OF_DOCUMENTS, (422, "bad-document"))
    status, problem = expected.get(code, (422, "unprocessable"))
    found = assert_problem(answer, status, problem, pointer)
    if status == 422:
        assert code in [one["code"] for one in found["errors"]]


CODES_OF_DOCUMENTS = (
    "jws-signature", "jws-key-unknown", "jws-algorithm", "jws-type", "jws-header", "jws-malformed", "jws-payload",
)  # fmt: skip


@pytest.mark.usefixtures("unchanged")
def test_a_proof_for_one_kid_registers_no_other(lead: httpx.Client) -> None:
    """Whoever overhears it can do nothing with it that its maker did not ask for."""
    proof = signed(claims_of(MINE), MINE)
    renamed = {**MINE, "kid": f"{MINE['kid']}-2"}
    assert_problem(lead.post(KEYS, json=request_for(renamed, proof=proof)), 422, "bad-document", "#/proof")
    wider = request_for(MINE, proof=proof, uses=["event", "acknowledgement"])
    assert_problem(lead.post(KEYS, json=wider), 422, "unprocessable", "#/proof/uses")


def test_everything_that_is_wrong_is_said_at_once(lead: httpx.Client) -> None:
    proof = signed(claims_of(MINE, registry="elsewhere.example", organisation="harbour", uses=["attestation"]), MINE)
    found = assert_problem(lead.post(KEYS, json=request_for(MINE, proof=proof)), 422, "unprocessable")
    assert [one["pointer"] for one in found["errors"]] == [
        "#/proof/registry", "#/proof/organisation", "#/proof/uses",
    ]  # fmt: skip


def test_a_proof_need_not_be_written_canonically(lead: httpx.Client) -> None:
    """Any tool can make one: members in any order, with space between them."""
    private = private_of("ES256")
    text = json.dumps(dict(reversed(claims_of(private).items())), indent=2).encode()
    assert lead.post(KEYS, json=request_for(private, proof=signed(text, private))).status_code == 201


def test_the_order_of_uses_says_nothing(lead: httpx.Client) -> None:
    private = private_of()
    proof = signed(claims_of(private, uses=["acknowledgement", "event"]), private)
    request: Body = request_for(private, proof=proof, uses=["event", "acknowledgement"])
    assert lead.post(KEYS, json=request).status_code == 201


def test_a_proof_is_of_no_use_to_a_person_without_the_role(demonstration: Demonstration, police: httpx.Client) -> None:
    assert_problem(police.post(KEYS, json=request_for(private_of())), 403, "forbidden")
