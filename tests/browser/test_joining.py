"""The page of an invitation's link as a browser has it: for somebody who never saw this registry, on a small screen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from browser.watching import NARROW, Visited, Visits

Invite = Callable[[str], str]


def accessible(visited: Visited) -> None:
    assert visited.violations() == []
    visited.resize(NARROW)
    assert visited.overflow() <= 0
    assert visited.violations(without=("color-contrast",)) == []
    assert visited.elsewhere() == []
    assert visited.complaints == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_small_body_fills_in_its_link_and_sees_what_became_of_it(
    visit: Visits, invite: Invite, scripts: bool
) -> None:
    link = invite("Example Village School")
    visited = visit(link, scripts=scripts)
    if scripts:
        accessible(visited)
    visited.send({"name": ("",)}, "Send it to the business unit")
    assert "Enter the organisation's name" in visited.page.inner_text(".govuk-error-summary")
    assert "Say how your people are to sign in" in visited.page.inner_text(".govuk-error-summary")
    if scripts:
        accessible(visited)
    told = {"name": ("Example Village School",), "contact_urgent": ("School office 0191 496 0000",)}
    visited.send({**told, "sign_in": ("later",)}, "Send it to the business unit")
    assert "It is sent" in visited.page.inner_text("h1")
    if scripts:
        accessible(visited)


def test_the_form_is_filled_in_by_keyboard_alone(visit: Visits, invite: Invite) -> None:
    visited = visit(invite("Example Hill School"))
    keyboard = visited.page.keyboard
    visited.page.locator("#name").focus()
    for _ in range(30):
        name = visited.page.evaluate("document.activeElement.name")
        if name == "sign_in":
            keyboard.press("ArrowUp")
        if visited.page.evaluate("document.activeElement.localName") == "button":
            break
        keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.textContent.trim()") == "Send it to the business unit"
    with visited.page.expect_navigation():
        keyboard.press("Enter")
    assert "It is sent" in visited.page.inner_text("h1")


def test_a_link_that_leads_nowhere_says_so(visit: Visits) -> None:
    visited = visit("/join/" + "A" * 43)
    assert visited.violations() == []
    assert "another" in visited.page.inner_text("main")
