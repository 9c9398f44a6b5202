"""The protocol without HTTP: what is sent away, what may come back, and which ID tokens say who somebody is."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest

from identity.issuing import NOW, Clock, Facts, Network, Provider, issuer_registered, without_none
from isa_registry.domain.access_entries import IssuerRegistered, RoleMapping, SignIn
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.flows import Flow, PendingFlows, SignInRefused, answered, begin, code_in
from isa_registry.identity.id_tokens import Expected, Person, read_id_token
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.providers import Provider as Metadata
from isa_registry.identity.providers import Providers, ProviderUnavailableError, ProviderUnusableError, read_provider
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import sign_in_uses, slug_of
from isa_verify.encoding import encode_base64url

ISSUER = "https://id.council.example"
CLIENT = "registry-at-council"
NONCE = "n" * 43
SIGN_IN = SignIn(client=CLIENT, authentication="private_key_jwt")
KEYS = SessionKeys([bytes(32)])


class Signing:
    """A provider that signs ID tokens, and the register that knows it."""

    def __init__(self, **use: Any) -> None:
        self.provider = Provider(use.pop("issuer", ISSUER))
        self.others: list[IssuerRegistered] = use.pop("others", [])
        self.use = issuer_registered(self.provider, sign_in=use.pop("sign_in", SIGN_IN), **use)
        facts = Facts()
        self.view: RegisterView = facts.log(self.use, *self.others)
        self.keys = IssuerKeys(Network(self.provider), Clock())

    def token(self, header: dict[str, Any] | None = None, /, **claims: Any) -> str:
        whole = {
            "iss": self.provider.issuer, "sub": "somebody", "aud": CLIENT, "iat": NOW, "exp": NOW + 300,
            "nonce": NONCE, "jti": None, "client_id": None, "scope": None, **claims,
        }  # fmt: skip
        return self.provider.token({"typ": "JWT", **(header or {})}, **whole)

    async def read(self, token: str, *, use: IssuerRegistered | None = None, **expected: Any) -> Person:
        wanted = Expected(**{"nonce": NONCE, "access_token": "the-access-token", **expected})
        return await read_id_token(
            token, use=use or self.use, view=self.view, keys=self.keys, expected=wanted, now=float(NOW)
        )


async def reason(signing: Signing, token: str, **expected: Any) -> str:
    with pytest.raises(InvalidToken) as refused:
        await signing.read(token, **expected)
    return refused.value.reason


async def test_an_id_token_says_who_it_is_since_when_and_by_which_session() -> None:
    signing = Signing()
    token = signing.token(sid="s-1", auth_time=NOW - 10, acr="urn:example:two", amr=["pwd", "otp"])
    assert await signing.read(token) == Person(
        issuer=ISSUER, subject="somebody", provider_subject="somebody", provider_session="s-1", auth_time=NOW - 10,
        reaches=("council",), claims=(), id_token_sha256=hashlib.sha256(token.encode()).digest(), acr="urn:example:two",
        amr=("pwd", "otp"),
    )  # fmt: skip


AT_HASH = encode_base64url(hashlib.sha256(b"the-access-token").digest()[:16])
BAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("typ-refused", {"typ": "at+jwt"}, {}),
    ("typ-refused", {"typ": "logout+jwt"}, {}),
    ("typ-refused", {"typ": 1}, {}),
    ("header-refused", {"jwk": {}}, {}),
    ("header-refused", {"jku": "https://evil.example"}, {}),
    ("header-refused", {"x5c": []}, {}),
    ("header-refused", {"crit": ["exp"]}, {}),
    ("header-refused", {"kid": 1}, {}),
    ("key-unknown", {"kid": "another"}, {}),
    ("issuer-refused", {}, {"iss": f"{ISSUER}/"}),
    ("issuer-refused", {}, {"iss": None}),
    ("audience-refused", {}, {"aud": "another-client"}),
    ("audience-refused", {}, {"aud": [CLIENT, "another-client"]}),
    ("audience-refused", {}, {"aud": []}),
    ("audience-refused", {}, {"aud": None}),
    ("azp-refused", {}, {"azp": "another-client"}),
    ("nonce-refused", {}, {"nonce": "m" * 43}),
    ("nonce-refused", {}, {"nonce": None}),
    ("nonce-refused", {}, {"nonce": [NONCE]}),
    ("token-expired", {}, {"exp": NOW - 31}),
    ("exp-missing", {}, {"exp": None}),
    ("exp-missing", {}, {"exp": "1800000300"}),
    ("iat-missing", {}, {"iat": None}),
    ("token-from-the-future", {}, {"iat": NOW + 31}),
    ("token-not-yet-valid", {}, {"nbf": NOW + 31}),
    ("at-hash-refused", {}, {"at_hash": AT_HASH[:-1] + "A"}),
    ("at-hash-refused", {}, {"at_hash": 1}),
    ("auth-time-in-the-future", {}, {"auth_time": NOW + 31}),
    ("auth-time-missing", {}, {"auth_time": True}),
    ("sub-missing", {}, {"sub": None}),
    ("sub-missing", {}, {"sub": ""}),
    ("sub-missing", {}, {"sub": "s" * 256}),
    ("sid-missing", {}, {"sid": 1}),
]


@pytest.mark.parametrize(("wanted", "header", "claims"), BAD, ids=[f"{one[0]} {one[1]}{one[2]}"[:70] for one in BAD])
async def test_an_id_token_with_anything_wrong_signs_nobody_in(
    wanted: str, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    signing = Signing()
    assert await reason(signing, signing.token(header, **claims)) == wanted


async def test_the_hash_of_the_access_token_is_held_against_it() -> None:
    signing = Signing()
    assert (await signing.read(signing.token(at_hash=AT_HASH))).subject == "somebody"
    assert await reason(signing, signing.token(at_hash=AT_HASH), access_token="another") == "at-hash-refused"


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30.", "x" * 40_000])
async def test_what_is_no_token_signs_nobody_in(text: str) -> None:
    assert await reason(Signing(), text) in ("token-malformed", "token-too-large", "issuer-refused")


async def test_no_algorithm_but_the_registered_ones_counts() -> None:
    signing = Signing(algorithms=("RS256",))
    assert await reason(signing, signing.token()) == "algorithm-refused"
    unsigned = signing.token().split(".")
    header = encode_base64url(b'{"alg":"none","kid":"k1","typ":"JWT"}')
    assert await reason(signing, f"{header}.{unsigned[1]}.") == "algorithm-refused"


async def test_another_issuers_key_counts_for_nothing() -> None:
    signing, stranger = Signing(), Signing()
    assert await reason(signing, stranger.token()) == "signature-invalid"


async def test_a_person_who_was_to_prove_it_anew_did() -> None:
    signing = Signing()
    assert await reason(signing, signing.token(), signed_in_since=NOW) == "auth-time-missing"
    assert await reason(signing, signing.token(auth_time=NOW - 31), signed_in_since=NOW) == "auth-time-too-old"
    assert (await signing.read(signing.token(auth_time=NOW - 1), signed_in_since=NOW)).auth_time == NOW - 1


async def test_only_the_kinds_of_authentication_that_were_asked_for_count() -> None:
    signing = Signing(sign_in=SignIn(client=CLIENT, authentication="private_key_jwt", acr_values=("AAL3_ANY",)))
    assert (await signing.read(signing.token(acr="AAL3_ANY"))).subject == "somebody"
    assert await reason(signing, signing.token(acr="AAL1_USERPASS")) == "acr-refused"
    assert await reason(signing, signing.token()) == "acr-refused"


@pytest.mark.parametrize(
    ("identity", "authentication", "wanted"),
    [
        (3, 2, None),
        ("3", "3", None),
        (2, 3, "identity-assurance-too-low"),
        (None, 3, "identity-assurance-too-low"),
        (True, 3, "identity-assurance-too-low"),
        ("33", 3, "identity-assurance-too-low"),
        (3, 1, "authentication-assurance-too-low"),
        (3, None, "authentication-assurance-too-low"),
    ],
)
async def test_nhs_staff_are_known_well_enough_and_signed_in_strongly_enough(
    identity: Any, authentication: Any, wanted: str | None
) -> None:
    signing = Signing(profile="cis2")
    token = signing.token(id_assurance_level=identity, authentication_assurance_level=authentication)
    if wanted is None:
        assert (await signing.read(token)).subject == "somebody"
    else:
        assert await reason(signing, token) == wanted


async def test_entra_people_are_known_by_object_and_tenant() -> None:
    tenant = "00000000-0000-0000-0000-00000000000a"
    signing = Signing(issuer=f"https://login.microsoftonline.com/{tenant}/v2.0", profile="entra-v2")
    person = await signing.read(signing.token(oid="o-1", tid=tenant, ver="2.0", sub="pairwise"))
    assert (person.subject, person.provider_subject) == ("o-1", "pairwise")
    assert await reason(signing, signing.token(tid=tenant, ver="2.0")) == "oid-missing"
    assert await reason(signing, signing.token(oid="o-1", tid="another", ver="2.0")) == "tid-refused"
    assert await reason(signing, signing.token(oid="o-1", tid=tenant, ver="1.0")) == "ver-refused"


# --- one issuer, several bodies ---------------------------------------------------------------------------------------


def split(organisation: str, value: str, client: str = CLIENT) -> IssuerRegistered:
    sign_in = SignIn(client=client, authentication="private_key_jwt")
    return issuer_registered(Provider(ISSUER), organisation, sign_in=sign_in, claim="ods", value=value)


async def test_the_claim_says_which_bodies_a_sign_in_holds_for() -> None:
    others = [split("trust", "RXX"), split("surgery", "A81"), split("hospice", "H1", "another-client")]
    signing = Signing(claim="ods", value="C1", others=others)
    assert (await signing.read(signing.token(ods="C1"))).reaches == ("council",)
    assert (await signing.read(signing.token(ods=["C1", "RXX", "H1"]))).reaches == ("council", "trust")
    for ods in ("RXX", ["RXX"], "c1", "", None, {"C1": 1}, ["C1 "]):
        assert await reason(signing, signing.token(ods=ods)) == "organisation-refused"


async def test_once_an_issuer_is_split_a_use_without_a_claim_signs_nobody_in() -> None:
    signing = Signing(others=[split("trust", "RXX")])
    assert await reason(signing, signing.token(ods="RXX")) == "organisation-refused"


async def test_the_claims_that_give_roles_are_noted_and_no_others() -> None:
    mappings = (RoleMapping("groups", "social-work", "practitioner"), RoleMapping("post", "ig", "ig-lead"))
    signing = Signing(roles_from=mappings)
    person = await signing.read(signing.token(groups=["social-work", "cycling"], post="secret"))
    assert person.claims == ("groups=social-work",)


# --- what is sent away, and what may come back ------------------------------------------------------------------------

METADATA = Metadata(ISSUER, f"{ISSUER}/authorize?tenant=1", f"{ISSUER}/token", names_itself=True)


def begun(use: IssuerRegistered, *, started: int = NOW, again: str | None = None) -> tuple[Flow, str]:
    return begin(
        use, METADATA, redirect_uri="https://r/auth/x/callback", return_to="/ask", now=started, randomness=os.urandom,
        again=again,
    )  # fmt: skip


def test_a_provider_with_parameters_of_its_own_keeps_them() -> None:
    flow, address = begun(Signing().use)
    assert address.startswith(f"{ISSUER}/authorize?tenant=1&response_type=code&")
    assert flow.verifier not in address


def test_a_refresh_token_is_asked_for_as_the_standard_has_it() -> None:
    offline = SignIn(client=CLIENT, authentication="private_key_jwt", scopes=("openid", "offline_access"))
    assert "prompt=consent" in begun(Signing(sign_in=offline).use)[1]
    assert "prompt=login+consent" in begun(Signing(sign_in=offline).use, again="00")[1]


def test_what_the_cookie_holds_comes_back_and_is_forgotten_in_time() -> None:
    flow, _ = begun(Signing().use)
    cookie = PendingFlows((flow,)).cookie(KEYS)
    assert PendingFlows.read(KEYS, cookie, NOW + 899).flows == (flow,)
    assert PendingFlows.read(KEYS, cookie, NOW + 900).flows == ()
    for broken in (cookie[:-2], "", "A" * 200, None, SessionKeys([bytes([1] * 32)]).seal("sign-in", b"[]")):
        assert PendingFlows.read(KEYS, broken, NOW).flows == ()


def test_a_browser_has_so_many_sign_ins_under_way_and_no_cookie_is_too_long() -> None:
    pending = PendingFlows()
    for _ in range(12):
        flow, _ = begun(Signing().use)
        pending = pending.adding(flow)
    assert len(pending.flows) == 8
    long = PendingFlows(tuple(Flow(*["x" * 43] * 3, "slug", ISSUER, "/" + "a" * 511, NOW) for _ in range(8)))
    assert len(long.cookie(KEYS)) <= 3_600
    assert PendingFlows.read(KEYS, long.cookie(KEYS), NOW).flows


@pytest.mark.parametrize(
    ("pairs", "wanted"),
    [
        ([("code", "c")], "state-unknown"),
        ([("code", "c"), ("state", "another")], "state-unknown"),
        ([("code", "c"), ("state", "S"), ("state", "S")], "answer-malformed"),
        ([("code", "c"), ("code", "d"), ("state", "S")], "answer-malformed"),
        ([("code", "c"), ("state", "S"), ("iss", "https://evil.example")], "issuer-mixed-up"),
        ([("code", "c"), ("state", "S")], "issuer-missing"),
        ([("state", "S"), ("iss", ISSUER)], "answer-malformed"),
        ([("code", "c" * 8193), ("state", "S"), ("iss", ISSUER)], "answer-malformed"),
        ([("error", "login_required"), ("state", "S"), ("iss", ISSUER)], "provider-login-required"),
        ([("error", "whatever <b>"), ("state", "S"), ("iss", ISSUER)], "provider-refused"),
        ([("error", "access_denied"), ("state", "S"), ("iss", "https://evil.example")], "issuer-mixed-up"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(pairs: list[tuple[str, str]], wanted: str) -> None:
    use = Signing().use
    flow, _ = begun(use)
    sent = [(name, flow.state if value == "S" else value) for name, value in pairs]
    with pytest.raises(SignInRefused) as refused:
        found, given = answered(PendingFlows((flow,)), slug_of(use), sent)
        code_in(found, given, METADATA)
    assert refused.value.reason == wanted


def test_an_answer_may_have_parameters_that_nobody_asked_for() -> None:
    use = Signing().use
    flow, _ = begun(use)
    sent = [("session_state", "1"), ("session_state", "2"), ("code", "c"), ("state", flow.state), ("iss", ISSUER)]
    found, given = answered(PendingFlows((flow,)), slug_of(use), sent)
    assert code_in(found, given, METADATA) == "c"


def test_a_slug_stays_whatever_else_is_registered() -> None:
    signing = Signing()
    before = slug_of(signing.use)
    second = issuer_registered(Provider("https://id.new.example"), sign_in=SIGN_IN)
    assert slug_of(signing.use) == before
    assert slug_of(second) != before
    assert before.startswith("council-")


def test_who_signs_nobody_in_has_no_slug() -> None:
    facts = Facts()
    view = facts.log(issuer_registered(Provider(ISSUER)))
    assert sign_in_uses(view) == {}


# --- what a provider says of itself -----------------------------------------------------------------------------------

DOCUMENT: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "end_session_endpoint": f"{ISSUER}/end",
    "code_challenge_methods_supported": ["plain", "S256"],
    "authorization_response_iss_parameter_supported": True,
}


def test_metadata_is_read_as_far_as_it_is_needed() -> None:
    read = read_provider(ISSUER, DOCUMENT)
    assert (read.end_session_endpoint, read.revocation_endpoint, read.names_itself) == (f"{ISSUER}/end", None, True)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"issuer": f"{ISSUER}/"}, "issuer-differs"),
        ({"issuer": None}, "issuer-differs"),
        ({"code_challenge_methods_supported": ["plain"]}, "pkce-not-offered"),
        ({"token_endpoint": None}, "endpoints-missing"),
        ({"authorization_endpoint": None}, "endpoints-missing"),
        ({"authorization_endpoint": "http://id.council.example/a"}, "authorization-endpoint-refused"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization-endpoint-refused"),
        ({"authorization_endpoint": "https://user@id.example/"}, "authorization-endpoint-refused"),
        ({"authorization_endpoint": "https://id.example/#f"}, "authorization-endpoint-refused"),
        ({"authorization_endpoint": "https://id.example/\r\nX: y"}, "authorization-endpoint-refused"),
        ({"authorization_endpoint": 'https://id.example/"'}, "authorization-endpoint-refused"),
        ({"end_session_endpoint": "http://127.0.0.1/"}, "end-session-endpoint-refused"),
        ({"token_endpoint": "https:///token"}, "token-endpoint-refused"),
        ({"token_endpoint": "https://id.example:port/"}, "token-endpoint-refused"),
    ],
)
def test_metadata_that_would_lead_astray_is_refused(changed: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ProviderUnusableError) as refused:
        read_provider(ISSUER, without_none({**DOCUMENT, **changed}))
    assert refused.value.reason == wanted


async def test_metadata_serves_for_a_day_while_the_provider_is_down_and_no_longer() -> None:
    clock, provider = Clock(), Provider(ISSUER)
    network = Network(provider)
    network.discovery = {name: value for name, value in DOCUMENT.items() if name != "issuer"}
    providers = Providers(network, clock)
    assert (await providers.provider(ISSUER)).issuer == ISSUER
    network.down = True
    clock.now += 3_601
    assert (await providers.provider(ISSUER)).issuer == ISSUER
    clock.now += 24 * 3_600
    with pytest.raises(ProviderUnavailableError):
        await providers.provider(ISSUER)
    fetched = len(network.fetched)
    with pytest.raises(ProviderUnavailableError):
        await providers.provider(ISSUER)
    assert len(network.fetched) == fetched


async def test_nobody_is_sent_to_a_provider_that_does_not_answer_though_its_metadata_is_known() -> None:
    clock, provider = Clock(), Provider(ISSUER)
    network = Network(provider)
    network.discovery = {name: value for name, value in DOCUMENT.items() if name != "issuer"}
    providers = Providers(network, clock)
    assert await providers.reachable(ISSUER) == await providers.reachable(ISSUER)
    assert len(network.fetched) == 1, "it was heard of just now"

    network.down = True
    clock.now += 6
    with pytest.raises(ProviderUnavailableError):
        await providers.reachable(ISSUER)
    assert (await providers.provider(ISSUER)).issuer == ISSUER, "what is not for a person goes on"
    with pytest.raises(ProviderUnavailableError):
        await providers.reachable(ISSUER)
    assert len(network.fetched) == 2, "and it is not asked for each"

    network.down = False
    clock.now += 3
    assert (await providers.reachable(ISSUER)).issuer == ISSUER


async def test_a_provider_that_answers_with_what_cannot_be_used_is_not_away() -> None:
    clock, provider = Clock(), Provider(ISSUER)
    network = Network(provider)
    network.discovery = {name: value for name, value in DOCUMENT.items() if name != "issuer"}
    providers = Providers(network, clock)
    before = await providers.reachable(ISSUER)
    network.discovery = {"issuer": "https://another.example"}
    clock.now += 6
    assert await providers.reachable(ISSUER) == before
