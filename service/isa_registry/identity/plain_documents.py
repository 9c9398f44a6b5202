"""Signed documents that came together, taken through each step before the next.

Every step throws the others' code and data out of the processor's caches: a signature that is verified right after
another costs a fifth less than one that is verified in between other work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.identity.compact import Compact, split_compact
from isa_registry.identity.documents import (
    MAX_DOCUMENT,
    DocumentRefused,
    SignedDocument,
    headers_seen,
    is_signed_by,
    names_key,
)
from isa_verify.errors import MalformedError


class _Signer(Struct, frozen=True):
    """Whom a header names, and how a signature of theirs is verified."""

    kid: str
    key: KeyRegistered
    holds: Callable[[Compact], bool]


def verify_plain(
    compacts: Sequence[str],
    *,
    typ: str,
    key_for: Callable[[str], KeyRegistered | None],
    read: Callable[[bytes], object | None],
) -> list[SignedDocument | None]:
    """What `verify_document` finds in each, where it is plain: signed under a header seen before, by a key that
    may, and written in the one canonical way. None for any other, which `verify_document` is then asked about: whether
    it is refused, and why, is decided there alone."""
    signers: dict[str, _Signer | None] = {}
    parts = [_parts(compact, signers, typ, key_for) for compact in compacts]
    verified = [part is not None and part[1].holds(part[0]) for part in parts]
    found: list[SignedDocument | None] = []
    for compact, part, holds in zip(compacts, parts, verified, strict=True):
        claims = read(part[0].payload) if part is not None and holds else None
        found.append(
            None
            if part is None or claims is None
            else SignedDocument(compact, part[0].payload, claims, part[1].kid, part[1].key)
        )
    return found


def _parts(
    compact: str,
    signers: dict[str, _Signer | None],
    typ: str,
    key_for: Callable[[str], KeyRegistered | None],
) -> tuple[Compact, _Signer] | None:
    header = compact[: compact.find(".")]
    if header in signers:
        signer = signers[header]
    else:
        signer = signers[header] = _signer(header, typ, key_for)
    if signer is None or len(compact) > MAX_DOCUMENT:
        return None
    try:
        return split_compact(compact, headers_seen), signer
    except MalformedError:
        return None


def _signer(header: str, typ: str, key_for: Callable[[str], KeyRegistered | None]) -> _Signer | None:
    known = headers_seen.get(header)
    if known is None:
        return None
    try:
        kid, key = names_key(known, typ, key_for)
        return _Signer(kid, key, is_signed_by(key))
    except DocumentRefused:
        return None
