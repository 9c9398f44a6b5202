import pytest

from isa_verify.errors import MalformedError, VerificationError
from isa_verify.log_keys import LogKey, format_keys, log_origin, parse_keys
from isa_verify.note import ML_DSA_44
from isa_verify.signed_checkpoint import open_signed_checkpoint
from verify.published_log import ED25519_KEY, ML_DSA_KEY, ORIGIN, make_entries
from verify.signing import checkpoint_of, log_signer, note_of, witness

OLD, NEW, PQ = log_signer("old"), log_signer("new"), log_signer("pq", ML_DSA_44)
CHECKPOINT = checkpoint_of(make_entries(10))


def refusal(signers: list[object], keys: list[object]) -> str:
    with pytest.raises(VerificationError) as caught:
        open_signed_checkpoint(note_of(CHECKPOINT, signers), keys)
    return caught.value.code


def test_a_file_of_keys_is_what_the_log_lists() -> None:
    text = f"# newest first\n{NEW.key} 8 -\n\n{OLD.key} 0 9\n{PQ.key}\n"
    keys = parse_keys(text.encode())
    assert keys == (LogKey(NEW.key, 8), LogKey(OLD.key, 0, 9), LogKey(PQ.key))
    assert format_keys(keys).decode().splitlines() == [f"{NEW.key} 8 -", f"{OLD.key} 0 9", f"{PQ.key} 0 -"]
    assert parse_keys(format_keys(keys)) == keys


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "keys-not-text"),
        ("# nothing\n", "keys-unsuitable"),
        (f"{NEW.key} 8\n", "keys-line-malformed"),
        (f"{NEW.key}  8 -\n", "keys-line-malformed"),
        (f"{NEW.key} 8 - x\n", "keys-line-malformed"),
        (f"{NEW.key} 08 -\n", "key-range-malformed"),
        (f"{NEW.key} 8 7\n", "key-range-malformed"),
        (f"{NEW.key} -1 -\n", "key-range-malformed"),
        (f"{str(NEW.key)[:-2]} 8 -\n", "key-malformed"),
        (f"{NEW.key}\n{NEW.key}\n", "key-ambiguous"),
        (f"{NEW.key}\n{log_signer('x', origin='other.example').key}\n", "keys-unsuitable"),
        (f"{witness('w').key}\n", "keys-unsuitable"),
        ("é\n", "keys-not-text"),
    ],
)
def test_other_files_are_refused(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_keys(text.encode())
    assert code == caught.value.code


def test_the_sizes_that_a_key_holds_for_include_both_ends() -> None:
    key = LogKey(NEW.key, 3, 5)
    assert [size for size in range(8) if key.holds_for(size)] == [3, 4, 5]
    assert LogKey(NEW.key, 3).holds_for(2**60)
    assert log_origin([key, PQ.key]) == ORIGIN


def test_every_key_that_holds_for_the_size_must_have_signed() -> None:
    keys = [LogKey(OLD.key, 0, 10), LogKey(NEW.key, 10)]
    assert len(open_signed_checkpoint(note_of(CHECKPOINT, [OLD, NEW]), keys).verified) == 2
    assert refusal([OLD], keys) == refusal([NEW], keys) == "signature-missing"


def test_two_keys_given_are_two_signatures_demanded() -> None:
    assert refusal([OLD], [OLD.key, PQ.key]) == "signature-missing"
    assert len(open_signed_checkpoint(note_of(CHECKPOINT, [OLD, PQ]), [OLD.key, PQ.key]).verified) == 2


def test_a_key_that_signs_beyond_its_sizes_is_an_alarm() -> None:
    assert refusal([OLD, NEW], [LogKey(OLD.key, 0, 9), LogKey(NEW.key, 8)]) == "key-beyond-range"
    assert refusal([OLD], [LogKey(OLD.key, 0, 9), LogKey(NEW.key, 8)]) == "key-beyond-range"


def test_a_key_that_has_not_begun_is_an_unknown_one() -> None:
    keys = [LogKey(OLD.key), LogKey(NEW.key, 11)]
    assert [one.key for one in open_signed_checkpoint(note_of(CHECKPOINT, [OLD, NEW]), keys).verified] == [OLD.key]
    assert refusal([NEW], keys) == "signature-missing"


def test_a_retired_key_that_keeps_silent_is_none() -> None:
    keys = [LogKey(OLD.key, 0, 9), LogKey(NEW.key, 8)]
    assert [one.key for one in open_signed_checkpoint(note_of(CHECKPOINT, [NEW]), keys).verified] == [NEW.key]


def test_keys_of_which_none_holds_give_no_verdict_but_a_refusal() -> None:
    assert refusal([NEW], [LogKey(OLD.key, 0, 9), PQ.key]) == "signature-missing"
    signers = [log_signer("stranger"), OLD]
    assert refusal(signers, [LogKey(OLD.key, 11)]) == "signature-missing"


def test_the_keys_of_the_other_tests_are_two() -> None:
    assert {ED25519_KEY.name, ML_DSA_KEY.name} == {ORIGIN}
