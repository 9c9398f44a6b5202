"""What a witness decides, request by request, and what no sequence of requests can make it do."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from growing import NOW, ORIGIN, GrowingLog, cosignatures, new_witness, vkeys_of, with_lines, without
from isa_registry.ledger.witness import (
    MAX_REQUEST_SIZE,
    Cosigner,
    Recorded,
    WitnessRefusal,
    accept,
    answer_of,
    contradiction,
    read_logs,
    read_submission,
    recall,
    request_body,
)
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import encode_base64
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import EMPTY_ROOT
from isa_verify.note import SignatureLine, sign_ed25519

LOG = GrowingLog()
FORKS = {fork: GrowingLog(fork=fork) for fork in (0, 3, 8, 15)}
STRANGER = GrowingLog("stranger.example.org")
LOGS = read_logs(vkeys_of(LOG))
EMPTY_WITH_A_ROOT = f"{ORIGIN}\n0\n{encode_base64(bytes(32))}\n".encode()


@cache
def cosigner() -> Cosigner:
    with tempfile.TemporaryDirectory() as directory:
        return new_witness(Path(directory))


def submit(body: bytes, recorded: Recorded | None = None, now: int = NOW) -> tuple[Recorded, bytes]:
    record, lines = accept(read_submission(body, LOGS), recorded, cosigner(), now)
    return record, answer_of(lines)


def recorded_at(size: int) -> Recorded:
    return submit(LOG.request(0, size))[0]


def refusal(body: bytes, recorded: Recorded | None = None, now: int = NOW) -> WitnessRefusal:
    with pytest.raises(WitnessRefusal) as refused:
        submit(body, recorded, now)
    return refused.value


class TestAccepted:
    def test_the_first_checkpoint_of_a_known_log_needs_no_proof(self) -> None:
        record, answer = submit(LOG.request(0, 5))

        assert LOG.checkpoint(5) == record.checkpoint
        signatures = cosignatures(answer, LOG.note(5), cosigner().keys)
        assert list(cosigner().keys) == [one.key for one in signatures]
        assert [NOW, NOW] == [one.timestamp for one in signatures]

    @pytest.mark.parametrize(("old", "new"), [(1, 2), (4, 7), (7, 8), (8, 40), (39, 40), (0, 0)])
    def test_growth_with_its_proof_is_cosigned(self, old: int, new: int) -> None:
        record, _ = submit(LOG.request(old, new), recorded_at(old))

        assert LOG.checkpoint(new) == record.checkpoint

    def test_the_same_size_again_refreshes_the_time(self) -> None:
        record, answer = submit(LOG.request(5, 5), recorded_at(5), now=NOW + 600)

        assert NOW + 600 == record.at
        assert {NOW + 600} == {one.timestamp for one in cosignatures(answer, LOG.note(5), cosigner().keys)}

    def test_the_record_is_the_note_with_the_logs_lines_and_the_witnesss(self) -> None:
        record = recorded_at(5)

        assert record == recall(record.note, cosigner())
        assert 4 == len(cosignatures(record.note.partition(b"\n\n")[2], LOG.note(5), (*LOG.keys, *cosigner().keys)))

    def test_one_of_the_logs_keys_is_enough_and_unknown_lines_are_passed_over(self) -> None:
        unknown = sign_ed25519("unknown.example", STRANGER.ed25519, LOG.checkpoint(5).text())
        for key in LOG.keys:
            note = with_lines(without(LOG.note(5), key), unknown)
            record, _ = submit(request_body(0, (), note))
            assert b"unknown.example" not in record.note

    def test_a_line_repeated_is_recorded_once(self) -> None:
        note = LOG.note(5)
        line = sign_ed25519(ORIGIN, LOG.ed25519, LOG.checkpoint(5).text())
        record, _ = submit(request_body(0, (), with_lines(note, *[line] * 98)))

        assert recall(record.note, cosigner()).checkpoint == LOG.checkpoint(5)

    def test_a_clock_a_little_behind_does_not_take_the_cosignatures_back(self) -> None:
        assert NOW == submit(LOG.request(5, 6), recorded_at(5), now=NOW - 60)[0].at


def _malformed() -> dict[str, bytes]:
    body = LOG.request(3, 9)
    head, _, note = body.partition(b"\n\n")
    proof_line = head.split(b"\n")[1]
    return {
        "nothing": b"",
        "no old size": head.partition(b"\n")[2] + b"\n\n" + note,
        "a leading zero": body.replace(b"old 3", b"old 03", 1),
        "a sign": body.replace(b"old 3", b"old +3", 1),
        "two spaces": body.replace(b"old 3", b"old  3", 1),
        "a huge size": body.replace(b"old 3", b"old 9223372036854775808", 1),
        "carriage returns": body.replace(b"\n", b"\r\n"),
        "a proof line too many": b"old 3\n" + b"\n".join([proof_line] * 64) + b"\n\n" + note,
        "a short hash": b"old 3\nAAAA\n\n" + note,
        "spare bits": body.replace(proof_line, proof_line[:-2] + b"d=", 1),
        "no empty line": head + b"\n" + note,
        "no note": head + b"\n\n",
        "an extension line": b"old 0\n\n" + note.replace(b"\n\n", b"\nextension\n\n", 1),
        "no size": b"old 0\n\n" + note.replace(b"\n9\n", b"\n\n9\n", 1),
        "not text": b"old 0\n\n" + b"\xff" + note,
    }


class TestRefused:
    @pytest.mark.parametrize("name", _malformed())
    def test_what_is_not_a_request_is_400(self, name: str) -> None:
        refused = refusal(_malformed()[name], recorded_at(3))

        assert (400, "request-malformed") == (refused.status, refused.code)

    def test_too_large_a_request_is_413(self) -> None:
        assert 413 == refusal(LOG.request(0, 5) + b"\n" * MAX_REQUEST_SIZE).status

    def test_an_unknown_log_is_404(self) -> None:
        refused = refusal(STRANGER.request(0, 5))

        assert (404, "origin-unknown") == (refused.status, refused.code)

    def test_a_known_origin_signed_by_nobody_known_is_403(self) -> None:
        text = LOG.checkpoint(5).text()
        stranger = SignatureLine(ORIGIN, STRANGER.keys[0].key_id, bytes(64))
        note = without(without(with_lines(LOG.note(5), stranger), LOG.keys[0]), LOG.keys[1])

        assert text in note
        assert (403, "signature-missing") == _status(refusal(request_body(0, (), note)))

    @pytest.mark.parametrize("which", [0, 1])
    def test_a_known_keys_line_that_does_not_hold_is_403_though_the_other_holds(self, which: int) -> None:
        key = LOG.keys[which]
        forged = SignatureLine(ORIGIN, key.key_id, bytes(64 if which == 0 else 2428))
        note = with_lines(without(LOG.note(5), key), forged)

        assert (403, "signature-invalid") == _status(refusal(request_body(0, (), note)))

    def test_a_signature_line_that_cannot_be_read_is_403(self) -> None:
        for line in (f"\N{EM DASH} {ORIGIN} AAAAAB==", f"\N{EM DASH} {ORIGIN}", "no line"):
            assert (403, "signature-invalid") == _status(refusal(LOG.request(0, 5) + f"{line}\n".encode()))

    def test_an_old_size_beyond_the_checkpoints_is_400(self) -> None:
        refused = refusal(request_body(6, (), LOG.note(5)), recorded_at(6))

        assert (400, "old-size-too-large") == _status(refused)

    @pytest.mark.parametrize(("recorded", "old"), [(5, 0), (5, 4), (5, 6), (0, 3)])
    def test_another_old_size_than_the_recorded_is_409_and_told_which(self, recorded: int, old: int) -> None:
        refused = refusal(LOG.request(old, 9), recorded_at(recorded) if recorded else None)

        assert (409, "size-conflict") == _status(refused)
        assert ("text/x.tlog.size", f"{recorded}\n".encode()) == refused.body

    def test_the_recorded_size_with_another_root_is_422(self) -> None:
        refused = refusal(FORKS[3].request(5, 5), recorded_at(5))

        assert (422, "root-differs") == _status(refused)

    @pytest.mark.parametrize(
        "proof",
        [
            lambda good: (),
            lambda good: good[:-1],
            lambda good: (*good, bytes(32)),
            lambda good: (bytes(32), *good[1:]),
            lambda good: good[::-1],
        ],
        ids=["none", "short", "long", "edited", "reversed"],
    )
    def test_a_proof_that_does_not_hold_is_422(self, proof: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> None:
        refused = refusal(request_body(5, proof(LOG.proof(5, 9)), LOG.note(9)), recorded_at(5))

        assert (422, "consistency-failed") == _status(refused)

    def test_a_proof_from_nothing_is_422(self) -> None:
        assert (422, "proof-unexpected") == _status(refusal(request_body(0, (bytes(32),), LOG.note(9))))

    def test_a_proof_for_the_same_size_is_422(self) -> None:
        refused = refusal(request_body(5, (bytes(32),), LOG.note(5)), recorded_at(5))

        assert (422, "consistency-failed") == _status(refused)

    def test_an_empty_log_with_a_root_is_422_where_the_log_signed_it_and_403_where_not(self) -> None:
        line = sign_ed25519(ORIGIN, LOG.ed25519, EMPTY_WITH_A_ROOT)
        signed = b"old 0\n\n" + EMPTY_WITH_A_ROOT + f"\n{line}\n".encode()

        assert (422, "empty-root-wrong") == _status(refusal(signed))
        forged = SignatureLine(ORIGIN, line.key_id, bytes(64))
        assert (403, "signature-invalid") == _status(refusal(signed.replace(str(line).encode(), str(forged).encode())))

    @pytest.mark.parametrize("now", [NOW - 61, 0, -5])
    def test_a_clock_far_behind_is_503(self, now: int) -> None:
        assert (503, "clock-behind") == _status(refusal(LOG.request(5, 6), recorded_at(5), now))

    def test_no_refusal_repeats_what_was_sent(self) -> None:
        mark = b"c2VjcmV0"
        refused = refusal(b"old 0\n" + mark + b"\n\n" + LOG.note(5))

        assert mark not in refused.body[1]
        assert "text/plain; charset=utf-8" == refused.body[0]


class TestEvidence:
    @pytest.mark.parametrize("old", [0, 4, 5])
    def test_one_size_with_two_roots_is_a_fork_whatever_the_old_size(self, old: int) -> None:
        submission = read_submission(request_body(old, (), FORKS[3].note(5)), LOGS)

        assert "fork" == contradiction(submission, recorded_at(5))

    def test_a_larger_tree_that_cannot_be_linked_is_unproven(self) -> None:
        assert "unproven" == contradiction(read_submission(FORKS[3].request(5, 9), LOGS), recorded_at(5))

    @pytest.mark.parametrize(("old", "new"), [(5, 5), (5, 9), (4, 9), (0, 9), (0, 4)])
    def test_an_honest_logs_requests_are_not(self, old: int, new: int) -> None:
        assert contradiction(read_submission(LOG.request(old, new), LOGS), recorded_at(5)) is None


class TestRecall:
    def test_a_record_without_both_cosignatures_of_one_time_is_not_believed(self) -> None:
        note = recorded_at(5).note
        later = recorded_at_later(5).note
        halves = with_lines(
            without(note, cosigner().keys[0]),
            *(one.line for one in cosignatures(later.partition(b"\n\n")[2], later, (*cosigner().keys, *LOG.keys))[2:3]),
        )
        for wrong in (without(note, cosigner().keys[0]), without(note, cosigner().keys[1]), LOG.note(5), halves):
            with pytest.raises(VerificationError):
                recall(wrong, cosigner())


def recorded_at_later(size: int) -> Recorded:
    return submit(LOG.request(0, size), now=NOW + 1)[0]


class TestLogs:
    def test_a_line_names_a_key_and_where_they_differ_an_origin(self) -> None:
        key = STRANGER.keys[0]
        found = read_logs(f"# of a partner\n\n{key} an older log\n{LOG.keys[0]}\n{LOG.keys[1]}\n")

        assert {"an older log": (key,), ORIGIN: LOG.keys} == dict(found)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "# nothing\n",
            "no-key\n",
            f" {LOG.keys[0]}\n",
            f"{LOG.keys[0]} \n\r",
            f"{LOG.keys[0]}\n{LOG.keys[0]}\n",
            f"{LOG.keys[0]} a\tb\n",
            f"{cosigner().keys[0]}\n",
        ],
        ids=["empty", "comment", "no key", "space", "return", "twice", "tab", "witness"],
    )
    def test_anything_else_is_refused_with_its_line(self, text: str) -> None:
        with pytest.raises(MalformedError, match="logs-malformed"):
            read_logs(text)


def test_no_flipped_bit_makes_the_witness_cosign_anything_else() -> None:
    """A line under a name that has become a stranger's is passed over; nothing else that was touched passes."""
    recorded, body = recorded_at(5), LOG.request(5, 9)
    refused = 0
    for position in range(0, len(body), 7):
        flipped = body[:position] + bytes([body[position] ^ (1 << position % 8)]) + body[position + 1 :]
        try:
            record, _ = submit(flipped, recorded)
        except WitnessRefusal as refusal:
            assert refusal.status in (400, 403, 404, 409, 422)
            refused += 1
        else:
            assert LOG.checkpoint(9) == record.checkpoint
    assert refused > 400


