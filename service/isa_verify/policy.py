"""Which witnesses must have cosigned a checkpoint (C2SP tlog-policy, a draft, read at commit 13027ee).

A witness's cosignature says: *at this time, the largest consistent tree that I have seen of this log has this root*.
Where enough witnesses of different operators say so, the log's operator cannot show two histories.

Line by line: docs/formats/policy.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from isa_verify.checkpoint import Checkpoint
from isa_verify.cosignature import LAST_TIME
from isa_verify.encoding import parse_decimal
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.note import ED25519, ED25519_COSIGNATURE, ML_DSA_44, VerifierKey, parse_note

MAX_POLICY_SIZE: Final = 1 << 20
"""In bytes."""

MAX_LINES_OF_A_SORT: Final = 256
"""No more logs, witnesses or groups than this."""

NO_QUORUM: Final = "none"

_BLANK = re.compile(r"[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Witness:
    """One cosigning key. `name` counts within the policy alone; `url` is its submission prefix, where one is given."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and earlier groups, of which `threshold` must have cosigned."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log that the policy is for: its key, named for its origin."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Known logs, known witnesses, and the quorum: the name of a witness or group, or `none`."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @property
    def log_keys(self) -> tuple[VerifierKey, ...]:
        """The keys of its logs, in the policy's order."""
        return tuple(log.key for log in self.logs)

    @property
    def demands_witnesses(self) -> bool:
        """Whether the quorum is more than `none`."""
        return self.quorum != NO_QUORUM

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """Return the policy that a file holds.

        Raises `MalformedError`, which names the line. Its codes: `policy-too-large`, `policy-not-text`,
        `policy-line-unended`, `policy-line-unknown`, `policy-line-malformed`, `policy-key-malformed`,
        `policy-key-unsuitable`, `policy-key-duplicate`, `policy-url-malformed`, `policy-name-reserved`,
        `policy-name-taken`, `policy-name-unknown`, `policy-member-twice`, `policy-threshold-malformed`,
        `policy-quorum-twice`, `policy-quorum-missing`.
        """
        reading = _Reading()
        for number, line in enumerate(_lines(data), start=1):
            items = [item for item in _BLANK.split(line) if item]
            if items and not items[0].startswith("#"):
                reading.take(number, items)
        if reading.quorum is None:
            raise MalformedError("policy-quorum-missing", "The policy has no quorum line.")
        return cls(tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum)

    def satisfied_by(self, names: Iterable[str]) -> bool:
        """Return whether the witnesses with these names, in the policy, make up the quorum."""
        if self.quorum == NO_QUORUM:
            return True
        known = {witness.name for witness in self.witnesses}
        have = {name for name in names if name in known}
        for group in self.groups:
            if sum(member in have for member in group.members) >= group.threshold:
                have.add(group.name)
        return self.quorum in have

    def met_at(self, cosigners: Mapping[str, int]) -> int | None:
        """Return the earliest time by which cosigners (name to POSIX seconds) made up the quorum, None if they do not.

        Fewer witnesses than a quorum needs cannot make it earlier. Without a quorum it is the earliest of all.
        """
        names: list[str] = []
        for name, time in sorted(cosigners.items(), key=lambda item: item[1]):
            names.append(name)
            if self.satisfied_by(names):
                return time
        return None

    def fresh_at(self, cosigners: Mapping[str, int]) -> int | None:
        """Return the latest time since which a quorum has cosigned, None where the cosigners make up none.

        Fewer witnesses than a quorum needs cannot make it later. Without a quorum it is the latest of all.
        """
        names: list[str] = []
        for name, time in sorted(cosigners.items(), key=lambda item: -item[1]):
            names.append(name)
            if self.satisfied_by(names):
                return time
        return None


def cosigners(note: bytes, checkpoint: Checkpoint, policy: Policy) -> dict[str, int]:
    """Return which witnesses of the policy have cosigned a checkpoint's note, and when, in POSIX seconds.

    Of several lines by one witness the newest counts. Lines of others are ignored. Raises `VerificationError`
    `cosignature-invalid` where a witness's line does not hold, `cosignature-undated` for one at time 0 or
    beyond the calendar, and
    `MalformedError` for what is no note of this checkpoint.
    """
    parsed = parse_note(note)
    if parsed.text != checkpoint.text():
        raise MalformedError("checkpoint-malformed", "The note is not that of the checkpoint.")
    known = {(witness.key.name, witness.key.key_id): witness for witness in policy.witnesses}
    times: dict[str, int] = {}
    for line in parsed.signatures:
        witness = known.get((line.name, line.key_id))
        if witness is None:
            continue
        try:
            time = witness.key.verify(parsed.text, line.signature)
        except VerificationError:
            raise VerificationError(
                "cosignature-invalid", "A cosignature under the name of one of the policy's witnesses is not by it."
            ) from None
        if not time or time > LAST_TIME:
            raise VerificationError(
                "cosignature-undated", "A witness's cosignature states no time, or one beyond the calendar."
            )
        times[witness.name] = max(time, times.get(witness.name, 0))
    return times


