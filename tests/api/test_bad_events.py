# ruff: noqa: E501 - tables of one case a line
"""Bad sharing events: each is refused as a problem that says where, stores nothing and repeats nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from api.speaking import MARKER, WITHHELD, Claims, Signer, assert_problem, at, new_id, set_in
from isa_registry.identity.compact import private_key
from isa_verify.encoding import canonical_json, encode_base64url
from live import LEAD, POLICE, Demonstration

JOSE = {"Content-Type": "application/jose"}
URL = "/api/v1/sharing-events"
DOCUMENT, MALFORMED, UNPROCESSABLE = "bad-document", "malformed", "unprocessable"

pytestmark = pytest.mark.usefixtures("unchanged")


def post(client: httpx.Client, jws: str | bytes) -> httpx.Response:
    return client.post(URL, content=jws, headers=JOSE)


# --- the signed form ---------------------------------------------------------------------------------------------


def resigned(signer: Signer, header: bytes) -> str:
    """An event whose header is these very bytes, with a signature that holds over them."""
    head = f"{encode_base64url(header)}.{encode_base64url(canonical_json(signer.event()))}"
    key = private_key(signer.jwk).private_key
    return f"{head}.{encode_base64url(key.sign(head.encode()))}"  # type: ignore[call-arg, union-attr]


def unsigned(signer: Signer) -> str:
    header = encode_base64url(canonical_json({"alg": "none", "kid": signer.jwk["kid"], "typ": "isa-sharing-event+jws"}))
    return f"{header}.{encode_base64url(canonical_json(signer.event()))}."


def hmac_signed(signer: Signer) -> str:
    """The public key's bytes as an HMAC secret: the classic confusion of algorithms."""
    header = encode_base64url(
        canonical_json({"alg": "HS256", "kid": signer.jwk["kid"], "typ": "isa-sharing-event+jws"})
    )
    head = f"{header}.{encode_base64url(canonical_json(signer.event()))}"
    return f"{head}.{encode_base64url(hmac.digest(signer.jwk['x'].encode(), head.encode(), 'sha256'))}"


def parts(signer: Signer) -> list[str]:
    return signer.sign(signer.event()).split(".")


def forged(signer: Signer) -> str:
    """The payload changed, the signature left as it was."""
    header, _, signature = parts(signer)
    return f"{header}.{encode_base64url(canonical_json(signer.event(purpose=MARKER)))}.{signature}"


def flipped(signer: Signer) -> str:
    header, payload, signature = parts(signer)
    return f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def doubled_payload(signer: Signer) -> bytes:
    return canonical_json(signer.event())[:-1] + b',"decision":"shared"}'


