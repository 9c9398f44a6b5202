"""Signed notes (C2SP signed-note v1.0.0) and the keys that verify them.

A note is a text that ends with a line feed, an empty line, and one or more signature lines: an em dash, a
space, the key's name, a space, and base64 of a four-byte key id followed by the signature. A key id is the
first four bytes of SHA-256(name, LF, type, public key). A verifier key is written `name+id in
hex+base64(type, public key)`.

Key types: 0x01 Ed25519; 0x04 Ed25519 with a time; 0x06 ML-DSA-44 with a time, which signs checkpoints only.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from isa_verify.checkpoint import Checkpoint
from isa_verify.cosignature import ed25519_message, join_timestamp, ml_dsa_44_message, split_timestamp
from isa_verify.encoding import decode_base64, decode_hex, encode_base64
from isa_verify.errors import CannotRunError, MalformedError, VerificationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

ED25519: Final = 0x01
ED25519_COSIGNATURE: Final = 0x04
ML_DSA_44: Final = 0x06

MAX_SIGNATURES: Final = 100
"""A note with more lines is refused: each line may cost a signature check."""

MAX_NOTE_SIZE: Final = 1 << 20
"""In bytes; a hundred ML-DSA-44 lines take about a third of it."""

_PUBLIC_KEY_SIZES = {ED25519: 32, ED25519_COSIGNATURE: 32, ML_DSA_44: 1312}
_ED25519_SIGNATURE_SIZE = 64
_ML_DSA_44_SIGNATURE_SIZE = 2420
_LINE_START = "\N{EM DASH} "


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature as a note carries it; `signature` is what follows the four bytes of the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_LINE_START}{self.name} {encode_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note. Nothing about it has been verified."""

    text: bytes
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that a note's signatures are checked with, under the name it signs as.

    Raises `MalformedError` for a bad name, type or length, and `CannotRunError` `ml-dsa-unavailable` for an
    ML-DSA-44 key where the installed `cryptography` cannot use one.
    """

    name: str
    type: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        size = _PUBLIC_KEY_SIZES.get(self.type)
        if size is None:
            raise MalformedError("key-type-unsupported", "A verifier key is of a type that is not supported.")
        if len(self.public) != size:
            raise MalformedError("key-malformed", "A verifier key's public key does not have its type's length.")
        if self.type == ML_DSA_44:
            _ml_dsa_44_public_key(self.public)

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Return the key that the text spells, its id recomputed and compared. Raises as the class does."""
        fields = vkey.split("+", 2)
        if len(fields) != 3:
            raise MalformedError("key-malformed", "A verifier key does not have the form name+id+key.")
        name, key_id, encoded = fields
        try:
            expected_id, key = decode_hex(key_id, 4), decode_base64(encoded)
        except MalformedError as error:
            raise MalformedError("key-malformed", error.detail) from None
        if not key:
            raise MalformedError("key-malformed", "A verifier key holds no public key.")
        parsed = cls(name, key[0], key[1:])
        if parsed.key_id != expected_id:
            raise MalformedError("key-id-mismatch", "A verifier key's id does not belong to its name and key.")
        return parsed

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.type]) + self.public)}"

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line names this key by."""
        return _key_id(self.name, self.type, self.public)

    def verify(self, text: bytes, signature: bytes) -> int | None:
        """Check a signature line's `signature` over a note's text.

        Returns the time it states, in POSIX seconds, or None for a type without one. Raises
        `VerificationError` `signature-invalid`, or `MalformedError` where an ML-DSA-44 key is asked about
        what is no checkpoint.
        """
        timestamp = None
        try:
            if self.type == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
            elif self.type == ED25519_COSIGNATURE:
                timestamp, raw = split_timestamp(signature, _ED25519_SIGNATURE_SIZE)
                message = ed25519_message(timestamp, text)
                Ed25519PublicKey.from_public_bytes(self.public).verify(raw, message)
            else:
                timestamp, raw = split_timestamp(signature, _ML_DSA_44_SIGNATURE_SIZE)
                message = ml_dsa_44_message(self.name, timestamp, Checkpoint.parse(text))
                _ml_dsa_44_public_key(self.public).verify(raw, message)
        except InvalidSignature:
            raise VerificationError(
                "signature-invalid", "A signature under the name of a given key is not by that key."
            ) from None
        return timestamp


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that holds, the key that made it, and the time it states in POSIX seconds (None if it has
    none).
    """

    key: VerifierKey
    line: SignatureLine
    timestamp: int | None


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note with at least one verified signature. Nothing is known about the lines in `unverified`."""

    text: bytes
    verified: tuple[VerifiedSignature, ...]
    unverified: tuple[SignatureLine, ...]

    def signed_by(self, key: VerifierKey) -> bool:
        """Return whether this key signed the note."""
        return any(signature.key == key for signature in self.verified)


def vkey_of(name: str, key_type: int, public: bytes) -> str:
    """Return the text of a verifier key. Raises as `VerifierKey` does."""
    return str(VerifierKey(name, key_type, public))


def parse_note(data: bytes) -> Note:
    """Return the note that these bytes are exactly; `format_note` gives the same bytes back.

    Raises `MalformedError` for any other layout, more than 100 signatures, or more than a mebibyte.
    """
    if len(data) > MAX_NOTE_SIZE:
        raise MalformedError("note-too-large", "The signed note is larger than one mebibyte.")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("note-malformed", "The signed note is not UTF-8 text.") from None
    if any(character < " " and character != "\n" for character in whole):
        raise MalformedError("note-malformed", "The signed note holds a control character.")
    end = whole.rfind("\n\n")
    if end < 0 or not whole.endswith("\n"):
        raise MalformedError("note-malformed", "The signed note has no empty line before its signatures.")
    lines = whole[end + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedError("note-malformed", "The signed note has more than 100 signatures.")
    return Note(whole[: end + 1].encode(), tuple(_parse_line(line) for line in lines))


def format_note(text: bytes, signatures: Iterable[SignatureLine]) -> bytes:
    """Return the note of a text and at least one signature.

    Raises `MalformedError` for what would not parse.
    """
    note = Note(text, tuple(signatures))
    data = text + b"\n" + "".join(f"{line}\n" for line in note.signatures).encode()
    if parse_note(data) != note:
        raise MalformedError("note-malformed", "A text or a signature is not one that a signed note can carry.")
    return data


def open_note(data: bytes, keys: Sequence[VerifierKey]) -> OpenedNote:
    """Return the note with its signatures sorted into verified and unknown.

    A line whose name and key id belong to none of the keys is unknown, and ignored. Raises
    `VerificationError` `signature-invalid` where a known key's line does not hold, and `signature-missing`
    where no known key signed.
    """
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise MalformedError("key-ambiguous", "Two different verifier keys share a name and a key id.")
    note = parse_note(data)
    verified, unverified = [], []
    for line in note.signatures:
        signer = known.get((line.name, line.key_id))
        if signer is None:
            unverified.append(line)
        else:
            verified.append(VerifiedSignature(signer, line, signer.verify(note.text, line.signature)))
    if not verified:
        raise VerificationError("signature-missing", "None of the given keys has signed this note.")
    return OpenedNote(note.text, tuple(verified), tuple(unverified))


def sign_ed25519(name: str, private_key: Ed25519PrivateKey, text: bytes) -> SignatureLine:
    """Return a type 0x01 signature over a note's text."""
    public = private_key.public_key().public_bytes_raw()
    return SignatureLine(name, _key_id(name, ED25519, public), private_key.sign(text))


