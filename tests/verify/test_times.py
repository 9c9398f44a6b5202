import pytest

from isa_verify.audit import AuditSummary, Options, audit_log
from isa_verify.errors import VerificationError
from isa_verify.memory import Memory
from isa_verify.policy import Policy
from isa_verify.times import SKEW_SECONDS, Sighting, check_windows, with_sighting
from verify.published_log import PublishedLog, make_entries
from verify.signing import NHS, POLICE, POLICY_TEXT, START, checkpoint_of, log_signer, note_of, published

LOG = log_signer("log")
POLICY = Policy.parse(POLICY_TEXT)
ENTRIES = make_entries(600)
"""Entry n is dated START + n."""


def log_seen(size: int, time: int) -> PublishedLog:
    """The log at a size, which a quorum had cosigned by this time."""
    cosigned = {POLICE: time - 1, NHS: time}
    return published(ENTRIES[:size], note_of(checkpoint_of(ENTRIES[:size]), [LOG], cosigned))


def audit(log: PublishedLog, memory: Memory | None = None, **options: object) -> AuditSummary:
    return audit_log(log.fetch, [LOG.key], memory, options=Options(policy=POLICY, **options))


def refusal(log: PublishedLog, memory: Memory | None = None, **options: object) -> str:
    with pytest.raises(VerificationError) as caught:
        audit(log, memory, **options)
    return caught.value.code


def test_a_witnessed_log_is_remembered_with_its_size_and_the_quorums_time() -> None:
    first = audit(log_seen(300, START + 310))
    assert (first.assurance, first.cosigners) == ("witnessed", {"police": START + 309, "nhs": START + 310})
    assert first.memory.sightings == (Sighting(300, START + 310),)
    second = audit(log_seen(600, START + 605), first.memory)
    assert second.memory.sightings == (Sighting(300, START + 310), Sighting(600, START + 605))


def test_without_a_quorum_a_log_is_not_verified() -> None:
    note = note_of(checkpoint_of(ENTRIES[:3]), [LOG], {POLICE: START})
    assert refusal(published(ENTRIES[:3], note)) == "quorum-short"


class TestTheWindow:
    def test_an_entry_dated_after_witnesses_had_it_is_refused(self) -> None:
        assert audit(log_seen(300, START + 299 - SKEW_SECONDS)).size == 300
        assert refusal(log_seen(300, START + 298 - SKEW_SECONDS)) == "entry-outside-window"

    def test_an_entry_dated_before_an_older_checkpoint_was_cosigned_is_refused(self) -> None:
        honest = audit(log_seen(300, START + 300 + SKEW_SECONDS)).memory
        assert audit(log_seen(301, START + 900), honest).size == 301
        late = audit(log_seen(300, START + 301 + SKEW_SECONDS)).memory
        assert refusal(log_seen(301, START + 900), late) == "entry-outside-window"
        assert refusal(log_seen(600, START + 900), late) == "entry-outside-window"

    def test_the_window_is_found_again_where_reading_goes_on(self) -> None:
        late = audit(log_seen(512, START + 513 + SKEW_SECONDS)).memory
        assert late.prefix is not None
        assert late.prefix.size == 512
        assert refusal(log_seen(600, START + 900), late) == "entry-outside-window"

    def test_each_entry_at_a_sightings_edge_is_compared(self) -> None:
        seen = (Sighting(10, 1000 + START),)
        check_windows(seen, {9: "2026-04-01T00:18:40.000Z", 10: "2026-04-01T00:14:40.000Z"})
        for times in ({9: "2026-04-01T00:18:40.001Z"}, {10: "2026-04-01T00:14:39.999Z"}):
            with pytest.raises(VerificationError, match="entry-outside-window"):
                check_windows(seen, times)

    def test_of_one_size_the_earliest_time_counts(self) -> None:
        assert with_sighting([Sighting(5, 100)], Sighting(5, 900)) == (Sighting(5, 100),)
        assert with_sighting([Sighting(5, 100)], Sighting(5, 90)) == (Sighting(5, 90),)

    def test_a_larger_log_seen_before_a_smaller_one_is_refused(self) -> None:
        seen = audit(log_seen(300, START + 310 + SKEW_SECONDS)).memory
        assert refusal(log_seen(310, START + 309), seen) == "cosignature-time-fell"


class TestTheAge:
    def test_a_checkpoint_that_a_quorum_cosigned_recently_is_fresh(self) -> None:
        assert audit(log_seen(300, START + 301), now=START + 360, max_age=60).size == 300

    def test_an_old_one_is_stale_whatever_one_witness_says(self) -> None:
        assert refusal(log_seen(300, START + 301), now=START + 361, max_age=60) == "checkpoint-stale"
        note = note_of(checkpoint_of(ENTRIES[:300]), [LOG], {POLICE: START + 301, NHS: START + 9000})
        assert refusal(published(ENTRIES[:300], note), now=START + 9000, max_age=60) == "checkpoint-stale"

    def test_one_from_the_future_is_refused(self) -> None:
        now = START + 300 - SKEW_SECONDS
        assert audit(log_seen(300, START + 301), now=now, max_age=60).size == 300
        assert refusal(log_seen(300, START + 302), now=now, max_age=60) == "checkpoint-ahead"

    def test_without_a_demand_no_age_is_too_great(self) -> None:
        assert audit(log_seen(300, START + 301), now=START * 2).size == 300
