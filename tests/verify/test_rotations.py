import pytest

from isa_verify.audit import AuditSummary, InconsistentLogError, Options, audit_log
from isa_verify.errors import VerificationError
from isa_verify.log_keys import LogKey
from isa_verify.memory import Memory
from isa_verify.policy import Policy
from isa_verify.rotations import follow
from verify.published_log import ORIGIN, PublishedLog, make_entries
from verify.signing import (
    NHS,
    POLICE,
    POLICY_TEXT,
    START,
    Signer,
    checkpoint_of,
    log_signer,
    note_of,
    published,
    receipt_of,
    with_payload,
)

OLD, NEW, NEXT, THIEF = (log_signer(seed) for seed in ("old", "new", "next", "thief"))
INDEX = 20
POLICY = Policy.parse(POLICY_TEXT)


def payload(old: list[tuple[Signer, int]], new: list[tuple[Signer, int]], **members: object) -> dict[str, object]:
    return {
        "kind": "log-key.rotated",
        "reason": "scheduled",
        "old": [{"vkey": str(one.key), "to": size} for one, size in old],
        "new": [{"vkey": str(one.key), "from": size} for one, size in new],
        **members,
    }


SCHEDULED = payload([(OLD, 30)], [(NEW, 18)])
COMPROMISE = payload([(OLD, 15)], [(NEW, 21)], reason="compromise")


def entries_with(stated: dict[str, object], count: int = 40) -> list[bytes]:
    return make_entries(count, start=with_payload(make_entries(INDEX), stated))


def rotated(
    stated: dict[str, object] = SCHEDULED,
    *,
    proved_by: tuple[Signer, ...] = (OLD, NEW),
    at: int = 25,
    signed_by: tuple[Signer, ...] = (NEW,),
    count: int = 40,
    cosigned: dict[Signer, int] | None = None,
) -> PublishedLog:
    """A log whose entry 20 states a rotation, proved at a size by some keys, and now signed by others."""
    entries = entries_with(stated, count)
    log = published(entries, note_of(checkpoint_of(entries), signed_by, cosigned))
    proof = note_of(checkpoint_of(entries[:at]), proved_by, cosigned)
    log.files["key-rotations"] = receipt_of(entries[:at], INDEX, stated, proof) + b"\n"
    return log


def audit(log: PublishedLog, *keys: Signer, memory: Memory | None = None, policy: Policy | None = None) -> AuditSummary:
    return audit_log(log.fetch, [one.key for one in keys], memory, options=Options(policy=policy))


def refusal(log: PublishedLog, *keys: Signer, memory: Memory | None = None, policy: Policy | None = None) -> str:
    with pytest.raises(VerificationError) as caught:
        audit(log, *keys, memory=memory, policy=policy)
    return caught.value.code


class TestAScheduledRotation:
    def test_whoever_knows_the_old_key_is_led_to_the_new_one(self) -> None:
        summary = audit(rotated(), OLD)
        assert [one.index for one in summary.rotations] == [INDEX]
        assert summary.memory.keys == (LogKey(OLD.key, 0, 30), LogKey(NEW.key, 18))
        assert [one.key for one in summary.verified] == [NEW.key]

    def test_whoever_knows_the_new_key_already_is_told_its_sizes(self) -> None:
        assert audit(rotated(), NEW).memory.keys == (LogKey(NEW.key, 18),)

    def test_while_both_hold_both_must_sign(self) -> None:
        assert audit(rotated(signed_by=(OLD, NEW), count=30), OLD).size == 30
        assert refusal(rotated(signed_by=(NEW,), count=30), OLD) == "signature-missing"
        assert refusal(rotated(signed_by=(OLD,), count=30), OLD) == "signature-missing"

    def test_a_retired_key_that_signs_again_is_an_alarm_with_evidence(self) -> None:
        assert refusal(rotated(signed_by=(OLD, NEW)), OLD) == "key-beyond-range"
        memory = audit(rotated(), OLD).memory
        log = rotated(signed_by=(OLD,), count=45)
        with pytest.raises(InconsistentLogError, match="key-beyond-range") as caught:
            audit(log, OLD, memory=memory)
        assert (memory.note, log.files["checkpoint"]) == (caught.value.trusted, caught.value.observed)

    def test_the_sizes_are_remembered_though_the_log_denies_the_rotation(self) -> None:
        memory = audit(rotated(), OLD).memory
        log = rotated(signed_by=(OLD,), count=45)
        del log.files["key-rotations"]
        assert refusal(log, OLD, memory=memory) == "key-beyond-range"
        assert audit(log, OLD).size == 45

    def test_a_later_run_goes_on_with_the_new_key(self) -> None:
        memory = audit(rotated(), OLD).memory
        summary = audit(rotated(count=300), OLD, memory=memory)
        assert (summary.size, summary.previous_size) == (300, 40)
        assert audit(rotated(count=310), OLD, memory=summary.memory).resumed_at == 256

    def test_a_rotation_that_was_read_past_is_looked_for_again(self) -> None:
        silent = rotated(signed_by=(OLD,), count=300)
        del silent.files["key-rotations"]
        memory = audit(silent, OLD).memory
        assert memory.prefix is not None
        stated = payload([(OLD, 300)], [(NEW, 18)])
        assert refusal(rotated(stated, count=310), OLD, memory=memory) == "log-forked"

    def test_two_rotations_are_followed_in_order(self) -> None:
        log = rotated(count=60)
        second = payload([(NEW, 65)], [(NEXT, 60)])
        entries = make_entries(80, start=with_payload(log.entries, second))
        last = published(entries, note_of(checkpoint_of(entries), [NEXT]))
        proof = note_of(checkpoint_of(entries[:62]), [NEW, NEXT])
        last.files["key-rotations"] = log.files["key-rotations"] + receipt_of(entries[:62], 60, second, proof) + b"\n"
        assert len(audit(last, OLD).rotations) == 2
        assert len(audit(last, NEW).rotations) == 2
        assert len(audit(last, NEXT).rotations) == 1
        assert refusal(last, THIEF) == "signature-missing"

    def test_an_entry_that_is_not_in_the_log_hands_over_nothing(self) -> None:
        log = rotated()
        other = make_entries(40)
        elsewhere = published(other, note_of(checkpoint_of(other), [NEW]))
        elsewhere.files["key-rotations"] = log.files["key-rotations"]
        assert refusal(elsewhere, OLD) == "rotation-mismatch"

    def test_a_proof_from_a_later_log_than_the_one_shown_hands_over_nothing(self) -> None:
        log = rotated(at=28)
        shown = published(log.entries[:24], note_of(checkpoint_of(log.entries[:24]), [OLD, NEW]))
        shown.files["key-rotations"] = log.files["key-rotations"]
        assert refusal(shown, OLD) == "rotation-mismatch"


