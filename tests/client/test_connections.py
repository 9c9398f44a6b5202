"""The way out: no plain http elsewhere, no redirects, limits on size, and few, bounded retries."""

import json
import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc.jwk import ECKey

from client.stand_in import ORGANISATION, StandIn
from isa_client.client_keys import ClientKey
from isa_client.connections import MAX_ATTEMPTS, MAX_BODY, Connection
from isa_client.errors import InputError, TokenRefusedError, UnreachableError
from isa_client.tokens import ClientCredentials, TokenSource


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _source(stand_in: StandIn, clock: _Clock | None = None, **changes: Any) -> TokenSource:
    issuer = f"{stand_in.url}/demo/idp/{ORGANISATION}"
    values: dict[str, Any] = {"issuer": issuer, "client": f"{ORGANISATION}-system", "secret": "demo"}
    return TokenSource(ClientCredentials(**{**values, **changes}), Connection(), clock=clock or _Clock())


@pytest.mark.parametrize(
    "url",
    [
        "https://registry.example.org",
        "http://127.0.0.1:8000/",
        "http://[::1]:1",
        "http://localhost",
        "http://127.9.9.9",
    ],
)
def test_tls_anywhere_and_plain_http_on_this_machine_may_be_called(url: str) -> None:
    assert Connection().check_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example.org",
        "http://127.0.0.1.example.org",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://user@example.org",
        "https://example.org/?a=b",
        "https://example.org/#a",
        "https://",
        "example.org",
        "http://[",
        "https://example.org:99999",
        "https://example.org/\n",
        "https://registry..example.org",
        f"https://{'r' * 64}.example.org",
    ],
)
def test_any_other_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(InputError):
        Connection().check_url(url)


def test_plain_http_elsewhere_has_to_be_permitted() -> None:
    assert Connection(allow_http=True).check_url("http://10.0.0.1/a") == "http://10.0.0.1/a"


def test_a_busy_server_is_tried_again_after_the_time_it_names_and_not_for_ever(stand_in: StandIn) -> None:
    waited: list[float] = []
    stand_in.busy = 100
    connection = Connection(sleep=waited.append)
    reply = connection.request("GET", f"{stand_in.url}/api/v1/x", headers={}, attempts=99)
    assert (reply.status, waited, len(stand_in.calls)) == (503, [2.0] * (MAX_ATTEMPTS - 1), MAX_ATTEMPTS)


def test_a_redirect_is_an_answer_and_is_not_followed(stand_in: StandIn) -> None:
    stand_in.forced = (302, "text/plain", b"")
    assert Connection().request("GET", f"{stand_in.url}/api/v1/x", headers={}).status == 302
    assert stand_in.calls == ["GET /api/v1/x"]


def test_an_endless_answer_is_cut_off(stand_in: StandIn) -> None:
    stand_in.forced = (200, "text/plain", b"a" * (MAX_BODY + 1))
    with pytest.raises(UnreachableError, match="too long"):
        Connection().request("GET", f"{stand_in.url}/api/v1/x", headers={})


def test_a_server_that_says_nothing_is_given_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnreachableError, match="in time"):
        Connection(timeout=0.05).request("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/", headers={})


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(UnreachableError, match="cannot be reached"):
        Connection().request("GET", f"http://127.0.0.1:{port}/", headers={})


def test_a_server_that_nobody_vouches_for_is_told_nothing(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "server.pem").write_bytes(private + certificate.public_bytes(pem))
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trust.load_cert_chain(tmp_path / "server.pem")
    heard: list[bytes | None] = []

    def serve(listening: socket.socket) -> None:
        accepted, _ = listening.accept()
        with accepted:
            try:
                with trust.wrap_socket(accepted, server_side=True) as secure:
                    heard.append(secure.recv(1000))
            except OSError:
                heard.append(None)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        with pytest.raises(UnreachableError, match="cannot be reached"):
            Connection().request("GET", f"https://localhost:{listening.getsockname()[1]}/", headers={})
        thread.join()
    assert heard == [None]


def test_a_token_is_kept_until_shortly_before_it_expires(stand_in: StandIn) -> None:
    clock = _Clock()
    source = _source(stand_in, clock)
    assert source.token() == source.token()
    clock.now += 269
    source.token()
    assert len(stand_in.granted_scopes) == 1
    clock.now += 1
    source.token()
    assert len(stand_in.granted_scopes) == 2


def test_a_token_that_is_good_still_is_used_while_the_issuer_is_away(stand_in: StandIn) -> None:
    clock = _Clock()
    source = _source(stand_in, clock)
    token = source.token()
    stand_in.discovery = {"issuer": "https://another.example"}
    clock.now += 299
    assert source.token() == token
    clock.now += 1
    with pytest.raises(UnreachableError):
        source.token()
    stand_in.discovery = {}
    source.token()
    stand_in.discovery = {"issuer": "https://another.example"}
    source.forget(token)
    with pytest.raises(UnreachableError):
        source.token()


def test_a_secret_of_any_characters_arrives_whole(stand_in: StandIn) -> None:
    stand_in.secret = "a:b c%+é/="
    assert _source(stand_in, secret="a:b c%+é/=").token() == "an.access-token_1"


def test_a_refused_token_names_the_reason_and_nothing_else(stand_in: StandIn) -> None:
    with pytest.raises(TokenRefusedError, match=r"refused a token \(invalid_client\)\.$") as caught:
        _source(stand_in, secret="mistyped").token()
    assert "mistyped" not in str(caught.value)


@pytest.mark.parametrize(
    ("discovery", "error", "message"),
    [
        ({"issuer": "https://other.example.org"}, UnreachableError, "another issuer"),
        ({"token_endpoint": None}, UnreachableError, "no token endpoint"),
        ({"token_endpoint": "http://10.0.0.1/token"}, InputError, "Plain http"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, UnreachableError, "client_secret_basic"),
    ],
)
def test_an_issuer_that_is_not_what_it_should_be_never_sees_the_secret(
    stand_in: StandIn, discovery: dict[str, object], error: type[Exception], message: str
) -> None:
    stand_in.discovery = discovery
    with pytest.raises(error, match=message):
        _source(stand_in).token()
    assert not any("POST" in call for call in stand_in.calls)


def test_a_key_is_shown_to_no_issuer_that_takes_none(stand_in: StandIn) -> None:
    key = ClientKey.from_jwk(json.dumps({**ECKey.generate_key("P-256").as_dict(private=True), "kid": "k"}).encode())
    with pytest.raises(UnreachableError, match="private_key_jwt"):
        _source(stand_in, secret="", key=key).token()
    assert not any("POST" in call for call in stand_in.calls)


def test_credentials_do_not_show_their_secret() -> None:
    assert "hush" not in repr(ClientCredentials("https://example.org", "a", "hush"))
