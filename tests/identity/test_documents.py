"""Which signed documents are accepted: one form, the registered key, the registered algorithm."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from identity.issuing import assembled, hmac_signed, segment
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.identity import documents
from isa_registry.identity.compact import KeyUnusableError
from isa_registry.identity.documents import MAX_DOCUMENT, DocumentRefused, SignedDocument, verify_document
from isa_registry.identity.signing import new_signing_key, sign_document
from isa_verify.encoding import canonical_json, decode_base64url, encode_base64url

TYP = "isa-sharing-event+jws"
CLAIMS: dict[str, Any] = {"v": 1, "id": "e1", "provider": "council", "subjects": [{"kind": "child"}]}
KEYS: dict[str, tuple[Key, str]] = {
    "ed": (OKPKey.generate_key("Ed25519"), "Ed25519"),
    "old-ed": (OKPKey.generate_key("Ed25519"), "EdDSA"),
    "ec": (ECKey.generate_key("P-256"), "ES256"),
    "rsa": (RSAKey.generate_key(2048), "PS256"),
}
ANOTHER = OKPKey.generate_key("Ed25519")


def registered(kid: str, key: Key, algorithm: str) -> KeyRegistered:
    return KeyRegistered(
        organisation="council",
        kid=kid,
        algorithm=algorithm,
        jwk={name: str(value) for name, value in key.as_dict(private=False).items()},
        uses=("event",),
        valid_from="2026-01-01T00:00:00.000Z",
    )


REGISTERED = {kid: registered(kid, key, algorithm) for kid, (key, algorithm) in KEYS.items()}
REGISTERED["broken"] = KeyRegistered(
    organisation="council",
    kid="broken",
    algorithm="Ed25519",
    jwk={"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
    uses=("event",),
    valid_from="2026-01-01T00:00:00.000Z",
)


def verify(compact: str | bytes) -> SignedDocument:
    return verify_document(compact, typ=TYP, key_for=REGISTERED.get)


def signed(
    header: dict[str, Any] | None = None, payload: Any = CLAIMS, *, kid: str = "ed", key: Key | None = None
) -> str:
    own, algorithm = KEYS[kid]
    members = {"alg": algorithm, "typ": TYP, "kid": kid, **(header or {})}
    present = {name: value for name, value in members.items() if value is not None}
    return assembled(present, payload, key or own)


@pytest.mark.parametrize(
    ("kid", "algorithm"),
    [
        ("ed", "Ed25519"),
        ("ed", "EdDSA"),
        ("old-ed", "Ed25519"),
        ("old-ed", "EdDSA"),
        ("ec", "ES256"),
        ("rsa", "PS256"),
    ],
)
def test_a_document_signed_as_registered_is_accepted(kid: str, algorithm: str) -> None:
    compact = signed({"alg": algorithm}, kid=kid)

    document = verify(compact.encode())

    assert (compact, CLAIMS, kid, REGISTERED[kid]) == (
        document.compact,
        document.claims,
        document.kid,
        document.key,
    )
    assert decode_base64url(compact.split(".")[1]) == document.payload


@pytest.mark.parametrize("kid", ["ed", "ec", "rsa"])
def test_the_registry_signs_what_it_verifies(kid: str) -> None:
    private = {name: str(value) for name, value in KEYS[kid][0].as_dict(private=True).items()}

    document = verify(sign_document(CLAIMS, TYP, private, kid))

    assert canonical_json(CLAIMS) == document.payload


def test_a_new_signing_key_signs_and_gives_nothing_away() -> None:
    private, public = new_signing_key("durham-2026")

    assert {"kty": "OKP", "crv": "Ed25519", "kid": "durham-2026", "x": private["x"]} == public
    assert {*public, "d"} == set(private)
    key = KeyRegistered("council", "durham-2026", "Ed25519", public, ("event",), "2026-01-01T00:00:00.000Z")
    compact = sign_document(CLAIMS, TYP, private, "durham-2026")
    assert verify_document(compact, typ=TYP, key_for={"durham-2026": key}.get).claims == CLAIMS


def test_only_a_private_key_signs() -> None:
    _, public = new_signing_key("k")

    with pytest.raises(KeyUnusableError):
        sign_document(CLAIMS, TYP, public, "k")


def _parts(change: Callable[[list[str]], list[str]]) -> str:
    return ".".join(change(signed().split(".")))


def _duplicated(document: dict[str, Any], name: str) -> bytes:
    return f'{{"{name}":"x",'.encode() + decode_base64url(segment(document))[1:]


def _spare_bits() -> str:
    """The same signature bytes in another spelling: the last character's unused bits set."""
    compact = signed()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return compact[:-1] + alphabet[alphabet.index(compact[-1]) + 1]


