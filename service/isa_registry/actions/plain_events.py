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
    keys_still_good,
)
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.dates import instant
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import valid_at
from isa_registry.domain.sharing import SharingEvent
from isa_registry.domain.sound_events import Soundness
from isa_registry.identity.callers import Caller
from isa_registry.identity.plain_documents import Signer, verify_plain
from isa_registry.ledger.drafts import Precondition


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
        self._holds: dict[str, tuple[Precondition, ...]] = {}
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
        signed = verify_plain(
            [submitted.event for submitted in submissions],
            typ=EVENT_TYPE,
            key_for=lambda kid: self._key_for(view, kid),
        )
        read = [None if one is None else soundness.read(one[1]) for one in signed]
        return [
            self._admitted(submitted, one[0], event) if one is not None and event is not None else None
            for submitted, one, event in zip(submissions, signed, read, strict=True)
        ]

    def _admitted(self, submitted: Submitted, signer: Signer, event: SharingEvent) -> Admitted | None:
        if submitted.withheld is not None or not self._is_consistent(event, signer.key):
            return None
        holds = self._holds.get(signer.kid)
        if holds is None:
            # One for all of them: equal preconditions are held once.
            holds = self._holds[signer.kid] = keys_still_good(self._key_for, (signer.kid,))
        return Admitted(submitted, event, holds)

    def _is_consistent(self, event: SharingEvent, key: KeyRegistered) -> bool:
        """Whether its provider is the caller, and the register, the clock and its key have nothing against it."""
        decided, shared, recipient, agreement = event.decided_at, event.shared_at, event.recipient, event.agreement
        return (
            event.provider == self._provider
            and (recipient in self._recipients or not isinstance(recipient, str) or self._is_another_body(recipient))
            and (agreement is None or self._is_published(agreement.id, agreement.version))
            and decided <= self._latest
            and (decided > self._earliest or event.late_entry)
            and shared is not None
            and shared <= self._latest
            and valid_at(key, decided)
        )

    def _is_another_body(self, recipient: str) -> bool:
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
