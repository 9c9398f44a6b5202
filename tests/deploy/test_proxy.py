"""The example of a proxy, and other pieces of nginx in the documentation: they load, keep what is secret out of logs,
and hold nobody up who asks about immediate danger."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from isa_registry.api.access import ACCESS
from isa_registry.api.limits import CHECKS, NEVER_LIMITED

ROOT = Path(__file__).resolve().parents[2]
SITE = (ROOT / "deploy" / "nginx" / "isa-registry.conf").read_text(encoding="utf-8")
DOCUMENTED = [
    (page.name, piece)
    for page in sorted((ROOT / "docs").rglob("*.md"))
    for piece in re.findall(r"```nginx\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
]
SECRETS_IN_LINES = (
    "$request ",
    "$request'",
    "$uri",
    "$request_uri",
    "$args",
    "$query_string",
    "$http_referer",
    "$http_",
)


def block(opening: str) -> str:
    """What stands in a block of the site."""
    start = SITE.index(opening + " {")
    return SITE[start : SITE.index("\n    }", start)]


def without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|\s)#.*$", r"\1", text)


def test_a_line_of_the_log_holds_no_address_no_query_and_no_referrer() -> None:
    (form,) = re.findall(r"log_format [^;]*;", SITE)
    assert not any(one in form for one in SECRETS_IN_LINES), form
    assert re.findall(r"access_log ([^;]+);", SITE) == ["off", "/var/log/nginx/isa-registry.log isa_registry"]
    assert "error_log /dev/null crit;" in block("location ^~ /join/")


def test_the_longest_body_that_a_route_takes_comes_through_and_none_that_is_longer() -> None:
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", SITE)
    assert int(megabytes) << 20 == max(access.body_limit for access in ACCESS.values())


def test_the_service_is_told_its_own_name_and_where_a_request_comes_from() -> None:
    told = dict(re.findall(r"proxy_set_header (\S+) ([^;]+);", SITE))
    assert told == {"Connection": '""', "Host": "$host", "X-Forwarded-For": "$remote_addr", "Proxy": '""'}
    # A location that set a header of its own would lose all of these.
    assert SITE.count("proxy_set_header") == len(told)
    assert "proxy_http_version 1.1;" in SITE


def test_nobody_who_asks_about_immediate_danger_waits_for_the_proxys_limits() -> None:
    (danger,) = re.findall(r"location ~ (\S+) \{", SITE)
    assert "limit_req" not in block(f"location ~ {danger}")
    open_to_all = NEVER_LIMITED - {"/livez", "/readyz"}
    for route in (*CHECKS, *open_to_all, "/ask", "/ask/facts"):
        assert re.match(danger, route), route
    for route in ("/", "/agreements", "/api/v1/sharing-events", "/asking", "/join/a"):
        assert not re.match(danger, route), route


@pytest.mark.parametrize(("page", "piece"), [*DOCUMENTED, ("isa-registry.conf", SITE)])
def test_a_pattern_with_braces_is_quoted(page: str, piece: str) -> None:
    """Without quotes nginx takes a brace for the beginning of a block, and does not start."""
    for line in without_comments(piece).splitlines():
        found = re.match(r"\s*location ~\*? (.*) \{$", line)
        assert found is None or found[1].startswith('"') or "{" not in found[1], (page, line)


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx here")
def test_nginx_takes_the_site(tmp_path: Path) -> None:
    pair = tmp_path / "key.pem", tmp_path / "chain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pair[0], "-out", pair[1],
         "-subj", "/CN=registry.example.org"], check=True, capture_output=True,
    )  # fmt: skip
    site = SITE.replace("/etc/ssl/isa-registry/fullchain.pem", str(pair[1]))
    site = site.replace("/etc/ssl/isa-registry/key.pem", str(pair[0])).replace("/var/log/nginx", str(tmp_path))
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{site}\n}}\n", encoding="utf-8")
    done = subprocess.run(["nginx", "-t", "-c", whole, "-p", tmp_path], capture_output=True, text=True, check=False)
    assert "syntax is ok" in done.stderr, done.stderr
