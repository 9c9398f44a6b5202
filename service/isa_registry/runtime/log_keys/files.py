"""The registry's own private keys, in files that one account alone can read.

The log's two keys are the checkpointer's; the key that signs attestations made on a page is the service's.
"""

from __future__ import annotations

import os
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

from isa_registry.identity.signing import Jwk, new_signing_key
from isa_registry.ledger.checkpoints import LogSigner

LOG_KEY = "log-key.pem"
LOG_KEY_ML_DSA_44 = "log-key-ml-dsa-44.pem"
ATTESTATION_KEY = "attestation-key.jwk"


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
