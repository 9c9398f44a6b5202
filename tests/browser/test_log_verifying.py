"""The log checked by the browser itself: a real registry's log and receipt, honest and tampered with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import httpx
import pytest

from api.speaking import ALL_SCOPES
from browser.watching import NARROW, WIDE, Visited, Visits
from isa_verify.encoding import canonical_json, decode_base64, encode_base64
from live import POLICE, Demonstration

ADDRESS = "/log/verify"
QUESTION = {
    "recipient": "durham-county-council",
    "purpose": "harm-outside-the-home",
    "categories": ["identity"],
    "urgency": "routine",
}


@pytest.fixture(scope="module")
def receipt(demonstration: Demonstration) -> bytes:
    with demonstration.client(POLICE, ALL_SCOPES) as client:
        made = client.post("/api/v1/checks", json=QUESTION).raise_for_status().json()
        return client.get(made["receipt"]).raise_for_status().content


@pytest.fixture(scope="module")
def keys(demonstration: Demonstration) -> str:
    return httpx.get(f"{demonstration.url}/log/keys", timeout=20).raise_for_status().text


def verdict(visited: Visited) -> str:
    """What stands in the verdict, once there is one."""
    visited.page.locator("#verdict-heading").filter(has_text=re.compile(".")).wait_for(timeout=20_000)
    visited.page.wait_for_function("document.querySelector('#progress').textContent === ''")
    return visited.page.inner_text("#verdict")


def accessible(visited: Visited) -> None:
    for width in (WIDE, NARROW):
        visited.resize(width)
        assert visited.overflow() <= 0
        assert visited.violations() == []


def tampered(receipt: bytes) -> bytes:
    value = json.loads(receipt)
    payload = decode_base64(value["payload"]).replace(b'"urgency":"routine"', b'"urgency":"urgent"')
    return canonical_json({**value, "payload": encode_base64(payload)})


def test_a_receipt_is_verified_step_by_step_and_a_tampered_one_is_refused(
    visit: Visits, receipt: bytes, keys: str, tmp_path: Path
) -> None:
    (tmp_path / "honest.isa-receipt.json").write_bytes(receipt)
    visited = visit(ADDRESS)
    page = visited.page
    page.locator("#keys").fill(keys)
    page.locator("#receipt-file").set_input_files(tmp_path / "honest.isa-receipt.json")
    page.get_by_role("button", name="Check the receipt").click()
    said = verdict(visited)
    assert said.startswith("Verified\n")
    assert "of kind check.answered" in said
    assert "Not checked here: the log’s ML-DSA-44 signature" in said
    assert "On the word of the log’s operator alone" in said
    assert "the server’s word" not in said
    assert page.evaluate("document.activeElement.id") == "verdict-heading"
    assert page.locator("#steps > li").count() >= 8
    root = json.loads(receipt)["proof"].split("\n\n")[1].split("\n")[2]
    assert root in page.inner_text("#steps")
    accessible(visited)
    assert (visited.elsewhere(), visited.complaints) == ([], [])

    page.locator("#receipt-file").set_input_files([])
    page.locator("#receipt-text").fill(tampered(receipt).decode())
    page.get_by_role("button", name="Check the receipt").click()
    page.locator("#verdict[data-verdict='not verified']").wait_for()
    assert verdict(visited).startswith("Not verified: commitment-mismatch\n")
    assert (visited.elsewhere(), visited.complaints) == ([], [])


def test_the_log_is_verified_by_keyboard_alone_and_remembered_where_one_asks_for_it(visit: Visits) -> None:
    visited = visit(ADDRESS, width=NARROW)
    page, keyboard = visited.page, visited.page.keyboard

    def to(name: str) -> None:
        for _ in range(60):
            keyboard.press("Tab")
            if page.evaluate("[document.activeElement.id, document.activeElement.textContent.trim()]").count(name):
                return
        raise AssertionError(f"the keyboard does not lead to {name}")

    to("keys-from")
    keyboard.press("ArrowDown")
    to("entry-index")
    keyboard.type("0")
    keyboard.press("Enter")
    said = verdict(visited)
    assert said.startswith("Verified\n")
    assert "has the hash below as entry 0" in said
    assert "rests on the server’s word" in said

    page.locator("#entry-index").focus()
    to("remember")
    keyboard.press("Space")
    to("whole")
    keyboard.press("Space")
    to("Check the log")
    keyboard.press("Enter")
    page.get_by_text("From here on it must go on").wait_for()
    assert "Every published hash" not in verdict(visited)
    assert "All published hashes were read" in page.inner_text("#steps")

    page.reload()
    assert page.locator("#kept").input_value().startswith("demo.isa-registry.invalid/durham\n")
    page.locator("#keys-from-2").check()
    page.get_by_role("button", name="Check the log").click()
    assert "when you last looked, unchanged" in verdict(visited)
    page.locator("#kept").fill(page.locator("#kept").input_value().replace("\n", "\n1", 1))
    page.get_by_role("button", name="Check the log").click()
    page.locator("#verdict[data-verdict='not verified']").wait_for()
    assert "signature-invalid" in verdict(visited)
    page.evaluate("localStorage.clear()")
    assert (visited.elsewhere(), visited.complaints) == ([], [])


def test_a_server_that_shows_an_altered_root_is_found_out(visit: Visits, keys: str) -> None:
    visited = visit(ADDRESS)
    note = httpx.get(f"{visited.origin}/log/checkpoint", timeout=20).text
    origin, size, rest = note.split("\n", 2)
    visited.page.route("**/log/checkpoint", lambda route: route.fulfill(body=f"{origin}\n{int(size) + 1}\n{rest}"))
    visited.page.locator("#keys").fill(keys)
    visited.page.get_by_role("button", name="Check the log").click()
    assert verdict(visited).startswith("Not verified: signature-invalid\n")
    visited.page.unroute_all()


def test_a_browser_without_ed25519_says_so_and_verifies_nothing(visit: Visits, receipt: bytes, keys: str) -> None:
    visited = visit(ADDRESS)
    visited.page.evaluate(
        """() => {
            const known = crypto.subtle.importKey.bind(crypto.subtle);
            crypto.subtle.importKey = (form, key, algorithm, ...rest) => algorithm === "Ed25519"
                ? Promise.reject(new DOMException("", "NotSupportedError")) : known(form, key, algorithm, ...rest);
        }"""
    )
    visited.page.locator("#keys").fill(keys)
    visited.page.locator("#receipt-text").fill(receipt.decode())
    visited.page.get_by_role("button", name="Check the receipt").click()
    said = verdict(visited)
    assert said.startswith("Could not be checked: ed25519-unavailable\n")
    assert "isa-verify" in said


def test_without_scripts_the_page_says_how_to_do_the_same(visit: Visits) -> None:
    visited = visit(ADDRESS, width=NARROW, scripts=False)
    assert visited.overflow() <= 0
    assert not visited.page.locator("#in-the-browser").is_visible()
    said = visited.page.inner_text("main")
    assert "This browser runs no scripts here" in said
    assert "isa-verify receipt 42.isa-receipt.json --vkeys log.vkeys" in said
    assert f"isa-verify log {visited.origin} --vkeys log.vkeys --state isa-state" in said


def test_the_keyboard_walks_the_page_in_its_order_with_the_focus_always_seen(visit: Visits) -> None:
    steps = visit(ADDRESS).walk(60)
    assert [step["order"] for step in steps] == sorted({step["order"] for step in steps})
    assert [step for step in steps if not (step["seen"] and step["inside"])] == []
