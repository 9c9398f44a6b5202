import string
import sys

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from isa_verify import note as note_module
from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import CannotRunError, MalformedError, VerificationError
from isa_verify.merkle import leaf_hash
from isa_verify.note import (
    ED25519,
    ED25519_COSIGNATURE,
    ML_DSA_44,
    SignatureLine,
    VerifierKey,
    cosign_ed25519,
    format_note,
    open_note,
    parse_note,
    sign_ed25519,
    sign_ml_dsa_44,
    vkey_of,
)
from verify.published_log import flipped

NAME = "log.example/notes"
TEXT = Checkpoint(NAME, 7, leaf_hash(b"")).text()
ED_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
PQ_PRIVATE = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
ED_KEY = VerifierKey(NAME, ED25519, ED_PRIVATE.public_key().public_bytes_raw())
WITNESS_KEY = VerifierKey("witness.example", ED25519_COSIGNATURE, ED_KEY.public)
PQ_KEY = VerifierKey(NAME, ML_DSA_44, PQ_PRIVATE.public_key().public_bytes_raw())
ED_LINE = sign_ed25519(NAME, ED_PRIVATE, TEXT)
WITNESS_LINE = cosign_ed25519(WITNESS_KEY.name, ED_PRIVATE, TEXT, 1_700_000_000)
PQ_LINE = sign_ml_dsa_44(NAME, PQ_PRIVATE, TEXT, 1_700_000_001)
ALL_KEYS = (ED_KEY, WITNESS_KEY, PQ_KEY)
ALL_LINES = (ED_LINE, WITNESS_LINE, PQ_LINE)
NOTE = format_note(TEXT, ALL_LINES)


class Unsupported:
    """Stands in for a key class of a `cryptography` without the algorithm."""

    @classmethod
    def from_public_bytes(cls, data: bytes) -> None:
        raise UnsupportedAlgorithm("not supported")


def refusal(data: bytes, *keys: VerifierKey) -> str:
    with pytest.raises(VerificationError) as caught:
        open_note(data, keys)
    return caught.value.code


class TestVerifierKey:
    @pytest.mark.parametrize("key", ALL_KEYS)
    def test_a_key_survives_a_round_trip(self, key: VerifierKey) -> None:
        assert key == VerifierKey.parse(str(key))
        assert str(key) == vkey_of(key.name, key.type, key.public)

    @pytest.mark.parametrize("key", [ED_KEY, WITNESS_KEY])
    def test_every_proper_substring_of_a_key_is_refused(self, key: VerifierKey) -> None:
        vkey = str(key)
        for start in range(len(vkey)):
            for end in range(start, len(vkey) + 1):
                if (start, end) != (0, len(vkey)):
                    with pytest.raises(MalformedError):
                        VerifierKey.parse(vkey[start:end])

    @pytest.mark.parametrize("key", [ED_KEY, WITNESS_KEY])
    def test_every_changed_character_of_a_key_is_refused(self, key: VerifierKey) -> None:
        vkey = str(key)
        for position in range(len(vkey)):
            for other in {chr(ord(vkey[position]) ^ 1), " ", "+", "\n", "٣"} - {vkey[position]}:
                with pytest.raises(MalformedError):
                    VerifierKey.parse(vkey[:position] + other + vkey[position + 1 :])

    def test_substrings_of_a_long_key_are_refused(self) -> None:
        vkey = str(PQ_KEY)
        for cut in range(1, len(vkey), 37):
            for part in (vkey[:cut], vkey[cut:]):
                with pytest.raises(MalformedError):
                    VerifierKey.parse(part)

    def test_the_key_part_may_itself_hold_a_plus_sign(self) -> None:
        for number in range(64):
            public = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key().public_bytes_raw()
            key = VerifierKey(NAME, ED25519, public)
            if str(key).count("+") > 2:
                assert key == VerifierKey.parse(str(key))
                return
        pytest.fail("no key with a plus sign was found")

    @pytest.mark.parametrize("key_type", [0, 2, 3, 5, 7, 0xFF])
    def test_other_types_are_refused_by_name(self, key_type: int) -> None:
        with pytest.raises(MalformedError, match="key-type-unsupported"):
            VerifierKey(NAME, key_type, bytes(32))

    @pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\nb", "a\tb", "a\x01b"])
    def test_names_that_a_line_cannot_carry_are_refused(self, name: str) -> None:
        with pytest.raises(MalformedError, match="key-name-malformed"):
            VerifierKey(name, ED25519, bytes(32))

    def test_a_key_of_another_length_is_refused(self) -> None:
        with pytest.raises(MalformedError, match="key-malformed"):
            VerifierKey(NAME, ED25519, bytes(31))

    @pytest.mark.parametrize("missing", ["module", "algorithm"])
    def test_an_ml_dsa_key_is_refused_clearly_where_cryptography_has_no_ml_dsa(
        self, monkeypatch: pytest.MonkeyPatch, missing: str
    ) -> None:
        """Version 46 lacks the module; 47 has it, but its published builds lack the algorithm."""
        if missing == "module":
            monkeypatch.setitem(sys.modules, mldsa.__name__, None)
        else:
            monkeypatch.setattr(mldsa, "MLDSA44PublicKey", Unsupported)
        assert VerifierKey.parse(str(ED_KEY)) == ED_KEY
        with pytest.raises(CannotRunError, match=r"ml-dsa-unavailable: .*ML-DSA-44.*cryptography"):
            VerifierKey.parse(str(PQ_KEY))


