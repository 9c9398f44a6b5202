"""Documents about a case that the registry signs for a person who is signed in: a sharing event with its list of what
was withheld, and an acknowledgement.

The key is the registry's own, the one of attestations made on a page. Everybody can tell by its `kid`, the entry keeps
how the person had signed in, and nothing that a system sends is taken under it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import sharing_events
from isa_registry.actions.sharing_events import EVENT_TYPE, WITHHELD_TYPE, Admitted, Submitted
from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.agreement_entries import SignInEvidence
from isa_registry.domain.entries import SharingEventRecorded
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.sharing import SharingEvent, Withheld, WithheldCategory
from isa_registry.identity.attestation_key import AttestationKey, named_key
from isa_registry.identity.callers import Caller
from isa_registry.ledger.drafts import Draft, Precondition

_NO_KEY = "The registry cannot sign for you at this moment. Record it in your own system, and here when this is mended."


class Authority(Struct, frozen=True):
    """On whose authority the registry signs: how they signed in, the entries that made them known (none for somebody
    whom only a claim of their provider gives the role), and what must hold of them at the tail."""

    sign_in: SignInEvidence
    approved_by: tuple[int, ...]
    holds: Precondition


def sign_event(
    event: SharingEvent,
    withheld: tuple[WithheldCategory, ...],
    caller: Caller,
    view: RegisterView,
    *,
    key: AttestationKey | None,
    origin: str,
    now: datetime,
) -> Admitted:
    """The event of a person's own organisation, signed and admitted as any other; its member `withheld_sha256` is
    made here.

    Raises `Refused`: `unavailable` where the registry has no key that its log names, and what `admit` refuses.
    """
    own, key = _own(view, key)
    listed = None
    if withheld:
        document = Withheld(event.v, event.registry, event.partnership, event.id, withheld)
        listed = key.sign_as(WITHHELD_TYPE, document)
        event = replace(event, withheld_sha256=hashlib.sha256(listed.encode()).hexdigest())
    submitted = Submitted(event=key.sign_as(EVENT_TYPE, event), withheld=listed)
    return sharing_events.admit(submitted, caller, view, origin=origin, now=now, own=own)


def draft(admitted: Admitted, flags: tuple[str, ...], authority: Authority) -> Draft:
    """The record of an event that `sign_event` made: it keeps the sign-in, and holds only while its person may."""
    made = sharing_events.draft(admitted, flags)
    first, *rest = made.payloads
    assert isinstance(first, SharingEventRecorded)
    signed = replace(first, sign_in=authority.sign_in, approved_by=authority.approved_by)
    return replace(made, payloads=(signed, *rest), preconditions=(authority.holds, *made.preconditions))


def _own(view: RegisterView, key: AttestationKey | None) -> tuple[KeyRegistered, AttestationKey]:
    opened = view.opened()
    own = None if opened is None else named_key(opened)
    if key is None or opened is None or own is None or not key.is_named_by(opened):
        raise Refused("unavailable", _NO_KEY, retry_after=30)
    return own, key
