"""Follow the log's keys through their rotations (docs/formats/key-rotation.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import MAX_SAFE_INTEGER, JsonValue
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.leaf import Leaf
from isa_verify.log_keys import Keys, LogKey, log_keys
from isa_verify.merkle import leaf_hash
from isa_verify.note import VerifierKey
from isa_verify.policy import Policy
from isa_verify.receipt import MAX_RECEIPT_SIZE, Receipt, open_receipt, read_payload

KIND: Final = "log-key.rotated"
MAX_ROTATIONS: Final = 1000

_MEMBERS = {"kind", "reason", "old", "new"}


@dataclass(frozen=True, slots=True)
class Rotation:
    """What the payload of an entry `log-key.rotated` says: which keys end at which size, which begin."""

    reason: Literal["scheduled", "compromise"]
    old: tuple[tuple[VerifierKey, int], ...]
    new: tuple[tuple[VerifierKey, int], ...]

    @classmethod
    def read(cls, payload: dict[str, JsonValue], origin: str, index: int) -> Self:
        """Return the rotation that entry `index` of the log `origin` states.

        Raises `MalformedError` `rotation-malformed`.
        """
        reason = payload.get("reason")
        if payload.keys() != _MEMBERS or payload["kind"] != KIND:
            raise _malformed("does not have exactly a rotation's members")
        if reason != "scheduled" and reason != "compromise":
            raise _malformed("names no reason that is known here")
        old, new = _keys(payload["old"], "to", origin), _keys(payload["new"], "from", origin)
        if len({key.public for key, _ in (*old, *new)}) != len(old) + len(new):
            raise _malformed("names a key twice")
        if any(size > index + 1 for _, size in new):
            raise _malformed("has a new key that does not sign the checkpoints which cover it")
        if reason == "scheduled" and any(size <= index for _, size in old):
            raise _malformed("has an old key that does not sign a checkpoint which covers it")
        if reason == "compromise" and any(size > index for _, size in old):
            raise _malformed("trusts a key beyond its compromise")
        return cls("scheduled" if reason == "scheduled" else "compromise", old, new)

    def applied_to(self, trusted: Sequence[LogKey]) -> tuple[LogKey, ...]:
        """Return the keys with their sizes after the rotation: old ones end, new ones join or begin where it says."""
        last = {key.public: size for key, size in self.old}
        first = {key.public: size for key, size in self.new}
        known = [
            replace(
                one,
                first=max(one.first, first.get(one.key.public, 0)),
                last=_least(one.last, last.get(one.key.public)),
            )
            for one in trusted
        ]
        have = {one.key.public for one in trusted}
        return (*known, *(LogKey(key, size) for key, size in self.new if key.public not in have))


@dataclass(frozen=True, slots=True)
class FollowedRotation:
    """A rotation that was verified: the entry that states it, with its hash, and the checkpoint that proved it."""

    index: int
    leaf_hash: bytes
    rotation: Rotation
    checkpoint: Checkpoint
    note: bytes


def follow(
    published: bytes, keys: Keys, *, policy: Policy | None = None, pinned_size: int | None = None
) -> tuple[tuple[LogKey, ...], tuple[FollowedRotation, ...]]:
    """Return the keys after the rotations that a log publishes, one receipt a line, and the rotations themselves.

    Rotations that concern none of the keys trusted so far are left aside: they were before the keys were pinned.
    `pinned_size` is the size of a checkpoint that these keys have verified before.

    Raises `VerificationError` `key-compromised` where a trusted key was compromised and none that replaced it is given;
    `quorum-needed` where it was, one is given, and there is no policy that demands witnesses; `MalformedError`
    `rotation-malformed`; and as `open_receipt`.
    """
    trusted, followed = log_keys(keys), []
    lines = published.split(b"\n")
    if lines.pop() or len(lines) > MAX_ROTATIONS:
        raise _malformed("is not in a list of receipts, each on a line of its own")
    for line in lines:
        if len(line) > MAX_RECEIPT_SIZE:
            raise _malformed("is in a receipt that is too large")
        parsed = Receipt.parse(line)
        leaf = Leaf.parse(parsed.leaf)
        rotation = Rotation.read(read_payload(leaf, parsed.payload), trusted[0].key.name, leaf.seq)
        have = {one.key.public for one in trusted}
        ends = any(key.public in have for key, _ in rotation.old)
        begins = any(key.public in have for key, _ in rotation.new)
        if not ends and not begins:
            continue
        if rotation.reason == "compromise":
            _check_pinned_anew(rotation, begins, policy, pinned_size)
        after = rotation.applied_to(trusted)
        receipt, signed = open_receipt(line, after, policy if rotation.reason == "compromise" else None)
        # New keys vouch for themselves to nobody: one that was trusted before must have signed too.
        if not any(one.holds_for(receipt.size) for one in after if one.key.public in have):
            raise _malformed("is proved by a checkpoint that no key trusted before has signed")
        followed.append(FollowedRotation(leaf.seq, leaf_hash(parsed.leaf), rotation, signed.checkpoint, signed.data))
        trusted = after
    return trusted, tuple(followed)


def _check_pinned_anew(rotation: Rotation, begins: bool, policy: Policy | None, pinned_size: int | None) -> None:
    if not begins:
        raise VerificationError(
            "key-compromised",
            "A key given was compromised. Get the new keys from somebody you trust, and the policy of witnesses.",
        )
    pinned_before = pinned_size is not None and all(size <= pinned_size for _, size in rotation.new)
    if not pinned_before and (policy is None or not policy.demands_witnesses):
        raise VerificationError(
            "quorum-needed", "After a compromise only witnesses can vouch for the new keys: give their policy."
        )


def _keys(value: JsonValue, member: str, origin: str) -> tuple[tuple[VerifierKey, int], ...]:
    found = []
    for one in value if isinstance(value, list) else []:
        if not isinstance(one, dict) or one.keys() != {"vkey", member}:
            raise _malformed("has a key without its size")
        vkey, size = one["vkey"], one[member]
        if not isinstance(vkey, str) or type(size) is not int or not 0 <= size <= MAX_SAFE_INTEGER:
            raise _malformed("has a key without its size")
        try:
            key = VerifierKey.parse(vkey)
            log_keys([key])
        except MalformedError:
            raise _malformed("has a key that is none of a log") from None
        if key.name != origin:
            raise _malformed("has a key of another log")
        found.append((key, size))
    if not found or found != sorted(found, key=lambda pair: (pair[0].type, str(pair[0]))):
        raise _malformed("has no keys, or has them out of order")
    return tuple(found)


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _malformed(what: str) -> MalformedError:
    return MalformedError("rotation-malformed", f"A rotation of the log's keys {what}.")
