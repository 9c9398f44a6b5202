"""What the command says of evidence that held."""

import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from isa_verify.audit import AuditSummary
from isa_verify.encoding import encode_base64
from isa_verify.evidence import VerifiedEvidence
from isa_verify.note import ED25519, SignatureLine, VerifiedSignature
from isa_verify.receipt import VerifiedReceipt

_ASSURANCE: Final = {
    "operator": "operator (on the word of the log's operator alone; no witness was checked)",
    "witnessed": "witnessed (the policy's quorum cosigned it, so that nobody can be shown another log)",
}


def print_receipt(receipt: VerifiedReceipt) -> None:
    """Say what a receipt proved."""
    print("VERIFIED")
    _row("log", receipt.origin)
    _row("entry", f"index {receipt.index}, in a log of {receipt.size} entries")
    _row("kind", receipt.kind)
    _row("time", f"{receipt.at} (as the log states it)")
    _row("assurance", _ASSURANCE[receipt.assurance])
    _signatures(receipt.verified, receipt.unverified)
    _cosigners(receipt.cosigners)


def print_summary(summary: AuditSummary) -> None:
    """Say what an audit found."""
    print("VERIFIED")
    _row("log", summary.origin)
    _row("size", f"{summary.size} entries")
    _row("root", encode_base64(summary.root))
    if summary.previous_size is None:
        _row("history", "first seen now; from here on it must extend this checkpoint")
    else:
        _row("history", f"extends the {summary.previous_size} entries verified before")
    if summary.resumed_at:
        _row("read", f"from entry {summary.resumed_at} on; what comes before was read in an earlier run")
    if summary.entries_read:
        _row("entries", "all read: each is in its place, follows the one before and is not earlier than it")
        if summary.last_at is not None:
            _row("last", f"{summary.last_at} (as the log states it)")
    else:
        _row("entries", "NOT read: the log denies them without a token. The tree was verified by hashes alone")
    for one in summary.rotations:
        _row("keys", f"rotated in entry {one.index} ({one.rotation.reason})")
    if summary.continuation is not None:
        _continued(summary)
    _row("assurance", _ASSURANCE[summary.assurance])
    _signatures(summary.verified, summary.unverified)
    _cosigners(summary.cosigners)


def print_evidence(evidence: VerifiedEvidence) -> None:
    """Say what an evidence bundle proved."""
    print("VERIFIED")
    checkpoint = evidence.signed.checkpoint
    _row("log", checkpoint.origin)
    if evidence.head.scope == "whole":
        _row("entries", f"all {evidence.entries} entries of the log")
    else:
        _row("entries", f"{evidence.entries} of a log of {checkpoint.size} entries")
        _row("selected", "by the exporter, who alone says that nothing was left out")
    _row("payloads", f"{evidence.present} present, {evidence.withheld} withheld, {evidence.erased} erased")
    _row("with them", f"{evidence.receipts} receipts, {evidence.texts} texts")
    _row("made", f"{evidence.head.made_at} (as the exporter states it)")
    _row("assurance", _ASSURANCE[evidence.signed.assurance])
    _signatures(evidence.signed.verified, evidence.signed.unverified)
    _cosigners(evidence.signed.cosigners)


def _continued(summary: AuditSummary) -> None:
    continuation = summary.continuation
    assert continuation is not None
    old = continuation.old.checkpoint
    _row("continues", f"{old.origin}, which ended at {old.size} entries ({continuation.reason})")
    if continuation.unseen is None:
        _row("", "nothing was remembered of that log, so its end was not compared with anything")
    elif continuation.unseen:
        _row("", f"its last {continuation.unseen} entries were not compared with what is remembered of it")


def _signatures(verified: Sequence[VerifiedSignature], unverified: Sequence[SignatureLine]) -> None:
    for signature in verified:
        algorithm = "Ed25519" if signature.key.type == ED25519 else "ML-DSA-44"
        _row("signed", f"{algorithm} key {signature.key.key_id.hex()}")
    for line in unverified:
        _row("unverified", f"a line by {_printable(line.name)}, key {line.key_id.hex()}: not one of the keys given")


def _cosigners(cosigners: Mapping[str, int]) -> None:
    for name, time in sorted(cosigners.items()):
        _row("cosigned", f"{_printable(name)} {_time(time)}")


def _time(seconds: int) -> str:
    try:
        return f"at {datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return "at a time beyond the calendar"


def _printable(name: str) -> str:
    return name if name.isprintable() else "a name that cannot be printed"


def _row(label: str, text: str) -> None:
    print(
        textwrap.fill(
            text,
            width=100,
            initial_indent=f"  {label:<11}",
            subsequent_indent=" " * 13,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )
