"""What a timestamped signature on a checkpoint signs (C2SP tlog-cosignature, at v1.1.0-rc.1).

A payload is the POSIX time in eight bytes, big-endian, followed by the signature. Type 0x04 (Ed25519) signs
the checkpoint's text; type 0x06 (ML-DSA-44) signs a binary message that names signer, log, range and hash.
"""

from typing import Final

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import MAX_DECIMAL
from isa_verify.errors import MalformedError

TIMESTAMP_SIZE = 8

LAST_TIME: Final = 253_402_300_799
"""In POSIX seconds: the end of the year 9999, and so of the calendar that tools share. No clock is there."""


def split_timestamp(payload: bytes, signature_size: int) -> tuple[int, bytes]:
    """Return the time and the signature of a payload.

    Raises `MalformedError` for another length or a huge time.
    """
    if len(payload) != TIMESTAMP_SIZE + signature_size:
        raise MalformedError("signature-malformed", "A timestamped signature does not have its type's length.")
    timestamp = int.from_bytes(payload[:TIMESTAMP_SIZE], "big")
    if timestamp > MAX_DECIMAL:
        raise MalformedError("signature-malformed", "A timestamped signature names a time beyond 2^63-1.")
    return timestamp, payload[TIMESTAMP_SIZE:]


def join_timestamp(timestamp: int, signature: bytes) -> bytes:
    """Return the payload for a time in POSIX seconds (0 to 2**63-1) and a signature."""
    if not 0 <= timestamp <= MAX_DECIMAL:
        raise ValueError("a timestamp lies between 0 and 2^63-1")
    return timestamp.to_bytes(TIMESTAMP_SIZE, "big") + signature


def ed25519_message(timestamp: int, text: bytes) -> bytes:
    """Return what an Ed25519 cosignature (0x04) signs for a checkpoint's text."""
    return f"cosignature/v1\ntime {timestamp}\n".encode() + text


def ml_dsa_44_message(name: str, timestamp: int, checkpoint: Checkpoint) -> bytes:
    """Return what an ML-DSA-44 signature (0x06) by the key `name` signs for a whole checkpoint.

    `name` has 1 to 255 bytes. Raises `MalformedError` otherwise.
    """
    signer, origin = name.encode(), checkpoint.origin.encode()
    if not 0 < len(signer) <= 255:
        raise MalformedError("key-name-malformed", "An ML-DSA-44 key's name is longer than 255 bytes.")
    return b"".join(
        (
            b"subtree/v1\n\x00",
            len(signer).to_bytes(1, "big"),
            signer,
            timestamp.to_bytes(8, "big"),
            len(origin).to_bytes(1, "big"),
            origin,
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )
