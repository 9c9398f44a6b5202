"""Forms that bring files: read as a browser meant them, or refused."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.refusals import Refused
from isa_registry.identity.uploads import boundary_of, read_upload

NAMES = st.text("abcdefgh_", min_size=1, max_size=12)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)

PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n1\r\n'


def encoded(fields: dict[str, str], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """As httpx sends a form with files."""
    request = httpx.Request("POST", "http://x/", data=fields, files=files)
    boundary = boundary_of(request.headers["content-type"])
    assert boundary is not None
    return request.read(), boundary


@given(
    st.dictionaries(NAMES, VALUES, max_size=5), st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=3)
)
def test_fields_and_files_are_read_as_they_were_sent(fields: dict[str, str], files: dict[str, bytes]) -> None:
    body, boundary = encoded(fields, {name: ("a.md", content) for name, content in files.items()})
    sent, read = read_upload(body, boundary)
    assert sent == {name: (value,) for name, value in fields.items()}
    assert read == files


def test_a_file_that_nobody_chose_is_not_there() -> None:
    nobody = b'--b\r\nContent-Disposition: form-data; name="f"; filename=""\r\n\r\n\r\n--b--\r\n'
    assert read_upload(PART + nobody, "b") == ({"a": ("1",)}, {})


def test_an_empty_file_that_somebody_chose_is() -> None:
    body, boundary = encoded({}, {"text": ("agreement.md", b"")})
    assert read_upload(body, boundary) == ({}, {"text": b""})


def test_lines_of_fields_end_as_everywhere_else_and_files_stay_as_they_are() -> None:
    body, boundary = encoded({"words": "a\r\nb"}, {"text": ("agreement.md", b"a\r\nb")})
    assert read_upload(body, boundary) == ({"words": ("a\nb",)}, {"text": b"a\r\nb"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"a=1",
        PART,
        PART + b"--b",
        PART + b"--c--\r\n",
        FILE + FILE + b"--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n',
        b"--b\r\nContent-Disposition: attachment\r\n\r\n1\r\n--b--\r\n",
        b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\nX-A: ' + b"y" * 5_000 + b"\r\n\r\n1\r\n--b--\r\n",
        PART * 201 + b"--b--\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data;\r\n name="a"\r\n\r\n1\r\n--b--\r\n',
        b'--b\nContent-Disposition: form-data; name="a"\n\n1\n--b--\n',
    ],
    ids=[
        "nothing",
        "another type",
        "no end",
        "half an end",
        "another boundary",
        "two files in a field",
        "what is no text",
        "what is no field",
        "no word of a field",
        "a long header",
        "too many fields",
        "a field without a name",
        "a header in two lines",
        "other line ends",
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_upload(body, "b")
    assert refused.value.code == "malformed"


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_read_or_refused(body: bytes) -> None:
    try:
        read_upload(PART + body, "b")
    except Refused as refused:
        assert refused.code == "malformed"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=b",
     f"multipart/form-data; boundary={'b' * 71}", "multipart/form-data; boundary=\u00e9"],
)  # fmt: skip
def test_what_names_no_boundary_is_no_form(content_type: str) -> None:
    assert boundary_of(content_type) is None
