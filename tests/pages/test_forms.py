"""What a browser sends, read strictly, and faults turned into errors at fields."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.refusals import Fault, Refused
from isa_registry.identity.forms import MAX_FIELDS, only, read_form
from isa_registry.pages.forms import FieldError, Form

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), min_size=1, max_size=20)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=20))
def test_what_a_browser_sends_is_read_as_it_was_meant(pairs: list[tuple[str, str]]) -> None:
    sent = read_form(urlencode(pairs).encode())
    assert [(name, value) for name, values in sent.items() for value in values] == sorted(
        pairs, key=lambda pair: list(sent).index(pair[0])
    )


def test_an_empty_form_and_an_empty_field_are_forms() -> None:
    assert read_form(b"") == {}
    assert read_form(b"a=&b=1&a=2") == {"a": ("", "2"), "b": ("1",)}
    assert read_form(b"a=%C3%A9+x") == {"a": ("é x",)}


def test_lines_end_as_everywhere_else() -> None:
    assert read_form(b"key=a%0D%0Ab") == {"key": ("a\nb",)}


@pytest.mark.parametrize(
    "body",
    [
        b"\xff=1",
        b"\xc3\xa9=1",
        b"a=%ff",
        b"a",
        b"&",
        b"a=1&&b=2",
        b"&".join(b"a=1" for _ in range(MAX_FIELDS + 1)),
        b"{}",
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_form(body)
    assert refused.value.code == "malformed"


def test_a_field_that_may_be_there_once_is_refused_twice() -> None:
    assert only({"a": ("1",)}, "a") == "1"
    assert only({}, "a") == ""
    with pytest.raises(Refused):
        only({"a": ("1", "2")}, "a")


def test_a_form_has_the_first_value_all_values_and_the_first_error_of_a_field() -> None:
    form = Form({"uses": ("event", "attestation")}, (FieldError("uses", "First"), FieldError("uses", "Second")))
    assert (form.value("uses"), form.chosen("uses"), form.error("uses")) == ("event", ("event", "attestation"), "First")
    assert (form.value("kid"), form.chosen("kid"), form.error("kid")) == ("", (), None)


def test_an_actions_faults_become_errors_at_the_fields_of_their_pointers() -> None:
    faults = (Fault("#/key/kid", "taken", "Choose another id"), Fault("#", "two", "Another person has to agree"))
    form = Form({"kid": ("a",)}).refused(faults, {"#": ""})
    assert form.errors == (FieldError("kid", "Choose another id"), FieldError("", "Another person has to agree"))
    assert form.value("kid") == "a"
