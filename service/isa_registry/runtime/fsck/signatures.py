"""Checking that each event, and each list of what was withheld, is signed by its own body's key as registered then."""

from __future__ import annotations

from isa_registry.actions.sharing_events import EVENT_TYPE, WITHHELD_TYPE
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.entries import Payload, SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.register.register import Register
from isa_registry.domain.sharing import read_event
from isa_registry.identity.documents import DocumentRefused, verify_document
from isa_registry.runtime.fsck.findings import Findings


class SignatureCheck:
    """What only its body can have made: whoever may append to the log cannot make it in the body's name."""

    def __init__(self, register: Register, findings: Findings) -> None:
        self._register = register
        self._findings = findings

    def entry(self, index: int, payload: Payload, *, register_whole: bool) -> None:
        """Looks at the payload of an entry; `register_whole` is whether no entry of the register before it is erased.

        Raises what `read_event` raises for an event that is none.
        """
        if isinstance(payload, SharingEventRecorded):
            body, typ = read_event(payload.jws).provider, EVENT_TYPE
        elif isinstance(payload, SharingEventWithheld):
            body, typ = payload.provider, WITHHELD_TYPE
        else:
            return
        view = self._register.at(index)

        def key_for(kid: str) -> KeyRegistered | None:
            key = view.key(body, kid)
            return key.registered if key and not key.revoked and "event" in key.registered.uses else None

        try:
            verify_document(payload.jws, typ=typ, key_for=key_for)
        except DocumentRefused as refused:
            # A key whose entry is erased, once it was revoked, can be held against nothing.
            if register_whole or refused.code != "jws-key-unknown":
                self._findings.add("event-signature", f"entry {index}")
