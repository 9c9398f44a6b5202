"""The registry's own private keys, in files that one account alone can read.

The log's two keys are the checkpointer's; the service's are the key that signs attestations made on a page, the one
that proves to agencies' providers who asks them to sign people in, the secret behind cookies, and the key behind what
agencies' systems are told.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey

from isa_registry.identity.compact import KeyUnusableError, algorithm_of, private_key
from isa_registry.identity.event_signing import EventSigner
from isa_registry.identity.sealing import SECRET_BYTES
from isa_registry.identity.signing import Jwk, new_signing_key
from isa_registry.ledger.checkpoints import LogSigner
from isa_verify.encoding import decode_base64
from isa_verify.errors import MalformedError

LOG_KEY = "log-key.pem"
LOG_KEY_ML_DSA_44 = "log-key-ml-dsa-44.pem"
ATTESTATION_KEY = "attestation-key.jwk"
SESSION_KEY = "session-key"
SIGN_IN_KEY = "sign-in-key.jwk"
WEBHOOK_KEY = "webhook-key.jwk"


class KeyFileError(Exception):
    """A key file is missing, unreadable, open to others, or not such a key. The message names the file."""


def make_log_keys(directory: Path) -> None:
    """Makes the log's two keys in `directory` where they are not there yet. Mode 0600."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, pem in ((LOG_KEY, _new_ed25519), (LOG_KEY_ML_DSA_44, _new_ml_dsa_44)):
        if not (directory / name).exists():
            write_private(directory / name, pem())


def make_next_log_keys(directory: Path) -> None:
    """Makes two keys that are to follow the log's, in a `directory` of their own. Mode 0600. Raises `KeyFileError`
    where there is one already: it may be signing."""
    for name in (LOG_KEY, LOG_KEY_ML_DSA_44):
        if (directory / name).exists():
            raise KeyFileError(
                f"{directory / name} is there already, and may be in use: nothing is made or overwritten. Name a "
                "directory of its own for the next keys."
            )
    make_log_keys(directory)


def _new_ed25519() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _new_ml_dsa_44() -> bytes:
    return MLDSA44PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_attestation_key(directory: Path) -> None:
    """Makes the attestation key in `directory` where it is not there yet. Mode 0600."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (directory / ATTESTATION_KEY).exists():
        private, _ = new_signing_key("registry-attestation-1")
        write_private(directory / ATTESTATION_KEY, msgspec.json.encode(private))


def make_webhook_key(directory: Path) -> None:
    """Makes the key behind webhooks in `directory` where it is not there yet. Mode 0600."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (directory / WEBHOOK_KEY).exists():
        private, _ = new_signing_key(f"registry-webhook-{secrets.token_hex(4)}")
        write_private(directory / WEBHOOK_KEY, msgspec.json.encode(private))


def make_sign_in_keys(directory: Path) -> None:
    """Makes the session secret and the sign-in key in `directory` where they are not there yet. Mode 0600."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (directory / SESSION_KEY).exists():
        write_private(directory / SESSION_KEY, base64.b64encode(secrets.token_bytes(SECRET_BYTES)) + b"\n")
    if not (directory / SIGN_IN_KEY).exists():
        # ES256: every provider that takes private_key_jwt takes it.
        members = ECKey.generate_key("P-256").as_dict(private=True)
        kid = f"registry-sign-in-{secrets.token_hex(4)}"
        jwk = {**{name: str(value) for name, value in members.items()}, "kid": kid}
        write_private(directory / SIGN_IN_KEY, msgspec.json.encode(jwk))


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read. Raises `FileExistsError` where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def read_log_signer(
    origin: str, ed25519: Path, ml_dsa_44: Path, following: tuple[Path, Path] | None = None
) -> LogSigner:
    """The log's private keys (PKCS#8 PEM), and those that are to follow. Raises `KeyFileError`."""
    first, second = _read_pem(ed25519), _read_pem(ml_dsa_44)
    if not isinstance(first, Ed25519PrivateKey):
        raise KeyFileError(f"{ed25519} is not an Ed25519 key.")
    if not isinstance(second, MLDSA44PrivateKey):
        raise KeyFileError(f"{ml_dsa_44} is not an ML-DSA-44 key.")
    after = None if following is None else read_log_signer(origin, *following)
    signer = LogSigner(origin=origin, ed25519=first, ml_dsa_44=second, following=after)
    if after is not None and set(after.vkeys) & set(signer.vkeys):
        raise KeyFileError("The log's next keys are not other keys than those that sign now.")
    return signer


def read_log_signer_in(origin: str, directory: Path) -> LogSigner:
    """The log's private keys in a directory that `make_log_keys` filled. Raises `KeyFileError`."""
    return read_log_signer(origin, directory / LOG_KEY, directory / LOG_KEY_ML_DSA_44)


def read_attestation_key(path: Path) -> Jwk:
    """The private JWK that signs attestations made on a page. Raises `KeyFileError`."""
    try:
        return msgspec.json.decode(_read_private(path), type=dict[str, str])
    except msgspec.DecodeError:
        raise KeyFileError(f"{path} is not a JWK.") from None


def read_session_secrets(path: Path) -> tuple[bytes, ...]:
    """The secrets behind cookies, one to a line as base64 of 32 bytes, the one in use first. Raises `KeyFileError`."""
    try:
        found = tuple(decode_base64(line, size=SECRET_BYTES) for line in _read_private(path).decode("ascii").split())
    except (MalformedError, UnicodeDecodeError):
        raise KeyFileError(f"{path} does not hold 32 random bytes as base64 on each line.") from None
    if not 0 < len(found) <= 4:
        raise KeyFileError(f"{path} holds one secret to a line: the one in use, and at most three older ones.")
    return found


def read_sign_in_keys(path: Path) -> tuple[Jwk, ...]:
    """The private keys, a JWK or a JWK Set, with which the registry proves itself; the first signs. Raises
    `KeyFileError`."""
    try:
        found = msgspec.json.decode(_read_private(path))
        members = found["keys"] if isinstance(found, dict) and "keys" in found else [found]
        keys = msgspec.convert(members, tuple[Jwk, ...])
    except msgspec.MsgspecError:
        raise KeyFileError(f"{path} is not a JWK.") from None
    try:
        for jwk in keys:
            algorithm_of(private_key(jwk))
    except KeyUnusableError:
        raise KeyFileError(f"{path} holds a key that is not an Ed25519, P-256 or RSA private key.") from None
    if not keys or not all(jwk.get("kid") for jwk in keys):
        raise KeyFileError(f"{path} holds a key without a kid.")
    return keys


def read_event_signer(path: Path) -> EventSigner:
    """What signs webhooks, with every key of a JWK or a JWK Set. Raises `KeyFileError`."""
    try:
        return EventSigner(read_sign_in_keys(path))
    except KeyUnusableError:
        raise KeyFileError(f"{path} holds a key that is not an Ed25519 private key.") from None


def _read_pem(path: Path) -> object:
    try:
        return load_pem_private_key(_read_private(path), password=None)
    except ValueError:
        raise KeyFileError(f"{path} is not a private key in PEM.") from None


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o027:
                raise KeyFileError(f"{path} is open to others. Close it to all but its account: chmod 600 or 640.")
            return file.read(65_536)
    except OSError:
        raise KeyFileError(f"{path} cannot be read.") from None
