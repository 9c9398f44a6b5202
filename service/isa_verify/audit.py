"""Verify a whole log from what it publishes, against what was last seen of it.

An auditor that keeps the last checkpoint it trusted can tell a log that grew from one that was rolled back or
rewritten. From the log alone nobody can.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from isa_verify.checkpoint import Checkpoint
from isa_verify.continuation import INDEX, Continuation, follow_continuation
from isa_verify.errors import (
    AccessDeniedError,
    InconsistentLogError,
    MalformedError,
    NotFoundError,
    VerificationError,
)
from isa_verify.log_keys import Keys, LogKey, log_keys
from isa_verify.memory import Memory, Prefix
from isa_verify.merkle import EMPTY_ROOT
from isa_verify.note import SignatureLine, VerifiedSignature, parse_note
from isa_verify.policy import Policy
from isa_verify.ranges import CheckedRange, Fetch, Range, ReadRanges, in_this_process, read_part
from isa_verify.rotations import FollowedRotation, follow
from isa_verify.signed_checkpoint import Assurance, SignedCheckpoint, open_signed_checkpoint
from isa_verify.tiles import FULL_WIDTH, parse_tile
from isa_verify.times import (
    Sighting,
    check_age,
    check_windows,
    indexes_to_compare,
    sighting_of,
    with_sighting,
)
from isa_verify.walk import TreeWalk

__all__ = ["AuditSummary", "Fetch", "InconsistentLogError", "Options", "Progress", "audit_log"]

Progress = Callable[[int, int], None]
"""Is told how many entries have been checked, of how many."""

TILES_OF_A_RANGE: Final = 16


@dataclass(frozen=True, slots=True)
class Options:
    """How to audit beyond the usual.

    `entries_required`: entries that may not be read are no verdict, instead of a verdict on hashes alone. `policy`: the
    quorum must have cosigned; with `max_age` in seconds, no longer ago than that before `now` in POSIX seconds.
    `from_start`: read again what was read before. `continued_from`: the keys of the log that this one continues, and
    the checkpoint remembered of it. `progress` is told how far it is, `keep` is given what may be remembered meanwhile,
    so that a run that is interrupted is not lost. `read` checks ranges in another way than one by one, here.
    """

    entries_required: bool = False
    policy: Policy | None = None
    now: int = 0
    max_age: int | None = None
    from_start: bool = False
    continued_from: tuple[Keys, bytes | None] | None = None
    progress: Progress | None = None
    keep: Callable[[Prefix], None] | None = None
    read: ReadRanges | None = None


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
    anchors = _anchors_of(memory, checkpoint.origin)
    for anchor in anchors:
        anchor.refuse_rollback(signed)

    # 4.
    continuation = _continuation(fetch, trusted, asked)

    # 5. to 9.
    anchors += [_Anchor(one.checkpoint, one.note, "rotation-mismatch") for one in rotations]
    placed = {one.index: (one.leaf_hash, "rotation-mismatch") for one in rotations}
    if continuation is not None:
        anchors.append(_Anchor(continuation.checkpoint, None, "continuation-mismatch"))
        placed[INDEX] = (continuation.leaf_hash, "continuation-mismatch")
    for anchor in anchors:
        if anchor.checkpoint.size > checkpoint.size:
            raise anchor.mismatch(signed)
    wanted = indexes_to_compare(sightings)
    run = _Run(fetch, signed, asked, anchors, placed, wanted)
    start = _usable_prefix(memory, run, asked, rotations)
    try:
        _verify(run, start, sightings)
    except VerificationError:
        # Only the whole log shows what is wrong: the new part alone cannot tell a rewritten log from a damaged one.
        if start is None:
            raise
        run = _Run(fetch, signed, asked, anchors, placed, wanted)
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


def _verify(run: "_Run", start: Prefix | None, sightings: tuple[Sighting, ...]) -> None:
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


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A checkpoint that the log must extend; `note` is its evidence."""

    checkpoint: Checkpoint
    note: bytes | None
    code: str

    def refuse_rollback(self, signed: SignedCheckpoint) -> None:
        known, now = self.checkpoint, signed.checkpoint
        if now.size < known.size:
            raise InconsistentLogError(
                "log-shrank",
                f"The log has {now.size} entries, fewer than the {known.size} last seen.",
                self.note or b"",
                signed.data,
            )
        if now.size == known.size and now.root != known.root:
            raise InconsistentLogError(
                "log-forked",
                f"The log has signed two different histories of its first {known.size} entries.",
                self.note or b"",
                signed.data,
            )

    def mismatch(self, signed: SignedCheckpoint) -> VerificationError:
        if self.code == "rotation-mismatch":
            return VerificationError(
                "rotation-mismatch", "A rotation of the log's keys is not of the log that is read."
            )
        if self.code == "continuation-mismatch":
            return VerificationError("continuation-mismatch", "The continuation is not of the log that is read.")
        return InconsistentLogError(
            "log-forked",
            "The log no longer begins with the entries that it had when it was last checked.",
            self.note or b"",
            signed.data,
        )


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


