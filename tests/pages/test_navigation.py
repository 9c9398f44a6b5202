"""The navigation shows each reader what is theirs, by one table."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from isa_registry.api.access import ACCESS
from isa_registry.api.access.terms import PEOPLE
from isa_registry.pages import navigation
from isa_registry.pages.examples import SOMEBODY
from isa_registry.pages.navigation import TABLE, Line


def texts(signed_in: navigation.SignedIn | None, path: str = "/") -> list[str]:
    return [line.text for line in navigation.navigation(path, signed_in)]


def test_somebody_who_is_not_signed_in_can_sign_in_and_has_no_account() -> None:
    assert "Sign in" in texts(None)
    assert "Your account" not in texts(None)


def test_somebody_who_is_signed_in_has_an_account() -> None:
    assert "Your account" in texts(SOMEBODY)
    assert "Sign in" not in texts(SOMEBODY)


@pytest.mark.parametrize("signed_in", [None, SOMEBODY])
def test_what_everybody_can_read_is_there_for_everybody(signed_in: navigation.SignedIn | None) -> None:
    assert {"Agreements", "Training", "The log", "Documentation"} <= set(texts(signed_in))


def test_a_line_with_roles_is_shown_to_those_roles_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "TABLE", (Line("Audit", "/audit", frozenset({"auditor", "business-unit"})),))
    assert texts(None) == []
    assert texts(SOMEBODY) == []
    assert texts(replace(SOMEBODY, roles=frozenset({"practitioner", "auditor"}))) == ["Audit"]


def test_the_page_itself_is_current_and_one_below_it_makes_its_line_active() -> None:
    def marks(path: str) -> list[tuple[str, bool, bool]]:
        lines = navigation.navigation(path, None)
        return [(line.text, line.current, line.active) for line in lines if line.current or line.active]

    assert marks("/agreements") == [("Agreements", True, False)]
    assert marks("/agreements/tier-1/1.0") == [("Agreements", False, True)]
    assert marks("/agreements-of-others") == []
    assert marks("/") == []


def test_a_line_has_an_address_of_ours() -> None:
    assert all(line.href.startswith("/") and not line.href.startswith("//") for line in TABLE)
    assert len({line.href for line in TABLE}) == len(TABLE)


def test_below_a_page_that_has_a_line_of_its_own_no_other_line_is_marked() -> None:
    lead = replace(SOMEBODY, roles=frozenset({"ig-lead"}))
    for path, marked in (
        ("/account", [("Your account", True, False)]),
        ("/account/to-do", [("To do", True, False)]),
        ("/account/people", [("Your account", False, True)]),
        ("/account/people/grant", [("Your account", False, True)]),
        ("/account/elsewhere", [("Your account", False, True)]),
    ):
        lines = navigation.navigation(path, lead)
        assert [(line.text, line.current, line.active) for line in lines if line.current or line.active] == marked


@pytest.mark.parametrize(
    ("role", "lines"),
    [
        ("practitioner", {"Ask", "Consents", "Decisions", "Differences"}),
        ("signatory", {"To sign"}),
        ("ig-lead", {"Ask", "Consents", "Decisions", "Differences", "To do", "Audit"}),
        ("auditor", {"Ask", "Audit"}),
        ("business-unit", {"Ask", "Your agreements"}),
    ],
)
def test_each_role_has_the_lines_of_what_it_may_do(role: str, lines: set[str]) -> None:
    common = {"Agreements", "Training", "The log", "Documentation", "Your account", "Organisations", "Reports"}
    assert set(texts(replace(SOMEBODY, roles=frozenset({role})))) - common == lines


@pytest.mark.parametrize(
    ("role", "addresses"),
    [
        ("practitioner", set()),
        ("signatory", {"attestations"}),
        (
            "ig-lead",
            {
                "flagged-decisions", "subject-access", "lawful-bases", "set-up", "people", "keys", "delegations",
                "particulars", "notices", "issuer", "quarterly",
            },
        ),
        ("business-unit", {"agreements", "challenges-overdue", "watch", "proposals", "notices", "issuer", "quarterly"}),
        ("law-lead", {"law", "watch"}),
        ("auditor", {"watch", "quarterly"}),
    ],
)  # fmt: skip
def test_the_account_page_has_in_groups_what_each_role_does_now_and_then(role: str, addresses: set[str]) -> None:
    groups = navigation.of_account(replace(SOMEBODY, roles=frozenset({role})))
    found = {href.rpartition("/")[2] for _, lines in groups for _, href in lines}
    assert found - {"attestation-matrix", "reviews-due"} == addresses
    assert all(lines for _, lines in groups)


def test_nothing_is_on_the_account_page_for_nobody_and_every_page_of_it_is_told_apart() -> None:
    lines = [line for group in navigation.ACCOUNT for line in group.lines]
    assert len({line.href for line in lines}) == len(lines) == len({line.text for line in lines})


def test_whoever_is_shown_a_line_may_open_it() -> None:
    for line in (*TABLE, *(line for group in navigation.ACCOUNT for line in group.lines)):
        terms = ACCESS["GET", line.href]
        assert not terms.roles or (line.roles and line.roles <= terms.roles) or terms.roles == PEOPLE, line
