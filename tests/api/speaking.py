"""What the tests of the interface share: who speaks, signed events, tokens, and what every problem must be."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from isa_client.documents import payload_of
from isa_client.references import read_subject_key, subject_reference
from isa_registry.actions.identifiers import uuid7
from isa_registry.domain.dates import instant
from isa_registry.identity.compact import make_compact, private_key
from isa_registry.identity.demonstration import AUDIENCE
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.fsck.check import check_log
from isa_registry.store.pool import Connection, connect, connect_as_owner
from isa_verify.encoding import canonical_json, encode_base64url
from live import LEAD, POLICE, Demonstration

Claims = dict[str, Any]

MARKER = "zqx7f3marker"
"""Stands in every bad value, and must be nowhere afterwards."""

ORIGIN = "demo.isa-registry.invalid/durham"
EVENT = "isa-sharing-event+jws"
WITHHELD = "isa-withheld+jws"
SCHOOL = "example-primary-school"
ALL_SCOPES = "checks:ask events:write events:read consents:write consents:read agreements:read"
QUESTION: Claims = {"recipient": LEAD, "purpose": "harm-outside-the-home", "categories": ["identity"]}


def new_id() -> str:
    return uuid7(datetime.now(UTC), secrets.token_bytes(10))


def at(**ago: float) -> str:
    """A time before now, as `at(hours=25)`."""
    return instant(datetime.now(UTC) - timedelta(**ago))


def set_in(claims: Claims, path: str, value: object) -> Claims:
    """A copy with one member changed; `path` is a JSON pointer without its escapes."""
    copy: Claims = json.loads(json.dumps(claims))
    *steps, last = [int(step) if step.isdigit() else step for step in path.strip("/").split("/")]
    inner: Any = copy
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return copy


class Signer:
    """An organisation's keys, as its own system holds them."""

    def __init__(self, state: Path, organisation: str) -> None:
        self.organisation = organisation
        self.jwk: dict[str, str] = json.loads((state / "demo" / "keys" / f"{organisation}.jwk").read_bytes())
        self._subject_key = read_subject_key(state / "demo" / "keys" / f"{organisation}.subject-key")

    def with_key(self, jwk: dict[str, str]) -> Signer:
        """The same organisation with another private key."""
        other = copy(self)
        other.jwk = jwk
        return other

    def reference(self, identifier: str) -> str:
        return subject_reference(self._subject_key, identifier)

    def event(self, **changes: object) -> Claims:
        """The claims of a plain event that can be recorded, changed as asked."""
        return {
            "v": 1, "registry": ORIGIN, "partnership": "durham", "id": new_id(), "decision": "shared",
            "provider": self.organisation, "recipient": LEAD if self.organisation != LEAD else POLICE,
            "purpose": "harm-outside-the-home", "categories": ["identity"], "withheld_sha256": None,
            "subjects": [{"kind": "child", "roles": [], "ref": self.reference("A-100")}], "urgency": "routine",
            "check": None, "agreement": {"id": "tier-2-hoth", "version": "1.0"},
            "basis": {"article_6": ["art6-1-e"], "article_9": [], "article_10": [], "part_3": [], "gateways": []},
            "para18_reason": None, "s36_4_authority": None, "confidentiality_route": None,
            "duty": {"would_help_recipient": True, "more_detrimental": False}, "consent": "not-sought",
            "informed": {"family": "yes", "reason": None}, "childs_view": "not-sought", "advice": [],
            "approved_by": None, "decided_by": {"role": "police-officer", "ref": "STAFF-17"},
            "decided_at": at(seconds=1), "shared_at": at(), "method": "case-system",
            "marking": "official-sensitive", "request": None, "case_record": "CMS-1234", "retention": None,
            "review_on": None, "late_entry": False, "corrects": None, **changes,
        }  # fmt: skip

    def sign(self, claims: Claims | bytes, typ: str = EVENT, **header: object) -> str:
        """A compact JWS; bytes are signed as they are, and `header` is added to what stands there."""
        payload = claims if isinstance(claims, bytes) else canonical_json(claims)
        whole: dict[str, Any] = {"alg": "Ed25519", "kid": self.jwk["kid"], "typ": typ, **header}
        return make_compact(whole, payload, private_key(self.jwk))

    def held_back(self, decision: str, reason: str = "not-necessary", **changes: object) -> dict[str, str]:
        """A signed event with its signed list of what was withheld, as they are sent."""
        event = self.event(decision=decision, **changes)
        if decision != "part-shared":
            event["shared_at"] = None
        listed = self.sign(self.withheld(event["id"], reason), WITHHELD)
        event["withheld_sha256"] = hashlib.sha256(listed.encode()).hexdigest()
        return {"event": self.sign(event), "withheld": listed}

    def withheld(self, event: str, reason: str = "not-necessary") -> Claims:
        listed = [{"category": "health", "reason": reason}]
        return {"v": 1, "registry": ORIGIN, "partnership": "durham", "event": event, "withheld": listed}