def cosign_ed25519(name: str, private_key: Ed25519PrivateKey, text: bytes, timestamp: int) -> SignatureLine:
    """Return a type 0x04 signature over a checkpoint's text at a time in POSIX seconds."""
    public = private_key.public_key().public_bytes_raw()
    signature = private_key.sign(ed25519_message(timestamp, text))
    key_id = _key_id(name, ED25519_COSIGNATURE, public)
    return SignatureLine(name, key_id, join_timestamp(timestamp, signature))


def sign_ml_dsa_44(name: str, private_key: "MLDSA44PrivateKey", text: bytes, timestamp: int) -> SignatureLine:
    """Return a type 0x06 signature over a checkpoint's text at a time in POSIX seconds."""
    public = private_key.public_key().public_bytes_raw()
    signature = private_key.sign(ml_dsa_44_message(name, timestamp, Checkpoint.parse(text)))
    return SignatureLine(name, _key_id(name, ML_DSA_44, public), join_timestamp(timestamp, signature))


def _key_id(name: str, key_type: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([key_type]) + public).digest()[:4]


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise MalformedError("key-name-malformed", "A key's name is empty or holds a space or a plus sign.")


def _parse_line(line: str) -> SignatureLine:
    name, separator, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not separator:
        raise MalformedError("note-malformed", "A signature line does not have the form dash, name, base64.")
    _check_name(name)
    data = decode_base64(encoded)
    if len(data) < 5:
        raise MalformedError("note-malformed", "A signature line is too short to hold a key id and a signature.")
    return SignatureLine(name, data[:4], data[4:])


def _ml_dsa_44_public_key(public: bytes) -> "MLDSA44PublicKey":
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        return MLDSA44PublicKey.from_public_bytes(public)
    except (ImportError, UnsupportedAlgorithm):
        raise CannotRunError(
            "ml-dsa-unavailable",
            "A key is an ML-DSA-44 key, which needs version 48 or later of the cryptography package.",
        ) from None
