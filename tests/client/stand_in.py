"""A small registry that holds the client to the published formats: it answers nothing that is not exactly right.

It is the identity provider, the API and the log of a demonstration in one, on a loopback port. Every departure of
the client from the formats becomes a 4xx, and is kept in `faults` for the test to see.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote_plus

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from isa_verify import leaf, note, receipt
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import canonical_json, decode_base64url, encode_base64url, parse_json_strict
from isa_verify.merkle import leaf_hash
from isa_verify.proof import TlogProof
from listening import Quiet, listening

ORIGIN = "demo.isa-registry.invalid/durham"
ORGANISATION = "durham-constabulary"
CHECK_ID = "chk_01hzz0000000"
TOKEN = "an.access-token_1"

QUESTION_MEMBERS = {
    "provider", "recipient", "purpose", "categories", "subjects", "urgency", "circumstances", "on", "as_of", "record",
    "explain",
}  # fmt: skip
EVENT_MEMBERS = {
    "v", "registry", "partnership", "id", "decision", "provider", "recipient", "purpose", "categories",
    "withheld_sha256", "subjects", "urgency", "check", "agreement", "basis", "para18_reason", "s36_4_authority",
    "confidentiality_route", "duty", "consent", "informed", "childs_view", "advice", "approved_by", "decided_by",
    "decided_at", "shared_at", "method", "marking", "request", "case_record", "retention", "review_on", "late_entry",
    "corrects",
}  # fmt: skip

ANSWER = {
    "id": CHECK_ID,
    "decided_at": "2026-10-01T09:30:00.000Z",
    "outcome": "may-share",
    "headline": "You may share this with Durham County Council.",
    "reasons": [{"code": "agreement", "text": "Both bodies signed Tier 2.", "cites": ["tier-2-hoth/1.0#5.3"]}],
    "regime": "uk-gdpr",
    "basis": {
        "article_6": ["art6-1-e"],
        "article_9": ["art9-2-g", "dpa-2018-sch1-para18"],
        "article_10": [],
        "part_3": [],
        "gateways": ["ca-2004-s11"],
    },
    "duty": {"provision": "ca-2004-s16la", "engaged": None, "verified": False},
    "consent": {"role": "not-the-basis", "seek": "must-not", "text": "Asking would increase the risk."},
    "inform": {"expected": "unless-unsafe", "now": False, "text": "Do not tell the family yet."},
    "conditions": [{"code": "minimum-necessary", "text": "Share only what is needed."}],
    "missing": [{"code": "dpia", "needed": "good-record", "who": "your-ig-lead", "text": "No DPIA is on record."}],
    "to_record": ["decision", "who-decided"],
    "agreements": [
        {"agreement": "tier-2-hoth", "version": "1.0", "clause": "5.3", "url": "/agreements/x", "sha256": "0" * 64}
    ],
    "categories": [
        {"code": "identity", "special": False, "criminal": False, "outcome": "may-share"},
        {"code": "intelligence", "special": False, "criminal": True, "outcome": "may-share"},
    ],
    "advice": [{"who": "your Caldicott Guardian", "why": "health data"}],
    "register": {"log_size": 1234, "root": "…", "catalogue": "sha256:…", "engine": "1"},
    "recorded": True,
    "stale": False,
    "receipt": f"/api/v1/checks/{CHECK_ID}/receipt",
}


class StandIn:
    """The state behind the server. Tests set the members that make it awkward."""

    def __init__(self) -> None:
        self.url = ""
        self.secret = "demo"
        self.granted_scopes: list[str | None] = []
        self.answer: dict[str, object] = dict(ANSWER)
        self.questions: list[dict[str, object]] = []
        self.events: dict[str, tuple[str, str | None]] = {}
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.idempotency_keys: list[str] = []
        self.faults: list[str] = []
        self.busy = 0
        """How many more requests to the API are answered 503."""
        self.tokens_refused = 0
        """How many more tokens the API takes for expired."""
        self.forced: tuple[int, str, bytes] | None = None
        """An answer (status, content type, body) to every request to the API."""
        self.discovery: dict[str, object] = {}
        self.calls: list[str] = []
        self._log_key = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)

    @property
    def vkey(self) -> str:
        return note.vkey_of(ORIGIN, note.ED25519, self._log_key.public_key().public_bytes_raw())

    def checkpoint(self, root: bytes) -> bytes:
        text = Checkpoint(ORIGIN, 1, root).text()
        return note.format_note(text, [note.sign_ed25519(ORIGIN, self._log_key, text)])

    def receipt_of(self, payload: dict[str, object]) -> bytes:
        """A genuine receipt of a log whose only entry is this payload."""
        body, salt = canonical_json(payload), b"\x01" * 32
        entry = leaf.Leaf(
            ORIGIN, 0, leaf.FIRST_PREV, "2026-10-01T09:30:00.000Z", "record", leaf.commitment("record", body, salt)
        ).encode()
        proof = TlogProof(0, (), self.checkpoint(leaf_hash(entry))).text()
        return receipt.build(entry, body, salt, proof)


@contextmanager
def serving() -> Iterator[StandIn]:
    """A stand-in on a free loopback port."""
    state = StandIn()
    with listening(type("Handler", (_Handler,), {"state": state})) as state.url:
        yield state


class _Refused(Exception):
    def __init__(self, status: int, code: str, pointer: str | None = None) -> None:
        super().__init__(status, code)
        self.status, self.code, self.pointer = status, code, pointer


class _Handler(Quiet):
    state: StandIn

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, body: bytes) -> None:
        self.state.calls.append(f"{self.command} {self.path}")
        try:
            status, media_type, content = self._route(body)
        except _Refused as refused:
            self.state.faults.append(refused.code)
            problem = {
                "type": f"/problems/{refused.code}",
                "title": refused.code.replace("-", " "),
                "status": refused.status,
                "detail": "It was refused.",
                "errors": [{"pointer": refused.pointer, "detail": "Look here."}] if refused.pointer else [],
                "instance": "req-1",
            }
            status, media_type, content = refused.status, "application/problem+json", json.dumps(problem).encode()
        more = {503: {"Retry-After": "2"}, 302: {"Location": f"{self.state.url}/elsewhere"}}.get(status, {})
        self.answer(status, content, {"Content-Type": media_type, **more})

    def _route(self, body: bytes) -> tuple[int, str, bytes]:
        state, issuer = self.state, f"/demo/idp/{ORGANISATION}"
        if (self.command, self.path) == ("GET", f"{issuer}/.well-known/openid-configuration"):
            document = {"issuer": state.url + issuer, "token_endpoint": f"{state.url}{issuer}/token", **state.discovery}
            return _json(200, document)
        if (self.command, self.path) == ("POST", f"{issuer}/token"):
            return self._token(body)
        if (self.command, self.path) == ("GET", "/log/checkpoint"):
            return 200, "text/plain; charset=utf-8", state.checkpoint(b"\x02" * 32)
        if not self.path.startswith("/api/v1/"):
            raise _Refused(404, "not-found")

        if state.forced is not None:
            return state.forced
        if state.busy > 0:
            state.busy -= 1
            raise _Refused(503, "try-again")
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            raise _Refused(401, "token-missing")
        if state.tokens_refused > 0:
            state.tokens_refused -= 1
            raise _Refused(401, "token-expired")
        if (self.command, self.path) == ("POST", "/api/v1/checks"):
            return self._check(body)
        if (self.command, self.path) == ("POST", "/api/v1/sharing-events"):
            return self._event(body)
        return self._receipt()

    def _token(self, body: bytes) -> tuple[int, str, bytes]:
        kind, _, encoded = self.headers["Authorization"].partition(" ")
        client, _, secret = base64.b64decode(encoded, validate=True).decode("ascii").partition(":")
        form = parse_qs(body.decode("ascii"), strict_parsing=True)
        if self.headers["Content-Type"] != "application/x-www-form-urlencoded" or kind != "Basic":
            return _json(400, {"error": "invalid_request"})
        if (unquote_plus(client), unquote_plus(secret)) != (f"{ORGANISATION}-system", self.state.secret):
            return _json(401, {"error": "invalid_client", "error_description": "No such secret"})
        if form.pop("grant_type", None) != ["client_credentials"] or not form.keys() <= {"scope"}:
            return _json(400, {"error": "unsupported_grant_type"})
        self.state.granted_scopes.append(form.get("scope", [None])[0])
        return _json(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300})

    def _check(self, body: bytes) -> tuple[int, str, bytes]:
        self._idempotency_key()
        if self.headers["Content-Type"] != "application/json":
            raise _Refused(415, "media-type")
        question = parse_json_strict(body)
        if not isinstance(question, dict) or not question.keys() <= QUESTION_MEMBERS:
            raise _Refused(400, "unknown-member")
        if question["provider"] != ORGANISATION:
            raise _Refused(403, "not-your-organisation")
        if question["purpose"] == "no-such-purpose":
            raise _Refused(422, "unknown-code", "#/purpose")
        self.state.questions.append(dict(question))
        return _json(200, self.state.answer)

    def _event(self, body: bytes) -> tuple[int, str, bytes]:
        self._idempotency_key()
        if self.headers["Content-Type"] == "application/jose":
            event, withheld = body.decode("ascii"), None
        elif self.headers["Content-Type"] == "application/json":
            both = json.loads(body)
            if both.keys() != {"event", "withheld"}:
                raise _Refused(400, "unknown-member")
            event, withheld = both["event"], both["withheld"]
        else:
            raise _Refused(415, "media-type")
        claims = self._verified(event, "isa-sharing-event+jws")
        if claims.keys() != EVENT_MEMBERS or claims["v"] != 1 or claims["registry"] != ORIGIN:
            raise _Refused(422, "event-members")
        if claims["withheld_sha256"] != (hashlib.sha256(withheld.encode()).hexdigest() if withheld else None):
            raise _Refused(422, "withheld-differs", "#/withheld_sha256")
        if withheld:
            listed = self._verified(withheld, "isa-withheld+jws")
            if (
                listed.keys() != {"v", "registry", "partnership", "event", "withheld"}
                or listed["event"] != claims["id"]
            ):
                raise _Refused(422, "withheld-members")
        identifier = str(claims["id"])
        if identifier in self.state.events and self.state.events[identifier] != (event, withheld):
            raise _Refused(409, "another-event")
        known = identifier in self.state.events
        self.state.events[identifier] = (event, withheld)
        answer = {
            "id": identifier,
            "provider": ORGANISATION,
            "entry": 1235,
            "recorded_at": "2026-10-01T09:31:00.000Z",
            "flags": ["withheld-against-duty"] if claims["decision"] == "not-shared" else [],
            "receipt": f"/api/v1/sharing-events/{identifier}/receipt",
        }
        return _json(200 if known else 201, answer)

    def _receipt(self) -> tuple[int, str, bytes]:
        if self.path == f"/api/v1/checks/{CHECK_ID}/receipt":
            payload: dict[str, object] = {"kind": "check.answered", "check": CHECK_ID}
            return 200, "application/json", self.state.receipt_of(payload)
        match = re.fullmatch(r"/api/v1/sharing-events/([0-9a-f-]{36})/receipt", self.path)
        if match is None or match[1] not in self.state.events:
            raise _Refused(404, "not-found")
        payload = {"kind": "sharing-event.recorded", "jws": self.state.events[match[1]][0], "flags": []}
        return 200, "application/json", self.state.receipt_of(payload)

    def _verified(self, compact: str, document_type: str) -> dict[str, object]:
        header_text, payload_text, signature = compact.split(".")
        header = parse_json_strict(decode_base64url(header_text))
        if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"}:
            raise _Refused(422, "jws-header")
        if header["alg"] != "Ed25519" or header["typ"] != document_type or header["kid"] not in self.state.keys:
            raise _Refused(422, "jws-header")
        try:
            self.state.keys[str(header["kid"])].verify(
                decode_base64url(signature), f"{header_text}.{payload_text}".encode("ascii")
            )
        except InvalidSignature:
            raise _Refused(422, "jws-signature") from None
        claims = parse_json_strict(decode_base64url(payload_text))
        assert isinstance(claims, dict)
        return dict(claims)

    def _idempotency_key(self) -> None:
        key = self.headers["Idempotency-Key"] or ""
        if re.fullmatch(r'"[\x21\x23-\x5b\x5d-\x7e]{16,255}"', key) is None:
            raise _Refused(400, "idempotency-key")
        self.state.idempotency_keys.append(key)


def jwk(private: Ed25519PrivateKey, kid: str) -> dict[str, str]:
    """The private key as a JWK (RFC 8037 section 2)."""
    public = private.public_key().public_bytes_raw()
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": encode_base64url(public),
        "d": encode_base64url(private.private_bytes_raw()),
        "kid": kid,
    }


def _json(status: int, document: object) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(document).encode()
