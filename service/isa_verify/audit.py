"""Verify a whole log from what it publishes, against what was last seen of it.

An auditor that keeps the last checkpoint it trusted can tell a log that grew from one that was rolled back or
rewritten. From the log alone nobody can.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from isa_verify.anchors import Anchor, anchors_of
from isa_verify.audit_options import Options, Progress
from isa_verify.audit_run import Run
from isa_verify.checkpoint import Checkpoint
from isa_verify.continuation import INDEX, Continuation, follow_continuation
from isa_verify.errors import (
    InconsistentLogError,
    NotFoundError,
    VerificationError,
)
from isa_verify.log_keys import Keys, LogKey, log_keys
from isa_verify.memory import Memory, Prefix
from isa_verify.note import SignatureLine, VerifiedSignature, parse_note
from isa_verify.policy import Policy
from isa_verify.ranges import Fetch
from isa_verify.rotations import FollowedRotation, follow
from isa_verify.signed_checkpoint import Assurance, SignedCheckpoint, open_signed_checkpoint
from isa_verify.times import (
    Sighting,
    check_age,
    check_windows,
    indexes_to_compare,
    sighting_of,
    with_sighting,
)

__all__ = ["AuditSummary", "Fetch", "InconsistentLogError", "Options", "Progress", "audit_log"]


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """What was verified: every published hash of the log `origin` up to `size`.

    `entries_read` says whether the entries themselves were read too, and `resumed_at` how many were read in an earlier
    run. `previous_size` is the size of the remembered checkpoint that the log extends, None where there was none.
    `last_at` is the time of the last entry read. `data` is the checkpoint's note; `memory` is what to remember.
    `rotations` are those that the keys were followed through. Nothing is known about the lines in `unverified`.
    """

    origin: str
    size: int
    root: bytes
    entries_read: bool
    resumed_at: int
    previous_size: int | None
    last_at: str | None
    data: bytes
    verified: tuple[VerifiedSignature, ...]
    unverified: tuple[SignatureLine, ...]
    cosigners: Mapping[str, int]
    assurance: Assurance
    rotations: tuple[FollowedRotation, ...]
    continuation: Continuation | None
    memory: Memory


def audit_log(
    fetch: Fetch,
    keys: Keys,
    remembered: bytes | Memory | None = None,
    *,
    entries_required: bool = False,
    progress: Progress | None = None,
    options: Options | None = None,
) -> AuditSummary:
    """Verify a whole log, holding no more than a few tiles of each level and some bundles in memory.

    1. The keys are followed through the rotations that the log publishes.
    2. Every key that holds for its size has signed the published checkpoint, which names the log that the keys belong
       to; with a policy, the quorum has cosigned it, recently enough.
    3. The log is not smaller than the remembered checkpoint's, nor of its size with another root.
    4. Where it is to continue another log, its second entry says so.
    5. Each entry has the hash that its level-0 tile states, names this log and its own index, chains to the entry
       before it, and is not earlier than it. A log that denies its entries is verified by hashes alone, unless they
       are required. What an earlier run has read is not read again, unless asked.
    6. Each tile above level 0 holds the roots of the tiles below it.
    7. The hashes give the checkpoint's root.
    8. The first of them give the remembered root, and the roots that rotations and the continuation were proved with;
       and those entries are in their places.
    9. No entry is dated outside the window that the witnesses' times leave it.

    Raises `InconsistentLogError` `log-shrank`, `log-forked` or `key-beyond-range`, `VerificationError` otherwise, and
    `CannotRunError` where the log could not be read.
    """
    asked = options or Options(entries_required=entries_required, progress=progress)
    memory = remembered if isinstance(remembered, Memory) else Memory(note=remembered)

    # 1.
    trusted, rotations = _followed(fetch, keys, memory, asked.policy)

    # 2.
    signed = _open(fetch("checkpoint"), trusted, asked.policy, memory)
    checkpoint = signed.checkpoint
    sightings = with_sighting(memory.sightings, sighting_of(signed, asked.policy))
    if asked.policy is not None and asked.max_age is not None:
        check_age(signed, asked.policy, asked.now, asked.max_age)

    # 3.
    anchors = anchors_of(memory, checkpoint.origin)
    for anchor in anchors:
        anchor.refuse_rollback(signed)

    # 4.
    continuation = _continuation(fetch, trusted, asked)

    # 5. to 9.
    anchors += [Anchor(one.checkpoint, one.note, "rotation-mismatch") for one in rotations]
    placed = {one.index: (one.leaf_hash, "rotation-mismatch") for one in rotations}
    if continuation is not None:
        anchors.append(Anchor(continuation.checkpoint, None, "continuation-mismatch"))
        placed[INDEX] = (continuation.leaf_hash, "continuation-mismatch")
    for anchor in anchors:
        if anchor.checkpoint.size > checkpoint.size:
            raise anchor.mismatch(signed)
    wanted = indexes_to_compare(sightings)
    run = Run(fetch, signed, asked, anchors, placed, wanted)
    start = _usable_prefix(memory, run, asked, rotations)
    try:
        _verify(run, start, sightings)
    except VerificationError:
        # Only the whole log shows what is wrong: the new part alone cannot tell a rewritten log from a damaged one.
        if start is None:
            raise
        run = Run(fetch, signed, asked, anchors, placed, wanted)
        _verify(run, None, sightings)

    prefix = run.prefix
    if memory.prefix is not None and memory.prefix.entries and (prefix is None or not prefix.entries):
        prefix = memory.prefix
    previous = None if memory.note is None else Checkpoint.parse(parse_note(memory.note).text)
    return AuditSummary(
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=checkpoint.root,
        entries_read=run.entries,
        resumed_at=run.resumed_at,
        previous_size=None if previous is None else previous.size,
        last_at=run.at,
        data=signed.data,
        verified=signed.verified,
        unverified=signed.unverified,
        cosigners=signed.cosigners,
        assurance=signed.assurance,
        rotations=rotations,
        continuation=continuation,
        memory=Memory(signed.data, prefix, sightings, trusted if rotations else memory.keys),
    )


def _verify(run: Run, start: Prefix | None, sightings: tuple[Sighting, ...]) -> None:
    # 5., 6.
    run.read_all(start)

    # 7.
    checkpoint = run.signed.checkpoint
    if run.walk.frontier.root() != checkpoint.root:
        raise VerificationError("root-mismatch", "The published hashes do not give the root that the log signed.")

    # 8.
    for anchor in run.anchors:
        if run.roots.get(anchor.checkpoint.size, anchor.checkpoint.root) != anchor.checkpoint.root:
            raise anchor.mismatch(run.signed)
    run.check_placed()

    # 9.
    check_windows(sightings, run.times)


def _followed(
    fetch: Fetch, keys: Keys, memory: Memory, policy: Policy | None
) -> tuple[tuple[LogKey, ...], tuple[FollowedRotation, ...]]:
    given = log_keys(keys)
    known = {one.key.public for one in memory.keys}
    trusted = given
    # What an earlier run learned of these keys' sizes holds, whatever the log says today.
    if any(one.key.public in known for one in given):
        trusted = (*memory.keys, *(one for one in given if one.key.public not in known))
    try:
        published = fetch("key-rotations")
    except NotFoundError:
        return trusted, ()
    size = None if memory.note is None else Checkpoint.parse(parse_note(memory.note).text).size
    return follow(published, trusted, policy=policy, pinned_size=size)


def _open(data: bytes, trusted: Keys, policy: Policy | None, memory: Memory) -> SignedCheckpoint:
    try:
        return open_signed_checkpoint(data, trusted, policy)
    except VerificationError as error:
        if error.code == "key-beyond-range" and memory.note is not None:
            raise InconsistentLogError(error.code, error.detail, memory.note, data) from None
        raise


def _continuation(fetch: Fetch, trusted: Keys, asked: Options) -> Continuation | None:
    if asked.continued_from is None:
        return None
    old_keys, old_note = asked.continued_from
    try:
        receipt = fetch("continuation")
    except NotFoundError:
        raise VerificationError("continuation-missing", "The log does not say that it continues another.") from None
    return follow_continuation(receipt, trusted, old_keys, old_note)


def _usable_prefix(memory: Memory, run: Run, asked: Options, rotations: tuple[FollowedRotation, ...]) -> Prefix | None:
    """Return where to go on, None to read from the start.

    What has to be found in the part that was read before can only be found by reading it again.
    """
    prefix = memory.prefix
    if prefix is None or asked.from_start or not 0 < prefix.size <= run.signed.checkpoint.size:
        return None
    known = {one.key.public for one in memory.keys}
    unseen = (one for one in rotations if not known.issuperset(key.public for key, _ in one.rotation.new))
    if asked.continued_from is not None or any(one.index < prefix.size for one in unseen):
        return None
    if not prefix.entries and (asked.entries_required or run.may_read_entries()):
        return None
    return prefix
