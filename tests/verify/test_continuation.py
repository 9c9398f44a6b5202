import pytest

from isa_verify.audit import AuditSummary, InconsistentLogError, Options, audit_log
from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import VerificationError
from verify.naive_merkle import naive_root
from verify.published_log import PublishedLog, make_entries
from verify.signing import checkpoint_of, log_signer, note_of, published, receipt_of, with_payload

OLD_ORIGIN = "old.example.org/durham"
OLD, NEW = log_signer("old", origin=OLD_ORIGIN), log_signer("new")


def old_note(size: int, seed: str = "old") -> bytes:
    root = naive_root([f"{seed} {number}".encode() for number in range(size)])
    return note_of(Checkpoint(OLD_ORIGIN, size, root), [OLD])


def stating(**members: object) -> dict[str, object]:
    return {
        "kind": "log.continued",
        "old_origin": OLD_ORIGIN,
        "old_checkpoint": old_note(9).decode(),
        "reason": "database-restored",
        **members,
    }


def continuing(stated: dict[str, object], before: int = 1) -> PublishedLog:
    entries = make_entries(20, start=with_payload(make_entries(before), stated))
    log = published(entries, note_of(checkpoint_of(entries), [NEW]))
    proof = note_of(checkpoint_of(entries[:5]), [NEW])
    log.files["continuation"] = receipt_of(entries[:5], before, stated, proof)
    return log


def audit(log: PublishedLog, remembered: bytes | None = None) -> AuditSummary:
    return audit_log(log.fetch, [NEW.key], options=Options(continued_from=([OLD.key], remembered)))


def refusal(log: PublishedLog, remembered: bytes | None = None) -> str:
    with pytest.raises(VerificationError) as caught:
        audit(log, remembered)
    return caught.value.code


@pytest.mark.parametrize(("remembered", "unseen"), [(None, None), (9, 0), (4, 5)])
def test_a_log_that_continues_another_is_followed(remembered: int | None, unseen: int | None) -> None:
    summary = audit(continuing(stating()), None if remembered is None else old_note(remembered))
    continuation = summary.continuation
    assert continuation is not None
    assert (OLD_ORIGIN, 9) == (continuation.old.checkpoint.origin, continuation.old.checkpoint.size)
    assert (unseen, continuation.reason) == (continuation.unseen, "database-restored")


def test_one_that_says_nothing_of_it_is_refused() -> None:
    log = continuing(stating())
    del log.files["continuation"]
    assert refusal(log) == "continuation-missing"


@pytest.mark.parametrize("remembered", [old_note(10), old_note(500)])
def test_an_end_before_what_was_seen_is_refused_with_evidence(remembered: bytes) -> None:
    with pytest.raises(InconsistentLogError, match="continuation-lost-entries") as caught:
        audit(continuing(stating()), remembered)
    assert (remembered, old_note(9)) == (caught.value.trusted, caught.value.observed)


def test_another_end_of_the_same_size_is_refused() -> None:
    assert refusal(continuing(stating()), old_note(9, "forked")) == "log-forked"


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (stating(reason="whim"), "continuation-malformed"),
        (stating(extra=1), "continuation-malformed"),
        (stating(kind="log.ended"), "continuation-malformed"),
        (stating(old_checkpoint=None), "continuation-malformed"),
        (stating(old_origin=NEW.name), "continuation-malformed"),
        (stating(old_origin="other.example"), "continuation-mismatch"),
        (stating(old_checkpoint="none"), "note-malformed"),
        (stating(old_checkpoint=old_note(9).decode().replace("\n9\n", "\n8\n")), "signature-invalid"),
    ],
)
def test_an_entry_out_of_form_is_refused(stated: dict[str, object], code: str) -> None:
    assert code == refusal(continuing(stated))


def test_only_the_second_entry_can_say_so() -> None:
    assert refusal(continuing(stating(), before=2)) == "continuation-malformed"


def test_an_entry_of_another_log_than_the_one_read_is_refused() -> None:
    log, other = continuing(stating()), make_entries(20)
    elsewhere = published(other, note_of(checkpoint_of(other), [NEW]))
    elsewhere.files["continuation"] = log.files["continuation"]
    assert refusal(elsewhere) == "continuation-mismatch"
