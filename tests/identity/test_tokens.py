"""Which tokens let a caller in, as whom, and for how long that is remembered."""

import asyncio
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import ECKey
from msgspec.structs import replace

from identity.issuing import (
    AUDIENCE,
    NOW,
    Clock,
    Facts,
    Network,
    Provider,
    assembled,
    client_granted,
    hmac_signed,
    issuer_registered,
    segment,
    without_none,
)
from isa_registry.domain import access_entries, entries
from isa_registry.domain.party_entries import PartnershipRegistered
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.callers import Caller
from isa_registry.identity.issuers import IssuerKeys, KeysUnavailableError
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.tokens import LEEWAY, WARM_FOR, TokenValidator
from isa_verify.encoding import decode_base64url, encode_base64url

COUNCIL = Provider("https://login.council.example")
POLICE = Provider("https://login.police.example", kid="police-1")
SHARED = Provider("https://login.shared.example", kid="shared-1")
ENTRA = Provider("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", "e1", "RSA", 2048)
GENERIC = Provider("https://login.generic.example", kid="g1", kty="OKP", size="Ed25519")
CIS2 = Provider("https://login.nhs.example", kid="n1")
OPENED = entries.RegistryOpened(
    origin="registry.example.org/durham",
    partnership="durham",
    partnership_name="A partnership",
    lead_body="council",
    attestation_key={},
)
PROVIDERS = (COUNCIL, POLICE, SHARED, ENTRA, GENERIC, CIS2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> Network:
    return Network(*PROVIDERS)


@pytest.fixture
def validator(network: Network, clock: Clock) -> TokenValidator:
    return TokenValidator(IssuerKeys(network, clock), clock)


@pytest.fixture
def facts() -> Facts:
    facts = Facts()
    facts.log(
        OPENED,
        issuer_registered(COUNCIL),
        issuer_registered(POLICE, "police"),
        issuer_registered(SHARED, "trust-a", claim="org_code", value="RXA"),
        issuer_registered(SHARED, "trust-b", claim="org_code", value="RXB"),
        issuer_registered(ENTRA, "fire", profile="entra-v2", audiences=("api-guid",)),
        issuer_registered(GENERIC, "charity", profile="generic"),
        issuer_registered(CIS2, "icb", profile="cis2"),
        client_granted("checks:ask", "events:read"),
        client_granted("checks:ask", organisation="police"),
        client_granted("checks:ask", organisation="trust-a", client="trust-system"),
        client_granted("checks:ask", organisation="trust-b", client="trust-system"),
        client_granted("checks:ask", organisation="fire", client="fire-system"),
        client_granted("checks:ask", organisation="charity", client="charity-system"),
        client_granted("checks:ask", organisation="icb", client="icb-system"),
        role("practitioner"),
        role("auditor", until="2027-01-15"),
    )
    return facts


@pytest.fixture
def view(facts: Facts) -> RegisterView:
    return facts.log()


def role(name: str, until: str | None = None) -> access_entries.RoleGranted:
    return access_entries.RoleGranted(
        organisation="council", issuer=COUNCIL.issuer, subject="person-7", role=name, until=until
    )


def person_token(**changes: Any) -> str:
    person = {"sub": "person-7", "client_id": "pages", "scope": "openid", "auth_time": NOW - 60}
    return COUNCIL.token(**(person | changes))


def entra_claims(**changes: Any) -> dict[str, Any]:
    return without_none(
        {
            "iss": ENTRA.issuer,
            "aud": "api-guid",
            "exp": NOW + 300,
            "iat": NOW,
            "ver": "2.0",
            "tid": "11111111-2222-3333-4444-555555555555",
            "oid": "object-9",
            "sub": "pairwise",
            "azp": "fire-system",
            "azpacr": "2",
            "roles": ["checks:ask", "admin"],
            **changes,
        }
    )


def entra_token(**changes: Any) -> str:
    return assembled(ENTRA.header(typ="JWT"), entra_claims(**changes), ENTRA.key)


def generic_token(typ: str | None = "JWT", **changes: Any) -> str:
    return GENERIC.token(
        {"typ": typ}, **{"sub": "charity-system", "client_id": "charity-system", "jti": None, **changes}
    )


async def test_a_machine_has_the_scopes_that_both_token_and_register_grant(
    validator: TokenValidator, view: RegisterView
) -> None:
    assert Caller(
        organisation="council",
        issuer=COUNCIL.issuer,
        subject="council-system",
        client="council-system",
        person=False,
        scopes=frozenset({"checks:ask"}),
        roles=frozenset(),
        auth_time=None,
        expires_at=NOW + 300,
    ) == await validator.validate(COUNCIL.token(), view)


async def test_a_person_has_the_roles_that_the_register_holds_and_no_scopes(
    validator: TokenValidator, view: RegisterView
) -> None:
    caller = await validator.validate(person_token(scope="openid admin checks:ask"), view)

    assert (True, frozenset(), frozenset({"practitioner", "auditor"})) == (
        caller.person,
        caller.scopes,
        caller.roles,
    )
    assert caller.auth_time == NOW - 60
    assert caller.signed_in_since(NOW - 300)
    assert not caller.signed_in_since(NOW - 59)


async def test_a_person_who_signed_in_at_no_known_time_signed_in_long_ago(
    validator: TokenValidator, view: RegisterView
) -> None:
    caller = await validator.validate(person_token(auth_time=None, acr="high"), view)

    assert caller.person
    assert not caller.signed_in_since(0)


async def test_a_subject_who_holds_a_role_is_a_person_though_the_token_does_not_say_so(
    validator: TokenValidator, view: RegisterView
) -> None:
    caller = await validator.validate(
        person_token(auth_time=None, client_id="council-system", scope="checks:ask"), view
    )

    assert (True, frozenset()) == (caller.person, caller.scopes)


async def test_a_client_acts_for_itself_however_it_proved_that(validator: TokenValidator, view: RegisterView) -> None:
    caller = await validator.validate(COUNCIL.token(auth_time=NOW), view)

    assert not caller.person


async def test_a_client_may_be_known_by_another_name_as_subject(validator: TokenValidator, view: RegisterView) -> None:
    caller = await validator.validate(COUNCIL.token(sub="service-account-1"), view)

    assert (False, "council-system", frozenset({"checks:ask"})) == (
        caller.person,
        caller.client,
        caller.scopes,
    )


async def test_a_role_at_another_body_is_none_here(validator: TokenValidator, facts: Facts) -> None:
    view = facts.log(access_entries.RoleGranted("police", COUNCIL.issuer, "person-7", "ig-lead"))

    assert {"practitioner", "auditor"} == (await validator.validate(person_token(), view)).roles


@pytest.mark.parametrize(
    ("leads", "granted", "roles"),
    [
        (True, "business-unit", {"partnership-unit"}),
        (False, "business-unit", set()),
        (True, "auditor", set()),
        (True, "signatory", {"signatory"}),
    ],
)
async def test_a_unit_that_leads_another_partnership_is_none_of_the_registrys(
    validator: TokenValidator, facts: Facts, leads: bool, granted: str, roles: set[str]
) -> None:
    lead = "police" if leads else "charity"
    facts.log(PartnershipRegistered(partnership="exploitation", name="A group", lead_body=lead))
    view = facts.log(access_entries.RoleGranted("police", POLICE.issuer, "person-7", granted))

    assert roles == (await validator.validate(POLICE.token(sub="person-7"), view)).roles


async def test_an_issuer_of_two_bodies_without_a_claim_acts_for_neither(
    validator: TokenValidator, facts: Facts
) -> None:
    view = facts.log(issuer_registered(COUNCIL, "school"))

    with pytest.raises(InvalidToken, match="organisation-unknown"):
        await validator.validate(COUNCIL.token(), view)


async def test_a_role_ends_with_its_last_day_in_london(validator: TokenValidator, facts: Facts, clock: Clock) -> None:
    view = facts.log(role("auditor", until="2027-01-14"), role("signatory", until="2027-01-16"))

    caller = await validator.validate(person_token(), view)

    assert {"practitioner", "signatory"} == caller.roles  # the test's clock says 2027-01-15


async def test_one_issuer_of_several_bodies_is_split_by_its_claim(
    validator: TokenValidator, view: RegisterView
) -> None:
    for value, organisation in [("RXA", "trust-a"), ("RXB", "trust-b")]:
        token = SHARED.token(sub="trust-system", client_id="trust-system", org_code=value)
        assert organisation == (await validator.validate(token, view)).organisation


async def test_an_entra_machine_acts_by_its_app_roles(validator: TokenValidator, view: RegisterView) -> None:
    caller = await validator.validate(entra_token(), view)

    assert ("fire", "fire-system", "object-9", False, frozenset({"checks:ask"})) == (
        caller.organisation,
        caller.client,
        caller.subject,
        caller.person,
        caller.scopes,
    )


async def test_an_entra_person_is_known_by_object_id(validator: TokenValidator, view: RegisterView) -> None:
    caller = await validator.validate(entra_token(scp="isa.use", azpacr="0"), view)

    assert (True, "object-9", frozenset()) == (caller.person, caller.subject, caller.scopes)


@pytest.mark.parametrize("typ", ["JWT", None, "at+jwt", "application/at+jwt"])
async def test_a_generic_machine_token_may_be_untyped(
    validator: TokenValidator, view: RegisterView, typ: str | None
) -> None:
    assert (await validator.validate(generic_token(typ), view)).organisation == "charity"


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt", "AT+JWT"])
async def test_an_access_token_type_is_a_media_type(validator: TokenValidator, view: RegisterView, typ: str) -> None:
    assert (await validator.validate(COUNCIL.token({"typ": typ}), view)).organisation == "council"


async def test_clocks_may_differ_by_the_leeway(validator: TokenValidator, view: RegisterView) -> None:
    token = COUNCIL.token(exp=NOW - LEEWAY + 1, nbf=NOW + LEEWAY, iat=NOW + LEEWAY)

    assert (await validator.validate(token, view)).organisation == "council"


def _alg_none() -> str:
    return f"{segment(COUNCIL.header(alg='none'))}.{segment(COUNCIL.claims())}."


def _hs256_with_the_public_key() -> str:
    assert isinstance(COUNCIL.key, ECKey)
    return hmac_signed(COUNCIL.header(alg="HS256"), COUNCIL.claims(), COUNCIL.key.as_pem(private=False))


def _duplicate_claim() -> str:
    payload = b'{"sub":"x",' + decode_base64url(segment(COUNCIL.claims()))[1:]
    return assembled(COUNCIL.header(), payload, COUNCIL.key)


def _duplicate_header() -> str:
    header = b'{"kid":"x",' + decode_base64url(segment(COUNCIL.header()))[1:]
    parts = COUNCIL.token().split(".")
    return ".".join([encode_base64url(header), *parts[1:]])


def _body_of_another() -> str:
    ours, theirs = COUNCIL.token().split("."), COUNCIL.token(scope="admin").split(".")
    return ".".join([ours[0], theirs[1], ours[2]])


def _non_canonical() -> str:
    return COUNCIL.token() + "="


def _signed_by(provider: Provider, header: dict[str, Any]) -> str:
    return assembled(COUNCIL.header(**header), COUNCIL.claims(), provider.key)


def _id_token() -> str:
    return COUNCIL.token({"typ": "JWT"}, aud="council-system", scope=None, jti=None, nonce="n", auth_time=NOW)


EVIL = {"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}
BAD: dict[str, tuple[Callable[[], str], str]] = {
    # the shape
    "empty": (lambda: "", "token-malformed"),
    "two parts": (lambda: COUNCIL.token().rpartition(".")[0], "token-malformed"),
    "five parts": (lambda: COUNCIL.token() + ".e30.e30", "token-malformed"),
    "not base64url": (lambda: "!" + COUNCIL.token(), "token-malformed"),
    "not ASCII": (lambda: "é" + COUNCIL.token(), "token-malformed"),
    "a lone surrogate": (lambda: "\ud800" + COUNCIL.token(), "token-malformed"),
    "padded base64url": (_non_canonical, "token-malformed"),
    "oversized": (lambda: COUNCIL.token(padding="x" * 8192), "token-too-large"),
    "claims not an object": (
        lambda: assembled(COUNCIL.header(), ["iss", COUNCIL.issuer], COUNCIL.key),
        "token-malformed",
    ),
    "a claim twice": (_duplicate_claim, "token-malformed"),
    "a header member twice": (_duplicate_header, "token-malformed"),
    # headers that bring their own key or rules
    "jwk header": (lambda: COUNCIL.token({"jwk": EVIL}), "header-refused"),
    "jku header": (lambda: COUNCIL.token({"jku": "https://evil.example/keys"}), "header-refused"),
    "x5u header": (lambda: COUNCIL.token({"x5u": "https://evil.example/cert"}), "header-refused"),
    "x5c header": (lambda: COUNCIL.token({"x5c": ["MIIB"]}), "header-refused"),
    "crit header": (lambda: COUNCIL.token({"crit": ["exp"]}), "header-refused"),
    "b64 header": (lambda: COUNCIL.token({"b64": False}), "header-refused"),
    "kid not a string": (lambda: COUNCIL.token({"kid": 1}), "header-refused"),
    # the issuer
    "unknown issuer": (lambda: COUNCIL.token(iss="https://evil.example"), "issuer-unknown"),
    "issuer with a slash more": (lambda: COUNCIL.token(iss=COUNCIL.issuer + "/"), "issuer-unknown"),
    "issuer in capitals": (lambda: COUNCIL.token(iss=COUNCIL.issuer.upper()), "issuer-unknown"),
    "look-alike issuer": (lambda: COUNCIL.token(iss="https://login.cоuncil.example"), "issuer-unknown"),
    "issuer as a list": (lambda: COUNCIL.token(iss=[COUNCIL.issuer]), "issuer-unknown"),
    "issuer missing": (lambda: COUNCIL.token(iss=None), "issuer-unknown"),
    "split claim missing": (lambda: SHARED.token(client_id="trust-system"), "organisation-unknown"),
    "split claim of nobody": (
        lambda: SHARED.token(client_id="trust-system", org_code="RXC"),
        "organisation-unknown",
    ),
    "split claim naming both": (
        lambda: SHARED.token(client_id="trust-system", org_code=["RXA", "RXB"]),
        "organisation-unknown",
    ),
    "split claim forged": (
        lambda: ".".join(
            [
                *SHARED.token(client_id="trust-system", org_code="RXB").split(".")[:2],
                SHARED.token(client_id="trust-system", org_code="RXA").split(".")[2],
            ]
        ),
        "signature-invalid",
    ),
    # the algorithm, the key, the signature
    "alg none": (_alg_none, "algorithm-refused"),
    "HS256 with the public key": (_hs256_with_the_public_key, "algorithm-refused"),
    "an algorithm of another issuer": (
        lambda: assembled(COUNCIL.header(alg="RS256"), COUNCIL.claims(), ENTRA.key),
        "algorithm-refused",
    ),
    "alg missing": (
        lambda: f"{segment({'typ': 'at+jwt'})}.{segment(COUNCIL.claims())}.AAAA",
        "algorithm-refused",
    ),
    "kid unknown": (lambda: COUNCIL.token({"kid": "k2"}), "key-unknown"),
    "kid of another issuer": (lambda: _signed_by(POLICE, {"kid": POLICE.kid}), "key-unknown"),
    "key of another issuer": (lambda: _signed_by(POLICE, {}), "signature-invalid"),
    "claims of another token": (_body_of_another, "signature-invalid"),
    "no signature": (lambda: COUNCIL.token().rpartition(".")[0] + ".", "signature-invalid"),
    # times
    "expired": (lambda: COUNCIL.token(exp=NOW - LEEWAY), "token-expired"),
    "exp missing": (lambda: COUNCIL.token(exp=None), "exp-missing"),
    "exp true": (lambda: COUNCIL.token(exp=True), "exp-missing"),
    "exp as text": (lambda: COUNCIL.token(exp=str(NOW + 300)), "exp-missing"),
    "exp a fraction": (lambda: COUNCIL.token(exp=NOW + 0.5), "token-malformed"),
    "nbf in the future": (lambda: COUNCIL.token(nbf=NOW + LEEWAY + 1), "token-not-yet-valid"),
    "iat in the future": (lambda: COUNCIL.token(iat=NOW + LEEWAY + 1), "token-from-the-future"),
    "iat missing": (lambda: COUNCIL.token(iat=None), "iat-missing"),
    "auth_time in the future": (lambda: person_token(auth_time=NOW + 60), "auth-time-in-the-future"),
    # the audience
    "another audience": (lambda: COUNCIL.token(aud="https://other.example"), "audience-refused"),
    "an audience more": (lambda: COUNCIL.token(aud=[AUDIENCE, "https://other.example"]), "audience-refused"),
    "no audiences": (lambda: COUNCIL.token(aud=[]), "audience-refused"),
    "aud missing": (lambda: COUNCIL.token(aud=None), "audience-refused"),
    "audience of another issuer": (lambda: COUNCIL.token(aud="api-guid"), "audience-refused"),
    "living for a day and a second": (lambda: COUNCIL.token(exp=NOW + 86_401), "token-lives-too-long"),
    "living for ever": (lambda: COUNCIL.token(exp=2**53 - 1), "token-lives-too-long"),
    "delegated": (lambda: COUNCIL.token(act={"sub": "another-system"}), "token-delegated"),
    "bound to a key": (lambda: COUNCIL.token(cnf={"jkt": "x"}), "token-bound-to-a-key"),
    # RFC 9068
    "wrong typ": (lambda: COUNCIL.token({"typ": "JWT"}), "typ-refused"),
    "typ missing": (lambda: COUNCIL.token({"typ": None}), "typ-refused"),
    "logout token": (lambda: COUNCIL.token({"typ": "logout+jwt"}), "typ-refused"),
    "ID token": (_id_token, "audience-refused"),
    "ID token for our audience": (lambda: COUNCIL.token({"typ": "JWT"}, nonce="n"), "typ-refused"),
    "sub missing": (lambda: COUNCIL.token(sub=None), "sub-missing"),
    "sub that nothing can hold": (lambda: COUNCIL.token(sub="a\0b"), "sub-missing"),
    "sub endless": (lambda: COUNCIL.token(sub="x" * 256), "sub-missing"),
    "client_id missing": (lambda: COUNCIL.token(client_id=None), "client-id-missing"),
    "jti missing": (lambda: COUNCIL.token(jti=None), "jti-missing"),
    "two clients": (lambda: COUNCIL.token(azp="other"), "client-ambiguous"),
    "scope as a list": (lambda: COUNCIL.token(scope=["checks:ask"]), "scope-malformed"),
    "a client without grant": (lambda: COUNCIL.token(sub="x", client_id="x"), "client-not-registered"),
    "a client of another body": (
        lambda: POLICE.token(client_id="trust-system", sub="trust-system"),
        "client-not-registered",
    ),
    # Entra
    "Entra version 1": (lambda: entra_token(ver="1.0"), "ver-refused"),
    "Entra of another tenant": (lambda: entra_token(tid="other"), "tid-refused"),
    "Entra ID token": (lambda: entra_token(roles=None), "roles-missing"),
    "Entra public client": (lambda: entra_token(azpacr="0"), "client-authentication-refused"),
    "Entra user with app roles": (lambda: entra_token(idtyp="user"), "client-authentication-refused"),
    "Entra secret client": (lambda: entra_token(azpacr="1"), "client-authentication-refused"),
    "Entra without object id": (lambda: entra_token(oid=None), "oid-missing"),
    "Entra without client": (lambda: entra_token(azp=None), "azp-missing"),
    # the others
    "CIS2 token": (
        lambda: CIS2.token(client_id="icb-system", sub="icb-system"),
        "profile-signs-in-only",
    ),
    "generic ID token": (lambda: generic_token(nonce="n"), "id-token-refused"),
    "generic without scope": (lambda: generic_token(scope=None), "scope-missing"),
    "generic without client": (lambda: generic_token(client_id=None), "azp-missing"),
    "generic of odd type": (lambda: generic_token("secevent+jwt"), "typ-refused"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_is_refused_for_its_own_reason(
    validator: TokenValidator, view: RegisterView, name: str
) -> None:
    make, reason = BAD[name]
    token = make()

    with pytest.raises(InvalidToken) as refused:
        await validator.validate(token, view)

    assert reason == refused.value.reason
    assert reason == str(refused.value)
    assert validator.validate_warm(token, view) is None


async def test_an_unknown_issuer_is_never_fetched_from(
    validator: TokenValidator, view: RegisterView, network: Network
) -> None:
    with pytest.raises(InvalidToken):
        await validator.validate(COUNCIL.token(iss="https://evil.example"), view)

    assert network.fetched == []


async def test_a_use_without_claim_does_not_survive_a_split(validator: TokenValidator, facts: Facts) -> None:
    view = facts.log(issuer_registered(COUNCIL, "school", claim="org", value="s1"))

    with pytest.raises(InvalidToken, match="organisation-unknown"):
        await validator.validate(COUNCIL.token(), view)


async def test_an_algorithm_that_is_not_asymmetric_is_refused_even_if_registered(
    validator: TokenValidator, facts: Facts
) -> None:
    view = facts.log(issuer_registered(COUNCIL, algorithms=("none", "HS256")))

    for make in (_alg_none, _hs256_with_the_public_key):
        with pytest.raises(InvalidToken, match="algorithm-refused"):
            await validator.validate(make(), view)


async def test_an_outage_of_the_provider_says_so(
    validator: TokenValidator, view: RegisterView, network: Network
) -> None:
    network.down = True

    with pytest.raises(KeysUnavailableError):
        await validator.validate(COUNCIL.token(), view)


async def test_a_warm_token_needs_neither_provider_nor_signature(
    validator: TokenValidator, view: RegisterView, network: Network
) -> None:
    token = COUNCIL.token()
    assert validator.validate_warm(token, view) is None
    caller = await validator.validate(token, view)
    network.down = True

    assert caller == validator.validate_warm(token, view)
    assert validator.validate_warm(COUNCIL.token(jti="2"), view) is None


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        (access_entries.ClientRevoked(organisation="council", client="council-system"), "client-not-registered"),
        (access_entries.IssuerRemoved(organisation="council", issuer=COUNCIL.issuer), "issuer-unknown"),
        (issuer_registered(COUNCIL, audiences=("other",)), "audience-refused"),
        (issuer_registered(COUNCIL, algorithms=("RS256",)), "algorithm-refused"),
        (issuer_registered(COUNCIL, profile="cis2"), "profile-signs-in-only"),
    ],
)
async def test_a_revocation_counts_at_once_for_warm_tokens(
    validator: TokenValidator, facts: Facts, view: RegisterView, what: entries.RegisterPayload, reason: str
) -> None:
    token = COUNCIL.token()
    await validator.validate(token, view)
    assert validator.validate_warm(token, view) is validator.validate_warm(token, view) is not None

    after = facts.log(what)

    assert validator.validate_warm(token, after) is None
    with pytest.raises(InvalidToken, match=reason):
        await validator.validate(token, after)


async def test_a_narrower_grant_counts_at_once(validator: TokenValidator, facts: Facts, view: RegisterView) -> None:
    token = COUNCIL.token()
    await validator.validate(token, view)
    assert validator.validate_warm(token, view) is not None

    caller = validator.validate_warm(token, facts.log(client_granted("events:write")))

    assert caller is not None
    assert {"events:write"} == caller.scopes


async def test_what_one_state_of_the_register_says_is_not_told_of_another(
    validator: TokenValidator, facts: Facts, view: RegisterView
) -> None:
    token = COUNCIL.token()
    before = await validator.validate(token, view)
    wider = facts.log(client_granted("events:write"))

    for _ in range(2):
        told = [validator.validate_warm(token, one) for one in (view, wider, view)]
        assert [before.scopes, {"events:write"}, before.scopes] == [one.scopes if one else None for one in told]


async def test_a_grant_that_ends_overnight_ends_for_warm_tokens(
    validator: TokenValidator, facts: Facts, clock: Clock
) -> None:
    view = facts.log(replace(client_granted("checks:ask"), until="2027-01-15"))
    clock.now = 1_800_057_600 - 60  # a minute before midnight in London, at the end of 15 January 2027
    token = COUNCIL.token(iat=int(clock.now), exp=int(clock.now) + 300)
    await validator.validate(token, view)
    assert validator.validate_warm(token, view) is not None

    clock.now += 60
    assert validator.validate_warm(token, view) is None


async def test_a_role_taken_away_counts_at_once(validator: TokenValidator, facts: Facts, view: RegisterView) -> None:
    token = person_token()
    await validator.validate(token, view)

    revoked = access_entries.RoleRevoked(
        organisation="council", issuer=COUNCIL.issuer, subject="person-7", role="practitioner"
    )
    caller = validator.validate_warm(token, facts.log(revoked))

    assert caller is not None
    assert {"auditor"} == caller.roles


async def test_a_role_that_ends_overnight_ends_for_warm_tokens(
    validator: TokenValidator, view: RegisterView, clock: Clock
) -> None:
    clock.now = 1_800_057_600 - 60  # a minute before midnight in London, at the end of 15 January 2027
    token = person_token(exp=int(clock.now) + 300)
    assert "auditor" in (await validator.validate(token, view)).roles

    clock.now += 60
    caller = validator.validate_warm(token, view)

    assert caller is not None
    assert {"practitioner"} == caller.roles


async def test_a_warm_token_still_expires(validator: TokenValidator, view: RegisterView, clock: Clock) -> None:
    token = COUNCIL.token()
    await validator.validate(token, view)

    clock.now = NOW + 300 + LEEWAY - 1
    assert validator.validate_warm(token, view) is not None
    clock.now += 1
    assert validator.validate_warm(token, view) is None
    with pytest.raises(InvalidToken, match="token-expired"):
        await validator.validate(token, view)


async def test_a_long_lived_token_is_verified_again_after_a_while(
    validator: TokenValidator, view: RegisterView, clock: Clock
) -> None:
    token = COUNCIL.token(exp=NOW + 86_400)
    await validator.validate(token, view)

    clock.now += WARM_FOR - 1
    assert validator.validate_warm(token, view) is not None
    clock.now += 1
    assert validator.validate_warm(token, view) is None
    assert await validator.validate(token, view) == validator.validate_warm(token, view)


async def test_a_warm_token_ends_with_its_key(validator: TokenValidator, view: RegisterView, clock: Clock) -> None:
    """Though no token with another key ever comes: the set is fetched again when its time is over."""
    provider = Provider(COUNCIL.issuer)
    network = Network(provider)
    network.max_age = 300
    validator = TokenValidator(IssuerKeys(network, clock), clock)
    token = provider.token()
    await validator.validate(token, view)
    provider.rotate("k2")

    clock.now += 299
    assert validator.validate_warm(token, view) is not None
    clock.now += 1
    assert validator.validate_warm(token, view) is not None, "the set is on its way"
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert validator.validate_warm(token, view) is None
    with pytest.raises(InvalidToken, match="key-unknown"):
        await validator.validate(token, view)


async def test_a_warm_token_ends_when_its_key_id_means_another_key(view: RegisterView, clock: Clock) -> None:
    provider = Provider(COUNCIL.issuer)
    network = Network(provider)
    validator = TokenValidator(IssuerKeys(network, clock), clock)
    token = provider.token()
    await validator.validate(token, view)
    provider.rotate("k1")

    clock.now += 60
    with pytest.raises(InvalidToken, match="key-unknown"):
        await validator.validate(provider.token({"kid": "k2"}), view)

    assert validator.validate_warm(token, view) is None


async def test_a_warm_token_lives_through_a_refresh_that_keeps_its_key(view: RegisterView, clock: Clock) -> None:
    provider = Provider(COUNCIL.issuer)
    network = Network(provider)
    validator = TokenValidator(IssuerKeys(network, clock), clock)
    token = provider.token(exp=NOW + 600)
    await validator.validate(token, view)
    provider.published.append(("k2", POLICE.key))

    clock.now += 60
    await validator.validate(provider.token({"kid": "k1"}, jti="2"), view)
    with pytest.raises(InvalidToken):
        await validator.validate(provider.token({"kid": "k3"}), view)

    assert network.key_fetches == 2
    assert validator.validate_warm(token, view) is not None


async def test_a_sign_in_of_another_kind_counts_as_none(validator: TokenValidator, facts: Facts) -> None:
    sign_in = access_entries.SignIn("registry", "private_key_jwt", acr_values=("high", "c1"))
    view = facts.log(
        access_entries.IssuerRemoved(organisation="council", issuer=COUNCIL.issuer),
        issuer_registered(COUNCIL, sign_in=sign_in),
    )

    for accepted in ({"acr": "high"}, {"acrs": ["c2", "c1"]}):
        assert (await validator.validate(person_token(**accepted), view)).auth_time == NOW - 60
    for refused in ({}, {"acr": "low"}, {"acr": ["high"]}, {"acrs": ["c2"]}, {"acrs": "c"}):
        assert (await validator.validate(person_token(**refused), view)).auth_time is None


MAPPED = (
    access_entries.RoleMapping("groups", "isa-leads", "ig-lead"),
    access_entries.RoleMapping("groups", "isa-auditors", "auditor"),
)


async def test_a_mapped_role_is_the_persons_while_the_token_says_so(validator: TokenValidator, facts: Facts) -> None:
    view = facts.log(
        access_entries.IssuerRemoved(organisation="council", issuer=COUNCIL.issuer),
        issuer_registered(COUNCIL, roles_from=MAPPED),
    )
    token = person_token(sub="person-8", groups=["isa-leads", "isa-auditors"])

    caller = await validator.validate(token, view)

    assert (True, {"ig-lead"}) == (caller.person, caller.roles)
    assert caller == validator.validate_warm(token, view)
    granted = await validator.validate(person_token(groups="isa-leads"), view)
    assert {"practitioner", "auditor", "ig-lead"} == granted.roles
    assert set() == (await validator.validate(person_token(sub="person-8"), view)).roles


async def test_a_mapping_taken_away_counts_at_once(validator: TokenValidator, facts: Facts) -> None:
    removed = access_entries.IssuerRemoved(organisation="council", issuer=COUNCIL.issuer)
    token = person_token(sub="person-8", groups="isa-leads")
    view = facts.log(removed, issuer_registered(COUNCIL, roles_from=MAPPED))
    assert {"ig-lead"} == (await validator.validate(token, view)).roles

    view = facts.log(removed, issuer_registered(COUNCIL))

    assert validator.validate_warm(token, view) is None
    assert set() == (await validator.validate(token, view)).roles


async def test_a_claim_gives_nothing_to_whom_the_token_does_not_show_as_a_person(
    validator: TokenValidator, facts: Facts
) -> None:
    view = facts.log(
        access_entries.IssuerRemoved(organisation="council", issuer=COUNCIL.issuer),
        issuer_registered(COUNCIL, roles_from=MAPPED),
    )

    caller = await validator.validate(person_token(auth_time=None, groups=["isa-leads"]), view)

    assert (True, {"practitioner", "auditor"}) == (caller.person, caller.roles)


async def test_a_machine_gets_no_mapped_role(validator: TokenValidator, facts: Facts) -> None:
    view = facts.log(
        access_entries.IssuerRemoved(organisation="council", issuer=COUNCIL.issuer),
        issuer_registered(COUNCIL, roles_from=MAPPED),
    )

    caller = await validator.validate(COUNCIL.token(sub="service-account-1", groups=["isa-leads"]), view)

    assert (False, frozenset()) == (caller.person, caller.roles)


async def test_only_so_many_tokens_are_kept_and_the_least_used_go_first(
    network: Network, clock: Clock, view: RegisterView
) -> None:
    validator = TokenValidator(IssuerKeys(network, clock), clock, warm_tokens=2)
    first, second, third = (COUNCIL.token(jti=str(n)) for n in range(3))
    await validator.validate(first, view)
    await validator.validate(second, view)
    validator.validate_warm(first, view)
    await validator.validate(third, view)

    assert validator.validate_warm(second, view) is None
    assert validator.validate_warm(first, view) is not None
    assert validator.validate_warm(third, view) is not None


async def test_memory_is_bounded_however_many_tokens_come(clock: Clock, facts: Facts) -> None:
    """Good ones, ones of a made-up issuer or key, and ones with a bad signature: what is kept is kept of a fixed
    number of good ones, in less than 2 KiB each."""
    kept = 300
    view = facts.log()
    validator = TokenValidator(IssuerKeys(Network(*PROVIDERS), clock), clock, warm_tokens=kept)

    async def show(first: int, count: int) -> None:
        for number in range(first, first + count):
            good = generic_token(jti=str(number))
            await validator.validate(good, view)
            for bad in (
                GENERIC.token(iss=f"https://{number}.example"),
                GENERIC.token({"kid": f"made-up-{number}"}),
                good[:-8] + "AAAAAAAA",
            ):
                with pytest.raises(InvalidToken):
                    await validator.validate(bad, view)

    await show(0, kept)
    tracemalloc.start()
    try:
        await show(kept, kept)
        first = tracemalloc.get_traced_memory()[0]
        await show(2 * kept, 2 * kept)
        second = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert len(validator._warm) == kept
    assert first < kept * 2048
    assert second - first < 64 * 1024


async def test_nothing_of_a_token_is_kept(validator: TokenValidator, view: RegisterView) -> None:
    token = COUNCIL.token(name="a person's name")
    await validator.validate(token, view)

    kept = repr(validator._warm)
    assert "a person's name" not in kept
    assert token.split(".")[1] not in kept


async def test_a_warm_token_costs_microseconds(validator: TokenValidator, view: RegisterView) -> None:
    """Measured at a few microseconds; the bound is wide, because test machines are shared."""
    token = COUNCIL.token()
    await validator.validate(token, view)

    def batch() -> float:
        began = time.perf_counter()
        for _ in range(1000):
            validator.validate_warm(token, view)
        return (time.perf_counter() - began) / 1000

    assert min(batch() for _ in range(5)) < 50e-6


# --- roles by a claim, and what lasts for a time -------------------------------------------------------------------

MAPPED = (
    access_entries.RoleMapping(claim="groups", value="isa-practitioners", role="practitioner"),
    access_entries.RoleMapping(claim="groups", value="isa-leads", role="ig-lead"),
    access_entries.RoleMapping(claim="department", value="safeguarding", role="signatory"),
    # Refused at the door; here as if it had come into the log all the same.
    access_entries.RoleMapping(claim="groups", value="isa-unit", role="business-unit"),
)


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, ""),
        ({"groups": ["isa-practitioners", "else"]}, "practitioner"),
        ({"groups": "isa-leads"}, "ig-lead"),
        ({"groups": ["isa-leads", "isa-practitioners"], "department": "safeguarding"},
         "ig-lead practitioner signatory"),
        ({"groups": "isa-leads isa-practitioners"}, ""),
        ({"groups": ["isa-leads-of-another"]}, ""),
        ({"groups": [["isa-leads"]]}, ""),
        ({"groups": {"isa-leads": True}}, ""),
        ({"groups": True, "department": None}, ""),
        ({"department": ["safeguarding"]}, "signatory"),
        ({"groups": ["isa-unit"]}, ""),
    ],
    ids=str,
)  # fmt: skip
async def test_a_claim_gives_the_roles_that_the_register_maps_it_to(
    validator: TokenValidator, facts: Facts, claims: dict[str, Any], roles: str
) -> None:
    view = facts.log(issuer_registered(COUNCIL, roles_from=MAPPED))
    caller = await validator.validate(person_token(sub="person-of-a-claim", **claims), view)
    assert (caller.person, caller.roles) == (True, set(roles.split()))