@pytest.mark.parametrize(
    ("make", "pointer"),
    [
        pytest.param(lambda s: "", "#", id="empty"),
        pytest.param(lambda s: MARKER, "#", id="no JWS"),
        pytest.param(lambda s: ".." + MARKER, "#", id="empty parts"),
        pytest.param(lambda s: s.sign(s.event())[:-9], "#", id="truncated"),
        pytest.param(lambda s: ".".join(parts(s)[:2]), "#", id="two parts"),
        pytest.param(lambda s: ".".join([*parts(s), MARKER]), "#", id="four parts"),
        pytest.param(lambda s: s.sign(s.event()) + "\n", "#", id="a line feed at the end"),
        pytest.param(lambda s: s.sign(s.event()) + "=", "#", id="padding"),
        pytest.param(lambda s: "{}.{}!.{}".format(*parts(s)), "#", id="bad base64url"),
        pytest.param(lambda s: s.sign(s.event())[:-1] + "_", "#", id="base64url with spare bits"),
        pytest.param(flipped, "#", id="a changed signature"),
        pytest.param(forged, "#", id="a changed payload"),
        pytest.param(unsigned, "#/alg", id="alg none"),
        pytest.param(hmac_signed, "#/alg", id="alg HS256 with the public key"),
        pytest.param(lambda s: s.sign(s.event(), typ="JWT"), "#/typ", id="typ JWT"),
        pytest.param(lambda s: s.sign(s.event(), typ=WITHHELD), "#/typ", id="typ of another document"),
        pytest.param(lambda s: s.sign(s.event(), kid=MARKER), "#/kid", id="an unknown key"),
        pytest.param(lambda s: s.sign(s.event(), kid=f"{LEAD}-1"), "#/kid", id="another's key id"),
        pytest.param(lambda s: s.sign(s.event(), crit=["b64"], b64=False), "#", id="crit and b64"),
        pytest.param(lambda s: s.sign(s.event(), crit=[]), "#", id="crit"),
        pytest.param(lambda s: s.sign(s.event(), b64=True), "#", id="b64"),
        pytest.param(lambda s: s.sign(s.event(), jwk={"kty": "OKP", "crv": "Ed25519", "x": s.jwk["x"]}), "#", id="jwk"),
        pytest.param(lambda s: s.sign(s.event(), jku=f"https://{MARKER}.example/keys"), "#", id="jku"),
        pytest.param(lambda s: s.sign(s.event(), x5c=[MARKER]), "#", id="x5c"),
        pytest.param(lambda s: s.sign(s.event(), x5u=f"https://{MARKER}.example/"), "#", id="x5u"),
        pytest.param(lambda s: s.sign(s.event(), x5t=MARKER), "#", id="x5t"),
        pytest.param(lambda s: s.sign(s.event(), **{MARKER: 1}), "#", id="an unknown header"),
        pytest.param(
            lambda s: resigned(s, b'{"alg":"Ed25519","alg":"Ed25519","kid":"durham-constabulary-1","typ":"isa-sharing-event+jws"}'),
            "#", id="a header member twice",
        ),
        pytest.param(lambda s: resigned(s, b"[]"), "#", id="a header that is no object"),
        pytest.param(lambda s: s.sign(doubled_payload(s)), "#", id="a payload member twice"),
        pytest.param(lambda s: s.sign(b"\xff" + MARKER.encode()), "#", id="a payload that is no UTF-8"),
        pytest.param(lambda s: s.sign(b"[]"), "#", id="a payload that is no object"),
        pytest.param(lambda s: s.sign(b'{"a":' + b"[" * 9_000 + b"]" * 9_000 + b"}"), "#", id="a payload nested absurdly"),
        pytest.param(lambda s: s.sign(s.event(advice=[{"role": "siro", "outcome": "share"}] * 2_000)), "#", id="too large"),
    ],
)  # fmt: skip
def test_another_form_than_the_one_a_document_can_have_is_refused(
    police: httpx.Client, signer: Signer, make: Callable[[Signer], str], pointer: str
) -> None:
    assert_problem(post(police, make(signer)), 422, DOCUMENT, pointer)


def test_a_key_of_another_organisation_signs_nothing(
    police: httpx.Client, signer: Signer, demonstration: Demonstration
) -> None:
    other = Signer(demonstration.state, LEAD)
    assert_problem(post(police, other.sign(signer.event())), 422, DOCUMENT, "#/kid")
    assert_problem(post(police, other.sign(signer.event(), kid=signer.jwk["kid"])), 422, DOCUMENT, "#")


def test_an_event_is_recorded_by_the_organisation_that_decided(
    police: httpx.Client, signer: Signer, council: httpx.Client
) -> None:
    for provider in (LEAD, MARKER):
        answer = post(police, signer.sign(signer.event(provider=provider)))
        assert_problem(answer, 403, "not-your-organisation", "#/provider")
    assert_problem(post(council, signer.sign(signer.event())), 422, DOCUMENT, "#/kid")


# --- what the event says -----------------------------------------------------------------------------------------


def change(name: str, path: str, value: object, pointer: str | None = None) -> Any:
    return pytest.param(path, value, pointer or f"#{path}", id=name)


