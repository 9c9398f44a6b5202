"""The components, drawn from the gallery's data: sound, labelled, and strict about what they are given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import isa_registry.pages
from isa_registry.pages.examples import EXAMPLES, SOMEBODY, Example
from isa_registry.pages.forms import Form
from isa_registry.pages.rendering import Layout
from pages.browsing import Page

EACH = pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
FIELDS = {"kid", "kind", "key", "uses", "role", "ends"}


def drawn(example: Example, **instead: object) -> Page:
    layout = Layout(demonstration=True, partnership="A partnership", signed_in=example.signed_in, path="/demo/x")
    shown = {**example.shown, **instead}
    return Page(layout.page(example.template, status=example.status, example=example, **shown).content.decode())  # type: ignore[arg-type]


def example(name: str) -> Example:
    return next(one for one in EXAMPLES if one.name == name)


def controls(page: Page) -> list[dict[str, str]]:
    """What a person fills in or presses on."""
    return [
        given
        for tag, given in page.attributes
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden"
    ]


@EACH
def test_an_example_is_a_sound_page(example: Example) -> None:
    page = drawn(example)
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    assert (page.tags["h1"], page.tags["main"], page.tags["title"]) == (1, 1, 1)


@EACH
def test_everything_that_is_referred_to_is_there(example: Example) -> None:
    page = drawn(example)
    for _, given in page.attributes:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            for reference in given.get(name, "").split():
                assert reference in page.ids, (name, reference)
        if given.get("href", "").startswith("#"):
            assert given["href"].removeprefix("#") in page.ids


@EACH
def test_every_control_has_a_label(example: Example) -> None:
    page = drawn(example)
    labelled = {given["for"] for tag, given in page.attributes if tag == "label"}
    assert {given["id"] for given in controls(page)} == labelled


@EACH
def test_every_form_that_changes_something_sends_the_token_of_the_session(example: Example) -> None:
    page = drawn(example)
    posts = sum(tag == "form" and given["method"] == "post" for tag, given in page.attributes)
    sent = [given["value"] for _, given in page.attributes if given.get("name") == "csrf"]
    expected = [] if example.signed_in is None else [example.signed_in.csrf] * posts
    assert sent == expected
    assert (posts > 0) == (example.signed_in is not None)


def test_each_error_stands_at_its_field_and_in_the_summary() -> None:
    page = drawn(example("form-with-errors"))
    form: Form = example("form-with-errors").shown["form"]
    for error in form.errors:
        assert page.words.count(error.text) == (2 if error.field else 1)
    described = {given["id"]: given.get("aria-describedby", "") for given in controls(page) if "id" in given}
    for field in ("kid", "key", "role", "ends"):
        assert f"{field}-error" in described[field].split()
    assert {link["href"] for link in page.links if link["href"].startswith("#")} >= {f"#{field}" for field in FIELDS}


def test_a_page_with_errors_says_so_first_in_its_title() -> None:
    layout = Layout(demonstration=False, partnership="", signed_in=SOMEBODY)
    for name, start in (("form", "<title>Register"), ("form-with-errors", "<title>Error: Register")):
        shown = example(name).shown
        html = layout.page("examples/form.html", example=example(name), **shown).content.decode()
        assert start in html


def test_what_was_sent_stands_in_the_form_again_as_text() -> None:
    page = drawn(
        example("form"), form=Form({"kid": ('"><script>alert(1)</script>',), "uses": ("event", "attestation")})
    )
    values = {given["id"]: given for given in controls(page)}
    assert values["kid"]["value"] == '"><script>alert(1)</script>'
    assert page.inline == []
    chosen = [given["value"] for given in values.values() if "checked" in given and given["name"] == "uses"]
    assert chosen == ["event", "attestation"]


def test_whoever_acts_for_one_organisation_is_offered_no_other() -> None:
    assert "switch-organisation" in drawn(example("pieces")).ids
    one_place = drawn(example("confirmation"))
    assert "switch-organisation" not in one_place.ids
    assert "You act for" in one_place.words


def test_a_page_for_somebody_is_kept_nowhere_and_one_for_everybody_varies_with_the_cookie() -> None:
    for signed_in, cache in ((None, "public, max-age=60"), (SOMEBODY, "no-store")):
        layout = Layout(demonstration=False, partnership="", signed_in=signed_in)
        headers = layout.page("missing.html", cache="public, max-age=60", what="x", onward=("/", "y")).headers
        assert (headers["Cache-Control"], headers["Vary"]) == (cache, "Cookie")


def test_a_name_that_a_template_was_not_given_is_a_fault_at_once() -> None:
    with pytest.raises(UndefinedError):
        Layout(demonstration=False, partnership="").page("missing.html", what="only this")


def test_things_of_a_list_are_no_landmarks_since_two_of_them_can_have_one_name() -> None:
    templates = Path(isa_registry.pages.__file__).parent / "templates"
    landmarks = re.compile(r'<section class="isa-(?:card|signed)"[^>]*aria-labelledby')
    assert [one.name for one in templates.rglob("*.html") if landmarks.search(one.read_text("utf-8"))] == []
