"""What can be an issuer of a body, and what no register takes."""

from __future__ import annotations

from typing import Any

import pytest

from deciding_people import BU_1, BU_2, CHARITY, COUNCIL, ISSUERS, POLICE, Log, issuer
from isa_registry.actions import issuers
from isa_registry.domain.access_entries import IssuerRemoved, RoleMapping, SignIn
from isa_registry.domain.entries import RegistryOpened
from isa_registry.domain.refusals import Refused

SHARED = "https://login.nhs.example/realms/shared"
SIGN_IN = SignIn(client="isa-registry", authentication="private_key_jwt")


def mapping(**changes: str) -> RoleMapping:
    return RoleMapping(**{"claim": "roles", "value": "ISA.Practitioner", "role": "practitioner", **changes})


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"issuer": ""}, "#/issuer"),
        ({"issuer": "login.police.example"}, "#/issuer"),
        ({"issuer": "http://login.police.example"}, "#/issuer"),
        ({"issuer": "HTTPS://login.police.example"}, "#/issuer"),
        ({"issuer": "https://Login.police.example"}, "#/issuer"),
        ({"issuer": "https://login.police.example/?a=b"}, "#/issuer"),
        ({"issuer": "https://login.police.example/#a"}, "#/issuer"),
        ({"issuer": "https://user@login.police.example/"}, "#/issuer"),
        ({"issuer": "https://login.police.example /"}, "#/issuer"),
        ({"issuer": "https://login.police.example\\@evil.example"}, "#/issuer"),
        ({"issuer": "https://login.pölice.example"}, "#/issuer"),
        ({"issuer": "https://login.police.example:99999"}, "#/issuer"),
        ({"issuer": "https://" + "a" * 250}, "#/issuer"),
        ({"issuer": "javascript:alert(1)"}, "#/issuer"),
        ({"issuer": "https:///path"}, "#/issuer"),
        ({"audiences": ()}, "#/audiences"),
        ({"audiences": ("a", "a")}, "#/audiences"),
        ({"audiences": ("with space",)}, "#/audiences"),
        ({"algorithms": ()}, "#/algorithms"),
        ({"algorithms": ("none",)}, "#/algorithms"),
        ({"algorithms": ("HS256",)}, "#/algorithms"),
        ({"algorithms": ("ES256", "ES256")}, "#/algorithms"),
        ({"profile": "oauth"}, "#/profile"),
        ({"profile": "cis2"}, "#/sign_in"),
        ({"claim": "org"}, "#/claim"),
        ({"value": "a"}, "#/claim"),
        ({"claim": "aud", "value": "a"}, "#/claim"),
        ({"claim": "with space", "value": "a"}, "#/claim"),
        ({"claim": "org", "value": ""}, "#/value"),
        ({"sign_in": SignIn(client="", authentication="private_key_jwt")}, "#/sign_in/client"),
        ({"sign_in": SignIn(client="a", authentication="client_secret_post")}, "#/sign_in/authentication"),
        ({"sign_in": SignIn(client="a", authentication="none")}, "#/sign_in/authentication"),
        ({"sign_in": SignIn("a", "private_key_jwt", scopes=("profile",))}, "#/sign_in/scopes"),
        ({"sign_in": SignIn("a", "private_key_jwt", scopes=("openid", 'qu"ote'))}, "#/sign_in/scopes"),
        ({"sign_in": SignIn("a", "private_key_jwt", acr_values=("a b",))}, "#/sign_in/acr_values"),
        ({"roles_from": (mapping(role="auditor"),)}, "#/roles_from/0/role"),
        ({"roles_from": (mapping(), mapping(role="business-unit"))}, "#/roles_from/1/role"),
        ({"roles_from": (mapping(role="admin"),)}, "#/roles_from/0/role"),
        ({"roles_from": (mapping(claim="exp"),)}, "#/roles_from/0/claim"),
        ({"roles_from": (mapping(value=""),)}, "#/roles_from/0/value"),
        ({"roles_from": (mapping(), mapping())}, "#/roles_from"),
        ({"roles_from": tuple(mapping(value=f"v{n}") for n in range(51))}, "#/roles_from"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_is_no_issuer_is_refused_with_a_pointer_to_it(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Refused) as refused:
        Log().by_two((issuer(POLICE, **{"issuer": "https://new.police.example", **changes}),), BU_1, BU_2)
    assert refused.value.code == "unprocessable"
    assert pointer in [fault.pointer for fault in refused.value.faults]


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://am.nhsidentity.example:443/openam/realms/root", "profile": "cis2", "sign_in": SIGN_IN},
        {"issuer": "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", "profile": "entra-v2",
         "roles_from": (mapping(role="ig-lead"), mapping(value="other"))},
        {"issuer": "https://oidc.example/", "profile": "generic", "claim": "https://x.example/org", "value": "a b"},
    ],
    ids=lambda changes: changes["profile"],
)  # fmt: skip
def test_issuers_as_agencies_have_them_are_taken(changes: dict[str, Any]) -> None:
    log = Log()
    log.by_two((issuer(POLICE, **changes),), BU_1, BU_2)
    assert changes["issuer"] in [one.issuer for one in log.view.issuers_of(POLICE)]


