"""Records as the service makes them, of the size and shape of real ones: for logs that are built to be measured."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from uuid import UUID

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from asking import COUNCIL, POLICE, ask, question
from demonstration import catalogue
from isa_registry.domain.answers import RegisterSeen
from isa_registry.domain.entries import CheckAnswered, SharingEventRecorded
from isa_registry.domain.questions import Evidence
from isa_registry.domain.sharing import content_sha256
from isa_registry.ledger.drafts import Draft, EventClaim
from isa_verify.encoding import canonical_json, encode_base64url

_EVENTS = 10  # every tenth record is a sharing event, the others are checks
_AT = "2026-11-23T09:00:00.000Z"


class Records:
    """Payloads as the service makes them: a police force's checks, and its events."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._check = CheckAnswered(
            check="",
            organisation=POLICE,
            client="police-system",
            decided_at=_AT,
            question=question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence"),
            evidence=Evidence(),
            register=RegisterSeen(
                log_size=300, root="A" * 43 + "=", catalogue=f"sha256:{catalogue().sha256}", engine="1"
            ),
            answer=ask(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence"),
        )
        self._number = 0

    def drafts(self, count: int) -> list[Draft]:
        return [self._draft() for _ in range(count)]

    def _draft(self) -> Draft:
        self._number += 1
        if self._number % _EVENTS:
            return Draft(payloads=(msgspec.structs.replace(self._check, check="chk_" + secrets.token_hex(16)),))
        event = str(UUID(int=(0x0199 << 112) | (7 << 76) | (2 << 62) | self._number))
        jws = _event_jws(self._origin, event)
        claim = EventClaim(provider=POLICE, event=event, sha256=content_sha256(jws, None))
        return Draft(payloads=(SharingEventRecorded(jws=jws),), event=claim)


def _event_jws(origin: str, event: str) -> str:
    """A compact JWS of the size and shape of a real one; nobody looks at its signature here."""
    claims = {
        "v": 1, "registry": origin, "partnership": "durham", "id": event, "decision": "shared", "provider": POLICE,
        "recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity"], "withheld_sha256": None,
        "subjects": [{"kind": "child", "roles": [], "ref": "s1_" + secrets.token_urlsafe(32)}], "urgency": "routine",
        "check": None, "agreement": {"id": "tier-2-hoth", "version": "1.0"},
        "basis": {"article_6": ["art6-1-e"], "article_9": [], "article_10": [], "part_3": [], "gateways": []},
        "para18_reason": None, "s36_4_authority": None, "confidentiality_route": None,
        "duty": {"would_help_recipient": True, "more_detrimental": False}, "consent": "not-sought",
        "informed": {"family": "yes", "reason": None}, "childs_view": "not-sought", "advice": [], "approved_by": None,
        "decided_by": {"role": "police-officer", "ref": "STAFF-17"}, "decided_at": _AT, "shared_at": _AT,
        "method": "case-system", "marking": "official-sensitive", "request": None, "case_record": "CMS-1234",
        "retention": None, "review_on": None, "late_entry": False, "corrects": None,
    }  # fmt: skip
    header = {"alg": "Ed25519", "kid": "police-1", "typ": "isa-sharing-event+jws"}
    parts = (canonical_json(header), canonical_json(claims), secrets.token_bytes(64))
    return ".".join(encode_base64url(part) for part in parts)
