"""The table of what can be told, and its words."""

from importlib.resources import files
from string import Formatter

import pytest

from isa_registry.api.access import ACCESS
from isa_registry.domain.notices.notice import Notice, merged
from isa_registry.domain.notices.templates import ROLES, TEMPLATES, Template
from isa_registry.domain.notices.words import template_words, words_of
from notices.happening import COUNCIL, TIER_2, Log

EACH = pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda one: one.code)
NAMES = {
    "agreement": "agreement_title", "parent": "parent_title", "organisation": "organisation_name",
}  # fmt: skip
VALUES = {
    "agreement": TIER_2, "version": "1.0", "parent": "tier-1", "parent_version": "1.0", "on": "2026-06-01",
    "due": "2026-06-01", "until": "2026-06-01", "organisation": "harbour",
}  # fmt: skip


def example(template: Template, **changes: str) -> Notice:
    parameters = {name: VALUES.get(name, "some-code") for name in template.parameters}
    return Notice(template.code, COUNCIL, (template.told[0].role,), {**parameters, **changes}, "a thing")


def test_each_template_has_its_words_and_there_are_no_others() -> None:
    written = {one.name for one in files("isa_registry.domain.notices").joinpath("words").iterdir()}
    assert written == {f"{code}.txt" for code in TEMPLATES}


@EACH
def test_words_speak_of_what_is_known_and_lead_to_a_page(template: Template) -> None:
    words = template_words(template.code)
    used = {name for text in (words.subject, words.body) for _, name, _, _ in Formatter().parse(text) if name}
    known = {*template.parameters, *(NAMES[one] for one in template.parameters if one in NAMES), "body_name"}
    assert used - {"link", "partnership"} <= known
    assert "link" in used
    assert {name for _, name, _, _ in Formatter().parse(template.page) if name} <= {
        *template.parameters,
        "body",
        "secret",
    }


@EACH
def test_a_letter_leads_to_a_page_that_each_of_its_receivers_may_open(template: Template) -> None:
    terms = ACCESS["GET", template.page.partition("?")[0].replace("{secret}", "{token}")]
    # A safeguarding lead is a post, and who holds it signs in as a practitioner.
    signed_in = {"practitioner" if one.role == "safeguarding-lead" else one.role for one in template.told}
    assert terms.public or terms.handshake or signed_in <= terms.roles


@EACH
def test_words_are_plain_and_whole(template: Template) -> None:
    words = words_of(example(template), Log().view, "https://registry.test", secret="s3cret")
    assert "\n" not in words.subject
    assert len(words.subject) <= 140
    assert "{" not in words.subject + words.body
    assert "https://registry.test/" in words.body
    assert not {"please note", "kindly", "utilise", "via ", "e.g.", "etc"} & set(words.body.lower().split())
    sentences = [one for line in template_words(template.code).body.split("\n") for one in line.split(". ")]
    assert max(len(one.split()) for one in sentences) <= 25


def test_days_are_written_out_and_agreements_have_their_titles() -> None:
    words = words_of(example(TEMPLATES["agreement-in-force"]), Log().view, "https://registry.test")
    title = Log().view.agreement_version(TIER_2, "1.0").title  # type: ignore[union-attr]
    assert words.subject == f"{title}, version 1.0: in force from 1 June 2026"


def test_a_version_that_is_only_drafted_has_the_title_of_its_agreement() -> None:
    title = Log().view.agreement_version(TIER_2, "1.0").title  # type: ignore[union-attr]
    drafted = words_of(example(TEMPLATES["draft-waits"], version="1.1"), Log().view, "https://registry.test")
    assert drafted.subject == f"A draft of {title} waits for its check"
    unheard = words_of(example(TEMPLATES["draft-waits"], agreement="tier-9"), Log().view, "https://registry.test")
    assert unheard.subject == "A draft of tier-9 waits for its check"


def test_a_link_with_a_secret_is_the_receivers_alone() -> None:
    notice = example(TEMPLATES["body-invited"])
    assert "/join/s3cret" in words_of(notice, Log().view, "https://registry.test", secret="s3cret").body
    assert "s3cret" not in str(notice)


@EACH
def test_every_receiver_is_a_role_that_has_addresses(template: Template) -> None:
    assert template.told
    assert {one.role for one in template.told} <= set(ROLES)
    assert all((one.role == "business-unit") == (one.bodies == "unit") for one in template.told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"template": "made-up"},
        {"roles": ()},
        {"roles": ("practitioner",)},
        {"parameters": {"agreement": TIER_2}},
        {"parameters": {"agreement": TIER_2, "version": "1.0", "name": "Ada"}},
        {"parameters": {"agreement": TIER_2, "version": "1.0\nBcc: everybody@example.org"}},
        {"about": ""},
        {"about": "a\nb"},
    ],
)
def test_a_notice_holds_nothing_but_what_its_template_names(wrong: dict[str, object]) -> None:
    right = {
        "template": "agreement-opened",
        "organisation": COUNCIL,
        "roles": ("signatory",),
        "parameters": {"agreement": TIER_2, "version": "1.0"},
        "about": "a thing",
    }
    Notice(**right)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        Notice(**{**right, **wrong})  # type: ignore[arg-type]


def test_whoever_is_told_in_two_roles_is_told_once() -> None:
    values = {"agreement": TIER_2, "version": "1.0", "on": "2026-06-01"}
    twice = [Notice("agreement-in-force", COUNCIL, (role,), values, "x") for role in ("signatory", "business-unit")]
    assert [one.roles for one in merged(twice)] == [("signatory", "business-unit")]
    assert len({one.key for one in twice}) == 1
