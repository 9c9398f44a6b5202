import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.cosignature import LAST_TIME
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.note import ED25519, ED25519_COSIGNATURE, ML_DSA_44, format_note
from isa_verify.policy import MAX_POLICY_SIZE, Policy, cosigners
from isa_verify.signed_checkpoint import open_signed_checkpoint
from verify.published_log import ORIGIN, make_entries
from verify.signing import (
    COUNCIL,
    NHS,
    POLICE,
    POLICY_TEXT,
    START,
    Signer,
    checkpoint_of,
    log_signer,
    note_of,
    witness,
)

CHECKPOINT = checkpoint_of(make_entries(5))
LOG = log_signer("log")
POLICY = Policy.parse(POLICY_TEXT)
W1, W2 = witness("one").key, witness("two").key


def code_of(text: str | bytes) -> str:
    with pytest.raises(MalformedError) as caught:
        Policy.parse(text)
    return caught.value.code


class TestReading:
    def test_a_policy_names_logs_witnesses_groups_and_a_quorum(self) -> None:
        policy = Policy.parse(f"log {LOG.key} https://registry.example.org/log\n{POLICY_TEXT}")
        assert policy.log_keys == (LOG.key,)
        assert [(one.name, one.key, one.url) for one in policy.witnesses] == [
            ("police", POLICE.key, None),
            ("council", COUNCIL.key, "https://witness.example.org/council"),
            ("nhs", NHS.key, None),
        ]
        assert policy.demands_witnesses

    def test_blanks_and_comments_count_for_nothing(self) -> None:
        assert Policy.parse("\n \t\n  # a comment, été\n\tquorum \t none  \n") == Policy((), (), (), "none")

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "policy-quorum-missing"),
            ("quorum none", "policy-line-unended"),
            (b"quorum none\n# \xff\n", "policy-not-text"),
            ("quorum none\r\n", "policy-not-text"),
            ("quorum none\n# \x7f\n", "policy-not-text"),
            ("#" * MAX_POLICY_SIZE + "\nquorum none\n", "policy-too-large"),
            ("quorum none\nquorum none\n", "policy-quorum-twice"),
            ("quorum\n", "policy-line-malformed"),
            ("quorum none none\n", "policy-line-malformed"),
            ("log\n", "policy-line-malformed"),
            (f"witness w {W1} https://w.example x\n", "policy-line-malformed"),
            ("group g any\n", "policy-line-malformed"),
            ("Quorum none\n", "policy-line-unknown"),
            ("quorum w\n", "policy-name-unknown"),
            (f"group g any w\nwitness w {W1}\nquorum g\n", "policy-name-unknown"),
            ("group g any g\nquorum g\n", "policy-name-unknown"),
            (f"witness none {W1}\nquorum none\n", "policy-name-reserved"),
            (f"witness w {W1}\nwitness w {W2}\nquorum w\n", "policy-name-taken"),
            (f"witness w {W1}\ngroup w any w\nquorum w\n", "policy-name-taken"),
            (f"witness w {W1}\ngroup g all w w\nquorum g\n", "policy-member-twice"),
            (f"witness w {W1}\ngroup g any w\ngroup h any w\nquorum h\n", "policy-member-twice"),
            (f"witness w {W1}\ngroup g 0 w\nquorum g\n", "policy-threshold-malformed"),
            (f"witness w {W1}\ngroup g 2 w\nquorum g\n", "policy-threshold-malformed"),
            (f"witness w {W1}\ngroup g 01 w\nquorum g\n", "policy-threshold-malformed"),
            ("witness w nokey\nquorum w\n", "policy-key-malformed"),
            (f"witness w {LOG.key}\nquorum w\n", "policy-key-unsuitable"),
            (f"log {W1}\nquorum none\n", "policy-key-unsuitable"),
            (f"witness v {W1}\nwitness w {W1}\nquorum w\n", "policy-key-duplicate"),
            (f"log {LOG.key} ftp://x.example\nquorum none\n", "policy-url-malformed"),
            (f"log {LOG.key} https://\nquorum none\n", "policy-url-malformed"),
            (f"log {LOG.key} https://a@x.example\nquorum none\n", "policy-url-malformed"),
            (f"log {LOG.key} https://x.example:port\nquorum none\n", "policy-url-malformed"),
        ],
    )
    def test_each_fault_has_its_own_code(self, text: str | bytes, code: str) -> None:
        assert code == code_of(text)

    def test_one_key_under_two_names_is_one_signer(self) -> None:
        again = Signer("other.example", ED25519_COSIGNATURE, "witness one")
        as_log = Signer(ORIGIN, ED25519, "witness one")
        assert again.key.public == as_log.key.public == W1.public
        assert code_of(f"witness v {W1}\nwitness w {again.key}\nquorum w\n") == "policy-key-duplicate"
        assert code_of(f"log {as_log.key}\nwitness w {W1}\nquorum w\n") == "policy-key-duplicate"

    def test_the_line_at_fault_is_named(self) -> None:
        with pytest.raises(MalformedError, match="Line 3 of the policy"):
            Policy.parse("# one\n\nnonsense\nquorum none\n")

    @given(st.binary(max_size=200))
    def test_any_bytes_are_a_policy_or_refused(self, data: bytes) -> None:
        try:
            Policy.parse(data)
        except MalformedError as error:
            assert error.code.startswith("policy-")