REFERENCES = [
    ("an NHS number", "9434765919"), ("an NHS number with spaces", "943 476 5919"), ("an NHS number with hyphens", "943-476-5919"),
    ("a name", "Anna-Smith"), ("a name with a space", "Anna Smith 2"), ("an e-mail address", "anna1@example.org"),
    ("a postcode", "DH1 5UL"), ("a postcode without space", "DH15UL"), ("a postcode in small letters", "dh1-5ul"),
    ("a National Insurance number", "QQ123456C"), ("a UPN", "A123456789012"),
    ("a date", "2014-05-06"), ("too short", "A-1"), ("too long", "A1" * 33), ("no digit", "CASE-NUMBER"), ("empty", ""),
    ("a null character", "CMS-1\0"), ("a line feed", "CMS-12\n"), ("digits of another script", "CMS-\u0661\u0662"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        change("another version", "/v", 2),
        change("another registry", "/registry", f"{MARKER}.example/durham"),
        change("another partnership", "/partnership", MARKER),
        change("an id that is no UUID", "/id", MARKER),
        change("an id of version 4", "/id", "5f0c6a52-71cf-4c3b-8a0e-6b8a5a0c2a11"),
        change("an id in capitals", "/id", new_id().upper()),
        change("an unknown decision", "/decision", MARKER),
        change("an unknown recipient", "/recipient", MARKER),
        change("itself as recipient", "/recipient", POLICE),
        change("an unknown kind of recipient", "/recipient", {"kind": MARKER}, "#/recipient/kind"),
        change("an unknown purpose", "/purpose", MARKER),
        change("no categories", "/categories", []),
        change("31 categories", "/categories", ["identity"] * 31),
        change("a category twice", "/categories", ["identity", "identity"]),
        change("an unknown category", "/categories", ["identity", MARKER], "#/categories/1"),
        change("no people", "/subjects", []),
        change("too many people", "/subjects", [{"kind": "child", "roles": [], "ref": "s1_" + "A" * 43}] * 51),
        change("an unknown kind of person", "/subjects/0/kind", MARKER),
        change("an unknown role", "/subjects/0/roles", [MARKER], "#/subjects/0/roles/0"),
        change("an NHS number as subject", "/subjects/0/ref", "9434765919"),
        change("a name as subject", "/subjects/0/ref", MARKER),
        change("an unknown urgency", "/urgency", MARKER),
        change("an unknown check", "/check", "chk_" + "0" * 32),
        change("a check that is none", "/check", MARKER),
        change("a check with a null character", "/check", "chk_\0"),
        change("an unknown agreement", "/agreement", {"id": MARKER, "version": "1.0"}),
        change("an unknown version", "/agreement", {"id": "tier-1", "version": MARKER}),
        *(change(f"an unknown provision in {point}", f"/basis/{point}", [MARKER], f"#/basis/{point}/0")
          for point in ("article_6", "article_9", "article_10", "part_3", "gateways")),
        change("an unknown reason of paragraph 18", "/para18_reason", MARKER),
        change("an unknown authority", "/s36_4_authority", MARKER),
        change("an unknown route", "/confidentiality_route", MARKER),
        change("an unknown state of consent", "/consent", MARKER),
        change("an unknown way of informing", "/informed/family", MARKER),
        change("an unknown reason not to inform", "/informed/reason", MARKER),
        change("no reason not to inform", "/informed/family", "no", "#/informed/reason"),
        change("an unknown view", "/childs_view", MARKER),
        change("an unknown role in advice", "/advice", [{"role": MARKER, "outcome": "share"}], "#/advice/0/role"),
        change("an unknown advice", "/advice", [{"role": "siro", "outcome": MARKER}], "#/advice/0/outcome"),
        change("an unknown approver", "/approved_by", MARKER),
        change("an unknown decider", "/decided_by/role", MARKER),
        change("an unknown method", "/method", MARKER),
        change("an unknown marking", "/marking", MARKER),
        change("free text as retention", "/retention", MARKER),
        change("a time that is none", "/decided_at", MARKER),
        change("a time without milliseconds", "/decided_at", "2026-11-01T00:00:00Z"),
        change("a time of another zone", "/decided_at", "2026-11-01T00:00:00.000+00:00"),
        change("decided in the future", "/decided_at", at(hours=-1)),
        change("shared in the future", "/shared_at", at(hours=-1)),
        change("decided too long ago", "/decided_at", at(hours=25)),
        change("never shared", "/shared_at", None),
        change("a date that is none", "/review_on", "2026-02-30"),
        change("correcting what has no id", "/corrects", MARKER),
        change("all shared, and a list of the rest", "/withheld_sha256", "0" * 64),
        change("deferred, and yet shared", "/decision", "deferred", "#/shared_at"),
        change("not shared, and no list of why", "/decision", "not-shared", "#/withheld_sha256"),
        change("shared in part, and no list of the rest", "/decision", "part-shared", "#/withheld_sha256"),
        *(change(f"{name} as {path}", path, value)
          for path in ("/case_record", "/decided_by/ref", "/request") for name, value in REFERENCES),
    ],
)  # fmt: skip
def test_what_an_event_cannot_say_is_refused(
    police: httpx.Client, signer: Signer, path: str, value: object, pointer: str
) -> None:
    problem = assert_problem(
        post(police, signer.sign(set_in(signer.event(), path, value))), 422, UNPROCESSABLE, pointer
    )
    assert not isinstance(value, str) or len(value) < 4 or value not in json.dumps(problem)


