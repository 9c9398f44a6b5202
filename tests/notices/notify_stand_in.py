"""GOV.UK Notify on loopback, as its documentation has it: it takes what Notify takes and refuses what Notify refuses.

https://docs.notifications.service.gov.uk/rest-api.html: the JWT, sending an e-mail, getting messages, and the errors.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from listening import Quiet, listening

SERVICE = "265a7a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
API_KEY = f"our_team-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
PLACEHOLDERS = {"subject", "body"}


class NotifyStandIn:
    """What it took, and how it is to fail: `fails` are statuses of the next answers (0: the connection is cut),
    `silent_after` takes a letter and cuts the connection before it says so."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.fails: list[int] = []
        self.silent_after: list[bool] = []
        self.url = ""


class Refusal(Exception):
    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status_code": status, "errors": [{"error": error, "message": message}]}


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def admit(authorization: str | None) -> None:
    """The JWT of the documentation: HS256 with the secret key, `iss` the service, `iat` within 30 seconds."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme != "Bearer":
        raise Refusal(401, "AuthError", "Unauthorized: authentication token must be provided")
    try:
        head, claims, signature = token.split(".")
        header, said = json.loads(_part(head)), json.loads(_part(claims))
    except ValueError:
        raise Refusal(403, "AuthError", "Invalid token: signature, api token is not valid") from None
    if header != {"alg": "HS256", "typ": "JWT"}:
        raise Refusal(403, "AuthError", "Invalid token: algorithm used is not HS256")
    if said.get("iss") != SERVICE:
        raise Refusal(403, "AuthError", "Invalid token: service not found")
    mac = hmac.new(SECRET.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(mac, _part(signature)):
        raise Refusal(403, "AuthError", "Invalid token: API key not found")
    if not isinstance(said.get("iat"), int) or abs(time.time() - said["iat"]) > 30:
        raise Refusal(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds")


def email(stand_in: NotifyStandIn, body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        raise Refusal(400, "BadRequestError", "Invalid JSON supplied in POST data") from None
    unknown = set(said) - {"email_address", "template_id", "personalisation", "reference", "email_reply_to_id",
                           "one_click_unsubscribe_url"}  # fmt: skip
    if unknown:
        raise Refusal(400, "ValidationError", "Additional properties are not allowed")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(said.get("email_address"))):
        raise Refusal(400, "ValidationError", "email_address Not a valid email address")
    if said.get("template_id") != TEMPLATE:
        raise Refusal(400, "BadRequestError", "Template not found")
    missing = PLACEHOLDERS - set(said.get("personalisation", {}))
    if missing:
        raise Refusal(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
    if len(str(said.get("reference", ""))) > 1000:
        raise Refusal(400, "ValidationError", "reference is too long")
    stand_in.taken.append({**said, "id": str(uuid.uuid4())})
    return {
        "id": stand_in.taken[-1]["id"],
        "reference": said.get("reference"),
        "content": {
            "subject": said["personalisation"]["subject"],
            "body": said["personalisation"]["body"],
            "from_email": "the_service@gov.uk",
        },
        "uri": f"{stand_in.url}/v2/notifications/{stand_in.taken[-1]['id']}",
        "template": {"id": TEMPLATE, "version": 1, "uri": f"{stand_in.url}/v2/template/{TEMPLATE}"},
    }


def listed(stand_in: NotifyStandIn, query: str) -> dict[str, Any]:
    asked = parse_qs(query)
    if set(asked) - {"reference", "status", "template_type", "older_than", "include_jobs"}:
        raise Refusal(400, "ValidationError", "Additional properties are not allowed")
    wanted = asked.get("reference", [None])[0]
    found = [one for one in stand_in.taken if wanted is None or one.get("reference") == wanted]
    return {
        "notifications": [
            {
                "id": one["id"], "reference": one.get("reference"), "email_address": one["email_address"],
                "type": "email", "status": "sending",
            }
            for one in found
        ],
        "links": {"current": f"{stand_in.url}/v2/notifications"},
    }  # fmt: skip


class _Handler(Quiet):
    stand_in: NotifyStandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer("/v2/notifications/email", 201, lambda _query: email(self.stand_in, body))

    def do_GET(self) -> None:
        self._answer("/v2/notifications", 200, lambda query: listed(self.stand_in, query))

    def _answer(self, path: str, status: int, work: Any) -> None:
        parts = urlsplit(self.path)
        try:
            if self.stand_in.fails:
                failing = self.stand_in.fails.pop(0)
                if failing == 0:
                    self.close_connection = True
                    return
                error = "RateLimitError" if failing == 429 else "Exception"
                raise Refusal(failing, error, "Internal server error")
            admit(self.headers["Authorization"])
            if parts.path != path:
                raise Refusal(404, "NoResultFound", "No result found")
            told = work(parts.query)
        except Refusal as refusal:
            status, told = refusal.status, refusal.body
        else:
            if self.command == "POST" and self.stand_in.silent_after and self.stand_in.silent_after.pop():
                self.close_connection = True
                return
        payload = json.dumps(told).encode()
        self.answer(status, payload, {"Content-Type": "application/json"})


@contextmanager
def notify_stand_in() -> Iterator[NotifyStandIn]:
    stand_in = NotifyStandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    with listening(handler) as stand_in.url:
        yield stand_in