class TestAbuse:
    def test_new_keys_do_not_vouch_for_themselves(self) -> None:
        assert refusal(rotated(proved_by=(NEW,)), OLD) == "signature-missing"
        assert refusal(rotated(proved_by=(NEW,), at=35), OLD) == "rotation-malformed"

    def test_an_old_key_does_not_hand_over_without_the_new_ones_consent(self) -> None:
        assert refusal(rotated(proved_by=(OLD,)), OLD) == "signature-missing"

    def test_a_thief_is_not_let_in_by_a_rotation_of_unknown_keys(self) -> None:
        stated = payload([(THIEF, 30)], [(NEXT, 18)])
        log = rotated(stated, proved_by=(THIEF, NEXT), signed_by=(NEXT,))
        assert refusal(log, OLD) == "signature-missing"

    @pytest.mark.parametrize(
        "stated",
        [
            payload([(OLD, 20)], [(NEW, 18)]),
            payload([(OLD, 30)], [(NEW, 22)]),
            payload([(OLD, 30)], [(OLD, 18)]),
            payload([], [(NEW, 18)]),
            payload([(OLD, 30)], []),
            payload([(OLD, -1)], [(NEW, 18)]),
            payload([(OLD, 30)], [(log_signer("new", origin="other.example"), 18)]),
            payload(sorted([(OLD, 30), (THIEF, 30)], key=lambda one: str(one[0].key), reverse=True), [(NEW, 18)]),
            payload([(OLD, 30)], [(NEW, 18)], reason="whim"),
            payload([(OLD, 30)], [(NEW, 18)], extra=1),
            payload([(OLD, 30)], [(NEW, 21)], reason="compromise"),
            {**SCHEDULED, "old": [{"vkey": "none", "to": 30}]},
            {**SCHEDULED, "old": [{"vkey": str(POLICE.key), "to": 30}]},
            {**SCHEDULED, "old": {"vkey": str(OLD.key), "to": 30}},
            {**SCHEDULED, "old": [{"vkey": str(OLD.key), "to": "30"}]},
        ],
    )
    def test_a_payload_out_of_form_is_refused(self, stated: dict[str, object]) -> None:
        assert refusal(rotated(stated), OLD) == "rotation-malformed"

    @pytest.mark.parametrize("data", [b"x", b"{}", b"{}\n", b"\n"])
    def test_other_lists_are_refused(self, data: bytes) -> None:
        with pytest.raises(VerificationError, match=r"rotation-malformed|receipt-malformed"):
            follow(data, [OLD.key])
        assert follow(b"", [OLD.key]) == ((LogKey(OLD.key),), ())


COSIGNED = {POLICE: START + 100, NHS: START + 100}


class TestACompromise:
    def compromised(self, **options: object) -> PublishedLog:
        return rotated(COMPROMISE, proved_by=(NEW,), **{"cosigned": COSIGNED, **options})

    def test_the_old_key_leads_nowhere(self) -> None:
        assert refusal(self.compromised(), OLD) == "key-compromised"
        assert refusal(self.compromised(), OLD, policy=POLICY) == "key-compromised"

    def test_a_new_pin_needs_the_quorum(self) -> None:
        assert refusal(self.compromised(), NEW) == "quorum-needed"
        assert refusal(self.compromised(), NEW, policy=Policy.parse("quorum none\n")) == "quorum-needed"
        assert refusal(self.compromised(cosigned={POLICE: START}), NEW, policy=POLICY) == "quorum-short"
        summary = audit(self.compromised(), NEW, policy=POLICY)
        assert (summary.assurance, summary.memory.keys) == ("witnessed", (LogKey(NEW.key, 21),))

    def test_once_pinned_it_stays_so(self) -> None:
        memory = audit(self.compromised(), NEW, policy=POLICY).memory
        assert audit(self.compromised(count=50), NEW, memory=memory).size == 50

    def test_the_log_must_extend_what_was_seen_before(self) -> None:
        entries = make_entries(30)
        before = note_of(checkpoint_of(entries), [OLD])
        assert refusal(self.compromised(), NEW, memory=Memory(note=before), policy=POLICY) == "log-forked"

    def test_the_old_key_signs_nothing_beyond_its_last_trusted_size(self) -> None:
        log = self.compromised(signed_by=(OLD, NEW))
        assert refusal(log, OLD, NEW, policy=POLICY) == "key-beyond-range"


def test_the_origin_of_all_these_keys_is_one() -> None:
    assert {one.key.name for one in (OLD, NEW, NEXT, THIEF)} == {ORIGIN}
