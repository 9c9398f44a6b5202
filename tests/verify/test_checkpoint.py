import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import encode_base64
from isa_verify.errors import MalformedError, VerificationError
from isa_verify.merkle import EMPTY_ROOT
from isa_verify.note import parse_note
from isa_verify.signed_checkpoint import log_origin, open_signed_checkpoint
from verify.published_log import ED25519_KEY, KEYS, ML_DSA_KEY, ORIGIN, flipped, sign

ROOT = bytes(range(32))
LINE = encode_base64(ROOT)
SIGNED = sign(Checkpoint(ORIGIN, 5, ROOT))


class TestBody:
    @given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
    def test_a_checkpoint_survives_a_round_trip(self, size: int, root: bytes) -> None:
        checkpoint = Checkpoint(ORIGIN, size, root)
        assert checkpoint == Checkpoint.parse(checkpoint.text())

    def test_it_is_three_lines(self) -> None:
        assert f"{ORIGIN}\n5\n{LINE}\n".encode() == Checkpoint(ORIGIN, 5, ROOT).text()
        assert f"{ORIGIN}\n0\n{encode_base64(EMPTY_ROOT)}\n".encode() == Checkpoint(ORIGIN, 0, EMPTY_ROOT).text()

    @pytest.mark.parametrize(
        "text",
        [
            "",
            f"\n5\n{LINE}\n",
            f"{ORIGIN}\n05\n{LINE}\n",
            f"{ORIGIN}\n+5\n{LINE}\n",
            f"{ORIGIN}\n-5\n{LINE}\n",
            f"{ORIGIN}\n٥\n{LINE}\n",
            f"{ORIGIN}\n5 \n{LINE}\n",
            f"{ORIGIN}\n{2**63}\n{LINE}\n",
            f"{ORIGIN}\n5\n{LINE[:-1]}\n",
            f"{ORIGIN}\n5\nAAAA\n",
            f"{ORIGIN}\n5\n{LINE}",
            f"{ORIGIN}\n5\n{LINE}\nextension\n",
            f"{ORIGIN}\n5\n{LINE}\n\n",
            f"{ORIGIN}\r\n5\r\n{LINE}\r\n",
            f"{ORIGIN}\u20285\u2028{LINE}\u2028",
            f"a\u202eb\n5\n{LINE}\n",
            f"{'a' * 256}\n5\n{LINE}\n",
            f"{ORIGIN}\n0\n{LINE}\n",
        ],
    )
    def test_other_text_is_refused(self, text: str) -> None:
        with pytest.raises(MalformedError):
            Checkpoint.parse(text.encode())

    @pytest.mark.parametrize(("size", "root"), [(-1, ROOT), (2**63, ROOT), (5, ROOT[:31]), (0, ROOT)])
    def test_what_the_text_cannot_carry_is_refused(self, size: int, root: bytes) -> None:
        with pytest.raises(MalformedError, match="checkpoint-malformed"):
            Checkpoint(ORIGIN, size, root)

    def test_an_origin_that_is_no_text_is_refused(self) -> None:
        with pytest.raises(MalformedError, match="origin-malformed"):
            Checkpoint("\ud800", 5, ROOT)

    def test_bytes_that_are_not_text_are_refused(self) -> None:
        with pytest.raises(MalformedError, match="checkpoint-malformed"):
            Checkpoint.parse(b"\xff\n5\n" + LINE.encode() + b"\n")


class TestSignatures:
    def test_every_key_given_must_have_signed(self) -> None:
        assert Checkpoint(ORIGIN, 5, ROOT) == open_signed_checkpoint(SIGNED, KEYS).checkpoint
        assert len(open_signed_checkpoint(SIGNED, KEYS).verified) == 2
        ed25519_only = SIGNED[: SIGNED.rindex("\N{EM DASH}".encode())]
        assert open_signed_checkpoint(ed25519_only, [ED25519_KEY]).unverified == ()
        with pytest.raises(VerificationError, match="signature-missing"):
            open_signed_checkpoint(ed25519_only, KEYS)

    def test_one_key_of_the_log_is_enough_where_one_is_given(self) -> None:
        opened = open_signed_checkpoint(SIGNED, [ED25519_KEY])
        assert [ML_DSA_KEY.key_id] == [line.key_id for line in opened.unverified]

    def test_every_flipped_byte_is_refused(self) -> None:
        for position in range(len(SIGNED)):
            with pytest.raises(VerificationError):
                open_signed_checkpoint(flipped(SIGNED, position), KEYS)

    def test_every_truncation_is_refused(self) -> None:
        for length in range(len(SIGNED)):
            with pytest.raises(VerificationError):
                open_signed_checkpoint(SIGNED[:length], KEYS)

    def test_a_checkpoint_of_another_log_is_refused_even_where_the_key_signed_it(self) -> None:
        other = sign(Checkpoint("other.example", 5, ROOT))
        with pytest.raises(VerificationError, match="origin-mismatch"):
            open_signed_checkpoint(other, KEYS)

    @pytest.mark.parametrize("origin", ["a b", "a+b"])
    def test_an_origin_that_no_key_can_be_named_by_is_read_and_opened_by_no_key(self, origin: str) -> None:
        other = Checkpoint(origin, 5, ROOT)
        assert other == Checkpoint.parse(other.text())
        with pytest.raises(VerificationError, match="origin-mismatch"):
            open_signed_checkpoint(sign(other), KEYS)

    def test_keys_that_are_not_of_one_log_are_refused(self) -> None:
        witness = type(ED25519_KEY)(ORIGIN, 4, ED25519_KEY.public)
        other = type(ED25519_KEY)("other.example", 1, ED25519_KEY.public)
        for keys in ((), (witness,), (ED25519_KEY, witness), (ED25519_KEY, other)):
            with pytest.raises(MalformedError, match="keys-unsuitable"):
                log_origin(keys)
        assert log_origin(KEYS) == ORIGIN

    def test_the_note_holds_both_signatures(self) -> None:
        assert [key.key_id for key in KEYS] == [line.key_id for line in parse_note(SIGNED).signatures]
