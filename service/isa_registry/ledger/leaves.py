"""Making a leaf: the canonical bytes that are hashed into the tree, once and for ever (docs/formats/leaf.md)."""

from __future__ import annotations

import hashlib
import hmac
import re

from msgspec import Struct

from isa_registry.domain.entries import Payload, encode_payload, kind_of, leaf_kind_of

NO_PREVIOUS = bytes(32)
_PLAIN = re.compile(r"[A-Za-z0-9._/-]{1,200}")


class Sealed(Struct, frozen=True):
    """An entry ready to be stored."""

    index: int
    at: str
    leaf_kind: str
    leaf: bytes
    leaf_hash: bytes
    payload: Payload
    payload_kind: str
    payload_bytes: bytes
    salt: bytes


def check_origin(origin: str) -> str:
    """The origin, if it is one: a scheme-less name of letters, digits, `.`, `_`, `-` and `/` (C2SP tlog-checkpoint).

    Raises ValueError. What passes needs no escaping inside a leaf.
    """
    if not _PLAIN.fullmatch(origin):
        raise ValueError("an origin is a scheme-less name of letters, digits, '.', '_', '-' and '/'")
    return origin


def leaf_bytes(*, origin: str, index: int, previous: bytes, at: str, kind: str, commitment: str) -> bytes:
    """The canonical bytes of a leaf whose members are all of their own form: then none holds what JSON escapes."""
    # Members in RFC 8785 order.
    return (
        f'{{"at":"{at}","commitment":"{commitment}","kind":"{kind}","origin":"{origin}",'
        f'"prev":"{previous.hex()}","seq":{index},"v":1}}'
    ).encode()


def seal(*, origin: str, index: int, previous: bytes, at: str, payload: Payload, salt: bytes) -> Sealed:
    """The entry at `index` for a payload. `previous` is the leaf hash of the entry before, 32 zero bytes at 0; `salt`
    is 32 fresh random bytes; `at` is RFC 3339 UTC with milliseconds."""
    kind = leaf_kind_of(payload)
    body = encode_payload(payload)
    commitment = hmac.digest(salt, b"isa-registry/v1\n%b\n%b" % (kind.encode(), body), "sha256").hex()
    leaf = leaf_bytes(origin=origin, index=index, previous=previous, at=at, kind=kind, commitment=commitment)
    return Sealed(
        index=index,
        at=at,
        leaf_kind=kind,
        leaf=leaf,
        leaf_hash=hashlib.sha256(b"\x00" + leaf).digest(),
        payload=payload,
        payload_kind=kind_of(payload),
        payload_bytes=body,
        salt=salt,
    )
