"""The keys of subject references, of an organisation that has had more than one.

A new key makes new references, and nobody but the organisation can tell that two of them are of one person: only it has
both keys and its own identifiers. So it keeps the old keys, and asks for what it wants to find under each of them.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from isa_client.errors import InputError
from isa_client.private_files import write_whole
from isa_client.references import SUBJECT_KEY_SIZE, read_subject_key, subject_reference
from isa_verify.encoding import JsonValue, canonical_json, decode_base64url, encode_base64url, parse_json_strict
from isa_verify.errors import MalformedError

MAX_KEYS = 32

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """One key: 32 bytes, and the name by which the organisation knows it. It never leaves the organisation."""

    id: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if _ID.fullmatch(self.id) is None:
            raise InputError("subject-key-id", "A key's name is 1 to 32 letters, digits and . _ -, such as 2026.")
        if len(self.key) != SUBJECT_KEY_SIZE:
            raise InputError("subject-key-malformed", "A subject-reference key is exactly 32 bytes.")


@dataclass(frozen=True, slots=True)
class Reference:
    """A person's reference under one of the keys."""

    key: str
    ref: str


class SubjectKeys:
    """An organisation's keys, the current one first. References are made with that one, and looked for with all."""

    def __init__(self, keys: Sequence[SubjectKey]) -> None:
        self.keys = tuple(keys)
        if not 1 <= len(self.keys) <= MAX_KEYS:
            raise InputError("subject-key-malformed", f"An organisation has 1 to {MAX_KEYS} subject-reference keys.")
        if len({one.id for one in keys}) < len(keys) or len({one.key for one in keys}) < len(keys):
            raise InputError("subject-key-twice", "Two subject-reference keys have one name, or are the same.")

    def reference(self, identifier: str) -> str:
        """Return the reference of a person to send: under the current key."""
        return subject_reference(self.keys[0].key, identifier)

    def references(self, identifier: str) -> list[Reference]:
        """Return the references of one person under every key, the current one's first: what to search for, and what
        your own records link."""
        return [Reference(one.id, subject_reference(one.key, identifier)) for one in self.keys]

    def rotated(self, identifier: str, key: bytes | None = None) -> "SubjectKeys":
        """Return the keys with a new current one of that name, random unless it is given. The earlier ones stay."""
        fresh = secrets.token_bytes(SUBJECT_KEY_SIZE) if key is None else key
        return SubjectKeys((SubjectKey(identifier, fresh), *self.keys))

    @classmethod
    def made(cls, identifier: str) -> "SubjectKeys":
        """Return one new random key of that name."""
        return cls([SubjectKey(identifier, secrets.token_bytes(SUBJECT_KEY_SIZE))])

    @classmethod
    def read(cls, path: Path) -> "SubjectKeys":
        """Return the keys in a file as `write` leaves it, or the one key of a file that holds 32 bytes as unpadded
        base64url text. Raises `InputError`, which never repeats the file's content."""
        try:
            text = path.read_bytes()
        except OSError:
            raise InputError("subject-key-unreadable", f"The subject-reference key {path} cannot be read.") from None
        if not text.lstrip().startswith(b"{"):
            return cls([SubjectKey("1", read_subject_key(path))])
        try:
            return cls(_listed(text))
        except MalformedError:
            raise InputError(
                "subject-key-malformed",
                f"{path} does not hold 32 bytes as unpadded base64url text, nor keys of isa-client subjects.",
            ) from None

    def write(self, path: Path, *, replace: bool = False) -> None:
        """Write the keys to a file that only its owner can read: whole, or not at all. Raises `InputError` where there
        is a file already, unless it is to be replaced."""
        listed: list[JsonValue] = [{"id": one.id, "key": encode_base64url(one.key)} for one in self.keys]
        try:
            write_whole(path, canonical_json({"v": 1, "keys": listed}) + b"\n", replace=replace)
        except FileExistsError:
            raise InputError("file-exists", f"{path} is there already, and keys are not written over.") from None
        except OSError:
            raise InputError("file-unwritable", f"{path} cannot be written.") from None


def _listed(text: bytes) -> list[SubjectKey]:
    document = parse_json_strict(text)
    malformed = MalformedError("subject-key-malformed", "The list of keys is not of the form that is written.")
    if not isinstance(document, dict) or document.keys() != {"v", "keys"} or document["v"] != 1:
        raise malformed
    listed = document["keys"]
    found: list[SubjectKey] = []
    for item in listed if isinstance(listed, list) else []:
        name, key = (item.get("id"), item.get("key")) if isinstance(item, dict) and len(item) == 2 else (None, None)
        if not isinstance(name, str) or not isinstance(key, str):
            raise malformed
        found.append(SubjectKey(name, decode_base64url(key)))
    return found
