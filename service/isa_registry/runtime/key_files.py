"""The registry's own private keys, in files that the service alone can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from isa_registry.identity.signing import Jwk, new_signing_key

LOG_KEY = "log-key.pem"
ATTESTATION_KEY = "attestation-key.jwk"


class KeyFileError(Exception):
    """A key file is missing, unreadable, open to others, or not such a key. The message names the file."""


def make_keys(directory: Path) -> None:
    """Makes the log key and the attestation key in `directory` where they are not there yet. Mode 0600."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (directory / LOG_KEY).exists():
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(directory / LOG_KEY, pem)
    if not (directory / ATTESTATION_KEY).exists():
        private, _ = new_signing_key("registry-attestation-1")
        write_private(directory / ATTESTATION_KEY, msgspec.json.encode(private))


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read. Raises `FileExistsError` where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def read_log_key(path: Path) -> Ed25519PrivateKey:
    """The log's private key (PKCS#8 PEM). Raises `KeyFileError`."""
    try:
        key = load_pem_private_key(_read_private(path), password=None)
    except ValueError:
        raise KeyFileError(f"{path} is not a private key in PEM.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileError(f"{path} is not an Ed25519 key.")
    return key


def read_attestation_key(path: Path) -> Jwk:
    """The private JWK that signs attestations made on a page. Raises `KeyFileError`."""
    try:
        return msgspec.json.decode(_read_private(path), type=dict[str, str])
    except msgspec.DecodeError:
        raise KeyFileError(f"{path} is not a JWK.") from None


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o027:
                raise KeyFileError(f"{path} is open to others. Close it to all but the service: chmod 600 or 640.")
            return file.read(65_536)
    except OSError:
        raise KeyFileError(f"{path} cannot be read.") from None
