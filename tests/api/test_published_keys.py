"""Keys that an organisation publishes at its own address: taken from there with a proof, compared, never followed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from api.proving import Body, private_of, public_of, request_for
from api.speaking import MARKER, Signer, assert_problem, at, person_token
from isa_registry.identity.signing import Jwk
from listening import Quiet, listening
from live import POLICE, Demonstration, free_port

KEYS = f"/api/v1/organisations/{POLICE}/keys"


@dataclass
class Site:
    """An agency's web server. What it answers by path: status, headers, body."""

    url: str = ""
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publishes(self, path: str, *keys: dict[str, Any]) -> str:
        return self.answers_with(path, json.dumps({"keys": list(keys)}).encode())

    def answers_with(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        self.answers[path] = (status, headers, body)
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(Quiet):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            status, headers, body = found.answers.get(self.path, (404, {}, b"{}"))
            self.answer(status, body, {"Content-Type": "application/jwk-set+json", **headers})

    with listening(Handler) as found.url:
        yield found


def published(private: Jwk, **changes: object) -> dict[str, Any]:
    return {**public_of(private), "kid": private["kid"], "use": "sig", **changes}


def request_from(private: Jwk, uri: str, **changes: Any) -> Body:
    request = request_for(private, **changes)
    del request["jwk"]
    return {**request, "jwks_uri": uri}


def test_a_key_is_taken_from_its_address_and_kept_itself(
    lead: httpx.Client, police: httpx.Client, signer: Signer, site: Site
) -> None:
    private = private_of()
    uri = site.publishes("/jwks", published(private_of()), published(private, comment="ours"))
    answer = lead.post(KEYS, json=request_from(private, uri))
    assert answer.status_code == 201
    payload = lead.get(f"/api/v1/audit/entries/{answer.json()['entry']}").raise_for_status().json()["payload"]
    assert (payload["jwk"], payload["jwks_uri"]) == (public_of(private), uri)

    site.publishes("/jwks", published({**private_of(), "kid": private["kid"]}))
    size = {"ISA-Min-Log-Size": answer.headers["isa-log-size"]}
    (line,) = [one for one in lead.get(KEYS, headers=size).json()["keys"] if one["kid"] == private["kid"]]
    assert (line["source"], line["jwks_uri"], line["jwk"]) == ("jwks-uri", uri, public_of(private))
    other = signer.with_key(private)
    headers = {"Content-Type": "application/jose", **size}
    signed = other.sign(other.event(decided_at=at(), shared_at=at()))
    assert police.post("/api/v1/sharing-events", content=signed, headers=headers).status_code == 201
    assert site.asked == ["/jwks"]


MINE = private_of()
ANOTHER = {**private_of(), "kid": MINE["kid"]}
WRONG: dict[str, tuple[Callable[[Site], str], str]] = {
    "plain http to another machine": (lambda site: "http://keys.example.org/jwks", "address-refused"),
    "a number": (lambda site: "https://10.0.0.1/jwks", "address-refused"),
    "a number in another spelling": (lambda site: "https://0x7f.1/jwks", "address-refused"),
    "a number of version 6": (lambda site: "https://[::1]/jwks", "address-refused"),
    "a machine next door": (lambda site: "https://metadata/jwks", "address-refused"),
    "a machine next door, in full": (lambda site: "https://metadata./jwks", "address-refused"),
    "another scheme": (lambda site: "file:///etc/passwd", "address-refused"),
    "no address": (lambda site: MARKER, "address-refused"),
    "with a user": (lambda site: site.url.replace("//", f"//{MARKER}@") + "/jwks", "address-refused"),
    "with a query": (lambda site: site.publishes("/jwks", published(MINE)) + f"?sig={MARKER}", "address-refused"),
    "with a fragment": (lambda site: site.publishes("/jwks", published(MINE)) + "#a", "address-refused"),
    "too long": (lambda site: site.url + "/" + "a" * 600, "address-refused"),
    "nothing there": (lambda site: f"http://127.0.0.1:{free_port()}/jwks", "unreachable"),
    "a redirect": (lambda site: site.answers_with("/old", b"", 302, Location=site.publishes("/jwks", published(MINE))),
                   "status-refused"),
    "not found": (lambda site: site.url + "/none", "status-refused"),
    "too large": (lambda site: site.publishes("/jwks", published(MINE, comment="a" * 300_000)), "too-large"),
    "too many keys": (lambda site: site.publishes("/jwks", *[published(MINE)] * 51), "not-a-key-set"),
    "a page": (lambda site: site.answers_with("/jwks", b"<html>"), "not-json"),
    "compressed": (lambda site: site.answers_with("/jwks", b"{}", **{"Content-Encoding": "gzip"}), "not-json"),
    "a member twice": (lambda site: site.answers_with("/jwks", b'{"keys":[],"keys":[]}'), "not-json"),
    "no key set": (lambda site: site.answers_with("/jwks", b'{"keys":{}}'), "not-a-key-set"),
    "no such kid": (lambda site: site.publishes("/jwks", published(private_of())), "kid-absent"),
    "the kid twice": (lambda site: site.publishes("/jwks", published(MINE), published(ANOTHER)), "kid-absent"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(WRONG))
@pytest.mark.usefixtures("unchanged")
def test_what_is_not_there_is_refused(lead: httpx.Client, site: Site, name: str) -> None:
    make, code = WRONG[name]
    problem = assert_problem(lead.post(KEYS, json=request_from(MINE, make(site))), 422, "unprocessable", "#/jwks_uri")
    assert [one["code"] for one in problem["errors"]] == [code]
    assert len(site.asked) <= 1


@pytest.mark.usefixtures("unchanged")
def test_another_key_at_the_address_than_the_proofs_is_refused(lead: httpx.Client, site: Site) -> None:
    """Whoever changes what is published registers nothing with it."""
    uri = site.publishes("/jwks", published(ANOTHER))
    assert_problem(lead.post(KEYS, json=request_from(MINE, uri)), 422, "bad-document", "#/proof")


@pytest.mark.parametrize("half", [{"d": MINE["d"]}, {"oth": [{"d": MINE["d"]}]}], ids=["text", "a list"])
@pytest.mark.usefixtures("unchanged")
def test_a_published_private_key_is_refused(lead: httpx.Client, site: Site, half: Body) -> None:
    answer = lead.post(KEYS, json=request_from(MINE, site.publishes("/jwks", published(MINE, **half))))
    problem = assert_problem(answer, 422, "unprocessable", "#/jwk")
    assert [one["code"] for one in problem["errors"]] == ["private-key"]
    assert MINE["d"] not in answer.text


@pytest.mark.parametrize(
    "changes",
    [{"uses": ["event", MARKER]}, {"uses": ["attestation"], "signatory": {"role": "siro", "ref": "POST-1"}}],
    ids=["a fault", "another role's"],
)
@pytest.mark.usefixtures("unchanged")
def test_nothing_is_fetched_for_a_request_that_is_refused_anyway(lead: httpx.Client, site: Site, changes: Body) -> None:
    answer = lead.post(KEYS, json=request_from(MINE, site.publishes("/jwks", published(MINE)), **changes))
    assert answer.status_code in (403, 422)
    assert site.asked == []


def test_what_is_published_is_compared_with_what_is_registered(lead: httpx.Client, site: Site) -> None:
    """A new key is offered and no more; one that is gone, or another, is for a person to see to."""
    same, changed, gone, new, seen, ended, left = (private_of() for _ in range(7))
    uri = site.publishes("/jwks", *(published(one) for one in (same, changed, gone, ended, left)))
    for one in (same, changed, gone, ended, left):
        answer = lead.post(KEYS, json=request_from(one, uri)).raise_for_status()
    for one in (ended, left):
        answer = lead.post(f"{KEYS}/{one['kid']}/revocation", json={"reason": "superseded"}).raise_for_status()
    exchanged = {**private_of(), "kid": changed["kid"]}
    site.publishes("/jwks", *(published(one) for one in (same, exchanged, new, left)), published(seen, d=seen["d"]))
    size = {"ISA-Min-Log-Size": answer.headers["isa-log-size"]}
    before = lead.get(KEYS, headers=size).json()
    found = lead.get(f"{KEYS}/published", headers=size).raise_for_status().json()
    standings = {one["kid"]: one["standing"] for one in found["keys"] if one["jwks_uri"] == uri}
    assert standings == {
        same["kid"]: "registered", changed["kid"]: "changed", gone["kid"]: "withdrawn", new["kid"]: "offered",
        seen["kid"]: "private", left["kid"]: "revoked",
    }  # fmt: skip
    assert lead.get(KEYS).json() == before

    site.answers_with("/jwks", b"", 503)
    found = lead.get(f"{KEYS}/published").raise_for_status().json()
    assert found["unanswered"][uri] == "status-refused"
    assert uri not in [one["jwks_uri"] for one in found["keys"]]


def test_only_the_ig_lead_has_addresses_fetched(demonstration: Demonstration, police: httpx.Client, site: Site) -> None:
    assert_problem(police.get(f"{KEYS}/published"), 403, "forbidden")
    for organisation, person, status in (("harbour", "ig-lead", 403), (POLICE, "signatory", 403)):
        token = person_token(demonstration, organisation, person)
        headers = {"Authorization": f"Bearer {token}"}
        assert_problem(httpx.get(f"{demonstration.url}{KEYS}/published", headers=headers), status)
    assert site.asked == []
