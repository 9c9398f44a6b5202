"""Checking what only their makers can have made: events, lists and attestations signed with their body's own key as
registered then, those that the registry signed for a person, and the proof with which each key was registered."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict

import msgspec
from msgspec import Struct

from isa_registry.actions.acknowledgements import ACKNOWLEDGEMENT_TYPE
from isa_registry.actions.sharing_events import EVENT_TYPE, WITHHELD_TYPE
from isa_registry.actions.signed_for import own_key
from isa_registry.domain.access_entries import KeyRegistered, KeySignatory
from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import AttestationDocument, read_attestation
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.entries import (
    LogContinued,
    Payload,
    SharingEventAcknowledged,
    SharingEventRecorded,
    SharingEventWithheld,
)
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.signing_keys import Use, key_for_use, valid_at
from isa_registry.domain.sharing import read_acknowledgement
from isa_registry.identity.attestation_key import TYPE as ATTESTATION_TYPE
from isa_registry.identity.attestation_key import named_key
from isa_registry.identity.documents import DocumentRefused, verify_document
from isa_registry.identity.key_proofs import proof_faults, read_proof
from isa_registry.runtime.fsck.findings import Findings
from isa_verify.continuation import INDEX


class _Signed(Struct, frozen=True):
    """A document, who should have signed it with a key for which use, and the time that it says it is of. `by_registry`
    says whether the registry signed it for a person instead, as the sign-in beside it shows; None where nobody can say
    any more."""

    jws: str
    typ: str
    body: str
    use: Use
    of: str | None
    by_registry: bool | None


class SignatureCheck:
    """What only its body can have made: whoever may append to the log cannot make it in the body's name."""

    def __init__(self, register: Register, findings: Findings) -> None:
        self.register = register
        self._findings = findings
        # Milliseconds since 1970 at which each key signed something: eight bytes a document, for logs of millions.
        self._signed: defaultdict[tuple[str, str], array[int]] = defaultdict(lambda: array("q"))
        # The event last seen: where, when it was decided, and whether the registry signed it for a person.
        self._decided = (-1, "", False)
        self._continued_at = ""
        self.of_earlier_logs = 0
        """Attestations carried over whose key is not in this log: nothing here says whether their signatures hold."""

    def entry(self, index: int, payload: Payload, *, at: str, register_whole: bool) -> None:
        """Looks at the payload of an entry, logged `at`; `register_whole` is whether no entry of the register before it
        is erased.

        Raises what `read_event` and `read_acknowledgement` raise for a document that is none.
        """
        if isinstance(payload, SharingEventRecorded):
            event = payload.event
            for_a_person = payload.sign_in is not None
            self._decided = (index, event.decided_at, for_a_person)
            signed = _Signed(payload.jws, EVENT_TYPE, event.provider, "event", event.decided_at, for_a_person)
        elif isinstance(payload, SharingEventWithheld):
            # The list is of the decision in the entry before it, of its time and its signer; if that is erased, nobody
            # can say.
            decided_in, decided_at, for_a_person = self._decided
            of, by = (decided_at, for_a_person) if decided_in == index - 1 else (None, None)
            signed = _Signed(payload.jws, WITHHELD_TYPE, payload.provider, "event", of, by)
        elif isinstance(payload, SharingEventAcknowledged):
            said = read_acknowledgement(payload.jws)
            by = payload.sign_in is not None
            signed = _Signed(payload.jws, ACKNOWLEDGEMENT_TYPE, said.recipient, "acknowledgement", said.received_at, by)
        else:
            # What begins a log that continues another has one time, and what was carried over names the log it is of.
            carried = at == self._continued_at
            if isinstance(payload, LogContinued) and index == INDEX:
                self._continued_at = at
            elif isinstance(payload, KeyRegistered):
                self._key(index, payload, carried=carried)
            elif isinstance(payload, AttestationMade):
                self._attestation(index, payload, carried=carried, register_whole=register_whole)
            return
        self._document(index, signed, at=at, register_whole=register_whole)

    def _document(self, index: int, signed: _Signed, *, at: str, register_whole: bool) -> None:
        """Signed with a key that its body had registered for that use by then, and that was valid when the document
        says that it is of; with the log's own key for people where a sign-in says so, and nowhere else."""
        view, body = self.register.at(index), signed.body
        finding = f"{signed.use}-signature"

        def key_for(kid: str) -> KeyRegistered | None:
            own = None if signed.by_registry is False else own_key(view, kid)
            return own if own is not None or signed.by_registry else key_for_use(view, body, kid, signed.use)

        try:
            document = verify_document(signed.jws, typ=signed.typ, key_for=key_for)
        except DocumentRefused as refused:
            # A key whose entry is erased, once it was revoked, can be held against nothing; the log's own never is.
            if register_whole or signed.by_registry or refused.code != "jws-key-unknown":
                self._findings.add(finding, f"entry {index}")
            return
        if document.key.organisation != body:
            return  # the log's own, which no body revokes
        if signed.of is not None and not valid_at(document.key, signed.of):
            self._findings.add(finding, f"entry {index}")
        self._signed[body, document.kid].append(_milliseconds(at))

    def _key(self, index: int, key: KeyRegistered, *, carried: bool) -> None:
        """A key without a proof came with the log's founding, or from the log that it continues: the proof of one that
        was carried over names that log."""
        opened = self.register.at(index).opened()
        if key.proof is None or opened is None:
            return
        try:
            claims = read_proof(key.proof, key)
        except (DocumentRefused, Refused):
            self._findings.add("key-proof", f"entry {index}")
            return
        faults = proof_faults(claims, key, origin=opened.origin, partnership=opened.partnership)
        if any(not carried or fault.code != "another-registry" for fault in faults):
            self._findings.add("key-proof", f"entry {index}")

    def _attestation(self, index: int, made: AttestationMade, *, carried: bool, register_whole: bool) -> None:
        """Signed with the log's own attestation key, or with a key of its signatory: of the body that it binds, or of
        one that this one delegated to.

        One that was carried over names the log that it was made for. What that log signed itself only the key in its
        first entry can verify, and this log holds no such entry, so that it is counted and not judged, whatever the
        key here is called. The keys of bodies were carried over with it, those apart whose entries had been erased.
        """
        view = self.register.at(index)
        opened, claims = view.opened(), read_attestation(made.jws)
        if opened is None:
            return
        made_here = claims.registry == opened.origin
        if not made_here and not carried:
            self._findings.add("attestation-signature", f"entry {index}")
            return
        own = named_key(opened) if made_here else None
        signatory = KeySignatory(role=claims.signatory.role, ref=claims.signatory.ref)
        bodies = (claims.organisation, *(one.given.to for one in view.delegations_of(claims.organisation)))

        def key_for(kid: str) -> KeyRegistered | None:
            if claims.signed_by == "registry":
                return own if own is not None and own.kid == kid else None
            found = (
                key_for_use(view, body, kid, "attestation", signatory=signatory) for body in bodies if body is not None
            )
            return next((key for key in found if key is not None and valid_at(key, claims.attested_at)), None)

        try:
            document = verify_document(made.jws, typ=ATTESTATION_TYPE, key_for=key_for)
            msgspec.json.decode(document.payload, type=AttestationDocument)
        except DocumentRefused as refused:
            unknown = refused.code == "jws-key-unknown"
            if unknown and not made_here:
                self.of_earlier_logs += 1
            elif not unknown or register_whole or claims.signed_by == "registry":
                self._findings.add("attestation-signature", f"entry {index}")
        except msgspec.MsgspecError:
            self._findings.add("attestation-signature", f"entry {index}")

    def suspect(self) -> int:
        """How many of the documents seen were logged when their key was in doubt, as the register says at its end."""
        view = self.register.at(2**62)
        found = 0
        for (body, kid), signed in self._signed.items():
            key = view.key(body, kid)
            if key is not None and key.suspect_from is not None:
                found += len(signed) - bisect_left(signed, _milliseconds(key.suspect_from))
        return found


def _milliseconds(at: str) -> int:
    return round(parse_instant(at).timestamp() * 1000)
