"""A list of organisations is read strictly, and what is wrong with it is said by line and column."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.organisation_files import (
    COLUMNS,
    LONGEST_CELL,
    MOST_BYTES,
    MOST_LINES,
    File,
    LineFault,
    read_file,
)
from isa_registry.domain.organisation_records import CONTACTS
from isa_registry.domain.refusals import Refused

HEAD = "id,name,kind\n"


def read(text: str) -> File:
    return read_file(text.encode())


def faults(text: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in read(text).faults]


def refusal(data: bytes) -> tuple[str, str, str]:
    with pytest.raises(Refused) as refused:
        read_file(data)
    return refused.value.code, refused.value.faults[0].code, refused.value.faults[0].detail


def test_a_file_says_what_its_columns_say_and_nothing_of_others() -> None:
    (row,) = read("name,id,parent,kind\n Example School ,example-school,,academy\n").rows
    assert (row.line, row.organisation) == (2, "example-school")
    assert row.given == {"id": "example-school", "name": "Example School", "parent": None, "kind": "academy"}


def test_every_contact_of_a_record_has_its_column() -> None:
    columns = {one.removeprefix("contact_").replace("_", "-") for one in COLUMNS if one.startswith("contact_")}
    assert columns == CONTACTS.keys()


def test_an_empty_cell_says_that_there_is_nothing() -> None:
    (row,) = read(",".join(COLUMNS) + "\nexample,Example,voluntary" + "," * 12 + "\n").rows
    assert row.given["council_run"] is False
    assert row.given["designated"] is None
    assert (row.given["partnerships"], row.given["named_out"]) == ((), ())


def test_quoted_cells_blank_lines_a_byte_order_mark_and_crlf_are_all_the_same_file() -> None:
    plain = read('id,name,kind\na-b,"Hill ""Top"", The",academy\nc,C,college\n')
    windows = read_file(b'\xef\xbb\xbfid,name,kind\r\n"a-b","Hill ""Top"", The",academy\r\n\r\nc,C,college\r\n,,\r\n')
    assert [one.given for one in plain.rows] == [one.given for one in windows.rows]
    assert plain.rows[0].given["name"] == 'Hill "Top", The'
    assert [one.line for one in windows.rows] == [2, 4]


def test_a_line_is_counted_where_it_begins_in_the_file() -> None:
    text = HEAD + 'one,"First\nline",academy\ntwo,Two,academy\nThree,,academy\n'
    assert faults(text) == [(2, "name", "characters"), (5, "id", "not-an-id"), (5, "name", "missing")]
    assert [one.line for one in read(text).rows] == [4]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("id", "Example School", "not-an-id"),
        ("id", "import", "not-an-id"),
        ("id", "x" * 129, "not-an-id"),
        ("name", "", "missing"),
        ("name", "=HYPERLINK(1)", "formula"),
        ("name", "\t=1", "formula"),
        ("contact_urgent", "+44 191 496 0000", "formula"),
        ("name", "-1", "formula"),
        ("name", "@sum", "formula"),
        ("name", "a\u2028b", "characters"),
        ("name", "a\ufffdb", "characters"),
        ("name", "x" * (LONGEST_CELL + 1), "too-long"),
        ("kind", "", "missing"),
        ("parent", "The Trust", "not-an-id"),
        ("council_run", "TRUE", "not-yes-or-no"),
        ("policy_document_review_on", "31/03/2027", "not-a-date"),
        ("policy_document_review_on", "2027-02-30", "not-a-date"),
        ("partnerships", "durham,darlington", "not-an-id"),
        ("partnerships", "durham;durham", "not-a-list"),
        ("partnerships", "durham;;darlington", "not-a-list"),
        ("named_out", "*;tier-1", "not-an-id"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(column: str, cell: str, code: str) -> None:
    row = {"id": "example", "name": "Example", "kind": "academy", column: cell}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row), lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    found = read(out.getvalue())
    assert [(one.line, one.column, one.code) for one in found.faults] == [(2, column, code)]
    assert found.rows == ()
    assert not cell.strip() or cell not in found.faults[0].detail


def test_a_space_that_cannot_be_seen_and_yes_in_capitals_are_taken() -> None:
    (row,) = read("id,name,kind,council_run\n\u00a0example\u00a0,Example,academy,YES\n").rows
    assert row.given == {"id": "example", "name": "Example", "kind": "academy", "council_run": True}


def test_lines_of_another_length_and_the_same_id_twice_are_named() -> None:
    text = HEAD + "one,One,academy\ntwo,Two\nthree,Three,academy,\none,Again,academy\n"
    assert faults(text) == [(3, "", "cells"), (4, "", "cells"), (5, "id", "twice")]
    assert "Line 2" in read(text).faults[-1].detail


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"id;name;kind\na;A;academy\n", "separator", "commas"),
        (b"id\tname\tkind\na\tA\tacademy\n", "separator", "commas"),
        ("id,name,kind\na,Caf\u00e9,academy\n".encode("cp1252"), "encoding", "Line 2"),
        ("id,name,kind\n".encode("utf-16"), "encoding", "CSV UTF-8"),
        (b"id,name,kind\na,A,acad\x00emy\n", "encoding", "no text"),
        (b"id,name,kind\n", "empty", "below the header"),
        (b"", "missing", "id"),
        (b"name,kind\nA,academy\n", "missing", "id"),
        (b"id,name,kind,colour\na,A,academy,red\n", "unknown-column", "Column 4"),
        (b"id,name,kind,name\na,A,academy,A\n", "twice", "name"),
        (b'id,name,kind\na,"A,academy\n', "not-csv", "quote"),
        (b'id,name,kind\na,"A"b,academy\n', "not-csv", "quote"),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_whole(data: bytes, code: str, says: str) -> None:
    refused, fault, detail = refusal(data)
    assert (refused, says in detail or fault == "missing") == ("unprocessable", True)
    assert fault in (code, "unknown-column")
    assert "colour" not in detail


def test_a_file_that_is_too_large_or_too_long_is_refused_whole() -> None:
    lines = "".join(f"b-{number},B,academy\n" for number in range(MOST_LINES))
    assert len(read(HEAD + lines).rows) == MOST_LINES
    assert refusal((HEAD + lines + "c,C,academy\n").encode())[:2] == ("too-large", "too-many")
    assert refusal((HEAD + "wrong\n" * (MOST_LINES + 2)).encode())[:2] == ("too-large", "too-many")
    assert refusal(b"x" * (MOST_BYTES + 1))[:2] == ("too-large", "too-large")


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: HEAD.encode() + tail))
def test_no_bytes_are_too_much_for_the_reader(data: bytes) -> None:
    try:
        found = read_file(data)
    except Refused as refused:
        assert refused.faults
        return
    lines = [one.line for one in (*found.rows, *found.faults)]
    assert lines
    assert min(lines) >= 1
    assert max(lines) <= data.count(b"\n") + data.count(b"\r") + 1


_NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff\ufffd\u00a0"),
    min_size=1,
    max_size=40,
).filter(lambda text: text.strip() != "" and not text.lstrip(" ").startswith(("=", "+", "-", "@")))


@given(st.lists(st.tuples(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True), _NAMES), min_size=1, max_size=8))
def test_whatever_a_spreadsheet_writes_is_read_back(wanted: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "name", "kind"])
    writer.writerows([f"a-{identifier}", name, "academy"] for identifier, name in wanted)
    found = read(out.getvalue())
    rows = {(one.organisation, one.given["name"]) for one in found.rows}
    assert rows == {(f"a-{identifier}", name.strip(" ")) for identifier, name in wanted}
    assert all(isinstance(one, LineFault) and one.code == "twice" for one in found.faults)
