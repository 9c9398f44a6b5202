import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import encode_base64
from isa_verify.errors import MalformedError
from isa_verify.proof import TlogProof
from verify.published_log import ORIGIN, sign

NOTE = sign(Checkpoint(ORIGIN, 5, bytes(range(32))))
HASH = encode_base64(bytes(32)).encode()
HEAD = b"c2sp.org/tlog-proof@v1\n"


def test_a_proof_is_a_header_an_index_hashes_and_the_checkpoint() -> None:
    assert TlogProof(3, (bytes(32),), NOTE).text() == HEAD + b"index 3\n" + HASH + b"\n\n" + NOTE
    assert TlogProof(0, (), NOTE).text() == HEAD + b"index 0\n\n" + NOTE
    assert TlogProof(0, (), NOTE, b"\0").text() == HEAD + b"extra AA==\nindex 0\n\n" + NOTE


@given(
    st.integers(0, 2**63 - 2),
    st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    st.none() | st.binary(max_size=50),
)
def test_every_proof_survives_a_round_trip(index: int, hashes: list[bytes], extra: bytes | None) -> None:
    proof = TlogProof(index, tuple(hashes), NOTE, extra)
    assert proof == TlogProof.parse(proof.text())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        HEAD,
        HEAD + b"index 3\n" + HASH + b"\n",
        HEAD + b"index 3\n" + NOTE,
        b"c2sp.org/tlog-proof@v2\nindex 3\n\n" + NOTE,
        HEAD + b"\nindex 3\n\n" + NOTE,
        HEAD + b"index 03\n\n" + NOTE,
        HEAD + b"index +3\n\n" + NOTE,
        HEAD + b"index 3 \n\n" + NOTE,
        HEAD + b"index  3\n\n" + NOTE,
        HEAD + b"index\n\n" + NOTE,
        HEAD + b"index 9223372036854775807\n\n" + NOTE,
        HEAD + b"index 3\nindex 3\n\n" + NOTE,
        HEAD + b"index 3\r\n\r\n" + NOTE,
        HEAD + b"index 3\nAA==\n\n" + NOTE,
        HEAD + b"index 3\n " + HASH + b"\n\n" + NOTE,
        HEAD + b"index 3\n" + HASH[:-2] + b"B=\n\n" + NOTE,
        HEAD + b"index 3\n" + (HASH + b"\n") * 64 + b"\n" + NOTE,
        HEAD + b"extra AA==\nextra AA==\nindex 3\n\n" + NOTE,
        HEAD + b"index 3\nextra AA==\n\n" + NOTE,
        HEAD + b"extra A\nindex 3\n\n" + NOTE,
        HEAD + b"\xc3\xa9\nindex 3\n\n" + NOTE,
        HEAD + b"index 3\n\n\n" + NOTE[:-1],
        HEAD + b"extra " + b"AAAA" * 20000 + b"\nindex 3\n\n" + NOTE,
        b"x" * (2 << 20),
    ],
)
def test_other_text_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedError):
        TlogProof.parse(text)


@pytest.mark.parametrize(("index", "hashes"), [(-1, ()), (2**63 - 1, ()), (0, (b"short",)), (0, (bytes(32),) * 64)])
def test_what_the_text_cannot_carry_is_refused(index: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(MalformedError, match="proof-malformed"):
        TlogProof(index, hashes, NOTE)
