"""Who looks at a page: a live session, or the short-lived fallback of one, and what the register lets its person do."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.roles import LAW_LEAD, LEAD_ROLES, PARTNERSHIP_UNIT
from isa_registry.identity.callers import Caller
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import use_for
from isa_registry.identity.tokens import roles_today
from isa_registry.store.sessions import Session
from isa_verify.encoding import decode_base64url, encode_base64url
from isa_verify.errors import MalformedError

ID_BYTES = 32

FALLBACK_SECONDS = 15 * 60
"""How long somebody can still ask after the database went away: long enough for a failover or a restart, and for a
practitioner in the middle of a question; short enough for a revocation that no worker could read to count soon."""

RENEW_SECONDS = 5 * 60
"""A fallback older than this is issued anew with the next page."""

NEVER_BY_A_CLAIM = frozenset({*LEAD_ROLES, PARTNERSHIP_UNIT, LAW_LEAD})
"""Roles that reach beyond one's own organisation: two people grant them, whatever a provider says."""

_FALLBACK = "fallback"
_CSRF = "csrf"
_WHOSE = "csrf-person"


class Visitor(Struct, frozen=True):
    """A person signed in at one organisation. `fallback`: the database is away, and the session was live lately."""

    id_sha256: bytes
    issuer: str
    subject: str
    organisation: str
    claims: tuple[str, ...]
    reaches: tuple[str, ...]
    auth_time: int | None
    expires_at: int
    fallback: bool = False

    @property
    def reference(self) -> str:
        return self.id_sha256.hex()[:8]


class _Fallback(Struct, frozen=True, array_like=True):
    id_sha256: bytes
    issuer: str
    subject: str
    organisation: str
    claims: tuple[str, ...]
    made_at: int
    expires_at: int


_decode = msgspec.json.Decoder(_Fallback).decode


def visitor_in(session: Session) -> Visitor:
    return Visitor(
        id_sha256=session.id_sha256,
        issuer=session.issuer,
        subject=session.subject,
        organisation=session.organisation,
        claims=session.claims,
        reaches=session.reaches,
        auth_time=None if session.auth_time is None else int(session.auth_time.timestamp()),
        expires_at=int(session.expires_at.timestamp()),
    )


def caller_for(visitor: Visitor, view: RegisterView, now: datetime) -> Caller | None:
    """The caller, with the roles that the register gives them today; None where the issuer signs nobody in for the
    organisation any more."""
    use = use_for(view, visitor.issuer, visitor.organisation)
    if use is None:
        return None
    assert use.sign_in is not None
    return Caller(
        organisation=visitor.organisation,
        issuer=visitor.issuer,
        subject=visitor.subject,
        client=use.sign_in.client,
        person=True,
        scopes=frozenset(),
        roles=roles_for(view, use, visitor.subject, visitor.claims, now),
        auth_time=visitor.auth_time,
        expires_at=visitor.expires_at,
    )


def roles_for(view: RegisterView, use: Issuer, subject: str, claims: tuple[str, ...], now: datetime) -> frozenset[str]:
    """The roles granted to a person for the use's organisation, and those that the use still gives for their claims."""
    mapped = {one.role for one in use.roles_from if f"{one.claim}={one.value}" in claims} - NEVER_BY_A_CLAIM
    return roles_today(view, use.organisation, use.issuer, subject, now.timestamp()) | mapped


def id_hash(cookie: str | None) -> bytes | None:
    """The SHA-256 of a session's id, as a cookie holds it; None for what is no id."""
    if cookie is None:
        return None
    try:
        identifier = decode_base64url(cookie)
    except MalformedError:
        return None
    return hashlib.sha256(identifier).digest() if len(identifier) == ID_BYTES else None


def id_cookie(identifier: bytes) -> str:
    return encode_base64url(identifier)


def csrf_token(keys: SessionKeys, visitor: Visitor) -> str:
    """What each form of this session sends back: a mark of the session, and one of whose it is, by which a form is
    known once the session has ended."""
    return f"{keys.mark(_CSRF, visitor.id_sha256)}.{keys.mark(_WHOSE, _whose(visitor))}"


def is_csrf_token(keys: SessionKeys, visitor: Visitor, given: str) -> bool:
    of_this_person = is_of_the_same_person(keys, visitor, given)
    return is_csrf_token_of(keys, visitor.id_sha256, given) and of_this_person


def is_csrf_token_of(keys: SessionKeys, id_sha256: bytes, given: str) -> bool:
    """The same where the session itself cannot be read: whoever has its token has seen a page of it."""
    return keys.is_mark(_CSRF, id_sha256, given.partition(".")[0])


def is_of_the_same_person(keys: SessionKeys, visitor: Visitor, given: str) -> bool:
    """Whether a form's token is of this person for this organisation, whichever session it is of. Such a form may be
    shown to them again; nothing is done by it."""
    return keys.is_mark(_WHOSE, _whose(visitor), given.partition(".")[2])


def _whose(visitor: Visitor) -> bytes:
    return msgspec.json.encode((visitor.issuer, visitor.subject, visitor.organisation))


def fallback_cookie(keys: SessionKeys, visitor: Visitor, now: datetime) -> str:
    """A sealed account of a live session, good for fifteen minutes and for asking alone."""
    made_at = int(now.timestamp())
    held = _Fallback(
        id_sha256=visitor.id_sha256,
        issuer=visitor.issuer,
        subject=visitor.subject,
        organisation=visitor.organisation,
        claims=visitor.claims,
        made_at=made_at,
        expires_at=min(made_at + FALLBACK_SECONDS, visitor.expires_at),
    )
    return keys.seal(_FALLBACK, msgspec.json.encode(held))


def needs_renewal(keys: SessionKeys, cookie: str | None, visitor: Visitor, now: datetime) -> bool:
    """Whether the browser's fallback is another session's, none, or no longer young."""
    held = _opened(keys, cookie)
    return held is None or held.id_sha256 != visitor.id_sha256 or held.made_at + RENEW_SECONDS <= now.timestamp()


def fallback_visitor(keys: SessionKeys, cookie: str | None, now: datetime) -> Visitor | None:
    """Who a fallback is of. It says nothing of when they signed in, so that counts as long ago."""
    held = _opened(keys, cookie)
    if held is None or not held.made_at <= now.timestamp() + 60 or now.timestamp() >= held.expires_at:
        return None
    return Visitor(
        id_sha256=held.id_sha256,
        issuer=held.issuer,
        subject=held.subject,
        organisation=held.organisation,
        claims=held.claims,
        reaches=(held.organisation,),
        auth_time=None,
        expires_at=held.expires_at,
        fallback=True,
    )


def _opened(keys: SessionKeys, cookie: str | None) -> _Fallback | None:
    plain = None if cookie is None else keys.open(_FALLBACK, cookie)
    try:
        return None if plain is None else _decode(plain)
    except msgspec.MsgspecError:
        return None
