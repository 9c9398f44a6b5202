"""Tokens that must not be taken, as data: what is wrong with each, and what it would be if it were."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from joserfc.jwk import JWKRegistry, Key
from msgspec import Struct

from api.published import AUDIENCE, SPLIT, TENANT, Published
from api.published import MACHINE as PUBLISHED_MACHINE
from api.speaking import ALL_SCOPES, MARKER, Signer
from identity.issuing import Provider, assembled, hmac_signed, segment, without_none
from isa_registry.identity.compact import _MODELS
from isa_registry.identity.demonstration import AUDIENCE as DEMO_AUDIENCE
from isa_verify.encoding import decode_base64url, encode_base64url
from live import LEAD, POLICE, Demonstration

MACHINE = f"{POLICE}-system"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class World:
    """What a forger may have: the constabulary's own issuer key, those of other issuers, and everything public."""

    def __init__(self, demonstration: Demonstration, published: Published) -> None:
        self.demonstration = demonstration
        self.published = published
        self.issuer = f"{demonstration.url}/demo/idp/{POLICE}"
        self.key = self.issuer_key(POLICE)

    def issuer_key(self, organisation: str) -> Key:
        path = self.demonstration.state / "demo" / "idp" / f"{organisation}.jwk"
        return JWKRegistry.import_key(json.loads(path.read_bytes()))

    def header(self, **changes: Any) -> dict[str, Any]:
        return without_none({"alg": "ES256", "kid": self.key.kid, "typ": "at+jwt", **changes})

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": MACHINE, "aud": DEMO_AUDIENCE, "client_id": MACHINE, "iat": now,
            "exp": now + 600, "jti": "1", "scope": ALL_SCOPES,
        }  # fmt: skip
        return without_none({**claims, **changes})

    def token(self, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        """Signed with the constabulary's own key; a change to None leaves a member out."""
        return assembled(self.header(**(header or {})), self.claims(**claims), self.key)

    def raw(self, header: bytes, payload: bytes) -> str:
        """Exactly these bytes, soundly signed."""
        signing_input = f"{encode_base64url(header)}.{encode_base64url(payload)}"
        return f"{signing_input}.{encode_base64url(_MODELS['ES256'].sign(signing_input.encode(), self.key))}"

    def payload(self, change: Callable[[bytes], bytes]) -> str:
        """The usual claims with their bytes changed before they are signed."""
        return self.raw(json.dumps(self.header()).encode(), change(json.dumps(self.claims()).encode()))

    def of(self, provider: Provider, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        """A machine's token of a published issuer."""
        now = int(time.time())
        machine = {"sub": PUBLISHED_MACHINE, "client_id": PUBLISHED_MACHINE, "scope": "checks:ask"}
        whole = {"iss": provider.issuer, "aud": AUDIENCE, "iat": now, "exp": now + 600, "jti": "1", **machine}
        return assembled(provider.header(**(header or {})), without_none({**whole, **claims}), provider.key)

    def entra(self, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        own = {
            "ver": "2.0", "tid": TENANT, "oid": "object-9", "azp": PUBLISHED_MACHINE, "azpacr": "2",
            "roles": ["checks:ask"], "scope": None, "client_id": None, "jti": None,
        }  # fmt: skip
        return self.of(self.published.entra, {"typ": "JWT", **(header or {})}, **{**own, **claims})

    def split(self, **claims: Any) -> str:
        return self.of(self.published.split, **{"sub": SPLIT, "client_id": SPLIT, "org_code": "RXA", **claims})

    def generic(self, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        return self.of(self.published.generic, {"typ": "JWT", **(header or {})}, **{"jti": None, **claims})


class Case(Struct, frozen=True):
    """One bad token: how it is made, and what it would be if it were taken."""

    name: str
    make: Callable[[World], str]
    accepted: str


def _parts(world: World, **claims: Any) -> list[str]:
    return world.token(**claims).split(".")


def _forged_body(world: World) -> str:
    ours, theirs = _parts(world), _parts(world, sub="other", client_id="other")
    return ".".join([ours[0], theirs[1], ours[2]])


def _trailing_bits(world: World, part: int) -> str:
    """The same bytes in another spelling: the last character of 86 carries bits that no byte takes."""
    parts = _parts(world, jti="1" * (1 + part))
    if part < 2:
        # Lengthened until the part ends in a partly used character.
        text, filler = parts[part], 0
        while len(text) % 4 == 0:
            filler += 1
            parts = (world.token({"x": "x" * filler}) if part == 0 else world.token(x="x" * filler)).split(".")
            text = parts[part]
    last = _ALPHABET.index(parts[part][-1])
    parts[part] = parts[part][:-1] + _ALPHABET[last ^ 1]
    return ".".join(parts)


def _standard_alphabet(world: World) -> str:
    for number in range(200):
        token = world.token(jti=str(number))
        signature = token.rpartition(".")[2]
        if "-" in signature or "_" in signature:
            return token[: -len(signature)] + signature.replace("-", "+").replace("_", "/")
    raise AssertionError("no signature with either character")


def _signature(world: World, change: Callable[[bytes], bytes]) -> str:
    signing_input, _, signature = world.token().rpartition(".")
    return f"{signing_input}.{encode_base64url(change(decode_base64url(signature)))}"


def _hs256(world: World, secret: bytes) -> str:
    return hmac_signed(world.header(alg="HS256"), world.claims(), secret)


def _public(world: World) -> dict[str, Any]:
    return dict(world.key.as_dict(private=False))


def _authorisation_code(world: World) -> str:
    now = int(time.time())
    claims = {
        "iss": world.issuer, "jti": "1", "sub": "practitioner", "client_id": "isa-registry",
        "redirect_uri": "http://127.0.0.1:1/", "challenge": "c", "nonce": "n", "auth_time": now, "exp": now + 60,
    }  # fmt: skip
    return assembled(world.header(typ="isa-demo-code+jwt"), claims, world.key)


def _signed_event(world: World) -> str:
    signer = Signer(world.demonstration.state, POLICE)
    return signer.sign(signer.event())


def _replace(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda payload: payload.replace(old.encode(), new.encode(), 1)


def _group(accepted: str, **cases: Callable[[World], str]) -> list[Case]:
    return [Case(name.replace("_", " "), make, accepted) for name, make in cases.items()]


def _claim(name: str, *values: tuple[str, Any]) -> dict[str, Callable[[World], str]]:
    """A claim in every form that it must not have."""

    def make(value: Any) -> Callable[[World], str]:
        return lambda world: world.token(**{name: value})

    return {f"{name}_{says}": make(value) for says, value in values}


MISSING = ("missing", None)
WRONG_TYPES = (("a_number", 7), ("a_list", [MARKER]), ("an_object", {"is": MARKER}), ("true", True))
WRONG_TIMES = (MISSING, ("a_text", "1"), ("true", True), ("negative", -1), ("a_list", [1]))

CASES: list[Case] = [
    *_group(
        "a second spelling of one token, by which lists of known tokens and signatures' checks are passed",
        one_word=lambda _: MARKER,
        three_words=lambda _: f"{MARKER}.{MARKER}.{MARKER}",
        only_dots=lambda _: "..",
        two_parts=lambda world: world.token().rpartition(".")[0],
        five_parts=lambda world: world.token() + ".e30.e30",
        padding_at_the_end=lambda world: world.token() + "==",
        padding_inside=lambda world: world.token().replace(".", "=.", 1),
        the_standard_alphabet=_standard_alphabet,
        trailing_bits_in_the_signature=lambda world: _trailing_bits(world, 2),
        trailing_bits_in_the_payload=lambda world: _trailing_bits(world, 1),
        trailing_bits_in_the_header=lambda world: _trailing_bits(world, 0),
        a_space_before=lambda world: " " + world.token(),
        a_space_inside=lambda world: world.token().replace(".", ". ", 1),
        a_tab_inside=lambda world: world.token().replace(".", ".\t", 1),
        a_comma_after=lambda world: world.token() + ",",
        in_quotes=lambda world: f'"{world.token()}"',
        a_JWS_in_JSON=lambda world: json.dumps(
            dict(zip(("protected", "payload", "signature"), world.token().split("."), strict=True))
        ),
    ),
    *_group(
        "work or memory taken without end",
        a_token_too_long=lambda world: world.token(padding=MARKER * 1000),
        a_header_too_long=lambda world: world.token({"padding": MARKER * 1000}),
        nested_too_deeply=lambda world: world.payload(_replace('"1"', "[" * 600 + "]" * 600)),
    ),
    *_group(
        "one meaning for us, and another for whoever looked at it before",
        a_claim_twice=lambda world: world.payload(_replace('{"iss"', '{"sub": "other", "iss"')),
        the_scope_twice=lambda world: world.payload(_replace('{"iss"', '{"scope": "admin", "iss"')),
        a_claim_twice_by_escapes=lambda world: world.payload(_replace('{"iss"', '{"\\u0073ub": "other", "iss"')),
        a_member_twice_inside_a_claim=lambda world: world.payload(_replace('"1"', '{"a": 1, "a": 2}')),
        a_header_member_twice=lambda world: world.raw(
            _replace('{"alg"', '{"alg": "none", "alg"')(json.dumps(world.header()).encode()),
            json.dumps(world.claims()).encode(),
        ),
        claims_that_are_a_list=lambda world: world.payload(lambda payload: b"[" + payload + b"]"),
        claims_that_are_a_text=lambda world: world.payload(lambda payload: json.dumps(payload.decode()).encode()),
        claims_that_are_null=lambda world: world.payload(lambda _: b"null"),
        no_claims=lambda world: world.payload(lambda _: b""),
        claims_with_something_after=lambda world: world.payload(lambda payload: payload + b"{}"),
        claims_with_a_byte_order_mark=lambda world: world.payload(lambda payload: b"\xef\xbb\xbf" + payload),
        claims_not_in_UTF_8=lambda world: world.payload(lambda payload: payload.replace(b'"1"', b'"\xff"')),
        half_a_surrogate_pair=lambda world: world.payload(_replace('"1"', '"\\ud800"')),
        not_a_number=lambda world: world.payload(_replace('"jti"', '"x": NaN, "jti"')),
        a_number_beyond_53_bits=lambda world: world.payload(_replace('"jti"', '"x": 9007199254740993, "jti"')),
        a_header_that_is_a_list=lambda world: world.raw(b'["ES256"]', json.dumps(world.claims()).encode()),
        a_header_that_is_no_JSON=lambda world: world.raw(b"alg=ES256", json.dumps(world.claims()).encode()),
    ),
    *_group(
        "anybody's own words: nothing signs them",
        alg_none=lambda world: f"{segment(world.header(alg='none'))}.{segment(world.claims())}.",
        alg_None=lambda world: f"{segment(world.header(alg='None'))}.{segment(world.claims())}.",
        alg_none_with_a_signature=lambda world: ".".join([segment(world.header(alg="none")), *_parts(world)[1:]]),
        alg_missing=lambda world: f"{segment(world.header(alg=None))}.{segment(world.claims())}.AAAA",
        alg_a_list=lambda world: f"{segment(world.header(alg=['ES256']))}.{segment(world.claims())}.AAAA",
        HS256_with_the_public_key=lambda world: _hs256(world, world.key.as_pem(private=False)),  # type: ignore[attr-defined]
        HS256_with_the_published_JWK=lambda world: _hs256(world, json.dumps(_public(world)).encode()),
        HS256_with_nothing=lambda world: _hs256(world, b""),
        an_algorithm_that_is_not_registered=lambda world: assembled(
            world.header(alg="Ed25519", kid="generic-1"), world.claims(), world.published.generic.key
        ),
        no_signature=lambda world: world.token().rpartition(".")[0] + ".",
        half_a_signature=lambda world: _signature(world, lambda signature: signature[:32]),
        a_signature_of_zeros=lambda world: _signature(world, lambda _: bytes(64)),
        a_signature_with_a_byte_more=lambda world: _signature(world, lambda signature: signature + b"\0"),
        a_signature_in_DER=lambda world: _signature(
            world, lambda one: b"\x30\x44\x02\x20" + one[:32] + b"\x02\x20" + one[32:]
        ),
        another_tokens_claims=_forged_body,
    ),
    *_group(
        "signed by a key that the forger brought",
        jwk=lambda world: world.token({"jwk": _public(world)}),
        jku=lambda world: world.token({"jku": f"https://{MARKER}.example/keys"}),
        x5u=lambda world: world.token({"x5u": f"https://{MARKER}.example/cert"}),
        x5c=lambda world: world.token({"x5c": [MARKER]}),
        crit=lambda world: world.token({"crit": ["exp"], "exp": 1}),
        crit_of_nothing=lambda world: world.token({"crit": []}),
        b64=lambda world: world.token({"b64": False}),
        a_kid_of_nobody=lambda world: world.token({"kid": MARKER}),
        a_kid_that_is_a_path=lambda world: world.token({"kid": "../../../../dev/null"}),
        a_kid_that_is_a_query=lambda world: world.token({"kid": "' OR '1'='1"}),
        a_kid_that_is_a_number=lambda world: world.token({"kid": 1}),
        a_kid_that_is_a_list=lambda world: world.token({"kid": [world.key.kid]}),
        the_kid_and_key_of_another_issuer=lambda world: assembled(
            world.header(kid=world.issuer_key(LEAD).kid), world.claims(), world.issuer_key(LEAD)
        ),
        our_kid_with_anothers_key=lambda world: assembled(world.header(), world.claims(), world.issuer_key(LEAD)),
        the_key_that_signs_events=_signed_event,
    ),
    *_group(
        "a token made for another use, by a provider that is trusted for this one",
        typ_JWT=lambda world: world.token({"typ": "JWT"}),
        typ_missing=lambda world: world.token({"typ": None}),
        typ_a_list=lambda world: world.token({"typ": ["at+jwt"]}),
        typ_with_a_parameter=lambda world: world.token({"typ": "at+jwt; v=1"}),
        a_logout_token=lambda world: world.token(
            {"typ": "logout+jwt"}, events={"http://schemas.openid.net/event/backchannel-logout": {}}
        ),
        a_DPoP_proof=lambda world: world.token({"typ": "dpop+jwt"}),
        an_authorisation_code=_authorisation_code,
        an_ID_token=lambda world: world.token(
            {"typ": "JWT"}, aud="isa-registry", sub="practitioner", client_id=None, scope=None, jti=None, nonce="n"
        ),
        an_ID_token_for_our_audience=lambda world: world.token(
            {"typ": "JWT"}, sub="practitioner", client_id=None, scope=None, jti=None, nonce="n"
        ),
    ),
    *_group(
        "any provider in the world speaking for the constabulary",
        an_unknown_issuer=lambda world: world.token(iss=f"https://{MARKER}.example"),
        the_issuer_with_a_slash=lambda world: world.token(iss=world.issuer + "/"),
        the_issuer_in_capitals=lambda world: world.token(iss=world.issuer.upper()),
        the_issuer_by_https=lambda world: world.token(iss=world.issuer.replace("http:", "https:")),
        the_issuer_at_another_port=lambda world: world.token(
            iss=world.issuer.replace(str(world.demonstration.port), "1")
        ),
        the_issuer_by_another_name=lambda world: world.token(iss=world.issuer.replace("127.0.0.1", "localhost")),
        the_issuer_with_user_information=lambda world: world.token(iss=world.issuer.replace("://", f"://{MARKER}@")),
        the_issuer_as_user_information=lambda world: world.token(
            iss=world.issuer.replace("/demo", f"@{MARKER}.example/demo", 1)
        ),
        the_issuer_in_a_fragment=lambda world: world.token(iss=f"https://{MARKER}.example/#{world.issuer}"),
        the_issuer_with_a_query=lambda world: world.token(iss=world.issuer + "?"),
        the_issuer_by_dots=lambda world: world.token(iss=world.issuer.replace(POLICE, f"{LEAD}/../{POLICE}")),
        the_issuer_percent_encoded=lambda world: world.token(iss=world.issuer.replace("durham", "%64urham")),
        the_issuer_in_another_script=lambda world: world.token(iss=world.issuer.replace("durham", "durhаm")),
        the_issuer_with_a_space=lambda world: world.token(iss=world.issuer + " "),
        the_issuer_with_a_null=lambda world: world.token(iss=world.issuer + "\0"),
        a_list_of_issuers=lambda world: world.token(iss=[world.issuer]),
        **_claim("iss", MISSING, ("a_number", 1), ("true", True), ("an_object", {"is": MARKER}), ("empty", "")),
    ),
    *_group(
        "an old token that was found or kept",
        expired=lambda world: world.token(exp=int(time.time()) - 60),
        expired_long_ago=lambda world: world.token(iat=1, exp=2),
        **_claim("exp", *WRONG_TIMES),
        exp_a_fraction=lambda world: world.token(exp=time.time() + 60.5),
        exp_in_ten_years=lambda world: world.token(exp=int(time.time()) + 3650 * 86_400),
        exp_at_the_end_of_numbers=lambda world: world.token(exp=2**53 - 1),
        **_claim("iat", *WRONG_TIMES),
        iat_in_an_hour=lambda world: world.token(iat=int(time.time()) + 3600, exp=int(time.time()) + 7200),
        iat_in_ten_years=lambda world: world.token(iat=2_000_000_000, exp=2_000_000_600),
        nbf_in_an_hour=lambda world: world.token(nbf=int(time.time()) + 3600),
        nbf_a_text=lambda world: world.token(nbf="1"),
        auth_time_in_an_hour=lambda world: world.token(auth_time=int(time.time()) + 3600),
        auth_time_a_text=lambda world: world.token(auth_time="now"),
    ),
    *_group(
        "a token that another service was shown, and kept",
        for_another_audience=lambda world: world.token(aud=f"https://{MARKER}.example"),
        for_another_audience_too=lambda world: world.token(aud=[DEMO_AUDIENCE, f"https://{MARKER}.example"]),
        for_an_audience_like_ours=lambda world: world.token(aud=DEMO_AUDIENCE.upper()),
        for_an_audience_with_a_slash=lambda world: world.token(aud=DEMO_AUDIENCE + "/"),
        for_the_audience_of_another_issuer=lambda world: world.token(aud=AUDIENCE),
        for_a_list_in_a_list=lambda world: world.token(aud=[[DEMO_AUDIENCE]]),
        **_claim("aud", MISSING, ("empty", ""), ("an_empty_list", []), *WRONG_TYPES),
        bound_to_a_DPoP_key=lambda world: world.token(cnf={"jkt": MARKER}),
        bound_to_a_certificate=lambda world: world.token(cnf={"x5t#S256": MARKER}),
        bound_to_nothing=lambda world: world.token(cnf={}),
    ),
    *_group(
        "somebody else's acting, or nobody's, in the log under the constabulary's name",
        of_an_unknown_client=lambda world: world.token(client_id=MARKER, sub=MARKER),
        of_another_bodys_client=lambda world: world.token(client_id=f"{LEAD}-system", sub=f"{LEAD}-system"),
        of_the_clients_name_in_capitals=lambda world: world.token(client_id=MACHINE.upper(), sub=MACHINE.upper()),
        of_two_clients=lambda world: world.token(azp=MARKER),
        on_behalf_of_another=lambda world: world.token(act={"sub": MARKER}),
        **_claim("sub", MISSING, ("empty", ""), ("too_long", "x" * 256), *WRONG_TYPES),
        **_claim("client_id", MISSING, ("empty", ""), ("too_long", "x" * 256), *WRONG_TYPES),
        **_claim("jti", MISSING, ("empty", ""), *WRONG_TYPES),
        **_claim("scope", ("a_list", ["checks:ask"]), ("a_number", 7), ("an_object", {"checks:ask": MARKER})),
    ),
    *_group(
        "one trust acting as another that shares its provider",
        split_claim_missing=lambda world: world.split(org_code=None),
        split_claim_empty=lambda world: world.split(org_code=""),
        split_claim_of_nobody=lambda world: world.split(org_code="RXC"),
        split_claim_in_small_letters=lambda world: world.split(org_code="rxa"),
        split_claim_of_both=lambda world: world.split(org_code=["RXA", "RXB"]),
        split_claim_in_a_list=lambda world: world.split(org_code=["RXA"]),
        split_claim_forged=lambda world: ".".join(
            [*world.split(org_code="RXB").split(".")[:2], world.split(org_code="RXA").split(".")[2]]
        ),
    ),
    *_group(
        "another tenant of the same cloud, or an application that proved nothing",
        Entra_of_another_tenant=lambda world: world.entra(tid="99999999-2222-3333-4444-555555555555"),
        Entra_without_tenant=lambda world: world.entra(tid=None),
        Entra_of_part_of_the_tenants_id=lambda world: world.entra(tid=TENANT[:8]),
        Entra_of_every_tenant=lambda world: world.entra(
            iss=world.published.entra.issuer.replace(TENANT, "common"), tid="common"
        ),
        Entra_version_1=lambda world: world.entra(ver="1.0"),
        Entra_without_version=lambda world: world.entra(ver=None),
        Entra_ID_token=lambda world: world.entra(roles=None),
        Entra_roles_in_a_text=lambda world: world.entra(roles="checks:ask"),
        Entra_client_with_a_secret=lambda world: world.entra(azpacr="1"),
        Entra_client_without_proof=lambda world: world.entra(azpacr="0"),
        Entra_user_with_application_roles=lambda world: world.entra(idtyp="user"),
        Entra_without_object=lambda world: world.entra(oid=None),
        Entra_without_client=lambda world: world.entra(azp=None),
        Entra_typ_of_a_logout_token=lambda world: world.entra({"typ": "logout+jwt"}),
    ),
    *_group(
        "a sign-in used as if it had been meant for this interface",
        CIS2_access_token=lambda world: world.of(world.published.cis2),
        generic_ID_token=lambda world: world.generic(nonce="n"),
        generic_ID_token_by_its_hash=lambda world: world.generic(at_hash=MARKER),
        generic_without_scope=lambda world: world.generic(scope=None),
        generic_without_client=lambda world: world.generic(client_id=None),
        generic_of_an_odd_type=lambda world: world.generic({"typ": "secevent+jwt"}),
        generic_of_two_clients=lambda world: world.generic(azp=MARKER),
    ),
]

GOOD: dict[str, Callable[[World], str]] = {
    "a machine's token": lambda world: world.token(),
    "without a key id, where the issuer has one key": lambda world: world.token({"kid": None}),
    "with a may_act that nobody used": lambda world: world.token(may_act={"sub": "other"}),
    "the split issuer's": lambda world: world.split(),
    "Entra's": lambda world: world.entra(),
    "a generic provider's": lambda world: world.generic(),
}
"""What the bad ones are made from: each must be taken, or a bad one would prove nothing."""
