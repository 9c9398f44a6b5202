"""A real browser, without scripts and under the pages' own content policy: in, back to where one was going, and out."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import sync_playwright

from live import LEAD, Demonstration
from loudly import LOUD

CHROMIUM = shutil.which("chromium")


@pytest.mark.skipif(CHROMIUM is None, reason=f"{LOUD}there is no chromium, so no browser signed in")
def test_somebody_signs_in_proves_it_anew_asks_and_signs_out(demonstration: Demonstration) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            page = chromium.new_context(java_script_enabled=False, base_url=demonstration.url).new_page()
            refused: list[str] = []
            page.on("console", lambda message: refused.append(message.text))

            page.goto("/account?from=a-link")
            page.fill("#q", "constabulary")
            page.get_by_role("button", name="Search").click()
            page.get_by_label("Durham Constabulary").check()
            page.get_by_role("button", name="Continue").click()
            page.wait_for_url("**/demo/idp/**")
            page.get_by_role("link", name="Information-governance lead").click()
            page.wait_for_url("**/account?from=a-link")
            before = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}

            page.goto("/sign-in/again?return=/account")
            page.get_by_role("button", name="Sign in again").click()
            page.wait_for_url("**/demo/idp/**prompt=login&max_age=0**")
            page.get_by_role("link", name="Information-governance lead").click()
            page.wait_for_url("**/account")
            after = {cookie["name"]: cookie for cookie in page.context.cookies()}
            assert after["isa-session"]["value"] != before["isa-session"]
            assert (after["isa-session"]["httpOnly"], after["isa-session"]["sameSite"]) == (True, "Lax")

            page.goto("/ask")
            page.locator("input[name=urgency][value=urgent]").check()
            page.select_option("#recipient", LEAD)
            page.select_option("#purpose", "harm-outside-the-home")
            page.locator("input[name=category]").first.check()
            page.locator("input[name=subject]").first.check()
            page.get_by_role("button", name="Continue").click()
            page.get_by_role("button", name="See the answer").click()
            assert page.locator("h1").inner_text() in ("You may share", "You have a duty to share")

            page.goto("/account")
            page.get_by_role("banner").get_by_role("button", name="Sign out").click()
            page.wait_for_url("**/signed-out")
            page.goto("/account")
            assert page.url.endswith("/sign-in?return=/account")
            assert [] == [text for text in refused if "Content Security Policy" in text]
        finally:
            chromium.close()