def id_of(jws: str) -> str:
    return str(payload_of(jws)["id"])


def person_token(demonstration: Demonstration, organisation: str, person: str) -> str:
    """An access token of somebody who signs in now, by the code flow with PKCE."""
    verifier = secrets.token_urlsafe(40)
    redirect = "http://127.0.0.1:9999/callback"
    query = {
        "response_type": "code", "client_id": "isa-client", "redirect_uri": redirect, "scope": "openid",
        "code_challenge": encode_base64url(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256", "state": "s", "nonce": "n", "person": person,
    }  # fmt: skip
    base = f"{demonstration.url}/demo/idp/{organisation}"
    back = httpx.get(f"{base}/authorize?{urlencode(query)}")
    code = dict(parse_qsl(urlsplit(back.headers["location"]).query))["code"]
    form = {
        "grant_type": "authorization_code", "code": code, "client_id": "isa-client", "redirect_uri": redirect,
        "code_verifier": verifier,
    }  # fmt: skip
    return str(httpx.post(f"{base}/token", data=form).raise_for_status().json()["access_token"])


def forged_token(
    demonstration: Demonstration, organisation: str, *, header: Mapping[str, str] | None = None, **claims: object
) -> str:
    """A token signed with the issuer's own key, with claims of the test's choosing; None leaves one out."""
    jwk = json.loads((demonstration.state / "demo" / "idp" / f"{organisation}.jwk").read_bytes())
    now = int(time.time())
    whole = {
        "iss": f"{demonstration.url}/demo/idp/{organisation}", "sub": f"{organisation}-system", "aud": AUDIENCE,
        "client_id": f"{organisation}-system", "iat": now, "exp": now + 600, "jti": secrets.token_urlsafe(16),
        "scope": ALL_SCOPES, **claims,
    }  # fmt: skip
    payload = canonical_json({name: value for name, value in whole.items() if value is not None})
    whole_header = {"alg": "ES256", "kid": jwk["kid"], "typ": "at+jwt", **(header or {})}
    return make_compact(whole_header, payload, private_key(jwk))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Database:
    """The demonstration's database, looked at from outside."""

    def __init__(self, state: Path) -> None:
        self._postgres = EmbeddedPostgres(state / "postgres")
        self._postgres.start()
        self._url = self._postgres.url("isa_registry")
        self._loop = asyncio.new_event_loop()
        self._owner: Connection = self._loop.run_until_complete(connect_as_owner(self._url))

    def close(self) -> None:
        self._loop.run_until_complete(self._owner.close())
        self._loop.close()
        self._postgres.stop()

    def size(self) -> int:
        """How many entries the log holds at this moment."""
        return int(self._loop.run_until_complete(self._owner.fetchval("SELECT count(*) FROM entry")))

    def as_owner(self, query: str, *arguments: object) -> list[Any]:
        return [tuple(row) for row in self._loop.run_until_complete(self._owner.fetch(query, *arguments))]

    def signatures_found_wrong(self, vkeys: Sequence[str]) -> list[tuple[str, str]]:
        """What `fsck --signatures` has against documents that were signed."""
        report = self._loop.run_until_complete(
            check_log(self._url, origin="demo.isa-registry.invalid/durham", vkeys=vkeys, signatures=True)
        )
        return [(one.code, one.where) for one in report.findings if one.code.endswith("-signature")]

    def as_reader(self, organisation: str | None, query: str, *arguments: object) -> list[Any]:
        """Rows as the role `isa_read` sees them, reading for an organisation."""

        async def read() -> list[Any]:
            connection = await connect(self._url, "isa_read")
            try:
                if organisation is not None:
                    await connection.execute("SELECT set_config('isa.organisation', $1, false)", organisation)
                return [tuple(row) for row in await connection.fetch(query, *arguments)]
            finally:
                await connection.close()

        return self._loop.run_until_complete(read())


def assert_problem(
    answer: httpx.Response, status: int, code: str | None = None, pointer: str | None = None
) -> dict[str, Any]:
    """The answer is problem details as RFC 9457 and this interface have them, and repeats nothing of the input."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["instance"] == answer.headers["x-request-id"]
    kind = urlsplit(problem["type"]).path
    assert kind.startswith("/problems/")
    assert code is None or kind == f"/problems/{code}", answer.text
    assert problem["title"]
    assert problem["detail"]
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]], answer.text
    if "/checks" in answer.request.url.path:
        assert "immediate danger" in problem["immediate_danger"]
        assert "share now" in problem["immediate_danger"]
    assert MARKER not in answer.text
    assert MARKER not in str(answer.headers)
    return problem