class TestLayout:
    def test_a_note_is_text_an_empty_line_and_signature_lines(self) -> None:
        parsed = parse_note(NOTE)
        assert (parsed.text, parsed.signatures) == (TEXT, ALL_LINES)
        assert format_note(parsed.text, parsed.signatures) == NOTE

    @given(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=50),
        st.lists(
            st.builds(
                SignatureLine,
                st.text(string.ascii_letters, min_size=1),
                st.binary(min_size=4, max_size=4),
                st.binary(min_size=1, max_size=80),
            ),
            min_size=1,
            max_size=5,
        ),
    )
    def test_any_text_and_lines_survive_a_round_trip(self, text: str, lines: list[SignatureLine]) -> None:
        data = format_note(f"{text}\n".encode(), lines)
        assert (f"{text}\n".encode(), tuple(lines)) == (parse_note(data).text, parse_note(data).signatures)

    def test_the_text_may_hold_empty_lines_and_other_line_separators(self) -> None:
        text = "one\n\ntwo\u2028three\x85\n\n".encode()
        assert text == parse_note(format_note(text, [ED_LINE])).text

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\n",
            b"text\n",
            b"text\n\n",
            TEXT + str(ED_LINE).encode() + b"\n",
            NOTE[:-1],
            NOTE + b"\n",
            NOTE + b"x",
            NOTE.replace(b"\n\n", b"\n\n\n").replace(b"\n\n\n", b"\n\n \n"),
            NOTE.replace("\N{EM DASH}".encode(), b"-"),
            NOTE.replace("\N{EM DASH} ".encode(), "\N{EM DASH}  ".encode()),
            NOTE.replace(b"\n\n", b"\r\n\r\n"),
            NOTE.replace(b"7", b"\x00"),
            b"\xff" + NOTE,
            b"text" + NOTE[len(TEXT) + 1 :],
            TEXT + b"\n" + "\N{EM DASH} name AAAAAA==\n".encode(),
            TEXT + b"\n" + "\N{EM DASH} name AAAAAAB=\n".encode(),
            TEXT + b"\n" + "\N{EM DASH} AAAAAAA=\n".encode(),
            TEXT + b"\n" + "\N{EM DASH} na\u2003me AAAAAAA=\n".encode(),
        ],
    )
    def test_other_layouts_are_refused(self, data: bytes) -> None:
        with pytest.raises(MalformedError):
            parse_note(data)

    def test_a_text_that_would_be_read_as_a_signature_is_not_written(self) -> None:
        with pytest.raises(MalformedError, match="note-malformed"):
            format_note(f"text\n\n{ED_LINE}".encode(), [ED_LINE])

    def test_a_signature_that_would_be_read_as_two_is_not_written(self) -> None:
        smuggled = SignatureLine(f"{str(ED_LINE)[2:]}\n\N{EM DASH} {NAME}", ED_LINE.key_id, ED_LINE.signature)
        with pytest.raises(MalformedError, match="note-malformed"):
            format_note(TEXT, [smuggled])

    def test_a_text_in_another_encoding_is_not_written(self) -> None:
        with pytest.raises(MalformedError, match="note-malformed"):
            format_note(b"\xff\n", [ED_LINE])

    def test_a_hundred_signatures_are_the_most(self) -> None:
        assert len(parse_note(format_note(TEXT, [PQ_LINE] * 100)).signatures) == 100
        with pytest.raises(MalformedError, match="note-malformed"):
            format_note(TEXT, [ED_LINE] * 101)

    def test_a_mebibyte_is_the_most(self) -> None:
        with pytest.raises(MalformedError, match="note-too-large"):
            parse_note(b"x" * (1 << 20) + NOTE)

    def test_a_text_without_its_line_feed_is_not_written(self) -> None:
        with pytest.raises(MalformedError):
            format_note(b"text", [ED_LINE])
        with pytest.raises(MalformedError):
            format_note(TEXT, [])


