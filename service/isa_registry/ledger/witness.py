"""What a witness decides: whether a submitted checkpoint extends all that it has cosigned of that log.

C2SP tlog-witness as of July 2026; docs/formats/witness.md gives the statuses and codes. Nothing here keeps anything:
whoever calls stores the new record before the answer leaves, and lets nothing come between `judge` and that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from msgspec import Struct

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import decode_base64, encode_base64, parse_decimal
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from isa_verify.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44,
    SignatureLine,
    VerifierKey,
    cosign_ed25519,
    format_note,
    open_note,
    parse_note,
    sign_ml_dsa_44,
)

MAX_PROOF_LINES = 63
MAX_REQUEST_SIZE = 256 * 1024
"""In bytes: some seventy ML-DSA-44 lines beside the longest proof."""

CLOCK_TOLERANCE_SECONDS = 60
"""A clock that stepped back by less is answered with the last time used; one that stepped further is refused."""

Code = Literal[
    "request-malformed",
    "request-too-large",
    "origin-unknown",
    "signature-missing",
    "signature-invalid",
    "old-size-too-large",
    "size-conflict",
    "proof-unexpected",
    "consistency-failed",
    "root-differs",
    "empty-root-wrong",
    "clock-behind",
]
Logs = Mapping[str, tuple[VerifierKey, ...]]


class WitnessRefusal(Exception):
    """The request is not cosigned. `status` is HTTP's, `code` a kebab-case name; neither it nor the body repeats
    input, except for the witness's own recorded size in a 409."""

    def __init__(self, code: Code, *, recorded_size: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.sentence = _REFUSALS[code]
        self.recorded_size = recorded_size

    @property
    def body(self) -> tuple[str, bytes]:
        """The answer's content type and bytes."""
        if self.recorded_size is not None:
            return "text/x.tlog.size", f"{self.recorded_size}\n".encode()
        return "text/plain; charset=utf-8", f"{self.code}: {self.sentence}\n".encode()


_REFUSALS: dict[Code, tuple[int, str]] = {
    "request-malformed": (400, "the request is not of the form that C2SP tlog-witness gives it."),
    "request-too-large": (413, "the request is too large."),
    "origin-unknown": (404, "unknown log: this witness does not follow a log of this origin."),
    "signature-missing": (403, "no signature by a key of this log that the witness trusts."),
    "signature-invalid": (403, "invalid signature under the name of a key that the witness trusts."),
    "old-size-too-large": (400, "the old size is larger than the checkpoint's."),
    "size-conflict": (409, "the old size is not the one recorded."),
    "proof-unexpected": (422, "the consistency proof is not empty although it starts from nothing."),
    "consistency-failed": (422, "the consistency proof does not lead from the recorded checkpoint to this one."),
    "root-differs": (422, "the checkpoint has the recorded size and another root: the log has forked."),
    "empty-root-wrong": (422, "the checkpoint is of size 0 and does not have the empty tree's root."),
    "clock-behind": (503, "the witness's clock is behind the time of its last cosignature."),
}


class Recorded(Struct, frozen=True):
    """The newest checkpoint cosigned of one log, when (POSIX seconds), and the note with the log's signatures and
    the witness's own."""

    checkpoint: Checkpoint
    at: int
    note: bytes


class Submission(Struct, frozen=True):
    """A well-formed request about a known log, signed by it. `lines` are the log's own, one for each
    key; `note` is as it came."""

    checkpoint: Checkpoint
    old: int
    proof: tuple[bytes, ...]
    lines: tuple[SignatureLine, ...]
    note: bytes


class Cosigner(Struct, frozen=True):
    """A witness's name and its two keys, one for each type of cosignature, which sign nothing else."""

    name: str
    ed25519: Ed25519PrivateKey
    ml_dsa_44: MLDSA44PrivateKey

    @property
    def keys(self) -> tuple[VerifierKey, VerifierKey]:
        """The public keys: Ed25519 (0x04), then ML-DSA-44 (0x06)."""
        return (
            VerifierKey(self.name, ED25519_COSIGNATURE, self.ed25519.public_key().public_bytes_raw()),
            VerifierKey(self.name, ML_DSA_44, self.ml_dsa_44.public_key().public_bytes_raw()),
        )

    def cosign(self, text: bytes, at: int) -> tuple[SignatureLine, SignatureLine]:
        """Both cosignatures over a checkpoint's text at a time in POSIX seconds, which is not 0."""
        if at <= 0:
            raise ValueError("a cosignature's time is after 1970")
        return (
            cosign_ed25519(self.name, self.ed25519, text, at),
            sign_ml_dsa_44(self.name, self.ml_dsa_44, text, at),
        )


def read_logs(text: str) -> Logs:
    """The logs of a list: a line for each key, `vkey` or, where the origin is not the key's name, `vkey origin`.

    Several keys of one origin may be listed. Empty lines and lines that begin with `#` are skipped. Raises
    `MalformedError` `logs-malformed` with the number of the line, or for a list without any key.
    """
    found: dict[str, tuple[VerifierKey, ...]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        vkey, _, origin = line.partition(" ")
        try:
            key = VerifierKey.parse(vkey)
            Checkpoint(origin or key.name, 0, EMPTY_ROOT)
        except MalformedError as error:
            raise MalformedError("logs-malformed", f"Line {number}: {error.detail}") from None
        known = found.get(origin or key.name, ())
        if key.type not in (ED25519, ML_DSA_44):
            raise MalformedError("logs-malformed", f"Line {number} is a witness's key, not a log's.")
        if key in known:
            raise MalformedError("logs-malformed", f"Line {number} repeats a key.")
        found[origin or key.name] = (*known, key)
    if not found:
        raise MalformedError("logs-malformed", "The list holds no key of any log.")
    return found


def read_submission(body: bytes, logs: Logs) -> Submission:
    """The request to `add-checkpoint` that a body holds, its signatures checked against what is known of its log.

    Raises `WitnessRefusal` `request-too-large`, `request-malformed`, `origin-unknown`, `signature-missing`,
    `signature-invalid`, `empty-root-wrong` or `old-size-too-large`, looked for in this order.
    """
    if len(body) > MAX_REQUEST_SIZE:
        raise WitnessRefusal("request-too-large")
    head, _, data = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
        if not lines[0].startswith("old ") or len(lines) > 1 + MAX_PROOF_LINES:
            raise WitnessRefusal("request-malformed")
        old = parse_decimal(lines[0].removeprefix("old "))
        proof = tuple(decode_base64(line, size=HASH_SIZE) for line in lines[1:])
        text, readable = _text_of(data)
        origin = text.partition(b"\n")[0].decode()
        empty_root_wrong = _is_empty_with_a_root(text)
        checkpoint = Checkpoint(origin, 0, EMPTY_ROOT) if empty_root_wrong else Checkpoint.parse(text)
    except (MalformedError, UnicodeDecodeError):
        raise WitnessRefusal("request-malformed") from None
    if origin not in logs:
        raise WitnessRefusal("origin-unknown")
    if not readable:
        raise WitnessRefusal("signature-invalid")
    # What an ML-DSA-44 key signs has no form for such a checkpoint: the log's other key answers for it.
    keys = [key for key in logs[origin] if key.type == ED25519 or not empty_root_wrong]
    try:
        opened = open_note(data, keys)
    except VerificationError as error:
        missing = error.code == "signature-missing"
        raise WitnessRefusal("signature-missing" if missing else "signature-invalid") from None
    if empty_root_wrong:
        raise WitnessRefusal("empty-root-wrong")
    if old > checkpoint.size:
        raise WitnessRefusal("old-size-too-large")
    signed = {signature.key: signature.line for signature in opened.verified}
    return Submission(checkpoint=checkpoint, old=old, proof=proof, lines=tuple(signed.values()), note=data)


def judge(submission: Submission, recorded: Recorded | None) -> None:
    """Returns where the checkpoint may be cosigned: it is the recorded one, or extends it, or is the log's first.

    Raises `WitnessRefusal` `size-conflict`, `root-differs`, `proof-unexpected` or `consistency-failed`.
    """
    size = 0 if recorded is None else recorded.checkpoint.size
    root = EMPTY_ROOT if recorded is None else recorded.checkpoint.root
    new = submission.checkpoint
    if submission.old != size:
        raise WitnessRefusal("size-conflict", recorded_size=size)
    if new.size == size and new.root != root:
        raise WitnessRefusal("root-differs")
    if size == 0:
        if submission.proof:
            raise WitnessRefusal("proof-unexpected")
        return
    try:
        verify_consistency(size, root, new.size, new.root, submission.proof)
    except VerificationError:
        raise WitnessRefusal("consistency-failed") from None


def contradiction(submission: Submission, recorded: Recorded | None) -> Literal["fork", "unproven"] | None:
    """Whether the submitted checkpoint is evidence against its log, whatever the request is answered.

    `fork`: two checkpoints of one size with two roots, both signed by the log, prove it to anybody. `unproven`: the log
    offered a larger one without a proof that holds, as a log that was rewritten would, and so might a faulty client.
    """
    if recorded is None:
        return None
    if submission.checkpoint.size == recorded.checkpoint.size:
        return "fork" if submission.checkpoint.root != recorded.checkpoint.root else None
    try:
        judge(submission, recorded)
    except WitnessRefusal as refusal:
        return "unproven" if refusal.code == "consistency-failed" else None
    return None


def accept(
    submission: Submission, recorded: Recorded | None, cosigner: Cosigner, now: int
) -> tuple[Recorded, tuple[SignatureLine, ...]]:
    """What is to be recorded, and the cosignatures to hand out once it is.

    `now` is in POSIX seconds. A log's cosignatures never go back in time. Raises `WitnessRefusal` as `judge` does, and
    `clock-behind`.
    """
    judge(submission, recorded)
    last = 0 if recorded is None else recorded.at
    if now <= 0 or now < last - CLOCK_TOLERANCE_SECONDS:
        raise WitnessRefusal("clock-behind")
    at = max(now, last)
    text = submission.checkpoint.text()
    lines = cosigner.cosign(text, at)
    note = format_note(text, [*submission.lines, *lines])
    return Recorded(checkpoint=submission.checkpoint, at=at, note=note), lines


def recall(note: bytes, cosigner: Cosigner) -> Recorded:
    """The record that a stored note is, by the witness's own cosignatures. Raises `VerificationError` where a note does
    not carry both of them, at one time."""
    opened = open_note(note, cosigner.keys)
    times = {signature.timestamp for signature in opened.verified}
    if {signature.key for signature in opened.verified} != set(cosigner.keys) or len(times) != 1:
        raise VerificationError("signature-missing", "A stored checkpoint does not carry both cosignatures.")
    return Recorded(checkpoint=Checkpoint.parse(opened.text), at=times.pop() or 0, note=note)


def answer_of(lines: Sequence[SignatureLine]) -> bytes:
    """The body of a 200: the cosignature lines and nothing else."""
    return "".join(f"{line}\n" for line in lines).encode()


def request_body(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """The body that asks a witness to cosign `note`, with the proof of consistency from `old`."""
    head = [f"old {old}", *(encode_base64(digest) for digest in proof)]
    return "\n".join(head).encode("ascii") + b"\n\n" + note


def _text_of(note: bytes) -> tuple[bytes, bool]:
    """A note's text, and whether its signature lines can be read: what is wrong with those is a fault of the
    signature's. Raises `MalformedError` for what has no such parts."""
    try:
        return parse_note(note).text, True
    except MalformedError:
        text, gap, _ = note.rpartition(b"\n\n")
        if not gap:
            raise
        return text + b"\n", False


def _is_empty_with_a_root(text: bytes) -> bool:
    """Whether a checkpoint is of size 0 and has another root than the empty tree's."""
    lines = text.decode().split("\n")
    if len(lines) != 4 or lines[1] != "0" or lines[3]:
        return False
    return decode_base64(lines[2], size=HASH_SIZE) != EMPTY_ROOT
