"""The business unit's guide to an agreement's life names nothing that is not there. Its commands are run, in order, by
tests/test_whole_life.py."""

from __future__ import annotations

import re

import pytest

from guided import GUIDES
from isa_registry.api.access import ACCESS
from isa_registry.domain.notices.steps import CHASING_DAYS, REVIEW_DAYS
from isa_registry.identity.callers import RECENT_SECONDS

GUIDE = (GUIDES / "business-unit.md").read_text(encoding="utf-8")
PAGES = sorted(set(re.findall(r"`(/[a-z][a-z0-9./?=&-]*)`", GUIDE)))
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)\)", GUIDE)))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_that_it_names_is_there(path: str) -> None:
    template = path.partition("?")[0].replace("/tier-2-hoth", "/{agreement}").replace("/1.1", "/{version}")
    assert ("GET", template) in ACCESS
    assert not template.startswith("/api/")


@pytest.mark.parametrize("link", LINKS)
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (GUIDES / link).is_file()


def test_its_figures_are_those_of_the_code() -> None:
    assert f"after {CHASING_DAYS[0]}, {CHASING_DAYS[1]} and {CHASING_DAYS[2]} days" in GUIDE
    assert f"reminded {', '.join(map(str, REVIEW_DAYS[:-1]))} and {REVIEW_DAYS[-1]} days before" in GUIDE
    assert RECENT_SECONDS == 5 * 60
    assert "within the last five minutes" in GUIDE


def test_the_business_unit_finds_its_guides_from_the_front() -> None:
    readme = (GUIDES.parents[1] / "README.md").read_text(encoding="utf-8")
    for guide in ("business-unit.md", "business-unit-access.md", "joining.md"):
        assert f"](docs/guides/{guide})" in readme
