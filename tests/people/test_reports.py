"""Reports on pages, as somebody who is signed in has them: filtered by a form, and as a file."""

from __future__ import annotations

import csv
import io

import httpx

from isa_registry.domain.reporting.matrix import ORDER
from isa_registry.pages.reporting import STATES
from live import LEAD, POLICE, Demonstration
from people.visiting import Browser

MATRIX, REVIEWS = "/reports/attestation-matrix", "/reports/reviews-due"


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    assert "text/csv; header=present; charset=utf-8" == answer.headers["content-type"]
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert "no-store" == answer.headers["cache-control"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_whoever_is_signed_in_finds_the_matrix_and_its_states(browser: Browser) -> None:
    browser.sign_in(POLICE, "practitioner")
    page = browser.go(MATRIX)
    assert 200 == page.status_code
    assert "Durham Constabulary" in page.text
    assert "Harm outside the home in County Durham: Tier 2, 1.0" in page.text
    assert "state=attested" in page.text
    assert f'href="{MATRIX}"' in page.text


def test_the_form_narrows_it_and_the_file_has_the_same_whole(browser: Browser) -> None:
    browser.sign_in(LEAD, "business-unit")
    narrowed = browser.go(f"{MATRIX}?kind=voluntary&agreement=tier-1&sort=state&colour=red&page=99999")
    assert 200 == narrowed.status_code
    assert "Durham Constabulary" not in narrowed.text.partition("<tbody")[2]
    found = lines(browser.get(f"{MATRIX}?kind=voluntary&agreement=tier-1&format=csv"))
    assert {("voluntary", "tier-1")} == {(one["kind"], one["agreement"]) for one in found}
    for one in found:
        assert one["name"] in narrowed.text


def test_what_nobody_is_like_says_so_and_leads_back(browser: Browser) -> None:
    browser.sign_in(LEAD, "business-unit")
    page = browser.go(f"{MATRIX}?kind=shop")
    assert 200 == page.status_code
    assert "No organisation is like that." in page.text


def test_what_is_due_is_listed_with_when_and_whose_and_comes_as_a_file(browser: Browser) -> None:
    browser.sign_in(LEAD, "business-unit")
    page = browser.go(f"{REVIEWS}?within=365&what=agreement-review")
    assert "Review of an agreement" in page.text.partition("<tbody")[2]
    assert "1 June 2027" in page.text
    found = lines(browser.get(f"{REVIEWS}?within=365&what=agreement-review&format=csv"))
    assert ["tier-2-hoth"] == [one["agreement"] for one in found]
    assert 200 == browser.go(f"{REVIEWS}?within=soon&what=nothing&page=0").status_code


def test_nobody_sees_a_report_without_signing_in(demonstration: Demonstration) -> None:
    with Browser(demonstration) as stranger:
        for path in (MATRIX, f"{MATRIX}?format=csv", REVIEWS):
            answer = stranger.get(path)
            assert 303 == answer.status_code
            assert answer.headers["location"].startswith("/sign-in")


def test_every_state_has_its_words() -> None:
    assert list(STATES) == list(ORDER)
