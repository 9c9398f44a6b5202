"""Admitting plain events of one caller together: what is admitted here is what `sharing_events.admit` would admit, and
whatever is not is left to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from isa_registry.actions.sharing_events import (
    AHEAD,
    EVENT_TYPE,
    LATE,
    Admitted,
    KeyFor,
    OwnKeys,
    Submitted,
)
from isa_registry.domain.dates import instant
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import valid_at
from isa_registry.domain.sharing import SharingEvent, canonical_event, hold_event
from isa_registry.domain.sound_events import Soundness
from isa_registry.identity.callers import Caller
from isa_registry.identity.documents import SignedDocument
from isa_registry.identity.plain_documents import verify_plain


class Plainly:
    """Holds events of one caller against one state of the register, at one moment."""

    def __init__(
        self, caller: Caller, view: RegisterView, *, origin: str, now: datetime, key_for: KeyFor | None = None
    ) -> None:
        self._provider, self._view = caller.organisation, view
        self._key_for = key_for or OwnKeys(caller.organisation)
        # Times are written to the millisecond: these are of the same form, and no later than the limits themselves.
        self._latest, self._earliest = instant(now + AHEAD), instant(now - LATE)
        self._recipients: set[str] = set()
        self._agreements: set[tuple[str, str]] = set()
        catalogue, opened = view.catalogue(), view.opened()
        self._soundness = None
        if catalogue is not None and opened is not None:
            self._soundness = view.memory.recall(
                ("sound-events", origin),
                lambda: Soundness(catalogue, origin=origin, partnership=opened.partnership),
            )

    def admit(self, submissions: Sequence[Submitted]) -> list[Admitted | None]:
        """Those that are plain: signed in the usual form, all shared, nothing wrong. None for any other."""
        soundness, view = self._soundness, self._view
        if soundness is None:
            return [None] * len(submissions)
        documents = verify_plain(
            [submitted.event for submitted in submissions],
            typ=EVENT_TYPE,
            key_for=lambda kid: self._key_for(view, kid),
            read=canonical_event,
        )
        plain = [
            document is not None
            and submitted.withheld is None
            and isinstance(document.read, SharingEvent)
            and soundness.is_plain(document.read)
            and self._is_consistent(document.read, document)
            for submitted, document in zip(submissions, documents, strict=True)
        ]
        return [
            Admitted(submitted, hold_event(submitted.event, document.read), (document.kid,), self._key_for)
            if is_plain and document is not None and isinstance(document.read, SharingEvent)
            else None
            for submitted, document, is_plain in zip(submissions, documents, plain, strict=True)
        ]

    def _is_consistent(self, event: SharingEvent, document: SignedDocument) -> bool:
        """Whether its provider is the caller, and the register, the clock and its key have nothing against it."""
        shared = event.shared_at
        return (
            event.provider == self._provider
            and event.retention is None
            and (not isinstance(event.recipient, str) or self._is_another_body(event.recipient))
            and (event.agreement is None or self._is_published(event.agreement.id, event.agreement.version))
            and event.decided_at <= self._latest
            and (event.decided_at > self._earliest or event.late_entry)
            and shared is not None
            and shared <= self._latest
            and valid_at(document.key, event.decided_at)
        )

    def _is_another_body(self, recipient: str) -> bool:
        if recipient in self._recipients:
            return True
        if recipient == self._provider or self._view.organisation(recipient) is None:
            return False
        self._recipients.add(recipient)
        return True

    def _is_published(self, agreement: str, version: str) -> bool:
        named = (agreement, version)
        if named in self._agreements:
            return True
        if self._view.agreement_version(agreement, version) is None:
            return False
        self._agreements.add(named)
        return True
