# ruff: noqa: E501 - tables of one case a line
"""What no route answers: unknown paths, methods, hosts, and requests that are hardly requests."""

from __future__ import annotations

import re
import socket
from typing import Any

import httpx
import pytest

from api.speaking import MARKER, QUESTION, assert_problem
from live import Demonstration

pytestmark = pytest.mark.usefixtures("unchanged")


def raw(demonstration: Demonstration, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Sends these very bytes; returns status, headers and body."""
    with socket.create_connection(("127.0.0.1", demonstration.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *headers = head.decode("latin-1").split("\r\n")
    named = [header.split(": ", 1) for header in headers]
    return int(line.split(" ")[1]), {name.lower(): value for name, value in named}, body


def get(demonstration: Demonstration, target: bytes, *headers: bytes) -> tuple[int, dict[str, str], bytes]:
    own = b"Host: 127.0.0.1:%d\r\nConnection: close\r\n" % demonstration.port
    return raw(
        demonstration, b"GET " + target + b" HTTP/1.1\r\n" + own + b"".join(one + b"\r\n" for one in headers) + b"\r\n"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        f"/{MARKER}",
        "/api/v1",
        "/api/v2/checks",
        "/api/v1/checks/a/b",
        "/log/x",
        "/log/tile",
        "/.env",
        "/docs",
    ],
)
def test_an_unknown_path_is_not_found(nobody: httpx.Client, path: str) -> None:
    assert_problem(nobody.get(path), 404, "not-found")


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/checks/{MARKER}", "/api/v1/checks/a%00b", "/api/v1/checks/%ff%fe", "/api/v1/checks/chk_%D9%A3",
        f"/api/v1/checks/{MARKER}/receipt", "/api/v1/checks/%00/receipt",
        f"/api/v1/sharing-events/{MARKER}", "/api/v1/sharing-events/%00",
        "/api/v1/sharing-events/01890000-0000-7000-8000-000000000000",
        "/api/v1/sharing-events/{01890000-0000-7000-8000-000000000000}",
        "/api/v1/sharing-events/urn:uuid:01890000-0000-7000-8000-000000000000",
        f"/api/v1/organisations/{MARKER}", "/api/v1/organisations/%00",
        f"/api/v1/agreements/{MARKER}", f"/api/v1/agreements/tier-1/versions/{MARKER}", "/api/v1/agreements/tier-1/versions/%00",
        f"/api/v1/agreements/tier-1/versions/1.0/clauses/{MARKER}", f"/api/v1/agreements/{MARKER}/versions/1.0/attestations",
        f"/log/tile/{MARKER}", "/log/tile/0/%00", "/log/tile/0/-1", "/log/tile/0/0", "/log/tile/0/0000", "/log/tile/64/000",
        "/log/tile/0/000.p/0", "/log/tile/0/000.p/256", "/log/tile/0/x000/000", "/log/tile/0/999", "/log/tile/x/entries/000",
        "/log/tile/63/x999/x999/x999/x999/x999/x999/x999/x999/999",
        f"/demo/idp/{MARKER}/jwks",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(police: httpx.Client, path: str) -> None:
    assert_problem(police.get(path), 404, "not-found")


@pytest.mark.parametrize(
    "path",
    [f"/problems/{MARKER}", f"/static/{MARKER}", "/static/..%2f..%2fsettings.py", "/static/%2e%2e/%2e%2e/site.py"],
)
def test_pages_and_files_that_are_not_there_are_not_found(nobody: httpx.Client, path: str) -> None:
    answer = nobody.get(path)
    assert answer.status_code == 404
    assert MARKER not in answer.text
    assert "import" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/api/v1/checks", {"POST", "OPTIONS"}),
        ("DELETE", "/api/v1/checks", {"POST", "OPTIONS"}),
        ("PUT", "/api/v1/sharing-events", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("PATCH", "/api/v1/organisations/durham-constabulary", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/log/checkpoint", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/livez", {"GET", "HEAD", "OPTIONS"}),
        (MARKER.upper(), "/livez", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_refused_with_those_that_are_taken(
    police: httpx.Client, method: str, path: str, allow: set[str]
) -> None:
    answer = police.request(method, path)
    assert_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == allow


def test_options_says_which_methods_a_path_takes_and_lets_no_other_site_in(nobody: httpx.Client) -> None:
    answer = nobody.options(
        "/api/v1/checks", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == {"POST", "OPTIONS"}
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["/livez", "/api/v1/agreements", "/log/keys", "/log/tile/0/000"])
def test_head_is_get_without_the_body(nobody: httpx.Client, path: str) -> None:
    full, head = nobody.get(path), nobody.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == full.headers["content-type"]
    assert int(head.headers["content-length"]) == len(full.content)


def test_head_needs_the_token_that_get_needs(nobody: httpx.Client, police: httpx.Client) -> None:
    assert (nobody.head("/api/v1/organisations").status_code, police.head("/api/v1/organisations").status_code) == (
        401,
        200,
    )


@pytest.mark.parametrize(
    "host",
    [MARKER, "evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "127.0.0.1.evil.example:{port}", "[::1]:{port}"],
)
def test_another_host_is_misdirected(demonstration: Demonstration, nobody: httpx.Client, host: str) -> None:
    answer = nobody.get("/api/v1/agreements", headers={"Host": host.format(port=demonstration.port)})
    assert_problem(answer, 421, "misdirected")


def test_no_host_or_two_are_misdirected(demonstration: Demonstration) -> None:
    own = b"Host: 127.0.0.1:%d\r\n" % demonstration.port
    for hosts in (b"", own + b"Host: evil.example\r\n", b"Host: evil.example\r\n" + own):
        status, headers, _ = raw(demonstration, b"GET /livez HTTP/1.1\r\nConnection: close\r\n" + hosts + b"\r\n")
        assert (status, headers["content-type"]) == (421, "application/problem+json")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_its_own_hosts_are_answered(demonstration: Demonstration, nobody: httpx.Client, name: str) -> None:
    assert nobody.get("/livez", headers={"Host": f"{name}:{demonstration.port}"}).status_code == 200


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/%zz", 404),
        (b"/%", 404),
        (b"/api/v1/agreements/%", 404),
        (b"/api/v1/agreements/%e2%28%a1", 404),
        (b"/api/v1/agreements?%ff=%zz&=&&", 200),
        (b"/" + MARKER.encode() * 3_000, 404),
        (b"/api/v1/agreements?x=" + MARKER.encode() * 3_000, 200),
        (b"*", 404),
        (b"/api/v1/agreements/..%2f..%2f..%2fetc%2fpasswd", 404),
        (b"//evil.example/", 404),
    ],
)  # fmt: skip
def test_an_odd_address_never_breaks_anything(demonstration: Demonstration, target: bytes, status: int) -> None:
    found, headers, body = get(demonstration, target)
    assert found == status
    assert headers["x-request-id"]
    assert status == 200 or headers["content-type"] == "application/problem+json"
    assert MARKER.encode() not in body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(200)) + b"\r\n", 431),
        (MARKER.encode() + b"\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
        (b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /api/v1/checks HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400),
    ],
    ids=["long address", "many headers", "no HTTP", "another version", "negative length", "two lengths"],
)  # fmt: skip
def test_what_is_hardly_a_request_is_refused_by_the_server_itself(
    demonstration: Demonstration, request_bytes: bytes, status: int
) -> None:
    found, _, body = raw(demonstration, request_bytes)
    assert (found, body) == (status, b"")


def test_header_values_that_are_no_text_break_nothing(demonstration: Demonstration) -> None:
    status, headers, _ = get(
        demonstration,
        b"/api/v1/organisations",
        b"Authorization: Bearer \xff\xfe",
        b"X-Request-ID: \xff\xfe\xfd12345678",
    )
    assert status == 401
    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])


def test_a_body_that_never_comes_holds_nothing(demonstration: Demonstration, police: httpx.Client) -> None:
    """The declared length alone is enough to refuse."""
    head = (
        b"POST /api/v1/checks HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n"
        b"Authorization: %s\r\nContent-Length: 99999999\r\n\r\n{"
    ) % (demonstration.port, police.headers["authorization"].encode())
    assert raw(demonstration, head)[0] == 413


# --- what every answer carries -------------------------------------------------------------------------------------

ANSWERS: list[Any] = [
    ("GET", "/livez", 200), ("GET", "/nowhere", 404), ("GET", "/api/v1/checks", 405), ("POST", "/api/v1/checks", 415),
    ("GET", "/log/checkpoint", 200), ("GET", "/agreements", 200),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_names_its_request_and_the_logs_size(
    nobody: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = nobody.request(method, path)
    assert answer.status_code == status
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert int(answer.headers["isa-log-size"]) > 300
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"]


def test_a_callers_own_request_id_is_kept(nobody: httpx.Client) -> None:
    answer = nobody.get("/nowhere", headers={"X-Request-ID": "case-system.2026-11-23_0001"})
    assert answer.headers["x-request-id"] == "case-system.2026-11-23_0001"
    assert answer.json()["instance"] == "case-system.2026-11-23_0001"


@pytest.mark.parametrize(
    "given", ["short", "x" * 129, f"{MARKER} with spaces", f"{MARKER}<script>", f"{MARKER}é".encode()]
)
def test_a_request_id_that_is_not_plain_is_replaced(nobody: httpx.Client, given: str | bytes) -> None:
    answer = nobody.get("/livez", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


def test_log_lines_name_the_route_and_not_the_address(demonstration: Demonstration, police: httpx.Client) -> None:
    marked = {"X-Request-ID": "log-line-test-1", "Cookie": MARKER, "User-Agent": MARKER, "Referer": MARKER}
    police.get(f"/api/v1/agreements/{MARKER}?person={MARKER}", headers=marked)
    lines = [line for line in demonstration.output.splitlines() if "log-line-test-1" in line]
    assert len(lines) == 1
    assert '"route":"/api/v1/agreements/{agreement}"' in lines[0]
    assert '"status":404' in lines[0]


def test_a_refused_question_still_says_what_to_do_in_danger(nobody: httpx.Client) -> None:
    for answer in (
        nobody.post("/api/v1/checks", json=QUESTION),
        nobody.get("/api/v1/checks"),
        nobody.post("/api/v1/checks/batch", content=b"", headers={"Content-Type": "text/plain"}),
        nobody.get("/api/v1/checks/chk_none"),
    ):
        assert "share now with the police on 999" in answer.json()["immediate_danger"]


def test_a_method_of_the_clients_own_making_is_refused_and_not_logged(demonstration: Demonstration) -> None:
    own = b"Host: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % demonstration.port
    status, _, body = raw(demonstration, MARKER.encode() + b" /livez HTTP/1.1\r\n" + own)
    assert status == 405
    assert MARKER.encode() not in body
