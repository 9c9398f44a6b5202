"""The certification's sample policy: two people, two records, and eight decisions. Nothing of ours is in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw

from isa_registry.domain.authzen.messages import Evaluation
from isa_registry.domain.authzen.policy import Asked, Response
from isa_registry.domain.refusals import Refused

PEOPLE: dict[str, dict[str, Any]] = {"alice": {}, "bob": {"role": "admin"}}
RECORDS: dict[str, dict[str, Any]] = {"record-1": {"status": "active"}, "record-2": {"status": "archived"}}
ACTIONS = ("delete", "read", "write")


@dataclass(frozen=True)
class Sampled:
    permits: bool


def _given(raw: Raw) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(raw) or b"{}")
    return found


class SamplePolicy:
    moment = "always"

    def decide(self, asked: Sequence[Evaluation]) -> list[Sampled | Refused]:
        return [self._decide(one) for one in asked]

    def _decide(self, asked: Evaluation) -> Sampled:
        if asked.subject.type != "user" or asked.resource.type != "record":
            return Sampled(permits=False)
        person, record = PEOPLE.get(asked.subject.id), RECORDS.get(asked.resource.id)
        if person is None or record is None:
            return Sampled(permits=False)
        role = {**person, **_given(asked.subject.properties)}.get("role")
        archived = {**record, **_given(asked.resource.properties)}.get("status") == "archived"
        if asked.action.name == "read":
            return Sampled(permits=True)
        if asked.action.name == "delete":
            return Sampled(asked.subject.id == "alice" and _given(asked.action.properties).get("soft") is True)
        if asked.action.name == "write":
            return Sampled(role == "admin" if archived else asked.subject.id == "alice")
        return Sampled(permits=False)

    def candidates(self, asked: Asked) -> Sequence[str]:
        example = asked.example
        if asked.sought == "subject":
            return sorted(PEOPLE) if example.subject.type == "user" else ()
        if asked.sought == "resource":
            return sorted(RECORDS) if example.resource.type == "record" else ()
        return ACTIONS

    def at_once(self, decisions: Sequence[Sampled]) -> list[Response | None]:
        return [Response(one.permits) for one in decisions]

    async def respond(self, decisions: Sequence[Sampled]) -> list[Response | Refused]:
        return [Response(one.permits) for one in decisions]
