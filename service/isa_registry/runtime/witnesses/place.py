"""What a witness keeps in its directory: two private keys, one state file, and evidence.

The state file is the witness's memory: without it the witness could be led to cosign a second history, so it is made
together with the keys, and never anew. It holds signed notes only, and is believed only as far as they verify.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from isa_registry.ledger.witness import Cosigner, Recorded, Submission, recall
from isa_registry.runtime.durable_files import clear_unfinished, replace, write_new
from isa_verify.checkpoint import check_origin
from isa_verify.encoding import canonical_json, parse_canonical_json
from isa_verify.errors import VerificationError

ED25519_FILE = "witness-ed25519.pem"
ML_DSA_44_FILE = "witness-ml-dsa-44.pem"
STATE_FILE = "witness-state.json"
EVIDENCE = "evidence"

MOST_EVIDENCE = {"fork": 1_000, "unproven": 100}
"""Pairs kept of each sort: whoever can make more of them could otherwise fill the disk."""


class WitnessPlaceError(Exception):
    """The directory cannot be used as it is. The sentence says what to do; it names files, never their content."""


def make_witness(directory: Path, name: str) -> Cosigner:
    """Makes the keys and the empty state of a new witness in a directory that holds none. Files have mode 0600.

    Raises `WitnessPlaceError`, also for a name that no key can bear.
    """
    try:
        check_origin(name)
    except VerificationError:
        raise WitnessPlaceError("a witness's name is 1 to 255 bytes without spaces and plus signs.") from None
    ed25519, ml_dsa_44 = Ed25519PrivateKey.generate(), MLDSA44PrivateKey.generate()
    cosigner = Cosigner(name=name, ed25519=ed25519, ml_dsa_44=ml_dsa_44)
    contents = {
        ED25519_FILE: ed25519.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        ML_DSA_44_FILE: ml_dsa_44.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        STATE_FILE: _encode(cosigner, ()),
    }
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        (directory / EVIDENCE).mkdir(mode=0o700, exist_ok=True)
        for file, content in contents.items():
            write_new(directory / file, content)
    except FileExistsError:
        raise WitnessPlaceError(f"{directory} holds a witness already; its keys and state are left alone.") from None
    except OSError:
        raise WitnessPlaceError(f"{directory} cannot be written.") from None
    return cosigner


class WitnessPlace:
    """A witness's directory, held by this process alone until `close`. Raises `WitnessPlaceError`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        try:
            self._lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            raise WitnessPlaceError(f"{directory} cannot be read. Make a witness: isa-registry witness keys.") from None
        try:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise WitnessPlaceError(f"another process runs the witness in {directory}.") from None
            clear_unfinished(directory)
            self.cosigner, self.records = read_witness(directory)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets another process have the directory."""
        os.close(self._lock)

    def save(self, records: Mapping[str, Recorded]) -> None:
        """Replaces what is remembered, durably: when this returns it is on the disk. Raises `OSError`, and then the
        file holds the old state or the new."""
        replace(self._directory / STATE_FILE, _encode(self.cosigner, [record.note for record in records.values()]))
        self.records = dict(records)

    def keep_evidence(self, sort: str, recorded: Recorded, observed: Submission, body: bytes) -> bool:
        """Keeps two checkpoints that contradict each other, and the request that brought the second.

        Nothing is ever overwritten: a pair is kept once, by its two texts. False: this pair is kept already, or there
        are `MOST_EVIDENCE` of this sort. Raises `OSError`.
        """
        place = self._directory / EVIDENCE
        place.mkdir(mode=0o700, exist_ok=True)
        pair = hashlib.sha256(recorded.checkpoint.text() + observed.checkpoint.text()).hexdigest()[:32]
        files = {"recorded.note": recorded.note, "observed.note": observed.note, "request": body}
        wanted = {place / f"{sort}-{pair}.{name}": content for name, content in files.items()}
        missing = {path: content for path, content in wanted.items() if not path.exists()}
        if not missing or len(list(place.glob(f"{sort}-*.request"))) >= MOST_EVIDENCE[sort]:
            return False
        for path, content in missing.items():
            with contextlib.suppress(FileExistsError):
                write_new(path, content)
        return True


def read_witness(directory: Path) -> tuple[Cosigner, dict[str, Recorded]]:
    """The witness in a directory and what it remembers, by origin; safe beside the process that runs it.

    Raises `WitnessPlaceError` for anything that is missing, damaged, or open to others.
    """
    path = directory / STATE_FILE
    state = _State.parse(path)
    ed25519 = _private_key(directory / ED25519_FILE)
    ml_dsa_44 = _private_key(directory / ML_DSA_44_FILE)
    if not isinstance(ed25519, Ed25519PrivateKey) or not isinstance(ml_dsa_44, MLDSA44PrivateKey):
        raise WitnessPlaceError("a private key in the witness's directory is of another type than its file's name.")
    cosigner = Cosigner(name=state.name, ed25519=ed25519, ml_dsa_44=ml_dsa_44)
    if [str(key) for key in cosigner.keys] != state.vkeys:
        raise WitnessPlaceError(f"{path} belongs to other keys than those beside it.")
    try:
        records = [recall(note, cosigner) for note in state.notes]
    except VerificationError:
        raise WitnessPlaceError(f"{path} is damaged: a checkpoint in it is not what was cosigned.") from None
    found = {record.checkpoint.origin: record for record in records}
    if len(found) != len(records):
        raise WitnessPlaceError(f"{path} is damaged: it holds two checkpoints of one log.")
    return cosigner, found


class _State:
    """The state file as it is written: the witness's name, its verifier keys, and a signed note for each log."""

    def __init__(self, name: str, vkeys: list[str], notes: list[bytes]) -> None:
        self.name = name
        self.vkeys = vkeys
        self.notes = notes

    @classmethod
    def parse(cls, path: Path) -> _State:
        try:
            value = parse_canonical_json(path.read_bytes().removesuffix(b"\n"))
        except OSError:
            raise WitnessPlaceError(
                f"{path} cannot be read. A witness that lost its memory must not go on under the same keys: make a new "
                "one with a new name, and tell those who rely on it."
            ) from None
        except VerificationError:
            raise WitnessPlaceError(f"{path} is damaged: it is not the JSON that a witness writes.") from None
        if isinstance(value, dict) and set(value) == {"v", "name", "vkeys", "notes"} and value["v"] == 1:
            name, vkeys, notes = value["name"], value["vkeys"], value["notes"]
            if isinstance(name, str) and isinstance(vkeys, list) and isinstance(notes, list):
                return cls(name, [str(vkey) for vkey in vkeys], [str(note).encode() for note in notes])
        raise WitnessPlaceError(f"{path} is damaged, or of a later version.")


def _encode(cosigner: Cosigner, notes: list[bytes] | tuple[()]) -> bytes:
    vkeys = [str(key) for key in cosigner.keys]
    value = {"v": 1, "name": cosigner.name, "vkeys": vkeys, "notes": [note.decode() for note in notes]}
    return canonical_json(value) + b"\n"


def _private_key(path: Path) -> object:
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o027:
                raise WitnessPlaceError(f"{path} is open to others. Close it to all but the witness: chmod 600.")
            return load_pem_private_key(file.read(65_536), password=None)
    except OSError:
        raise WitnessPlaceError(f"{path} cannot be read.") from None
    except ValueError:
        raise WitnessPlaceError(f"{path} is not a private key in PEM.") from None