def without(claims: Claims, member: str) -> Claims:
    return {name: value for name, value in claims.items() if name != member}


@pytest.mark.parametrize(
    ("make", "pointer"),
    [
        pytest.param(lambda s: {**s.event(), MARKER: 1}, "#", id="an unknown member"),
        pytest.param(lambda s: {**s.event(), "note": MARKER}, "#", id="free text"),
        pytest.param(lambda s: without(s.event(), "purpose"), "#/purpose", id="a member missing"),
        pytest.param(lambda s: without(s.event(), "corrects"), "#/corrects", id="a member that would be null missing"),
        pytest.param(lambda s: s.event(categories=MARKER), "#/categories", id="a string for a list"),
        pytest.param(lambda s: s.event(late_entry=MARKER), "#/late_entry", id="a string for yes or no"),
        pytest.param(lambda s: s.event(v="1"), "#/v", id="a string for a number"),
        pytest.param(lambda s: set_in(s.event(), f"/subjects/0/{MARKER}", 1), "#/subjects/0", id="a subject's unknown member"),
    ],
)  # fmt: skip
def test_an_event_of_another_shape_is_malformed(
    police: httpx.Client, signer: Signer, make: Callable[[Signer], Claims], pointer: str
) -> None:
    assert_problem(post(police, signer.sign(make(signer))), 400, MALFORMED, pointer)


# --- the list of what was withheld ---------------------------------------------------------------------------------


def listed(signer: Signer, **changes: object) -> dict[str, Any]:
    """An event shared in part, with a list changed as asked and named by its true hash."""
    event = signer.event(decision="part-shared")
    jws = signer.sign({**signer.withheld(event["id"]), **changes}, WITHHELD)
    return {
        "event": signer.sign({**event, "withheld_sha256": hashlib.sha256(jws.encode()).hexdigest()}),
        "withheld": jws,
    }


def wrong_hash(signer: Signer) -> dict[str, Any]:
    event = signer.event(decision="part-shared", withheld_sha256=hashlib.sha256(MARKER.encode()).hexdigest())
    return {"event": signer.sign(event), "withheld": signer.sign(signer.withheld(event["id"]), WITHHELD)}


def unasked(signer: Signer) -> dict[str, Any]:
    event = signer.event()
    return {"event": signer.sign(event), "withheld": signer.sign(signer.withheld(event["id"]), WITHHELD)}


