"""What a log asks its witnesses to cosign."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from growing import NOW, ORIGIN, GrowingLog, vkeys_of
from isa_registry.ledger.witness import Cosigner, accept, read_logs, read_submission, request_body
from isa_verify.note import format_note, sign_ed25519
from tamper.case import Shown, Takes, Tool, Verb

GROWING, FORKED, STRANGER = GrowingLog(), GrowingLog(fork=3), GrowingLog("stranger.example.org")


TEXT = GROWING.checkpoint(9).text()


@dataclass(frozen=True)
class Submitted:
    """A request to a witness that has cosigned the first five entries, and what its clock says."""

    body: bytes
    now: int = NOW


def growth() -> Submitted:
    return Submitted(GROWING.request(5, 9))


@cache
def cosigner() -> Cosigner:
    seed = bytes(range(32))
    return Cosigner(
        name="witness.example.org/police",
        ed25519=Ed25519PrivateKey.from_private_bytes(seed),
        ml_dsa_44=MLDSA44PrivateKey.from_seed_bytes(seed),
    )


def cosign(submitted: Submitted) -> object:
    logs = read_logs(vkeys_of(GROWING))
    recorded, _ = accept(read_submission(GROWING.request(0, 5), logs), None, cosigner(), NOW)
    return accept(read_submission(submitted.body, logs), recorded, cosigner(), submitted.now)


def witness_case(verb: Verb, does: str, code: str, body: bytes, takes: Takes = Takes.OPERATOR, now: int = NOW) -> Shown:
    return Shown(
        verb, does, takes, Tool.WITNESS, code, honest=growth, change=lambda _: Submitted(body, now), verify=cosign
    )


CASES = [
    witness_case(
        Verb.FORK, "asks for a cosignature on another root of the same size", "root-differs", FORKED.request(5, 5)
    ),
    witness_case(
        Verb.SPLIT_VIEW,
        "asks for a cosignature on a history that parts from the one cosigned",
        "consistency-failed",
        FORKED.request(5, 9),
    ),
    witness_case(
        Verb.ROLL_BACK,
        "asks for a cosignature on a smaller log than was cosigned",
        "size-conflict",
        GROWING.request(0, 4),
    ),
    witness_case(
        Verb.TRUNCATE,
        "asks for a cosignature on a log that is said to start anew",
        "size-conflict",
        GROWING.request(0, 9),
    ),
    witness_case(
        Verb.FORK,
        "asks for a cosignature in this log's name, with a key of its own",
        "signature-missing",
        request_body(5, GROWING.proof(5, 9), format_note(TEXT, [sign_ed25519(ORIGIN, STRANGER.ed25519, TEXT)])),
        Takes.SERVER,
    ),
    witness_case(
        Verb.CLOCK, "sets the witness's clock back", "clock-behind", GROWING.request(5, 9), Takes.SERVER, NOW - 61
    ),
]
