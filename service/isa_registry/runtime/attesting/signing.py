"""Recording attestations: the signatory's own document, or one that the registry signs for a person who just signed
in."""

from __future__ import annotations

from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import attestations, leaving
from isa_registry.actions.attestations import Target, attestation_id
from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.attesting import Said
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.signing_keys import kid_of
from isa_registry.identity.attestation_key import AttestationKey
from isa_registry.identity.callers import RECENT_SECONDS, Caller
from isa_registry.ledger.drafts import Appended, Draft, IdempotencyClaim
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.agreements.coming_into_force import follow_rule
from isa_registry.runtime.folding import one_as_logged
from isa_registry.runtime.log_keys.files import read_attestation_key
from isa_registry.runtime.people.authority import sign_in_of
from isa_registry.runtime.registry import Registry
from isa_registry.store import log
from isa_registry.store.pool import reading_for
from isa_registry.store.sessions import Session

_log = structlog.get_logger(__name__)


class WrongAttestationKey(Exception):
    """The registry's attestation key is not the one that the log began with: nothing that it signs would hold."""


class Made(Struct, frozen=True):
    """An attestation as recorded. `repeated`: it was recorded before, and this is where."""

    attestation: str
    organisation: str
    entry: int
    logged_at: str
    repeated: bool = False


class Attesting:
    """Attestations of one registry. `key` is the registry's own; without it nothing is signed for anybody."""

    def __init__(self, registry: Registry, key: AttestationKey | None) -> None:
        self._registry = registry
        self._key = key

    def refuse_wrong_key(self) -> None:
        """Raises `WrongAttestationKey`. A log that has not begun names no key yet: each signature asks again."""
        opened = self._registry.follower.view.opened()
        if self._key is None:
            _log.warning("attestation-key-absent", pages="nothing is signed for anybody")
        elif opened is not None and not self._key.is_named_by(opened):
            says = "ISA_ATTESTATION_KEY_FILE holds another key than the one that the log names in its first entry."
            # The server that starts this worker says only that it ended.
            _log.critical("attestation-key-refused", says=says)
            raise WrongAttestationKey(says)

    async def by_document(
        self, jws: str, target: Target, caller: Caller, *, claim: IdempotencyClaim | None = None, at: str = ""
    ) -> Made:
        """Records the signatory's own document. The same document again is answered with what it made, also once its
        key is revoked. Raises `Refused`."""
        registry = self._registry
        try:
            draft = attestations.by_document(
                jws,
                target,
                caller.organisation,
                registry.follower.view,
                origin=registry.origin,
                now=registry.now(),
                at=at,
            )
            appended = await registry.sequencer.append(replace(draft, idempotency=claim))
        except Refused:
            earlier = await self._recorded_before(jws, target, caller)
            if earlier is None:
                raise
            return earlier
        return await self._made(draft, appended)

    async def by_person(
        self,
        said: Said,
        target: Target,
        organisation: str,
        caller: Caller,
        *,
        session: Session | None = None,
        claim: IdempotencyClaim | None = None,
    ) -> Made:
        """Signs for a person who signed in just now, and records it. `session`: theirs on the pages, whose ID token
        says how they signed in.

        Raises `Refused`: `sign-in-too-old`, `unavailable` where the registry has no key, and what the action refuses.
        """
        registry = self._registry
        now = registry.now()
        evidence = sign_in_of(caller, session, now=now, within=RECENT_SECONDS)
        if self._key is None:
            raise Refused("unavailable", "The registry cannot sign attestations at this moment.", retry_after=30)
        draft = attestations.by_person(
            said,
            target,
            organisation,
            decider(caller),
            registry.follower.view,
            key=self._key,
            sign_in=evidence,
            now=now,
        )
        return await self._made(draft, await registry.sequencer.append(replace(draft, idempotency=claim)))

    async def decline(
        self, target: Target, organisation: str, reason: str, caller: Caller, claim: IdempotencyClaim | None = None
    ) -> Appended:
        """Raises `Refused`."""
        draft = leaving.decline(target, organisation, reason, decider(caller), self._registry.follower.view)
        return await self._append(draft, claim)

    async def withdraw(
        self,
        target: Target,
        attestation: str,
        on: str,
        reason: str,
        caller: Caller,
        claim: IdempotencyClaim | None = None,
    ) -> Appended:
        """Raises `Refused`."""
        draft = leaving.withdraw(target, attestation, on, reason, decider(caller), self._registry.follower.view)
        return await self._append(draft, claim)

    async def _append(self, draft: Draft, claim: IdempotencyClaim | None) -> Appended:
        appended = await self._registry.sequencer.append(replace(draft, idempotency=claim))
        if not appended.repeated:
            return appended
        entry = await self._entry(appended.index)
        return replace(appended, at=entry.at)

    async def _made(self, draft: Draft, appended: Appended) -> Made:
        payload, at = draft.payloads[0], appended.at
        if isinstance(payload, AttestationMade) and not appended.repeated:
            claims = read_attestation(payload.jws)
            await follow_rule(self._registry, claims.agreement, claims.version)
        if appended.repeated:
            entry = await self._entry(appended.index)
            payload, at = one_as_logged(entry, AttestationMade), entry.at
        assert isinstance(payload, AttestationMade)
        return _told(payload, appended.index, at, repeated=appended.repeated)

    async def _recorded_before(self, jws: str, target: Target, caller: Caller) -> Made | None:
        """What the very same document made, to the body whose key signed it."""
        try:
            found = self._registry.follower.view.attestation(attestation_id(jws))
        except Refused:
            return None
        signed_here = (
            found is not None and self._registry.follower.view.key(caller.organisation, kid_of(jws)) is not None
        )
        if found is None or not signed_here or (found.agreement, found.version) != (target.agreement, target.version):
            return None
        entry = await self._entry(found.entry)
        payload = one_as_logged(entry, AttestationMade)
        if payload.jws != jws:
            return None
        return _told(payload, entry.index, entry.at, repeated=True)

    async def _entry(self, index: int) -> log.StoredEntry:
        async with reading_for(self._registry.reading, "") as connection:
            entry = await log.entry(connection, index)
        if entry is None:
            raise Refused("gone", "This was erased when its retention ended; the log still proves that it was there.")
        return entry


def _told(payload: AttestationMade, entry: int, at: str, *, repeated: bool) -> Made:
    return Made(payload.attestation, read_attestation(payload.jws).organisation, entry, at, repeated)


def attestation_key(path: Path) -> AttestationKey | None:
    """The key in a file; None where there is no such file, and then nobody attests on the pages. Raises
    `KeyFileError`, or `KeyUnusableError` for a key that signs nothing."""
    return AttestationKey(read_attestation_key(path)) if path.exists() else None
