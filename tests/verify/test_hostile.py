"""Whatever a verifier is handed by whoever wants it to hang, to fall over or to use up the machine, it says what is
wrong, soon, and in bounded memory."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.audit import Options, audit_log
from isa_verify.cli import COULD_NOT_RUN, NOT_VERIFIED, main
from isa_verify.directory import DirectoryLog
from isa_verify.encoding import canonical_json, decode_base64, encode_base64, encode_base64url
from isa_verify.errors import MalformedError, NotFoundError, VerificationError
from isa_verify.evidence import verify_evidence
from isa_verify.evidence_parts import Entry, Head, Present
from isa_verify.memory import Memory, Prefix
from isa_verify.receipt import verify_receipt
from verify.published_log import KEYS, PublishedLog, make_entries, make_receipt, salt_of, written
from verify.signing import checkpoint_of, note_of, with_payload
from verify.test_evidence import LOG, bundle, ended, text

FILES = PublishedLog.of(300)
RECEIPT = json.loads(make_receipt(make_entries(11), 5))
VKEYS = [argument for key in KEYS for argument in ("--vkey", str(key))]


# --- a copy of a log whose files are no files -------------------------------------------------------------------------


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def loop(path: Path) -> None:
    path.symlink_to(path)


def enormous(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def nothing(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [pipe, endless, loop, enormous, nothing, Path.mkdir])
@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/entries/000", "key-rotations"])
def test_a_copy_whose_files_are_none_is_refused_at_once(
    tmp_path: Path, name: str, make: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    copy = written(FILES, tmp_path / "copy")
    (copy / name).unlink(missing_ok=True)
    make(copy / name)
    status = main(["log", str(copy), *VKEYS, "--state", str(tmp_path / "state"), "--processes", "1"])
    assert status in (NOT_VERIFIED, COULD_NOT_RUN)
    said = capsys.readouterr()
    assert "internal-error" not in said.out + said.err


def test_a_link_to_a_file_of_the_log_is_read(tmp_path: Path) -> None:
    """A copy may be put together of links."""
    copy = written(FILES, tmp_path / "copy")
    (copy / "checkpoint").rename(tmp_path / "kept-elsewhere")
    (copy / "checkpoint").symlink_to(tmp_path / "kept-elsewhere")
    assert audit_log(DirectoryLog(copy).fetch, KEYS).size == 300


# --- documents that are made to be hard to read -----------------------------------------------------------------------


def test_a_document_within_a_document_is_not_followed() -> None:
    """Each within the next costs a third of its length: forty of them, each to the depth of JSON, fit into one line."""
    words = b"some words"
    claims: dict[str, object] = {"text_sha256": hashlib.sha256(words).hexdigest()}
    for _ in range(2):
        payload = {"kind": "check.answered", "jws": f"e30.{encode_base64url(canonical_json(claims))}.e30"}
        entries = with_payload([], payload)
        head = Head("whole", "2026-05-01T00:00:00.000Z", note_of(checkpoint_of(entries), [LOG]))
        parts = [head, Entry(entries[0], Present(canonical_json(payload), salt_of(0))), text(words)]
        data = ended([one.encode() for one in parts], 1, 0, 1)
        if "jws" not in claims:
            assert verify_evidence(io.BytesIO(data), [LOG.key]).texts == 1
        claims = payload
    with pytest.raises(VerificationError, match="text-unnamed"):
        verify_evidence(io.BytesIO(data), [LOG.key])


NUMBERS = st.sampled_from([0, -1, 2**53 - 1, 2**53, 2**63, 10**400, 1.5, float("inf")])
TEXTS = st.sampled_from(
    ["", "=", "A===", "\x00", "e30.e30.e30", "\N{EM DASH}", "9" * 5_000, "payload.erased", "record"]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["kind", "v", "state", "jws", "sha256", "index"]), inner, max_size=3),
    ),
    max_leaves=6,
)
DEEP = st.integers(1, 200_000).map(lambda depth: "[" * depth)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else [])
    ):
        yield from places(inner, (*path, name))


@st.composite
def changed(draw: st.DrawFn, document: Any) -> bytes:
    """A document with something else in the place of one of its parts, or without it, in canonical layout."""
    path = draw(st.sampled_from(list(places(document))))
    other = draw(ANYTHING)
    if not path:
        return spelled(other)
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    if draw(st.booleans()):
        inner[path[-1]] = other
    else:
        del inner[path[-1]]
    return spelled(copy)


def spelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


LINES = bundle([1, 2, 3, 6, 7]).splitlines(keepends=True)
BUNDLED = [json.loads(line) for line in LINES]


@given(changed(RECEIPT))
def test_a_receipt_of_any_shape_is_refused_in_words(data: bytes) -> None:
    if data != spelled(RECEIPT):
        with pytest.raises(VerificationError):
            verify_receipt(data, KEYS)


@given(st.sampled_from(["leaf", "payload"]), st.data())
def test_an_entry_of_any_shape_is_refused_in_words(part: str, data: st.DataObject) -> None:
    inside = decode_base64(RECEIPT[part])
    other = data.draw(changed(json.loads(inside)))
    if other != inside:
        with pytest.raises(VerificationError):
            verify_receipt(canonical_json({**RECEIPT, part: encode_base64(other)}), KEYS)


@given(st.integers(0, len(LINES) - 1), st.data())
def test_evidence_of_any_shape_is_refused_in_words(line: int, data: st.DataObject) -> None:
    other = data.draw(changed(BUNDLED[line])) + b"\n"
    if other != LINES[line]:
        with pytest.raises(VerificationError):
            verify_evidence(io.BytesIO(b"".join([*LINES[:line], other, *LINES[line + 1 :]])), [LOG.key])


@given(DEEP)
def test_depth_without_end_is_refused_in_words(text: str) -> None:
    for data in (text.encode(), spelled(RECEIPT).replace(b'"v":1', b'"v":' + text.encode())):
        with pytest.raises(MalformedError):
            verify_receipt(data, KEYS)


@given(st.sampled_from(sorted(FILES.files)), st.data())
def test_a_copy_with_any_file_cut_or_changed_is_never_taken_for_the_log(name: str, data: st.DataObject) -> None:
    kept = FILES.files[name]
    cut = st.integers(0, len(kept) - 1).map(lambda end: kept[:end])
    longer = st.binary(min_size=1, max_size=40).map(lambda more: kept + more)
    flipped = st.integers(0, len(kept) - 1).map(lambda at: kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :])
    log = FILES.files | {name: data.draw(st.one_of(cut, longer, flipped, st.binary(max_size=40)))}
    with pytest.raises(VerificationError):
        audit_log(lambda path: served(log, path), KEYS)


def served(log: dict[str, bytes], path: str) -> bytes:
    if path not in log:
        raise NotFoundError("not-found", "There is no such file.")
    return log[path]


# --- what an auditor remembers ----------------------------------------------------------------------------------------


def remembered() -> Prefix:
    kept: list[Prefix] = []
    audit_log(FILES.fetch, KEYS, options=Options(keep=kept.append))
    return kept[-1]


PREFIX = json.loads(remembered().encode())
HASH = encode_base64(bytes(32))


@given(changed(PREFIX))
def test_a_memory_of_any_shape_is_refused_in_words_or_leads_nowhere_else(data: bytes) -> None:
    try:
        prefix = Prefix.parse(data)
    except MalformedError:
        return
    summary = audit_log(FILES.fetch, KEYS, Memory(prefix=prefix))
    assert (summary.size, summary.root) == (300, audit_log(FILES.fetch, KEYS).root)


@pytest.mark.parametrize("pending", [[], [[]], [[HASH] * 2], [[HASH] * 300], [[HASH], []]])
def test_a_memory_of_tiles_that_does_not_fit_its_size_is_refused(pending: list[list[str]]) -> None:
    with pytest.raises(MalformedError, match="memory-malformed"):
        Prefix.parse(canonical_json({**PREFIX, "pending": pending}))