def _anchors_of(memory: Memory, origin: str) -> list[_Anchor]:
    """The checkpoints that were seen before: the last one verified, and the one of a run that was interrupted."""
    anchors = []
    for note in (memory.note, None if memory.prefix is None else memory.prefix.note):
        if note is not None:
            checkpoint = Checkpoint.parse(parse_note(note).text)
            if checkpoint.origin != origin:
                raise MalformedError(
                    "origin-mismatch", "The remembered checkpoint is of another log than the keys given."
                )
            anchors.append(_Anchor(checkpoint, note, "log-forked"))
    return anchors


def _continuation(fetch: Fetch, trusted: Keys, asked: Options) -> Continuation | None:
    if asked.continued_from is None:
        return None
    old_keys, old_note = asked.continued_from
    try:
        receipt = fetch("continuation")
    except NotFoundError:
        raise VerificationError("continuation-missing", "The log does not say that it continues another.") from None
    return follow_continuation(receipt, trusted, old_keys, old_note)


def _usable_prefix(
    memory: Memory, run: "_Run", asked: Options, rotations: tuple[FollowedRotation, ...]
) -> Prefix | None:
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


@dataclass(slots=True)
class _Run:
    """Reads a log from where it begins, or goes on, to its end."""

    fetch: Fetch
    signed: SignedCheckpoint
    asked: Options
    anchors: list[_Anchor]
    placed: dict[int, tuple[bytes, str]]
    wanted: frozenset[int]
    walk: TreeWalk = field(init=False)
    entries: bool = True
    resumed_at: int = 0
    previous: str | None = None
    at: str | None = None
    times: dict[int, str] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    """Of the trees of the anchors' sizes."""
    _found: dict[int, bytes] = field(default_factory=dict)
    """The leaf hashes of the entries that have to be in their places."""
    prefix: Prefix | None = None
    """How far whole tiles have been read, None where there is none."""

    def __post_init__(self) -> None:
        self.walk = TreeWalk(self.fetch)

    def may_read_entries(self) -> bool:
        """Return whether the log shows its first entries to this reader."""
        size = self.signed.checkpoint.size
        try:
            if size:
                read_part(self.fetch, "entries", 0, min(size, FULL_WIDTH))
        except AccessDeniedError:
            return False
        return True

    def read_all(self, prefix: Prefix | None) -> None:
        self.prefix = prefix
        if prefix is not None:
            self.resumed_at, self.entries = prefix.size, prefix.entries
            self.previous, self.at = prefix.previous, prefix.at
            self.walk.resume(prefix.frontier, prefix.pending)
        elif any(anchor.checkpoint.size == 0 for anchor in self.anchors):
            self.roots[0] = EMPTY_ROOT
        size = self.signed.checkpoint.size
        first, end = self.resumed_at // FULL_WIDTH, -(-size // FULL_WIDTH)
        if first < end:
            self._read_first(first)
            read = self.asked.read or in_this_process(self.fetch)
            for checked in read(self._ranges(first + 1, end)):
                self._take(checked)
        self.walk.finish()

    def check_placed(self) -> None:
        for index, (digest, code) in self.placed.items():
            if self._found.get(index, digest) != digest:
                raise VerificationError(code, f"Entry {index} is not the one that was proved to be there.")

    def _read_first(self, number: int) -> None:
        """Read one tile here, and find out whether entries may be read."""
        here = in_this_process(self.fetch)
        try:
            checked = next(here(iter([self._range(number, number + 1)])))
        except AccessDeniedError:
            if self.asked.entries_required or not self.entries:
                raise
            self.entries = False
            self.previous = self.at = None
            checked = next(here(iter([self._range(number, number + 1)])))
        self._take(checked)

    def _ranges(self, first: int, end: int) -> Iterator[Range]:
        full = self.signed.checkpoint.size // FULL_WIDTH
        for start in range(first, full, TILES_OF_A_RANGE):
            yield self._range(start, min(full, start + TILES_OF_A_RANGE))
        if full < end and first <= full:
            yield self._range(full, end)

    def _range(self, first: int, end: int) -> Range:
        here = range(first * FULL_WIDTH, end * FULL_WIDTH)
        sizes = (anchor.checkpoint.size for anchor in self.anchors)
        first_entry = first * FULL_WIDTH == self.resumed_at and self.entries
        return Range(
            origin=self.signed.checkpoint.origin,
            size=self.signed.checkpoint.size,
            first=first,
            end=end,
            entries=self.entries,
            previous=(self.previous or "0" * 64) if first_entry else None,
            at=self.at if first_entry else None,
            keep=frozenset(index // FULL_WIDTH for index in itertools.chain(sizes, self.placed) if index in here),
            wanted=frozenset(index for index in self.wanted if index in here),
        )

    def _take(self, checked: CheckedRange) -> None:
        if checked.range.entries:
            self._join(checked)
        width = self.signed.checkpoint.size
        for number in range(checked.range.first, checked.range.end):
            if number in checked.kept:
                self._look_into(number, parse_tile(checked.kept[number], min(FULL_WIDTH, width - number * FULL_WIDTH)))
            if number - checked.range.first < len(checked.roots):
                self.walk.add_tile(checked.roots[number - checked.range.first])
            else:
                self.walk.add_last(checked.kept[number])
        self.times.update(checked.times)
        if self.walk.frontier.size % FULL_WIDTH == 0:
            self.prefix = self._prefix_now()
            if self.asked.keep is not None and self._anchors_hold():
                self.asked.keep(self.prefix)
        if self.asked.progress is not None:
            self.asked.progress(self.walk.frontier.size, width)

    def _join(self, checked: CheckedRange) -> None:
        """Check that a range of entries follows the one before it."""
        start = checked.range.first * FULL_WIDTH
        if not checked.range.known:
            if checked.first_previous != self.previous:
                raise VerificationError("chain-broken", f"Entry {start} does not follow the entry before it.")
            if self.at is not None and checked.first_at is not None and checked.first_at < self.at:
                raise VerificationError("time-fell", f"Entry {start} is earlier than the entry before it.")
        self.previous, self.at = checked.previous, checked.at

    def _look_into(self, number: int, hashes: list[bytes]) -> None:
        start = number * FULL_WIDTH
        for anchor in self.anchors:
            size = anchor.checkpoint.size
            if start <= size < start + FULL_WIDTH and size - start <= len(hashes):
                self.roots[size] = self.walk.frontier.extend(hashes[: size - start]).root()
        for index in self.placed:
            if start <= index < start + len(hashes):
                self._found[index] = hashes[index - start]

    def _anchors_hold(self) -> bool:
        """Whether what has been read so far extends what was seen before: nothing else may be gone on from."""
        return all(
            self.roots.get(anchor.checkpoint.size, anchor.checkpoint.root) == anchor.checkpoint.root
            for anchor in self.anchors
        )

    def _prefix_now(self) -> Prefix:
        return Prefix(self.walk.frontier, self.walk.pending, self.entries, self.previous, self.at, self.signed.data)