class TestOpening:
    def test_every_known_signature_is_verified_and_its_time_told(self) -> None:
        opened = open_note(NOTE, ALL_KEYS)
        assert opened.text == TEXT
        assert [(signature.key, signature.timestamp) for signature in opened.verified] == [
            (ED_KEY, None),
            (WITNESS_KEY, 1_700_000_000),
            (PQ_KEY, 1_700_000_001),
        ]
        assert opened.unverified == ()

    def test_unknown_signatures_are_set_apart(self) -> None:
        opened = open_note(NOTE, [PQ_KEY])
        assert [signature.line for signature in opened.verified] == [PQ_LINE]
        assert opened.unverified == (ED_LINE, WITNESS_LINE)
        assert opened.signed_by(PQ_KEY)
        assert not opened.signed_by(ED_KEY)

    def test_a_note_that_no_known_key_signed_is_refused(self) -> None:
        assert refusal(format_note(TEXT, [PQ_LINE, WITNESS_LINE]), ED_KEY) == "signature-missing"
        assert refusal(NOTE) == "signature-missing"

    def test_a_name_alone_or_an_id_alone_is_not_a_known_key(self) -> None:
        same_name = SignatureLine(NAME, b"\0\0\0\0", ED_LINE.signature)
        same_id = SignatureLine("other.example", ED_LINE.key_id, ED_LINE.signature)
        assert (same_name, same_id) == open_note(format_note(TEXT, [same_name, same_id, ED_LINE]), [ED_KEY]).unverified

    @pytest.mark.parametrize(("key", "line"), list(zip(ALL_KEYS, ALL_LINES, strict=True)))
    def test_one_bad_line_of_a_known_key_refuses_the_whole_note(self, key: VerifierKey, line: SignatureLine) -> None:
        for position in {0, 7, 8, len(line.signature) // 2, len(line.signature) - 1}:
            bad = SignatureLine(line.name, line.key_id, flipped(line.signature, position))
            for lines in ([bad, *ALL_LINES], [*ALL_LINES, bad]):
                assert refusal(format_note(TEXT, lines), *ALL_KEYS) in ("signature-invalid", "signature-malformed")
            if key is not ED_KEY:
                assert (bad,) == open_note(format_note(TEXT, [ED_LINE, bad]), [ED_KEY]).unverified

    @pytest.mark.parametrize(("key", "line"), list(zip(ALL_KEYS, ALL_LINES, strict=True)))
    def test_a_line_of_another_length_is_refused(self, key: VerifierKey, line: SignatureLine) -> None:
        for signature in (line.signature[:-1], line.signature + b"\0", line.signature[:1]):
            data = format_note(TEXT, [SignatureLine(line.name, line.key_id, signature)])
            assert refusal(data, key) in ("signature-invalid", "signature-malformed")

    def test_every_flipped_byte_of_a_note_with_known_keys_is_refused(self) -> None:
        for position in range(len(NOTE)):
            changed = flipped(NOTE, position)
            try:
                opened = open_note(changed, ALL_KEYS)
            except VerificationError:
                continue
            assert not all(opened.signed_by(key) for key in ALL_KEYS)

    def test_a_time_beyond_what_a_signature_may_state_is_refused(self) -> None:
        line = SignatureLine(WITNESS_KEY.name, WITNESS_KEY.key_id, b"\x80" + WITNESS_LINE.signature[1:])
        assert refusal(format_note(TEXT, [line]), WITNESS_KEY) == "signature-malformed"
        with pytest.raises(ValueError, match="timestamp"):
            cosign_ed25519(NAME, ED_PRIVATE, TEXT, 2**63)

    def test_an_ml_dsa_key_signs_nothing_but_checkpoints(self) -> None:
        assert refusal(format_note(b"other text\n", [PQ_LINE]), PQ_KEY) == "checkpoint-malformed"

    def test_an_ml_dsa_key_has_a_name_that_its_message_can_hold(self) -> None:
        with pytest.raises(MalformedError, match="key-name-malformed"):
            sign_ml_dsa_44("n" * 256, PQ_PRIVATE, TEXT, 0)

    def test_an_ml_dsa_signature_is_bound_to_the_name_of_its_key(self) -> None:
        other = VerifierKey("other.example", ML_DSA_44, PQ_KEY.public)
        line = SignatureLine(other.name, other.key_id, PQ_LINE.signature)
        assert refusal(format_note(TEXT, [line]), other) == "signature-invalid"

    def test_two_keys_that_a_line_cannot_tell_apart_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(note_module, "_key_id", lambda *_: b"same")
        other = VerifierKey(NAME, ED25519, bytes(32))
        assert refusal(NOTE, ED_KEY, other) == "key-ambiguous"

    def test_a_key_given_twice_counts_once(self) -> None:
        assert len(open_note(NOTE, [ED_KEY, ED_KEY]).verified) == 1

    def test_a_message_never_repeats_the_input(self) -> None:
        for vkey in ("s3cret+00000000+AAAA", "s3cret", "s3cret+s3cret+s3cret"):
            with pytest.raises(MalformedError) as caught:
                VerifierKey.parse(vkey)
            assert "s3cret" not in str(caught.value)
