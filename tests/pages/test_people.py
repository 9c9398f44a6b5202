"""The page of people and roles where time has passed: who has left, what is over, and what a claim gives."""

from __future__ import annotations

from msgspec.structs import replace

from isa_registry.domain.access_entries import RoleMapping
from isa_registry.pages.examples import SOMEBODY
from isa_registry.pages.members import LeaverShown, RoleShown
from isa_registry.pages.rendering import Layout
from pages.browsing import Page

ISSUER, OTHER = "https://login.one.example", "https://login.two.example"


def page(**changes: object) -> Page:
    layout = Layout(demonstration=False, partnership="A partnership", signed_in=replace(SOMEBODY, others=()))
    shown: dict[str, object] = {
        "roles": [RoleShown("p-1", ISSUER, False, "Practitioner", "2026-03-31", True, 7)],
        "issuers": [ISSUER], "claims": [], "leavers": [], "unused_days": 90, "noted_since": "2026-01-05",
    }  # fmt: skip
    return Page(layout.page("people.html", **{**shown, **changes}).content.decode())


def test_who_used_no_role_for_long_is_listed_with_when_they_last_did() -> None:
    words = page(
        leavers=[LeaverShown("p-1", "Practitioner", "2026-02-01"), LeaverShown("p-2", "Signatory", None)]
    ).words
    assert "p-1: Practitioner. Last used on 1 February 2026." in words
    assert "p-2: Signatory. No use was noted." in words
    assert "Nobody. Use is noted since 5 January 2026" in page().words


def test_a_role_whose_last_day_has_passed_says_so() -> None:
    words = " ".join(page().words.split())
    assert "31 March 2026 Over" in words


def test_of_several_issuers_each_person_says_whose_they_are() -> None:
    assert page(issuers=[ISSUER, OTHER]).words.count(ISSUER) == 2
    assert page().words.count(ISSUER) == 1


def test_what_a_claim_gives_is_said_and_an_organisation_without_roles_can_grant_one() -> None:
    claims = [(RoleMapping("groups", "isa-leads", "ig-lead"), "Information-governance lead")]
    assert "Information-governance lead: groups is isa-leads" in page(claims=claims).words
    empty = page(roles=[])
    assert "No role was granted" in empty.words
    assert [link["href"] for link in empty.links].count("/account/people/grant") == 2