HEADER = {"alg": "Ed25519", "typ": TYP, "kid": "ed"}
PUBLIC = KEYS["ed"][0].as_dict(private=False)
BAD: dict[str, tuple[Callable[[], str | bytes], str, str]] = {
    "empty": (lambda: "", "jws-malformed", ""),
    "two parts": (lambda: _parts(lambda p: p[:2]), "jws-malformed", ""),
    "four parts": (lambda: _parts(lambda p: [*p, ""]), "jws-malformed", ""),
    "padded": (lambda: signed() + "==", "jws-malformed", ""),
    "spare bits set": (_spare_bits, "jws-malformed", ""),
    "standard alphabet": (lambda: _parts(lambda p: [p[0], "+/+/", p[2]]), "jws-malformed", ""),
    "a line feed at the end": (lambda: signed() + "\n", "jws-malformed", ""),
    "a space at the front": (lambda: " " + signed(), "jws-malformed", ""),
    "not ASCII": (lambda: "é".encode() + signed().encode(), "jws-malformed", ""),
    "not ASCII text": (lambda: "é" + signed(), "jws-malformed", ""),
    "header no JSON": (lambda: _parts(lambda p: ["e30x", *p[1:]]), "jws-malformed", ""),
    "header an array": (lambda: _parts(lambda p: [segment(["alg"]), *p[1:]]), "jws-malformed", ""),
    "header member twice": (
        lambda: _parts(lambda p: [encode_base64url(_duplicated(HEADER, "kid")), *p[1:]]),
        "jws-malformed",
        "",
    ),
    "JSON serialisation": (lambda: '{"payload":"","signatures":[]}', "jws-malformed", ""),
    "too large": (lambda: signed(payload={"x": "y" * MAX_DOCUMENT}), "jws-too-large", ""),
    "crit": (lambda: signed({"crit": ["exp"], "exp": 1}), "jws-header", ""),
    "b64": (lambda: signed({"b64": True}), "jws-header", ""),
    "jwk": (lambda: signed({"jwk": PUBLIC}), "jws-header", ""),
    "jku": (lambda: signed({"jku": "https://evil.example"}), "jws-header", ""),
    "x5u": (lambda: signed({"x5u": "https://evil.example"}), "jws-header", ""),
    "x5c": (lambda: signed({"x5c": ["MIIB"]}), "jws-header", ""),
    "x5t": (lambda: signed({"x5t": "AAAA"}), "jws-header", ""),
    "cty": (lambda: signed({"cty": "json"}), "jws-header", ""),
    "typ missing": (lambda: signed({"typ": None}), "jws-header", ""),
    "kid missing": (lambda: signed({"kid": None}), "jws-header", ""),
    "alg missing": (lambda: _parts(lambda p: [segment({"typ": TYP, "kid": "ed"}), *p[1:]]), "jws-header", ""),
    "alg none": (
        lambda: f"{segment({**HEADER, 'alg': 'none'})}.{segment(CLAIMS)}.",
        "jws-algorithm",
        "/alg",
    ),
    "alg not a string": (
        lambda: f"{segment({**HEADER, 'alg': 1})}.{segment(CLAIMS)}.",
        "jws-algorithm",
        "/alg",
    ),
    "HS256 with the public key": (
        lambda: hmac_signed({**HEADER, "alg": "HS256"}, CLAIMS, decode_base64url(str(PUBLIC["x"]))),
        "jws-algorithm",
        "/alg",
    ),
    "RS256": (lambda: signed({"alg": "RS256"}, kid="rsa"), "jws-algorithm", "/alg"),
    "an algorithm of another key": (
        lambda: signed({"alg": "ES256", "kid": "ed"}, kid="ec"),
        "jws-algorithm",
        "/alg",
    ),
    "wrong typ": (lambda: signed({"typ": "isa-withheld+jws"}), "jws-type", "/typ"),
    "typ with a prefix": (lambda: signed({"typ": f"application/{TYP}"}), "jws-type", "/typ"),
    "typ in capitals": (lambda: signed({"typ": TYP.upper()}), "jws-type", "/typ"),
    "an access token": (lambda: signed({"typ": "at+jwt"}), "jws-type", "/typ"),
    "kid unknown": (lambda: signed({"kid": "nobody"}), "jws-key-unknown", "/kid"),
    "kid not a string": (lambda: signed({"kid": ["ed"]}), "jws-key-unknown", "/kid"),
    "kid of a broken key": (lambda: signed({"kid": "broken"}), "jws-key-unusable", "/kid"),
    "another's key": (lambda: signed(key=ANOTHER), "jws-signature", ""),
    "no signature": (lambda: _parts(lambda p: [*p[:2], ""]), "jws-signature", ""),
    "a short signature": (lambda: _parts(lambda p: [*p[:2], p[2][:40]]), "jws-signature", ""),
    "another payload": (lambda: _parts(lambda p: [p[0], segment({"v": 2}), p[2]]), "jws-signature", ""),
    "a DER signature": (
        lambda: ".".join([*signed(kid="ec").split(".")[:2], encode_base64url(b"\x30\x44" + b"\x02" * 68)]),
        "jws-signature",
        "",
    ),
    "payload no JSON": (lambda: signed(payload=b"v=1"), "jws-payload", ""),
    "payload not UTF-8": (lambda: signed(payload=b'{"v":"\xff"}'), "jws-payload", ""),
    "payload an array": (lambda: signed(payload=[1]), "jws-payload", ""),
    "payload member twice": (lambda: signed(payload=_duplicated(CLAIMS, "id")), "jws-payload", ""),
    "payload with a fraction": (lambda: signed(payload={"v": 1.5}), "jws-payload", ""),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_refused_for_its_own_reason(name: str) -> None:
    make, code, pointer = BAD[name]

    with pytest.raises(DocumentRefused) as refused:
        verify(make())

    assert (code, pointer) == (refused.value.code, refused.value.pointer)


def test_a_refusal_repeats_nothing_of_the_document() -> None:
    with pytest.raises(DocumentRefused) as refused:
        verify(signed({"kid": "mrs-jones", "typ": TYP}))

    assert "jones" not in str(refused.value)


@given(st.data())
def test_no_character_of_a_document_can_be_changed(data: st.DataObject) -> None:
    compact = signed()
    position = data.draw(st.integers(0, len(compact) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda one: one != compact[position]))

    with pytest.raises(DocumentRefused):
        verify(compact[:position] + character + compact[position + 1 :])


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_other_input_is_refused_not_a_fault(compact: str | bytes) -> None:
    with pytest.raises(DocumentRefused):
        verify(compact)


def test_nothing_is_kept_of_a_document_that_is_refused() -> None:
    verify(signed())
    before = dict(documents.headers_seen)
    for number in range(20):
        refused = (
            signed({"kid": f"made-up-{number}"}),
            signed({"typ": f"other-{number}+jws"}),
            signed()[:-8] + "AAAAAAAA",
        )
        for compact in refused:
            with pytest.raises(DocumentRefused):
                verify(compact)
    assert before == documents.headers_seen


def test_a_header_that_is_known_says_what_it_says_for_every_document() -> None:
    """The type and the key are looked at again, whoever signed under the same header before."""
    compact = signed()
    verify(compact)
    with pytest.raises(DocumentRefused, match="jws-type"):
        verify_document(compact, typ="isa-withheld+jws", key_for=REGISTERED.get)
    with pytest.raises(DocumentRefused, match="jws-key-unknown"):
        verify_document(compact, typ=TYP, key_for=lambda _: None)
    replaced = registered("ed", ANOTHER, "Ed25519")
    with pytest.raises(DocumentRefused, match="jws-signature"):
        verify_document(compact, typ=TYP, key_for=lambda _: replaced)
    assert verify(compact).kid == "ed"


def test_the_headers_that_are_known_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_MOST_HEADERS", 3)
    for number in range(8):
        own = registered(f"ed-{number}", KEYS["ed"][0], "Ed25519")
        verify_document(signed({"kid": own.kid}), typ=TYP, key_for={own.kid: own}.get)
        assert len(documents.headers_seen) <= 3


def test_what_is_not_read_at_once_is_looked_at_strictly() -> None:
    twice = signed(payload=b'{"v":1,"v":2}')
    with pytest.raises(DocumentRefused, match="jws-payload"):
        verify_document(twice, typ=TYP, key_for=REGISTERED.get, read=lambda _: None)
    document = verify_document(signed(), typ=TYP, key_for=REGISTERED.get, read=len)
    assert document.read == len(document.payload)