async def test_a_claim_adds_to_the_roles_that_were_granted_and_ends_with_its_mapping(
    validator: TokenValidator, facts: Facts
) -> None:
    view = facts.log(issuer_registered(COUNCIL, roles_from=MAPPED))
    token = person_token(groups=["isa-leads"])
    assert (await validator.validate(token, view)).roles == {"practitioner", "auditor", "ig-lead"}
    view = facts.log(issuer_registered(COUNCIL))
    assert (await validator.validate(token, view)).roles == {"practitioner", "auditor"}


async def test_a_machine_has_no_role_by_a_claim(validator: TokenValidator, facts: Facts) -> None:
    view = facts.log(issuer_registered(COUNCIL, roles_from=MAPPED))
    caller = await validator.validate(COUNCIL.token(groups=["isa-leads"]), view)
    assert (caller.person, caller.roles) == (False, frozenset())


async def test_a_client_may_do_nothing_after_its_last_day(
    validator: TokenValidator, facts: Facts, clock: Clock
) -> None:
    """In London, as every date here."""
    last_day = access_entries.ClientGranted("council", "council-system", ("checks:ask",), until="2027-01-15")
    view = facts.log(last_day)
    clock.now = datetime(2027, 1, 15, 23, 59, tzinfo=UTC).timestamp()
    token = COUNCIL.token(exp=int(clock.now) + 300, iat=int(clock.now))
    assert (await validator.validate(token, view)).scopes == {"checks:ask"}
    clock.now += 120
    with pytest.raises(InvalidToken, match="client-not-registered"):
        await validator.validate(token, view)
