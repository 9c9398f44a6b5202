"""The self-test of an issuer as a whole: fetched from here, with failures told as what they are."""

import httpx
import pytest

from identity.issuing import AUDIENCE, NOW, Clock, Facts, Provider, client_granted, issuer_registered
from isa_registry.domain.access_entries import SignIn
from isa_registry.outbound.fetching import Fetcher
from isa_registry.runtime.issuer_check import IssuerReport, check_issuer, grants_in

ISSUER = "https://login.example/tenant"
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = f"{ISSUER}/keys"
PROVIDER = Provider(ISSUER)
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"
PUBLISHED: dict[str, httpx.Response] = {
    DISCOVERY: httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": KEYS}, headers={"Date": DATE}),
    KEYS: httpx.Response(200, json=PROVIDER.jwks(), headers={"Cache-Control": "max-age=3600"}),
}


async def check(
    pages: dict[str, httpx.Response | Exception], *, token: str | None = None, sign_in: SignIn | None = None
) -> IssuerReport:
    def answer(request: httpx.Request) -> httpx.Response:
        found = pages.get(str(request.url), httpx.Response(404))
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, content=found.content, headers=found.headers)

    use = issuer_registered(PROVIDER, sign_in=sign_in)
    view = Facts().log(client_granted("checks:ask", "events:write"))
    async with Fetcher(transport=httpx.MockTransport(answer)) as fetcher:
        return await check_issuer(
            use, fetcher.fetch_json, Clock(), demonstration=False, token=token, granted=grants_in(view, "council")
        )


def codes(report: IssuerReport) -> list[str]:
    return [one.code for one in report.findings]


async def test_an_issuer_that_is_ready_passes_with_its_token() -> None:
    assert NOW == 1_800_000_000  # the date above

    report = await check(dict(PUBLISHED), token=PROVIDER.token())

    assert report.passed
    assert codes(report) == ["address-right", "issuer-same", "keys-right", "cache-right", "clock-right", "token-right"]
    assert (report.issuer, report.organisation, report.profile) == (ISSUER, "council", "rfc9068")


@pytest.mark.parametrize(
    ("page", "answer", "code"),
    [
        (DISCOVERY, httpx.ConnectError("no"), "unreachable"),
        (DISCOVERY, httpx.ReadTimeout("no"), "too-slow"),
        (DISCOVERY, httpx.Response(302, headers={"Location": DISCOVERY}), "status-refused"),
        (DISCOVERY, httpx.Response(200, text="<html>"), "not-json"),
        (DISCOVERY, httpx.Response(200, text=" " * 300_000), "too-large"),
        (KEYS, httpx.ConnectError("no"), "unreachable"),
        (KEYS, httpx.Response(500), "status-refused"),
        (KEYS, httpx.Response(200, text="[]"), "not-json"),
    ],
)
async def test_what_cannot_be_fetched_is_told_as_what_it_is(
    page: str, answer: httpx.Response | Exception, code: str
) -> None:
    report = await check({**PUBLISHED, page: answer})

    assert not report.passed
    wrong = [one for one in report.findings if one.level == "wrong"]
    expected = f"{'discovery' if page == DISCOVERY else 'key-set'}-{code}"
    assert expected in [one.code for one in wrong]


async def test_a_token_is_still_looked_at_where_the_keys_are_away() -> None:
    report = await check({**PUBLISHED, KEYS: httpx.Response(500)}, token=PROVIDER.token(aud="other"))

    assert {"key-set-status-refused", "key-unknown", "audience-refused"} <= set(codes(report))


async def test_metadata_of_rfc_8414_does_for_machines() -> None:
    pages: dict[str, httpx.Response | Exception] = {
        "https://login.example/.well-known/oauth-authorization-server/tenant": PUBLISHED[DISCOVERY],
        KEYS: PUBLISHED[KEYS],
    }

    report = await check(pages, token=PROVIDER.token(aud=AUDIENCE))

    assert report.passed
    assert "discovery-oauth-only" in codes(report)


async def test_signing_in_is_looked_at_where_people_do() -> None:
    assert not any(code.startswith("sign-in") for code in codes(await check(dict(PUBLISHED))))

    report = await check(dict(PUBLISHED), sign_in=SignIn("registry", "private_key_jwt"))

    assert {"sign-in-endpoint-missing", "sign-in-no-code", "sign-in-method-wrong"} <= set(codes(report))
