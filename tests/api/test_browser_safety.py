"""What every answer tells a browser that it may not do, on each kind of answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.access_kinds import KINDS
from isa_registry.api.browser_safety import fetches, form_targets, policy, safe
from live import Demonstration

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
ALWAYS = {
    "content-security-policy": POLICY,
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "x-permitted-cross-domain-policies": "none",
}
EACH = pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])


def ask(nobody: httpx.Client, demonstration: Demonstration, kind: Any) -> httpx.Response:
    answer = nobody.request(kind.method, kind.path.replace("{url}", demonstration.url), headers=kind.headers)
    assert answer.status_code == kind.status
    return answer


@EACH
def test_every_answer_carries_each_header_once(nobody: httpx.Client, demonstration: Demonstration, kind: Any) -> None:
    headers = ask(nobody, demonstration, kind).headers
    assert {name: headers.get_list(name) for name in ALWAYS} == {name: [value] for name, value in ALWAYS.items()}


@EACH
def test_no_answer_opens_a_feature_of_the_device(nobody: httpx.Client, demonstration: Demonstration, kind: Any) -> None:
    (header,) = ask(nobody, demonstration, kind).headers.get_list("permissions-policy")
    allowed = dict(feature.split("=") for feature in header.split(", "))
    assert set(allowed.values()) == {"()"}
    assert {"camera", "microphone", "geolocation", "payment", "usb", "display-capture"} <= set(allowed)


@EACH
def test_only_what_was_made_for_everybody_may_be_loaded_elsewhere_or_kept(
    nobody: httpx.Client, demonstration: Demonstration, kind: Any
) -> None:
    headers = ask(nobody, demonstration, kind).headers
    assert headers.get_list("cache-control") == [kind.cache]
    assert headers.get_list("cross-origin-resource-policy") == ["cross-origin" if kind.shared else "same-origin"]
    assert ("Cookie" in headers.get("vary", "")) == headers.get("content-type", "").startswith("text/html")


@EACH
def test_no_answer_sets_a_cookie_or_lets_another_site_read_it(
    nobody: httpx.Client, demonstration: Demonstration, kind: Any
) -> None:
    headers = ask(nobody, demonstration, kind).headers
    assert "set-cookie" not in headers
    assert not [name for name in headers if name.startswith("access-control-")]


@EACH
def test_whatever_is_refused_leads_to_what_to_do_in_immediate_danger(
    nobody: httpx.Client, demonstration: Demonstration, kind: Any
) -> None:
    answer = ask(nobody, demonstration, kind)
    if answer.headers.get("content-type", "").startswith("text/html"):
        assert 'href="/immediate-danger"' in answer.text
    elif kind.status >= 400:
        assert answer.headers["link"].startswith(f'<{demonstration.url}/immediate-danger>; rel="help"')


def test_the_policy_has_no_way_for_inline_or_foreign_script() -> None:
    for word in ("unsafe", "data:", "blob:", "*", "http:", "https:", "nonce-", "strict-dynamic"):
        assert word not in POLICY
    assert policy().decode() == POLICY


def test_a_page_whose_form_signs_in_names_the_issuer_and_nothing_else_is_widened() -> None:
    scope: Any = {"isa_form_targets": ("https://login.example.org", "http://127.0.0.1:8000")}
    headers = dict(safe([(b"content-type", b"text/html")], form_targets(scope)))
    assert headers[b"content-security-policy"].decode() == POLICY.replace(
        "form-action 'self'", "form-action 'self' https://login.example.org http://127.0.0.1:8000"
    )
    assert form_targets({}) == ()  # type: ignore[typeddict-item]


def test_the_one_page_whose_script_fetches_may_fetch_what_is_here_and_nothing_else(nobody: httpx.Client) -> None:
    allowed = nobody.get("/log/verify", headers={"Accept": "text/html"}).headers["content-security-policy"]
    assert allowed == POLICY.replace("default-src 'none'", "default-src 'none'; connect-src 'self'")
    assert nobody.get("/log").headers["content-security-policy"] == POLICY
    assert not fetches({})  # type: ignore[typeddict-item]
    assert not fetches({"isa_fetches": "https://elsewhere.example"})  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    "target",
    [
        "*", "https:", "https://*", "http://login.example.org", "https://login.example.org/path", "'unsafe-inline'",
        "https://a.example; script-src *", "https://a.example https://b.example", "data:", "https://a.example\r\nX: y",
    ],
)  # fmt: skip
def test_what_is_no_single_origin_never_gets_into_the_policy(target: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        form_targets({"isa_form_targets": (target,)})  # type: ignore[typeddict-item]


def test_an_answer_cannot_loosen_what_keeps_it_safe() -> None:
    loose = [
        (b"content-security-policy", b"default-src *"),
        (b"x-frame-options", b"ALLOWALL"),
        (b"referrer-policy", b"unsafe-url"),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ]
    found = safe([*loose, (b"content-type", b"application/json")])
    assert [pair for pair in found if pair in loose] == []
    assert len({name for name, _ in found}) == len(found)
