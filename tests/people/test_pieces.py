"""The small pieces that a sign-in rests on: sealed values, cookies, ways back, forms, and who we prove to be."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from identity.issuing import NOW, Provider, issuer_registered
from isa_registry.domain.access_entries import SignIn
from isa_registry.domain.refusals import Refused
from isa_registry.identity.browsers import browser_family
from isa_registry.identity.client_proof import ClientProofError, ClientProofs
from isa_registry.identity.compact import public_key, signature_holds, split_compact
from isa_registry.identity.cookies import Cookies
from isa_registry.identity.forms import refuse_other_sites
from isa_registry.identity.return_paths import return_path
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import slug_of
from isa_registry.outbound.fetching import Fetcher, OutboundError
from isa_registry.runtime.log_keys.files import (
    SESSION_KEY,
    SIGN_IN_KEY,
    KeyFileError,
    make_sign_in_keys,
    read_session_secrets,
    read_sign_in_keys,
)
from isa_registry.runtime.people.people import required

ISSUER = "https://id.council.example"
OLD, NEW = bytes([1] * 32), bytes([2] * 32)


# --- sealed values ----------------------------------------------------------------------------------------------------


def test_a_sealed_value_opens_for_its_own_use_and_owner_alone() -> None:
    keys = SessionKeys([NEW])
    sealed = keys.seal("refresh-token", b"secret", bound_to=b"session 1")
    assert keys.open("refresh-token", sealed, bound_to=b"session 1") == b"secret"
    assert keys.open("refresh-token", sealed, bound_to=b"session 2") is None
    assert keys.open("fallback", sealed, bound_to=b"session 1") is None
    assert SessionKeys([OLD]).open("refresh-token", sealed, bound_to=b"session 1") is None


def test_every_changed_character_of_a_sealed_value_is_noticed() -> None:
    keys = SessionKeys([NEW])
    sealed = keys.seal("fallback", b"who somebody is")
    for place in range(len(sealed)):
        other = "A" if sealed[place] != "A" else "B"
        assert keys.open("fallback", sealed[:place] + other + sealed[place + 1 :]) is None
    for broken in ("", "A", sealed[:8], sealed + "A", sealed + "=", "é" * 40, "A" * 9_000):
        assert keys.open("fallback", broken) is None


def test_after_a_change_of_the_secret_the_old_one_still_opens_and_no_longer_seals() -> None:
    sealed, mark = SessionKeys([OLD]).seal("fallback", b"x"), SessionKeys([OLD]).mark("csrf", b"session")
    both = SessionKeys([NEW, OLD])
    assert both.open("fallback", sealed) == b"x"
    assert both.is_mark("csrf", b"session", mark)
    assert SessionKeys([NEW]).open("fallback", both.seal("fallback", b"x")) == b"x"


def test_a_mark_is_of_one_use_and_one_message() -> None:
    keys = SessionKeys([NEW])
    mark = keys.mark("csrf", b"session 1")
    assert keys.is_mark("csrf", b"session 1", mark)
    for given in (mark[:-1], "", "é", keys.mark("csrf", b"session 2"), keys.mark("fallback", b"session 1"), "\ud800"):
        assert not keys.is_mark("csrf", b"session 1", given)


@pytest.mark.parametrize("secrets", [[], [b"short"], [NEW, b""]])
def test_a_secret_has_32_bytes(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SessionKeys(secrets)


def test_the_keys_of_signing_in_are_made_once_and_read_back(tmp_path: Path) -> None:
    make_sign_in_keys(tmp_path)
    first = read_session_secrets(tmp_path / SESSION_KEY), read_sign_in_keys(tmp_path / SIGN_IN_KEY)
    make_sign_in_keys(tmp_path)
    assert first == (read_session_secrets(tmp_path / SESSION_KEY), read_sign_in_keys(tmp_path / SIGN_IN_KEY))
    assert len(first[0][0]) == 32


@pytest.mark.parametrize("content", ["", "c2hvcnQ=\n", "é", "A" * 43, "\n".join(["A" * 43 + "="] * 5)])
def test_a_file_that_holds_no_session_secret_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        read_session_secrets(path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"keys": []}', '{"kty": "oct", "k": "AAAA", "kid": "x"}', '{"keys": [1]}']
)
def test_a_file_that_holds_no_sign_in_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError):
        read_sign_in_keys(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    make_sign_in_keys(tmp_path)
    for name, read in ((SESSION_KEY, read_session_secrets), (SIGN_IN_KEY, read_sign_in_keys)):
        (tmp_path / name).chmod(0o644)
        with pytest.raises(KeyFileError, match="open to others"):
            read(tmp_path / name)


# --- cookies ----------------------------------------------------------------------------------------------------------


def test_behind_tls_no_other_host_and_no_plain_page_can_set_a_cookie_of_ours() -> None:
    cookies = Cookies(secure=True)
    assert cookies.setting("isa-session", "abc") == "__Host-isa-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert cookies.clearing("isa-session") == "__Host-isa-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    assert cookies.read("isa-session=planted", "isa-session") is None


@pytest.mark.parametrize("value", ["a;b", "a b", "a\r\nSet-Cookie: x=y", 'a"', "é", "a" * 4001])
def test_a_cookie_holds_nothing_that_could_end_it(value: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        Cookies(secure=True).setting("isa-session", value)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("isa-session=abc", "abc"),
        ("a=b; isa-session=abc; c", "abc"),
        ("isa-session=abc; isa-session=planted", None),
        ("isa-session=", None),
        ('isa-session="abc"', None),
        ("ISA-SESSION=abc", None),
        ("xisa-session=abc", None),
        ("", None),
    ],
)
def test_a_cookie_that_comes_twice_or_is_not_ours_is_none(header: str, found: str | None) -> None:
    assert Cookies(secure=False).read(header, "isa-session") == found


# --- ways back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/", "/ask", "/account", "/agreements/tier-2-hoth/1.0", "/agreements/", "/account?from=/x", "/ask?a=b&c=%20d",
        "/account?mail=a@b.example", "/log", "/log/verify", "/~x/_y", "/ask?x=" + "a" * 1_529,
    ],
)  # fmt: skip
def test_a_page_of_ours_is_a_way_back(path: str) -> None:
    assert return_path(path) == path


@pytest.mark.parametrize(
    "text",
    [
        None, "", "ask", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example", " /ask", "/ask ", "https://evil.example", "https:/evil.example", "javascript:alert(1)",
        "/ask#x", "/%2f%2fevil.example", "/%5cevil.example", "/a/%2e%2e/b", "/..", "/../ask", "/a/../../b", "/./ask",
        "/.//evil.example", "/ask?x=%0d%0aSet-Cookie:a", "/ask?x=%00", "/ask?x=%zz", "/ask?x=\r\n", "/ask?x=é", "/é",
        "/ask?x=<script>", '/ask?"', "/ask?a?b", "/a//b", "/@evil.example", "/ask;x", "/sign-in", "/sign-in/again",
        "/sign-in?return=/x", "/sign-out", "/signed-out", "/auth/x/callback?code=1", "/demo/idp/x", "/api/v1/checks",
        "/log/keys", "/log/verify/x",
        "/" + "a" * 512, "/ask?x=" + "a" * 1_530, "/ask?x=%E2%80%AE", "/ask?x=%ff\u2028",
    ],
)  # fmt: skip
def test_nothing_else_is(text: str | None) -> None:
    assert return_path(text) is None


# --- forms ------------------------------------------------------------------------------------------------------------


OURS = {"host": "registry.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://registry.example"},
        {"origin": "https://registry.example", "host": "behind-the-proxy:8000"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
    ids=str,
)
def test_a_form_of_ours_passes(headers: dict[str, str]) -> None:
    refuse_other_sites({**OURS, **headers}, "https://registry.example/below")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://registry.example"},
        {"origin": "https://registry.example.evil.example"},
        {"origin": ""},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://registry.example"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
    ],
    ids=str,
)
def test_another_sites_does_not(headers: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        refuse_other_sites({**OURS, **headers}, "https://registry.example")
    assert refused.value.code == "forged-request"


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "edge"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "chrome"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605 Version/18.0 Safari/604.1", "safari"),
        ("curl/8", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_a_browser_is_known_by_its_family_alone(agent: str | None, family: str) -> None:
    assert browser_family(agent) == family


# --- who we prove to be -----------------------------------------------------------------------------------------------


def use(authentication: str) -> Any:
    return issuer_registered(Provider(ISSUER), sign_in=SignIn(client="our client", authentication=authentication))


def proofs(tmp_path: Path, *, loopback: bool = False, secrets: Path | None = None) -> ClientProofs:
    make_sign_in_keys(tmp_path)
    keys = read_sign_in_keys(tmp_path / SIGN_IN_KEY)
    fresh = iter(range(1, 200))
    return ClientProofs(
        keys, secrets, now=lambda: float(NOW), randomness=lambda size: bytes([next(fresh)] * size), loopback=loopback
    )


def test_an_assertion_is_for_its_issuer_for_two_minutes_and_never_sent_twice(tmp_path: Path) -> None:
    ours = proofs(tmp_path)
    sent = [ours.proof(use("private_key_jwt")) for _ in range(2)]
    assertions = [split_compact(one.form["client_assertion"]) for one in sent]
    claims = [json.loads(one.payload) for one in assertions]
    jtis = {one.pop("jti") for one in claims}
    assert len(jtis) == 2
    assert claims[0] == {"iss": "our client", "sub": "our client", "aud": ISSUER, "iat": NOW, "exp": NOW + 120}
    assert sent[0].form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert sent[0].headers == {}
    published = ours.public_keys()["keys"]
    assert isinstance(published, list)
    (jwk,) = published
    assert isinstance(jwk, dict)
    assert "d" not in jwk
    assert assertions[0].header["kid"] == jwk["kid"]
    assert signature_holds(assertions[0], "ES256", public_key(jwk))


def test_a_secret_is_read_from_its_own_file_each_time(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    ours, basic = proofs(tmp_path, secrets=secrets), use("client_secret_basic")
    with pytest.raises(ClientProofError, match="client-secret-missing"):
        ours.proof(basic)
    for secret in ("s3cret/with+marks", "another-one:2"):
        (secrets / slug_of(basic)).write_text(f"{secret}\n")
        proof = ours.proof(basic)
        scheme, _, pair = proof.headers["Authorization"].partition(" ")
        client, _, given = base64.b64decode(pair).decode().partition(":")
        assert (scheme, proof.form) == ("Basic", {})
        assert parse_qsl(f"{client}={given}") == [("our client", secret)]


def test_what_we_do_not_have_is_not_made_up(tmp_path: Path) -> None:
    bare = ClientProofs((), None, now=lambda: float(NOW), randomness=bytes)
    assert bare.public_keys() == {"keys": []}
    for method, wanted in (
        ("private_key_jwt", "sign-in-key-missing"),
        ("client_secret_basic", "client-secret-missing"),
        ("none", "client-proof-refused"),
        ("client_secret_post", "client-proof-refused"),
    ):
        with pytest.raises(ClientProofError, match=wanted):
            bare.proof(use(method))
    assert proofs(tmp_path, loopback=True).proof(use("none")).form == {"client_id": "our client"}


def test_without_a_session_key_there_are_no_pages_to_sign_in_on() -> None:
    with pytest.raises(Refused) as refused:
        required(None)
    assert refused.value.code == "not-found"


# --- posting a form to a provider -------------------------------------------------------------------------------------


def fetcher(answer: httpx.Response) -> tuple[Fetcher, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    return Fetcher(transport=httpx.MockTransport(handle)), seen


@pytest.mark.parametrize("status", [200, 400, 401])
async def test_a_providers_tokens_and_its_refusals_are_both_answers(status: int) -> None:
    posting, seen = fetcher(httpx.Response(status, json={"error": "invalid_grant"}))
    async with posting:
        found = await posting.post_form(f"{ISSUER}/token", {"code": "a b&c"}, {"Authorization": "Basic eDp5"})
    assert (found.status, found.document) == (status, {"error": "invalid_grant"})
    assert seen[0].content == b"code=a+b%26c"
    assert seen[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert seen[0].headers["authorization"] == "Basic eDp5"


async def test_an_empty_answer_is_one() -> None:
    posting, _ = fetcher(httpx.Response(200))
    async with posting:
        assert (await posting.post_form(f"{ISSUER}/revoke", {}, {})).document == {}


@pytest.mark.parametrize(
    ("url", "answer", "code"),
    [
        ("http://id.council.example/token", httpx.Response(200, json={}), "address-refused"),
        (f"{ISSUER}/token", httpx.Response(302, headers={"Location": "https://evil.example"}), "status-refused"),
        (f"{ISSUER}/token", httpx.Response(500, json={}), "status-refused"),
        (f"{ISSUER}/token", httpx.Response(200, text="<html>"), "not-json"),
        (f"{ISSUER}/token", httpx.Response(200, json=[]), "not-json"),
        (f"{ISSUER}/token", httpx.Response(200, content=b"{" + b" " * 300_000), "too-large"),
    ],
    ids=["plain http", "redirected", "broken", "a page", "a list", "too large"],
)
async def test_anything_else_is_none_and_is_not_followed(url: str, answer: httpx.Response, code: str) -> None:
    posting, seen = fetcher(answer)
    async with posting:
        with pytest.raises(OutboundError) as refused:
            await posting.post_form(url, {"code": "c"}, {})
    assert refused.value.code == code
    assert len(seen) == (0 if code == "address-refused" else 1)