class TestTheQuorum:
    @pytest.mark.parametrize(
        ("names", "satisfied"),
        [
            ([], False),
            (["police"], False),
            (["police", "police"], False),
            (["police", "stranger"], False),
            (["police", "nhs"], True),
            (["police", "council", "nhs"], True),
            (["partners"], False),
        ],
    )
    def test_two_of_three(self, names: list[str], satisfied: bool) -> None:
        assert satisfied is POLICY.satisfied_by(names)

    def test_groups_of_groups(self) -> None:
        lines = [f"witness {name} {witness(name).key}" for name in "abcd"]
        policy = Policy.parse(
            "\n".join([*lines, "group x all a b", "group y any c d", "group z all x y", "quorum z\n"])
        )
        assert policy.satisfied_by("abd")
        assert not policy.satisfied_by("acd")

    def test_none_is_always_met(self) -> None:
        assert Policy.parse("quorum none\n").satisfied_by([])

    def test_fewer_than_a_quorum_shift_neither_time(self) -> None:
        honest = {"police": 100, "council": 110}
        assert (POLICY.met_at(honest), POLICY.fresh_at(honest)) == (110, 100)
        assert POLICY.met_at({**honest, "nhs": 1}) == 100
        assert POLICY.fresh_at({**honest, "nhs": 9999}) == 110
        assert POLICY.met_at({"nhs": 1}) is POLICY.fresh_at({"nhs": 1}) is None


class TestCosignatures:
    def test_those_of_the_policys_witnesses_are_found_with_their_times(self) -> None:
        note = note_of(CHECKPOINT, [LOG], {POLICE: 100, NHS: 200, witness("stranger"): 300})
        assert cosigners(note, CHECKPOINT, POLICY) == {"police": 100, "nhs": 200}

    def test_of_several_lines_by_one_witness_the_newest_counts(self) -> None:
        lines = [LOG.line(CHECKPOINT), *(POLICE.line(CHECKPOINT, time) for time in (100, 300, 200))]
        note = format_note(CHECKPOINT.text(), lines)
        assert cosigners(note, CHECKPOINT, POLICY) == {"police": 300}
        assert not POLICY.satisfied_by(cosigners(note, CHECKPOINT, POLICY))

    def test_an_ml_dsa_44_witness_counts_too(self) -> None:
        later = witness("later", ML_DSA_44)
        policy = Policy.parse(f"witness later {later.key}\nquorum later\n")
        assert cosigners(note_of(CHECKPOINT, [LOG], {later: 7}), CHECKPOINT, policy) == {"later": 7}

    def test_a_forged_line_makes_the_whole_checkpoint_invalid(self) -> None:
        other = checkpoint_of(make_entries(4))
        lines = [LOG.line(CHECKPOINT), COUNCIL.line(CHECKPOINT), NHS.line(CHECKPOINT), POLICE.line(other)]
        with pytest.raises(VerificationError, match="cosignature-invalid"):
            cosigners(format_note(CHECKPOINT.text(), lines), CHECKPOINT, POLICY)

    def test_a_line_without_a_time_is_refused(self) -> None:
        for time in (0, LAST_TIME + 1, 2**63 - 1):
            with pytest.raises(VerificationError, match="cosignature-undated"):
                cosigners(note_of(CHECKPOINT, [LOG], {POLICE: time}), CHECKPOINT, POLICY)
        assert cosigners(note_of(CHECKPOINT, [LOG], {POLICE: LAST_TIME}), CHECKPOINT, POLICY) == {"police": LAST_TIME}

    def test_a_note_of_another_checkpoint_is_refused(self) -> None:
        with pytest.raises(MalformedError, match="checkpoint-malformed"):
            cosigners(note_of(CHECKPOINT, [LOG]), checkpoint_of(make_entries(4)), POLICY)


class TestASignedCheckpoint:
    def test_a_quorum_makes_it_witnessed(self) -> None:
        note = note_of(CHECKPOINT, [LOG], {POLICE: START, NHS: START + 1})
        signed = open_signed_checkpoint(note, [LOG.key], POLICY)
        assert (signed.assurance, signed.cosigners) == ("witnessed", {"police": START, "nhs": START + 1})
        assert signed.unverified == ()
        unchecked = open_signed_checkpoint(note, [LOG.key])
        assert (unchecked.assurance, len(unchecked.unverified)) == ("operator", 2)

    @pytest.mark.parametrize("cosigned", [{}, {POLICE: START}, {POLICE: START, witness("stranger"): START}])
    def test_anything_less_is_not_verified(self, cosigned: dict[Signer, int]) -> None:
        with pytest.raises(VerificationError, match="quorum-short"):
            open_signed_checkpoint(note_of(CHECKPOINT, [LOG], cosigned), [LOG.key], POLICY)

    def test_without_a_demand_it_rests_on_the_operator(self) -> None:
        policy = Policy.parse(POLICY_TEXT.replace("quorum partners", "quorum none"))
        signed = open_signed_checkpoint(note_of(CHECKPOINT, [LOG], {POLICE: 5}), [LOG.key], policy)
        assert (signed.assurance, signed.cosigners) == ("operator", {"police": 5})
