"""What the page's verifier reads, and what it refuses: exactly what `isa_verify` does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from in_page.asking import Page, Question, b64
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import decode_base64, decode_hex, encode_base64, parse_canonical_json, parse_decimal
from isa_verify.leaf import is_time
from isa_verify.log_keys import LogKey, parse_keys
from isa_verify.merkle import EMPTY_ROOT, consistency_ranges, inclusion_ranges, verify_consistency
from isa_verify.note import ED25519_COSIGNATURE, VerifierKey, format_note, open_note
from isa_verify.policy import MAX_POLICY_SIZE, Policy
from isa_verify.proof import TlogProof
from isa_verify.tiles import tile_path
from verify import test_note as notes
from verify.published_log import KEYS, flipped
from verify.signing import POLICY_TEXT, Signer, log_signer, witness

LOG, W1, W2 = log_signer("log"), witness("one").key, witness("two").key
EXAMPLES = settings(max_examples=30, deadline=None)

Case = tuple[Question, Callable[[], object]]
ROOT = encode_base64(EMPTY_ROOT)


def base64_case(text: str) -> Case:
    return {"ask": "base64", "text": text}, lambda: decode_base64(text)


def decimal_case(text: str) -> Case:
    return {"ask": "decimal", "text": text}, lambda: parse_decimal(text)


def json_case(data: bytes) -> Case:
    return {"ask": "json", "data": b64(data)}, lambda: parse_canonical_json(data)


def checkpoint_case(data: bytes) -> Case:
    return {"ask": "checkpoint", "data": b64(data)}, lambda: Checkpoint.parse(data)


def key_case(text: str) -> Case:
    return {"ask": "key", "text": text}, lambda: VerifierKey.parse(text)


def keys_case(data: bytes) -> Case:
    return {"ask": "keys", "data": b64(data)}, lambda: parse_keys(data)


def policy_case(data: bytes) -> Case:
    return {"ask": "policy", "data": b64(data)}, lambda: Policy.parse(data)


def proof_case(data: bytes) -> Case:
    return {"ask": "proof", "data": b64(data)}, lambda: TlogProof.parse(data)


def note_case(data: bytes, keys: tuple[VerifierKey, ...] = (notes.ED_KEY, notes.WITNESS_KEY)) -> Case:
    return {"ask": "note", "data": b64(data), "keys": [str(key) for key in keys]}, lambda: open_note(data, keys)


# --- values ----------------------------------------------------------------------------------------------------------


def test_texts_of_values_have_one_spelling(page: Page) -> None:
    texts = [
        "",
        "AA==",
        "AAA=",
        "AAAA",
        "AB==",
        "AAB=",
        "AA",
        "AAA",
        "A",
        "AA=",
        "A===",
        "=",
        "====",
        "AA==\n",
        " AA==",
        "A A==",
        "AA==AA==",
        "AA-_",
        "AA+/",
        "é",
        "٣",
        "\0",
    ]
    assert page.differing(base64_case(text) for text in texts) == []
    numbers = [
        "0",
        "1",
        "00",
        "01",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1e3",
        "1.0",
        "0x1",
        "",
        "٣",
        "9" * 19,
        "9" * 20,
        str(2**53),
        str(2**53 + 1),
        str(2**63 - 1),
        str(2**63),
        "1_000",
    ]
    assert page.differing(decimal_case(text) for text in numbers) == []
    digits = ["", "00", "0g", "AB", "ab", "abc", "a b", "é0", "ab\n"]
    hexes = [({"ask": "hex", "text": text, "size": 1}, lambda text=text: decode_hex(text, 1)) for text in digits]
    assert page.differing(hexes) == []


@EXAMPLES
@given(data=st.binary(max_size=40), change=st.text(alphabet="AB=+/-_ \n", max_size=2), at=st.integers(0, 60))
def test_any_base64(page: Page, data: bytes, change: str, at: int) -> None:
    text = encode_base64(data)
    assert page.differing([base64_case(text), base64_case(text[:at] + change + text[at:])]) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.text(max_size=6) | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@EXAMPLES
@given(value=JSON, spaced=st.booleans(), escaped=st.booleans(), is_sorted=st.booleans())
def test_any_json(page: Page, value: Any, spaced: bool, escaped: bool, is_sorted: bool) -> None:
    separators = (", ", ": ") if spaced else (",", ":")
    text = json.dumps(value, separators=separators, ensure_ascii=escaped, sort_keys=is_sorted)
    assert page.differing([json_case(text.encode("utf-8", "surrogatepass"))], codes=False) == []


def test_json_at_its_edges(page: Page) -> None:
    nested = [b"[" * depth + b"]" * depth for depth in (31, 32, 33, 1000)]
    objects = [b'{"a":' * depth + b"1" + b"}" * depth for depth in (31, 32, 33)]
    others = [
        b"9007199254740991",
        b"-9007199254740991",
        b"9007199254740992",
        b"9007199254740993",
        b"-0",
        b"0",
        b"1.0",
        b"1e2",
        b"1e400",
        b"NaN",
        b"Infinity",
        b"-",
        b"01",
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        '"😀"'.encode(),
        b'"\\u0041"',
        b'"\\u001f"',
        b'"\\u001F"',
        b'"\\b\\t\\n\\f\\r\\"\\\\"',
        b'"\\/"',
        b'"\x7f"',
        b'"\xed\xa0\x80"',
        b'"\x01"',
        b"\xef\xbb\xbf1",
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"__proto__":1}',
        b'{"10":1,"9":1}',
        b'{"9":1,"10":1}',
        b"",
        b" 1",
        b"1 ",
        b"1\n",
        '{"\ue000":1,"😀":1}'.encode(),
        '{"😀":1,"\ue000":1}'.encode(),
        b'"\xe2\x80\xa8"',
        b"nul",
        b"[1,]",
        b"{}",
        b"[]",
    ]
    # Which of its faults is named is nobody's concern: whoever reads JSON says that it is not in its one form.
    assert page.differing((json_case(data) for data in (*nested, *objects, *others)), codes=False) == []


def test_times_are_those_of_the_calendar(page: Page) -> None:
    for text in (
        "2026-04-01T09:30:00.000Z",
        "2026-02-29T00:00:00.000Z",
        "2028-02-29T00:00:00.000Z",
        "2100-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-00-01T00:00:00.000Z",
        "2026-04-31T00:00:00.000Z",
        "2026-04-01T23:59:60.000Z",
        "2026-04-01T24:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "0001-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "2026-04-01T09:30:00Z",
        "2026-04-01T09:30:00.000Z\n",
        "2026-04-01t09:30:00.000z",
        "+02026-04-01T09:30:00.000Z",
        "",
    ):
        assert page.ask({"ask": "time", "text": text}).told["met"] is is_time(text), text


# --- notes, keys, policies -------------------------------------------------------------------------------------------


def test_checkpoints(page: Page) -> None:
    root = encode_base64(bytes(32))
    bodies = [
        f"a\n1\n{root}\n",
        f"a b\n1\n{root}\n",
        f"\n1\n{root}\n",
        f"a\n01\n{root}\n",
        f"a\n-1\n{root}\n",
        f"a\n1\n{root}",
        "",
        f"a\n1\n{root}\n\n",
        f"a\n1\n{root}\nextension\n",
        f"a\n0\n{root}\n",
        f"a\n0\n{ROOT}\n",
        f"a\n{2**63}\n{root}\n",
        f"a\n{2**63 - 1}\n{root}\n",
        f"a\n1\n{root[:-4]}\n",
        f"a\u200b\n1\n{root}\n",
        f"a\u00a0b\n1\n{root}\n",
        f"{'a' * 255}\n1\n{root}\n",
        f"{'a' * 256}\n1\n{root}\n",
        f"{'é' * 128}\n1\n{root}\n",
        f"é\n1\n{root}\n",
        f"a\ue000\n1\n{root}\n",
        f"\ufeffa\n1\n{root}\n",
        f"a\r\n1\n{root}\n",
        f"a\u2028\n1\n{root}\n",
        f"a\U000e0001\n1\n{root}\n",
    ]
    assert page.differing(checkpoint_case(body.encode()) for body in bodies) == []
    assert page.differing([checkpoint_case(b"\xff\n1\n" + root.encode() + b"\n")]) == []


@EXAMPLES
@given(data=st.binary(max_size=12), at=st.integers(0, 2000), cut=st.integers(0, 3))
def test_any_change_of_a_note(page: Page, data: bytes, at: int, cut: int) -> None:
    note = format_note(notes.TEXT, (notes.ED_LINE, notes.WITNESS_LINE))
    at %= len(note)
    assert page.differing([note_case(note[:at] + data + note[at + cut :])]) == []


def test_notes(page: Page) -> None:
    ed, line = str(notes.ED_LINE), notes.TEXT.decode()
    made = [
        f"{line}\n{ed}\n",
        f"{line}\n{ed}",
        f"{line}{ed}\n",
        f"{line}\n",
        f"{line}\n\n",
        f"{line}\n{ed}\n\n",
        f"{line}\r\n{ed}\n",
        f"{line}\n{ed}\n" * 2,
        f"{line}\n{ed} \n",
        f"{line}\n {ed}\n",
        f"{line}\n{ed.replace(chr(0x2014), '-')}\n",
        f"\n{ed}\n",
        f"{line}\n" + f"{ed}\n" * 100,
        f"{line}\n" + f"{ed}\n" * 101,
        f"{line}\n\u2014 a AAAAAAA=\n{ed}\n",
        f"{line}\n\u2014 a AAAA\n",
        f"{line}\n\u2014 a AAAAAA==\n{ed}\n",
        *(f"{control}{line}\n{ed}\n" for control in "\x00\x09\x0b\x1f\x7f"),
        f"{line}\n\u2014 a+b AAAAAAAA\n",
        f"{line}\n\u2014  AAAAAAAA\n",
        f"{line}\n\u2014 a\u3000b AAAAAAAA\n{ed}\n",
        f"{line}\n\u2014 aAAAA\n",
        f"{line}\x00\n{ed}\n",
        f"{line}\t\n{ed}\n",
        f"{line}\x7f\n{ed}\n",
        f"{line}\n\u2014 b AAAAAAAA\n",
        f"x\n\n{line}\n{ed}\n",
    ]
    assert page.differing(note_case(text.encode()) for text in made) == []
    short = VerifierKey("witness.example", ED25519_COSIGNATURE, notes.ED_KEY.public)
    payload = bytes.fromhex(short.key_id.hex())
    for signature in (b"x", bytes(72), bytes(71), b"\xff" * 72, bytes(8) + bytes(65)):
        text = f"{line}\n\u2014 {short.name} {encode_base64(payload + signature)}\n"
        assert page.differing([note_case(text.encode())]) == []
    huge = b"a" * (1 << 20)
    assert page.differing([note_case(huge + b"\n\n"), note_case(b"\xff")]) == []


def test_keys(page: Page) -> None:
    vkey = str(notes.ED_KEY)
    name, key_id, encoded = vkey.split("+", 2)
    texts = [
        vkey[:at] + change + vkey[at + 1 :]
        for at in range(0, len(vkey), 7)
        for change in ("", "+", " ", "\n", "A", "٣")
    ]
    texts += [
        vkey,
        "",
        "+",
        "++",
        f"a\x85b+{key_id}+{encoded}",
        f"+{key_id}+{encoded}",
        f"{name}+{key_id}+",
        f"{name}+{key_id}",
    ]
    for kind, size in ((0, 32), (1, 31), (2, 32), (4, 33), (5, 32), (6, 32), (6, 1311), (255, 32)):
        texts.append(f"{name}+{key_id}+{encode_base64(bytes([kind]) + bytes(size))}")
    texts += [str(KEYS[1]), str(witness("one").key), str(log_signer("plus", origin="é.example").key)]
    assert page.differing(key_case(text) for text in texts) == []


def test_files_of_keys(page: Page) -> None:
    old, new = str(KEYS[0]), str(KEYS[1])
    files = [
        f"{old}\n{new}\n",
        old,
        f"# a comment\n\n \t{'#'} x\n{old} 0 -\n",
        f"{old} 0 10\n{new} 11 -\n",
        f"{old} 5 4\n",
        f"{old} 05 -\n",
        f"{old} 0\n",
        f"{old} 0 - x\n",
        f"{old}  0 -\n",
        f" {old}\n",
        f"{old}\r\n",
        "",
        "\n",
        "# only\n",
        f"{old}\n{old}\n",
        f"{old} 0 9223372036854775808\n",
        f"{old}\n{W1}\n",
        f"{old}\n{LOG.key}\n",
        f"{W1}\n",
        "é\n",
        f"\x1c\n{old}\n",
        f"\x0b#\n{old}\n",
        f"{old}\nnonsense\n",
        f"{old} 0 -\n{log_signer('other', origin='other.example').key}\n",
    ]
    assert page.differing(keys_case(file.encode()) for file in files) == []
    assert str(LogKey(KEYS[0], 3, 5)).endswith(" 3 5")


def test_policies(page: Page) -> None:
    again, as_log = (
        Signer("other.example", 0x04, "witness one"),
        Signer("registry.example.org/durham", 0x01, "witness one"),
    )
    groups = "".join(f"witness w{at} {witness(str(at)).key}\n" for at in range(4))
    texts = [
        POLICY_TEXT,
        f"log {LOG.key} https://registry.example.org/log\n{POLICY_TEXT}",
        "\n \t\n  # été\n\tquorum \t none  \n",
        "",
        "quorum none",
        "quorum none\r\n",
        "quorum none\n# \x7f\n",
        "#" * MAX_POLICY_SIZE + "\nquorum none\n",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none none\n",
        "log\n",
        f"witness w {W1} https://w.example x\n",
        "group g any\n",
        "Quorum none\n",
        "quorum w\n",
        f"group g any w\nwitness w {W1}\nquorum g\n",
        "group g any g\nquorum g\n",
        f"witness none {W1}\nquorum none\n",
        "toString x\n",
        f"witness w {W1}\nwitness w {W2}\nquorum w\n",
        f"witness w {W1}\ngroup w any w\nquorum w\n",
        f"witness w {W1}\ngroup g all w w\n",
        f"witness w {W1}\ngroup g any w\ngroup h any w\nquorum h\n",
        "witness w nokey\nquorum w\n",
        f"witness w {LOG.key}\nquorum w\n",
        f"log {W1}\nquorum none\n",
        f"witness v {W1}\nwitness w {W1}\nquorum w\n",
        f"witness v {W1}\nwitness w {again.key}\nquorum w\n",
        f"log {as_log.key}\nwitness w {W1}\nquorum w\n",
        f"log {LOG.key}\nlog {LOG.key}\nquorum none\n",
        "quorum none\u00a0\n",
        "quorum none\n\n",
        *(f"witness w {W1}\ngroup g {rule} w\nquorum g\n" for rule in ("0", "1", "2", "01", "any", "all", "-1", "1.0")),
        *(
            f"{groups}group g {rule} w0 w1\ngroup h any g w2\nquorum {name}\n"
            for rule in ("1", "2", "3")
            for name in ("g", "h", "w3", "x")
        ),
        *(
            f"log {LOG.key} {url}\nquorum none\n"
            for url in (
                "ftp://x.example",
                "https://",
                "https://a@x.example",
                "https://x.example:port",
                "http://x.example:8000/a/b",
                "HTTPS://x.example",
                "https://x.example:0",
                "https://x.example:65536",
                "https://x.example?",
                "https://x.example?q",
                "https://x.example#f",
                "https://[::1]:80/",
                "https://[::1",
                "https:x.example",
                "//x.example",
                "https://:80",
                "https://x.example:",
                "https://x.example/a?#",
            )
        ),
        "".join(f"witness w{at} {witness(f'many-{at}').key}\n" for at in range(257)) + "quorum none\n",
    ]
    assert page.differing(policy_case(text.encode()) for text in texts) == []
    assert page.differing([policy_case(b"quorum none\n# \xff\n")]) == []


@EXAMPLES
@given(names=st.lists(st.sampled_from("abcdxyz?"), max_size=5), first=st.sampled_from(["any", "all", "1", "2"]))
def test_any_quorum(page: Page, names: list[str], first: str) -> None:
    lines = [f"witness {name} {witness(name).key}" for name in "abcd"]
    text = "\n".join([*lines, f"group x {first} a b", "group y any c d", "group z all x y", "quorum z\n"])
    met = page.ask({"ask": "satisfied", "policy": b64(text.encode()), "names": names}).told["met"]
    assert met is Policy.parse(text).satisfied_by(names)


# --- proofs ----------------------------------------------------------------------------------------------------------


def test_proofs_in_a_file(page: Page) -> None:
    note = format_note(notes.TEXT, [notes.ED_LINE])
    digest = encode_base64(bytes(32))
    heads = [
        "c2sp.org/tlog-proof@v1\nindex 3",
        f"c2sp.org/tlog-proof@v1\nindex 3\n{digest}",
        f"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 3\n{digest}",
        "c2sp.org/tlog-proof@v1\nextra \nindex 3",
        "c2sp.org/tlog-proof@v1\nindex 03",
        "c2sp.org/tlog-proof@v1\nindex",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v2\nindex 3",
        f"c2sp.org/tlog-proof@v1\nindex 3\n{digest[:-4]}",
        f"c2sp.org/tlog-proof@v1\nindex {2**63 - 1}",
        f"c2sp.org/tlog-proof@v1\nindex {2**63 - 2}",
        "c2sp.org/tlog-proof@v1\nindex 3\nextra AAAA",
        "",
        "c2sp.org/tlog-proof@v1\nindex é",
        "c2sp.org/tlog-proof@v1\nindex 3" + f"\n{digest}" * 63,
        "c2sp.org/tlog-proof@v1\nindex 3" + f"\n{digest}" * 64,
        *(
            f"c2sp.org/tlog-proof@v1\nextra {encode_base64(bytes(size))}\nindex 3"
            for size in (48 * 1024, 48 * 1024 + 1)
        ),
    ]
    assert page.differing(proof_case(head.encode() + b"\n\n" + note) for head in heads) == []
    whole = heads[1].encode() + b"\n\n" + note
    others = [whole[:-1], heads[1].encode(), heads[1].encode() + b"\n" + note, heads[1].encode() + b"\n\n\n" + note]
    others += [flipped(whole, at) for at in range(0, len(whole), 5)]
    others.append(heads[1].encode() + b"\n\xff\n\n" + note)
    others.append(heads[1].encode() + b"\n\n" + b"a" * ((1 << 20) + (1 << 17)))
    assert page.differing(proof_case(data) for data in others) == []


def test_consistency_at_its_edges(page: Page) -> None:
    one, other = bytes(32), bytes([1]) * 32
    cases: list[Case] = []
    for sizes in ((0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 3), (4, 8), (2**63 - 1, 2**63 - 1), (1, 2**63)):
        for roots in ((one, one), (one, other), (EMPTY_ROOT, one), (EMPTY_ROOT, EMPTY_ROOT), (one[:31], one)):
            for proof in ([], [one], [one, other], [one[:31]]):
                question: dict[str, object] = {"ask": "consistency", "old": str(sizes[0]), "size": str(sizes[1])}
                question |= {"oldRoot": b64(roots[0]), "root": b64(roots[1]), "proof": [b64(item) for item in proof]}
                arguments = (sizes[0], roots[0], sizes[1], roots[1], proof)
                cases.append((question, lambda arguments=arguments: verify_consistency(*arguments)))
    assert page.differing(cases) == []


@EXAMPLES
@given(
    numbers=st.tuples(st.integers(0, 2**63 - 1), st.integers(1, 2**63 - 1))
    | st.tuples(st.integers(0, 40), st.integers(1, 40))
)
def test_which_hashes_make_up_a_proof(page: Page, numbers: tuple[int, int]) -> None:
    one, size = numbers[0] % numbers[1], numbers[1]
    own = page.ask({"ask": "inclusionRanges", "index": str(one), "size": str(size)}).told["ranges"]
    assert [tuple(map(int, pair)) for pair in own] == inclusion_ranges(one, size)
    own = page.ask({"ask": "consistencyRanges", "old": str(one + 1), "size": str(size)}).told["ranges"]
    assert [tuple(map(int, pair)) for pair in own] == consistency_ranges(one + 1, size)


@pytest.mark.parametrize("number", [0, 7, 999, 1000, 1234067, 10**9, 2**53 + 1])
def test_where_a_tile_is(page: Page, number: int) -> None:
    for level, width in ((0, 256), (3, 1), (7, 255)):
        own = page.ask({"ask": "tilePath", "level": level, "number": str(number), "width": str(width)})
        assert own.told["path"] == tile_path(level, number, width)
