"""Documents about a case that the registry signs for a person who is signed in: a sharing event with its list of what
was withheld, and an acknowledgement.

The key is the registry's own, the one of attestations made on a page. Everybody can tell by its `kid`, the entry keeps
how the person had signed in, and nothing that a system sends is taken under it.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions.acknowledgements import ACKNOWLEDGEMENT_TYPE
from isa_registry.actions.sharing_events import EVENT_TYPE, WITHHELD_TYPE, Submitted
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.agreement_entries import SignInEvidence
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.sharing import Acknowledgement, SharingEvent, Withheld, WithheldCategory, read_event
from isa_registry.identity.attestation_key import AttestationKey, named_key
from isa_registry.ledger.drafts import Precondition

_NO_KEY = "The registry cannot sign for you at this moment. Record it in your own system, and here when this is mended."


class Authority(Struct, frozen=True):
    """On whose authority the registry signs: how they signed in, the entries that made them known (none for somebody
    whom only a claim of their provider gives the role), and what must hold of them at the tail."""

    sign_in: SignInEvidence
    approved_by: tuple[int, ...]
    holds: Precondition


def own_key(view: RegisterView, kid: str) -> KeyRegistered | None:
    """The registry's own key, which its log names in its first entry, if it has this id: whatever a body's key is
    called, it is none that signs for a person."""
    opened = view.opened()
    own = None if opened is None else named_key(opened)
    return own if own is not None and own.kid == kid else None


def usable(key: AttestationKey | None, view: RegisterView) -> AttestationKey:
    """The key, if it is the log's. Raises `Refused` (`unavailable`): what another signed would hold nowhere."""
    opened = view.opened()
    if key is None or opened is None or not key.is_named_by(opened):
        raise Refused("unavailable", _NO_KEY, retry_after=30)
    return key


def sign_event(event: SharingEvent, withheld: tuple[WithheldCategory, ...], key: AttestationKey) -> Submitted:
    """The event and its list, signed; the member `withheld_sha256` is made here."""
    listed = None
    if withheld:
        document = Withheld(
            event=event.id,
            partnership=event.partnership,
            registry=event.registry,
            v=event.v,
            withheld=withheld,
        )
        listed = key.sign_as(WITHHELD_TYPE, document)
        event = replace(event, withheld_sha256=hashlib.sha256(listed.encode()).hexdigest())
    return Submitted(event=key.sign_as(EVENT_TYPE, event), withheld=listed)


def sign_acknowledgement(
    event_jws: str, recipient: str, received_at: str, *, matches: bool, key: AttestationKey
) -> str:
    """A recipient's word on exactly this event, signed."""
    event = read_event(event_jws)
    said = Acknowledgement(
        v=event.v,
        registry=event.registry,
        partnership=event.partnership,
        event=event.id,
        event_sha256=hashlib.sha256(event_jws.encode()).hexdigest(),
        recipient=recipient,
        received_at=received_at,
        matches=matches,
    )
    return key.sign_as(ACKNOWLEDGEMENT_TYPE, said)
