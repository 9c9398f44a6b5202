"""What the guide for trainers shows is what the registry takes and gives; and there is no place for who was trained."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import msgspec

from demonstration import Demonstration
from isa_registry.actions.link_checks import check_links
from isa_registry.api.access import ACCESS
from isa_registry.api.link_checks import LinksChecked, LinksToCheck
from isa_registry.api.openapi import encode, openapi_document
from isa_registry.data import data_directory
from isa_registry.domain.agreement_entries import AgreementInForce, AgreementPublished
from isa_registry.domain.link_checking import NEEDS_A_LOOK, STATUSES
from isa_registry.domain.register.register import RegisterView
from next_version import AGREEMENT, NEW, next_version

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = (REPOSITORY / "docs/guides/training.md").read_text(encoding="utf-8")
URL = "https://registry.example.org"
EXAMPLE = REPOSITORY / "docs/examples/training-page"


def test_the_guides_answer_is_what_the_registry_says_of_the_links_that_it_sends() -> None:
    (sent,) = re.findall(r"-d '(\{.*\})'", GUIDE)
    links = msgspec.json.decode(sent, type=LinksToCheck).links
    (shown,) = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    answer = LinksChecked("2026-11-27", check_links(after_the_next_version(), links, URL, "2026-11-27"))
    assert json.loads(shown) == json.loads(msgspec.json.encode(answer))


def after_the_next_version() -> RegisterView:
    """The demonstration's register a week after version 1.1 of the agreement came into force."""
    register, new = Demonstration(), next_version()
    schedule = new.read
    digest = hashlib.sha256(new.text.encode()).hexdigest()
    register.then(AgreementPublished(AGREEMENT, NEW, new.text, digest, schedule, "0" * 64))
    register.then(AgreementInForce(AGREEMENT, NEW, "2026-11-20", review_due="2028-01-01"))
    return register.view()


def test_the_guide_has_every_status_and_says_which_to_look_at() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|.*\| (yes|no) \|$", GUIDE, re.MULTILINE))
    assert tuple(rows) == STATUSES
    assert {status for status, look in rows.items() if look == "yes"} == NEEDS_A_LOOK


def test_the_example_names_the_registry_as_often_as_it_says_and_looks_at_the_same_statuses() -> None:
    page = (EXAMPLE / "index.html").read_text(encoding="utf-8")
    comment, rest = page.split("-->", 1)
    assert "(five times)" in comment
    assert rest.count("https://registry.example.org") == 5
    script = (EXAMPLE / "training-page.js").read_text(encoding="utf-8")
    (passed_over,) = re.findall(r"if \((\[.*\])\.includes\(link\.status\)\)", script)
    assert set(json.loads(passed_over)) == set(STATUSES) - NEEDS_A_LOOK - {"not-ours"}


_OF_WHO_LEARNED = re.compile(
    r"learner|trainee|complet(?:ed|ion)|\bscores?\b|course|enrol|lesson|xapi|cmi5|scorm|pass_?mark|attendance",
    re.IGNORECASE,
)


def test_no_route_takes_who_completed_what_and_no_table_keeps_it() -> None:
    document = json.loads(encode(openapi_document("https://registry.test")))
    members = {name for one in document["components"]["schemas"].values() for name in one.get("properties", ())}
    members |= {
        one["name"]
        for path in document["paths"].values()
        for way in path.values()
        for one in way["parameters"]
        if "name" in one
    }
    assert "links" in members
    assert [one for one in members if _OF_WHO_LEARNED.search(one)] == []
    assert [path for _, path in ACCESS if _OF_WHO_LEARNED.search(path)] == []
    tables = "".join(one.read_text(encoding="utf-8") for one in data_directory("migrations").glob("*.sql"))
    named = re.sub(r"--.*", "", tables)  # tables, columns and functions, without what is said of them
    assert "person_session" in named
    assert _OF_WHO_LEARNED.findall(named) == []
    (checked,) = document["components"]["schemas"]["LinksToCheck"]["properties"]
    assert checked == "links"
