"""Requests for the benchmarks: every one distinct, made before the clock starts."""

from __future__ import annotations

import itertools
import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from isa_client.documents import SigningKey
from isa_client.identifiers import uuid7
from isa_client.references import read_subject_key, subject_reference

_PURPOSES = ("harm-outside-the-home", "child-protection-enquiry", "early-help", "crime-prevention", "missing-now")
_RECIPIENTS = ("durham-county-council", "nenc-icb", "harrogate-district-nhs-ft", "harbour", "probation-north-east")
_CATEGORIES = ("identity", "intelligence", "missing-episodes", "health", "risk-assessment", "education", "family")


def questions(count: int, *, record: bool, referring: bool = True) -> list[dict[str, Any]]:
    """Questions of a police force, no two the same: each names a child of its own by reference, unless they are not
    `referring` to anybody; then what is already known sets them apart."""
    facts = itertools.cycle(
        itertools.product(_PURPOSES, _RECIPIENTS, (True, False, None), (True, False, None), ("routine", "urgent"))
    )
    found = []
    for number, (purpose, recipient, helps, unsafe, urgency) in enumerate(itertools.islice(facts, count)):
        first = number % len(_CATEGORIES)
        found.append(
            {
                "recipient": recipient,
                "purpose": purpose,
                "categories": [_CATEGORIES[first], _CATEGORIES[(first + 1 + number // 450) % len(_CATEGORIES)]][
                    : 1 + (first != (first + 1 + number // 450) % len(_CATEGORIES))
                ],
                "subjects": [_child(number, referring=referring)],
                "urgency": urgency,
                "circumstances": {"would_help_recipient": helps, "informing_increases_risk": unsafe},
                "record": record,
            }
        )
    return found


def _child(number: int, *, referring: bool) -> dict[str, Any]:
    if referring:
        return {"kind": "child", "ref": "s1_" + secrets.token_urlsafe(32)}
    roles = ("victim", "suspect", "convicted", "witness", "associate")
    return {"kind": "child", "roles": [role for place, role in enumerate(roles) if number // 450 >> place & 1]}


def signed_events(count: int, *, key: SigningKey, subject_key: bytes, origin: str) -> list[str]:
    """Compact JWS of sharing events, each with its own id and subject."""
    now = datetime.now(UTC)
    stamp = f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
    return [key.sign("isa-sharing-event+jws", _event(number, stamp, subject_key, origin)) for number in range(count)]


def _event(number: int, stamp: str, subject_key: bytes, origin: str) -> dict[str, Any]:
    return {
        "v": 1, "registry": origin, "partnership": "durham",
        "id": uuid7(int(time.time() * 1000), secrets.token_bytes(10)), "decision": "shared",
        "provider": "durham-constabulary", "recipient": _RECIPIENTS[number % 5],
        "purpose": _PURPOSES[number // 5 % 5], "categories": [_CATEGORIES[number % 6], _CATEGORIES[6]],
        "withheld_sha256": None,
        "subjects": [{"kind": "child", "roles": ["victim"], "ref": subject_reference(subject_key, f"bench-{number}")}],
        "urgency": "routine", "check": None, "agreement": {"id": "tier-2-hoth", "version": "1.0"},
        "basis": {"article_6": ["art6-1-c", "art6-1-e"], "article_9": ["art9-2-g", "dpa-2018-sch1-para18"],
                  "article_10": ["dpa-2018-sch1-para18"], "part_3": [], "gateways": ["ca-2004-s16la"]},
        "para18_reason": "would-prejudice", "s36_4_authority": None, "confidentiality_route": None,
        "duty": {"would_help_recipient": (True, None)[number // 25 % 2], "more_detrimental": False},
        "consent": "not-sought",
        "informed": {"family": "no", "reason": "increases-risk"}, "childs_view": "not-safe-to-seek", "advice": [],
        "approved_by": None, "decided_by": {"role": "police-officer", "ref": "PNN-4411"}, "decided_at": stamp,
        "shared_at": stamp, "method": "secure-email", "marking": "official-sensitive", "request": None,
        "case_record": f"CMS-{number + 1000}", "retention": None, "review_on": None, "late_entry": False,
        "corrects": None,
    }  # fmt: skip


def write_lines(path: Path, bodies: list[Any]) -> Path:
    """One body a line, as wrk's script reads them."""
    lines = (body if isinstance(body, str) else json.dumps(body, separators=(",", ":")) for body in bodies)
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    return path


def police_keys(state: Path) -> tuple[SigningKey, bytes]:
    """The demonstration police force's signing key and subject-reference key."""
    directory = state / "demo" / "keys"
    return (
        SigningKey.read(directory / "durham-constabulary.jwk"),
        read_subject_key(directory / "durham-constabulary.subject-key"),
    )
