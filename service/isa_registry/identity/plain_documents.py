"""Signed documents that came together, taken through each step before the next.

Every step throws the others' code and data out of the processor's caches: a signature that is verified right after
another costs a fifth less than one that is verified in between other work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.identity.compact import decode_standard, in_standard_letters
from isa_registry.identity.documents import (
    MAX_DOCUMENT,
    DocumentRefused,
    headers_seen,
    is_signed_by,
    names_key,
)


class Signer(Struct, frozen=True):
    """Whom a header names, and whether a signature is theirs, of a message."""

    kid: str
    key: KeyRegistered
    signed: Callable[[bytes, bytes], bool]


def verify_plain(
    compacts: Sequence[str], *, typ: str, key_for: Callable[[str], KeyRegistered | None]
) -> list[tuple[Signer, bytes] | None]:
    """Who signed each, and its payload, where it is plain: signed under a header seen before, by a key that may. None
    for any other, which `verify_document` is then asked about: whether it is refused, and why, is decided there."""
    signers: dict[str, Signer | None] = {}
    parts = [_parts(compact, signers, typ, key_for) for compact in compacts]
    return [(part[0], part[1]) if part is not None and part[0].signed(part[2], part[3]) else None for part in parts]


def _parts(
    compact: str,
    signers: dict[str, Signer | None],
    typ: str,
    key_for: Callable[[str], KeyRegistered | None],
) -> tuple[Signer, bytes, bytes, bytes] | None:
    """The signer that a document names, its payload, its signature and what is signed."""
    first, last = compact.find("."), compact.rfind(".")
    header = compact[:first]
    if header in signers:
        signer = signers[header]
    else:
        signer = signers[header] = _signer(header, typ, key_for)
    if signer is None or len(compact) > MAX_DOCUMENT or compact.find(".", first + 1) != last or first == last:
        return None
    standard = in_standard_letters(compact)
    if standard is None:
        return None
    payload, signature = decode_standard(standard[first + 1 : last]), decode_standard(standard[last + 1 :])
    if payload is None or signature is None:
        return None
    return signer, payload, signature, compact[:last].encode()


def _signer(header: str, typ: str, key_for: Callable[[str], KeyRegistered | None]) -> Signer | None:
    known = headers_seen.get(header)
    if known is None:
        return None
    try:
        kid, key = names_key(known, typ, key_for)
        return Signer(kid, key, is_signed_by(key))
    except DocumentRefused:
        return None
