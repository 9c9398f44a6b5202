"""An acknowledgement of what one does not see asks the database for the same, and is told the same, as one of what
never was."""

from __future__ import annotations

import hashlib

import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE
from faults.drafts import (
    CALLER,
    COUNCIL_KID,
    COUNCILS,
    COUNCILS_JWK,
    NOW,
    event_draft,
    event_id,
    furnish,
    submitted,
)
from isa_registry.actions.acknowledgements import ACKNOWLEDGEMENT_TYPE
from isa_registry.domain.dates import instant
from isa_registry.domain.refusals import Refused
from isa_registry.identity.callers import Caller
from isa_registry.identity.signing import sign_document
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.acknowledging import acknowledge
from isa_registry.runtime.registry import Registry
from recording_queries import Recorder
from running import ORIGIN, running

STRANGER = "harbour"
UNKNOWN, SHARED = 2, 1


def says(organisation: str, number: int, kid: str) -> str:
    claims = {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "event": event_id(number),
        "event_sha256": hashlib.sha256(submitted(SHARED).event.encode()).hexdigest(), "recipient": organisation,
        "received_at": instant(NOW), "matches": True,
    }  # fmt: skip
    return sign_document(claims, ACKNOWLEDGEMENT_TYPE, COUNCILS_JWK, kid)  # type: ignore[arg-type]


async def told(registry: Registry, recorder: Recorder, organisation: str, number: int, kid: str) -> tuple[object, ...]:
    """What the body is told of an acknowledgement of this event, and what was asked of the database for it."""
    caller: Caller = replace(CALLER, organisation=organisation, client=f"{organisation}-system")
    with recorder.watched() as asked, pytest.raises(Refused) as refused:
        await acknowledge(registry, says(organisation, number, kid), event_id(number), caller)
    return refused.value.code, refused.value.detail, refused.value.faults, tuple(asked)


async def test_what_one_does_not_see_is_as_what_never_was(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(database_url) as registry:
        await furnish(registry)
        for organisation, kid in ((STRANGER, "stranger-1"), (POLICE, "police-2")):
            key = replace(COUNCILS, organisation=organisation, kid=kid)
            await registry.sequencer.append(Draft(payloads=(key,)))
        await registry.sequencer.append(event_draft(SHARED, registry.follower.view))
        recorder = Recorder(monkeypatch)
        size = registry.follower.view.size
        for organisation, kid in ((STRANGER, "stranger-1"), (POLICE, "police-2")):
            # The first question on a connection prepares its statements.
            await told(registry, recorder, organisation, UNKNOWN, kid)
            never = await told(registry, recorder, organisation, UNKNOWN, kid)
            assert never[0] == "not-found"
            assert await told(registry, recorder, organisation, SHARED, kid) == never
        council: Caller = replace(CALLER, organisation=COUNCIL)
        assert registry.follower.view.size == size
        said = await acknowledge(registry, says(COUNCIL, SHARED, COUNCIL_KID), event_id(SHARED), council)
        assert (said.provider, said.index, said.repeated) == (POLICE, size, False)