@dataclass(slots=True)
class _Reading:
    """What has been read so far, line by line."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    _names: set[str] = field(default_factory=set)
    _members: set[str] = field(default_factory=set)
    _keys: set[bytes] = field(default_factory=set)
    _key_ids: set[tuple[str, bytes]] = field(default_factory=set)

    def take(self, number: int, items: list[str]) -> None:
        lines = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        read = lines.get(items[0])
        if read is None:
            raise MalformedError("policy-line-unknown", f"Line {number} of the policy begins with no known word.")
        read(number, items[1:])
        if max(len(self.logs), len(self.witnesses), len(self.groups)) > MAX_LINES_OF_A_SORT:
            raise MalformedError("policy-too-large", f"Line {number} of the policy is one too many of its sort.")

    def _log(self, number: int, items: list[str]) -> None:
        if len(items) not in (1, 2):
            raise _malformed(number, "log")
        key = self._key(number, items[0], (ED25519, ML_DSA_44))
        self.logs.append(PolicyLog(key, _url(number, items[1:])))

    def _witness(self, number: int, items: list[str]) -> None:
        if len(items) not in (2, 3):
            raise _malformed(number, "witness")
        self._define(number, items[0])
        key = self._key(number, items[1], (ED25519_COSIGNATURE, ML_DSA_44))
        self.witnesses.append(Witness(items[0], key, _url(number, items[2:])))

    def _group(self, number: int, items: list[str]) -> None:
        if len(items) < 3:
            raise _malformed(number, "group")
        name, rule, *members = items
        for member in members:
            if member not in self._names:
                raise MalformedError("policy-name-unknown", f"Line {number} of the policy uses a name not yet defined.")
            if member in self._members:
                raise MalformedError(
                    "policy-member-twice", f"Line {number} of the policy names a member that is in a group already."
                )
            self._members.add(member)
        self._define(number, name)
        self.groups.append(Group(name, _threshold(number, rule, len(members)), tuple(members)))

    def _quorum(self, number: int, items: list[str]) -> None:
        if len(items) != 1:
            raise _malformed(number, "quorum")
        if self.quorum is not None:
            raise MalformedError("policy-quorum-twice", f"Line {number} of the policy is a second quorum line.")
        if items[0] != NO_QUORUM and items[0] not in self._names:
            raise MalformedError("policy-name-unknown", f"Line {number} of the policy uses a name not yet defined.")
        self.quorum = items[0]

    def _define(self, number: int, name: str) -> None:
        if name == NO_QUORUM:
            raise MalformedError("policy-name-reserved", f"Line {number} of the policy defines the reserved name none.")
        if name in self._names:
            raise MalformedError("policy-name-taken", f"Line {number} of the policy defines a name a second time.")
        self._names.add(name)

    def _key(self, number: int, vkey: str, types: tuple[int, ...]) -> VerifierKey:
        try:
            key = VerifierKey.parse(vkey)
        except MalformedError as error:
            raise MalformedError("policy-key-malformed", f"Line {number} of the policy: {error.detail}") from None
        if key.type not in types:
            raise MalformedError(
                "policy-key-unsuitable", f"Line {number} of the policy has a key of a type that cannot sign for this."
            )
        # The same bytes under another name or type are the same signer: it would count twice.
        if key.public in self._keys or (key.name, key.key_id) in self._key_ids:
            raise MalformedError("policy-key-duplicate", f"Line {number} of the policy repeats a public key.")
        self._keys.add(key.public)
        self._key_ids.add((key.name, key.key_id))
        return key


def _lines(data: bytes | str) -> list[str]:
    raw = data.encode() if isinstance(data, str) else data
    if len(raw) > MAX_POLICY_SIZE:
        raise MalformedError("policy-too-large", "The policy is larger than one mebibyte.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedError("policy-not-text", "The policy is not UTF-8 text.") from None
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if _CONTROL.search(line):
            raise MalformedError("policy-not-text", f"Line {number} of the policy holds a control character.")
    if lines.pop():
        raise MalformedError("policy-line-unended", "The last line of the policy does not end with a line feed.")
    return lines


def _malformed(number: int, word: str) -> MalformedError:
    return MalformedError(
        "policy-line-malformed", f"Line {number} of the policy does not have the items of a {word} line."
    )


def _threshold(number: int, rule: str, count: int) -> int:
    if rule in ("any", "all"):
        return 1 if rule == "any" else count
    try:
        threshold = parse_decimal(rule)
    except MalformedError:
        threshold = 0
    if not 1 <= threshold <= count:
        raise MalformedError(
            "policy-threshold-malformed",
            f"Line {number} of the policy has a threshold that is not all, any, or 1 up to its number of members.",
        )
    return threshold


def _url(number: int, items: list[str]) -> str | None:
    if not items:
        return None
    try:
        parts = urlsplit(items[0])
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or "@" in parts.netloc or parts.query or parts.fragment:
        raise MalformedError(
            "policy-url-malformed", f"Line {number} of the policy has no usable http or https address."
        )
    return items[0]
