"""What `isa-registry fsck` can find, each by a code of its own with a sentence for whoever reads the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

SENTENCES: dict[str, str] = {
    "index-gap": "An entry is missing before this one.",
    "leaf-hash": "The stored hash is not that of the entry's bytes.",
    "leaf-malformed": "The entry's bytes are not an entry of this format.",
    "leaf-not-canonical": "The entry is not in its one canonical spelling.",
    "leaf-too-large": "The entry is larger than an entry may be.",
    "chain": "The entry is not of this log, not in its place, or does not follow the entry before it.",
    "time-fell": "The entry is earlier than the entry before it.",
    "columns": "What is stored beside the entry is not what the entry and its payload say.",
    "payload-missing": "The payload is not there, and no entry says that it was erased.",
    "payload-orphan": "There is a payload here that belongs to no entry.",
    "erased-but-present": "An entry says that this payload was erased, and it is still there.",
    "erasure-unfounded": "The entry says that it erased another which is not before it in the log.",
    "commitment": "The payload and its salt are not what the entry commits to.",
    "salt-malformed": "The salt is not exactly 32 bytes.",
    "payload-unknown": "The payload is not of a kind and form that this version admits.",
    "payload-form": "The payload is not in its one canonical spelling, or not of the kind that the entry says.",
    "agreement-text": "The words of the agreement are not those of the hash beside them.",
    "agreement-schedule": "The schedule of the agreement is not that of the hash beside it.",
    "catalogue-hash": "The catalogue is not that of the hash beside it.",
    "event-signature": "The event or list is not signed by a key that its body had registered at the time.",
    "acknowledgement-signature": "The acknowledgement is not signed by a key that its body had registered at the time.",
    "attestation-signature": "The attestation is not signed by its signatory's key, nor by the key that the log names.",
    "key-proof": "The proof with which the key was registered is not by that key, or not for this.",
    "index-table": "The row of the index table is not what the log says, or one of the two is missing.",
    "publication-unsigned": "A checkpoint of this size was published, and none is stored.",
    "publication-chain": "The checkpoint does not name the one that was published before it.",
    "publication-unwitnessed": "The checkpoint was published, and its stored cosignatures do not meet the policy.",
    "cosignature-unsigned": "A cosignature is stored of a checkpoint that is not.",
    "cosignature-malformed": "What is stored as a witness's line is not a line with a time.",
    "cosignature-columns": "What is stored beside a witness's line is not what the line says.",
    "cosignature-invalid": "A line under the name of a witness of the policy is not by it, or not on this checkpoint.",
    "cosignature-undated": "A witness's line states no time.",
    "cosignature-time-fell": "A witness has cosigned a larger log before a smaller one.",
    "answer-beyond": "A repeated request would be answered with an entry that the log does not have.",
    "answer-left": "The payload is gone, and the hash of the request that brought it is still kept.",
    "snapshot": "The snapshot of the register is not what a fresh fold of the log gives.",
    "register": "A running worker's register is not what a fresh fold of the log gives.",
    "tile": "The stored tile is not what the entries give, or one of the two is missing.",
    "checkpoint": "The checkpoint does not say what the stored entries give.",
    "log-key-rotation": "An entry that changes the log's keys cannot be read, so that nobody knows who signs.",
    "outside-behind": "The file outside the database holds an older checkpoint than the database.",
    "outside-ahead": "The file outside the database holds a checkpoint of more entries than the database has.",
    "outside-differs": "The file outside the database holds a checkpoint that the stored entries do not give.",
    "outside-unreadable": "The file outside the database cannot be read.",
}
"""By code. A checkpoint's signatures are refused with the verifier's own codes and sentences."""

_KEPT = 1_000


class Finding(Struct, frozen=True):
    """Something that is not as the log says. `code` is stable; `where` names the entry, tile, row or file."""

    code: str
    where: str
    says: str = ""

    @property
    def sentence(self) -> str:
        return self.says or SENTENCES.get(self.code, "It does not verify.")


class Report(Struct, frozen=True):
    """What was looked at, and what was found. `root` is recomputed from the stored leaves. `more` counts the findings
    beyond the thousand of a code that are kept. `workers` is how many running workers showed their registers,
    `erased` how many payloads the log says were erased, `unverified` how many cosignatures are of nobody whom the
    policy given names. `suspect` is how many signed documents were logged when their key was in doubt, as its body has
    said since: no fault of the log's. `of_earlier_logs` is how many attestations were carried over that an earlier log
    signed, whose key this one does not hold: they are verified in that log's archive."""

    size: int
    root: bytes
    findings: tuple[Finding, ...]
    more: int = 0
    workers: int = 0
    erased: int = 0
    unverified: int = 0
    suspect: int = 0
    of_earlier_logs: int = 0

    @property
    def clean(self) -> bool:
        return not self.findings


class Findings:
    """Gathers findings, a bounded number of each code."""

    def __init__(self) -> None:
        self.kept: list[Finding] = []
        self._count: Counter[str] = Counter()

    def add(self, code: str, where: str, says: str = "") -> None:
        self._count[code] += 1
        if self._count[code] <= _KEPT:
            self.kept.append(Finding(code=code, where=where, says=says))

    @property
    def more(self) -> int:
        return sum(max(0, count - _KEPT) for count in self._count.values())


def lines(report: Report) -> Iterator[str]:
    """The report in plain words, a line each."""
    for finding in report.findings:
        yield f"{finding.code}: {finding.where}. {finding.sentence}"
    if report.more:
        yield f"and {report.more} more of the same"
    erased = f", {report.erased} payloads erased" if report.erased else ""
    workers = f", the registers of {report.workers} running workers compared" if report.workers else ""
    lines_left = f", {report.unverified} cosignatures not verified" if report.unverified else ""
    suspect = f", {report.suspect} documents signed with a key in doubt" if report.suspect else ""
    of_earlier = report.of_earlier_logs
    earlier = f", {of_earlier} attestations of an earlier log not verified" if of_earlier else ""
    found = len(report.findings) + report.more
    looked_at = f"{report.size} entries looked at{erased}{workers}{lines_left}{suspect}{earlier}"
    yield f"{looked_at}, {found} findings, root {report.root.hex()}"