def test_an_address_without_tls_is_for_the_demonstration_on_this_machine_alone() -> None:
    local = issuer(POLICE, issuer="http://127.0.0.1:8000/demo/idp/police")
    with pytest.raises(Refused, match="https"):
        Log().by_two((local,), BU_1, BU_2)
    demonstration = Log(
        RegistryOpened(
            origin="demo.isa-registry.invalid/durham", partnership="durham", partnership_name="", lead_body=COUNCIL,
            attestation_key={}, demo=True,
        )
    )  # fmt: skip
    demonstration.by_two((local,), BU_1, BU_2)
    with pytest.raises(Refused):
        demonstration.by_two((issuer(POLICE, issuer="http://login.police.example"),), BU_1, BU_2)


def shared(body: str, claim: str | None, value: str | None) -> Any:
    return issuer(body, issuer=SHARED, claim=claim, value=value)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (shared(POLICE, None, None), shared(CHARITY, None, None)),
        (shared(POLICE, None, None), shared(CHARITY, "org", "b")),
        (shared(POLICE, "org", "a"), shared(CHARITY, None, None)),
        (shared(POLICE, "org", "a"), shared(CHARITY, "org", "a")),
        (shared(POLICE, "org", "a"), shared(CHARITY, "code", "b")),
        (shared(POLICE, "org", "a"), shared(POLICE, None, None)),
        (shared(POLICE, "org", "a"), shared(POLICE, "code", "a")),
    ],
    ids=["none and none", "none and split", "split and none", "one value twice", "two claims", "own none", "own claim"],
)
def test_no_token_can_act_for_two_bodies(first: Any, second: Any) -> None:
    log = Log()
    log.by_two((first,), BU_1, BU_2)
    with pytest.raises(Refused) as refused:
        log.by_two((second,), BU_1, BU_2)
    assert refused.value.code == "conflict"


def test_one_issuer_serves_several_bodies_that_a_claim_tells_apart() -> None:
    log = Log()
    for body, value in ((POLICE, "a"), (CHARITY, "b"), (CHARITY, "c")):
        log.by_two((shared(body, "org", value),), BU_1, BU_2)
    assert [(one.organisation, one.value) for one in log.view.issuers(SHARED)] == [
        (POLICE, "a"), (CHARITY, "b"), (CHARITY, "c"),
    ]  # fmt: skip


def test_a_use_that_is_registered_again_takes_the_place_of_the_first() -> None:
    log = Log()
    log.by_two((issuer(POLICE, audiences=("another",)),), BU_1, BU_2)
    assert [one.audiences for one in log.view.issuers_of(POLICE)] == [("another",)]
    with pytest.raises(Refused, match="exactly so"):
        log.by_two((issuer(POLICE, audiences=("another",)),), BU_1, BU_2)


def test_an_issuer_is_split_in_one_change_so_that_nobody_is_without_it_in_between() -> None:
    log = Log()
    split = issuer(POLICE, claim="org", value="police")
    with pytest.raises(Refused):
        log.by_two((split,), BU_1, BU_2)
    change = issuers.replace(log.view, split)
    assert [type(one).__name__ for one in change] == ["IssuerRemoved", "IssuerRegistered"]
    entries = log.by_two(change, BU_1, BU_2)
    assert [len(getattr(one, "approved_by", ())) for one in entries] == [2, 2]
    assert [(one.claim, one.value) for one in log.view.issuers(ISSUERS[POLICE])] == [("org", "police")]
    log.by_two((issuer(CHARITY, issuer=ISSUERS[POLICE], claim="org", value="charity"),), BU_1, BU_2)
    with pytest.raises(Refused):
        log.by_two(issuers.replace(log.view, issuer(POLICE)), BU_1, BU_2)


@pytest.mark.parametrize("address", [ISSUERS[POLICE] + "/", ISSUERS[POLICE] + "/A", ISSUERS[POLICE] + "/a//"])
def test_an_address_that_looks_like_another_is_refused(address: str) -> None:
    log = Log(issuer(CHARITY, issuer=ISSUERS[POLICE] + "/a"))
    with pytest.raises(Refused) as refused:
        log.by_two((issuer(CHARITY, issuer=address),), BU_1, BU_2)
    assert ["look-alike"] == [fault.code for fault in refused.value.faults]


def test_only_what_is_there_is_removed_or_replaced() -> None:
    log = Log()
    for attempt in (
        lambda: log.by_two((IssuerRemoved(organisation=CHARITY, issuer=ISSUERS[POLICE]),), BU_1, BU_2),
        lambda: issuers.replace(log.view, issuer(CHARITY, issuer=ISSUERS[POLICE])),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code == "not-found"


def test_changes_that_do_not_belong_together_are_not_decided_together() -> None:
    removal = IssuerRemoved(organisation=POLICE, issuer=ISSUERS[POLICE])
    for other in (issuer(CHARITY), issuer(POLICE, issuer=SHARED)):
        with pytest.raises(Refused, match="belong together"):
            Log().by_two((removal, other), BU_1, BU_2)