REQUESTS = st.lists(
    st.tuples(
        st.sampled_from([LOG, *FORKS.values()]),
        st.integers(0, 20),
        st.integers(0, 20),
        st.booleans(),
        st.integers(-70, 70),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(REQUESTS)
def test_whatever_is_asked_everything_cosigned_is_one_growing_tree(
    requests: list[tuple[GrowingLog, int, int, bool, int]],
) -> None:
    """Forks at every size, proofs of other trees, sizes out of order, a clock that jumps."""
    recorded: Recorded | None = None
    cosigned: list[Recorded] = []
    clock = NOW
    for log, old, new, as_recorded, step in requests:
        clock += step
        size = 0 if recorded is None else recorded.checkpoint.size
        old = size if as_recorded else old
        try:
            recorded, answer = submit(log.request(old, new), recorded, clock)
        except WitnessRefusal:
            continue
        assert 2 == len(cosignatures(answer, log.note(new), cosigner().keys))
        cosigned.append(recorded)
    sizes = [one.checkpoint.size for one in cosigned]
    assert sorted(sizes) == sizes
    assert sorted(one.at for one in cosigned) == [one.at for one in cosigned]
    last = cosigned[-1].checkpoint if cosigned else Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    trees = [log for log in (LOG, *FORKS.values()) if log.checkpoint(last.size) == last]
    assert any(all(log.checkpoint(one.checkpoint.size) == one.checkpoint for one in cosigned) for log in trees)


def _status(refused: WitnessRefusal) -> tuple[int, str]:
    return refused.status, refused.code