@pytest.mark.parametrize(
    ("make", "code", "pointer"),
    [
        pytest.param(wrong_hash, UNPROCESSABLE, "#/withheld_sha256", id="another list than the event names"),
        pytest.param(unasked, UNPROCESSABLE, "#/withheld_sha256", id="a list where all was shared"),
        pytest.param(lambda s: listed(s, event=new_id()), UNPROCESSABLE, "#/withheld/event", id="a list of another event"),
        pytest.param(lambda s: listed(s, registry=MARKER), UNPROCESSABLE, "#/withheld", id="a list for another registry"),
        pytest.param(lambda s: listed(s, withheld=[]), UNPROCESSABLE, "#/withheld/withheld", id="an empty list"),
        pytest.param(
            lambda s: listed(s, withheld=[{"category": MARKER, "reason": "no-role"}]),
            UNPROCESSABLE, "#/withheld/withheld/0/category", id="an unknown category",
        ),
        pytest.param(
            lambda s: listed(s, withheld=[{"category": "health", "reason": MARKER}]),
            UNPROCESSABLE, "#/withheld/withheld/0/reason", id="an unknown reason",
        ),
        pytest.param(lambda s: {**listed(s), "withheld": None}, UNPROCESSABLE, "#/withheld_sha256", id="no list"),
        pytest.param(lambda s: {**listed(s), "withheld": MARKER}, DOCUMENT, "#/withheld", id="a list that is no JWS"),
        pytest.param(
            lambda s: {**listed(s), "withheld": s.sign(s.event())}, DOCUMENT, "#/withheld/typ", id="an event for a list"
        ),
        pytest.param(
            lambda s: {**listed(s), "withheld": s.sign(s.withheld(new_id()), WITHHELD, kid=MARKER)},
            DOCUMENT, "#/withheld/kid", id="a list with an unknown key",
        ),
    ],
)  # fmt: skip
def test_a_list_that_does_not_belong_to_its_event_is_refused(
    police: httpx.Client, signer: Signer, make: Callable[[Signer], dict[str, Any]], code: str, pointer: str
) -> None:
    assert_problem(police.post(URL, json=make(signer)), 422, code, pointer)


@pytest.mark.parametrize("decision", ["part-shared", "not-shared", "deferred"])
def test_the_list_is_not_optional(police: httpx.Client, signer: Signer, decision: str) -> None:
    alone = signer.held_back(decision)["event"]
    assert_problem(post(police, alone), 422, UNPROCESSABLE, "#/withheld_sha256")


# --- the request ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", "#"),
        (b"\xff" + MARKER.encode(), "#"),
        (b"null", "#"),
        (b'{"withheld": "' + MARKER.encode() + b'"}', "#/event"),
        (b'{"event": 1}', "#/event"),
        (b'{"event": "a", "' + MARKER.encode() + b'": 1}', "#"),
        (b'{"event": ' + b"[" * 9_000 + b"]" * 9_000 + b"}", "#/event"),
    ],
    ids=["empty", "no UTF-8", "null", "no event", "a number", "an unknown member", "nested"],
)
def test_json_of_another_form_is_malformed(police: httpx.Client, body: bytes, pointer: str) -> None:
    answer = police.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 400, MALFORMED, pointer)


def test_a_jws_that_is_not_ascii_is_malformed(police: httpx.Client) -> None:
    assert_problem(post(police, f"{MARKER}é".encode()), 400, MALFORMED)


@pytest.mark.parametrize("content_type", ["", "text/plain", f"application/{MARKER}", "application/jwt"])
def test_another_content_type_is_refused(police: httpx.Client, signer: Signer, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = police.post(URL, content=signer.sign(signer.event()), headers=headers)
    assert_problem(answer, 415, "unsupported-media-type")


def test_a_body_that_is_too_long_is_refused(police: httpx.Client) -> None:
    assert_problem(post(police, MARKER * 12_000), 413, "too-large")
