"""The guide for a small body that joins names nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from isa_registry.api.access import ACCESS
from isa_registry.domain.set_up import KINDS
from isa_registry.runtime.joining.invitations import OPEN_FOR

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "joining.md").read_text(encoding="utf-8")
PAGES = re.findall(r"`(/[a-z./{}-]*)`", GUIDE)
ROUTES = re.findall(r"`(GET|POST) (/api/[^`]*)`", GUIDE)


@pytest.mark.parametrize("path", sorted(set(PAGES)))
def test_every_page_that_it_names_is_there(path: str) -> None:
    wanted = "/join/{token}" if path == "/join/" else path
    assert ("GET", wanted) in ACCESS


@pytest.mark.parametrize("route", sorted(set(ROUTES)))
def test_every_route_that_it_names_is_there(route: tuple[str, str]) -> None:
    assert route in ACCESS


def test_every_step_below_an_invitation_that_it_names_is_there() -> None:
    steps = re.findall(r"`…/([a-z]+)`", GUIDE)
    assert len(steps) == 3
    for step in steps:
        assert ("POST", f"/api/v1/organisations/invitations/{{invitation}}/{step}") in ACCESS


def test_every_step_of_the_list_that_a_lead_takes_leads_where_the_guide_says() -> None:
    for kind in KINDS.values():
        page = kind.page.partition("?")[0]
        if kind.who == "ig-lead" and page.startswith("/account/") and kind.code != "event-key":
            assert f"`{page}`" in GUIDE, kind.code
        if page.startswith(("/account/", "/organisations/invitations")):
            assert ("GET", page) in ACCESS


def test_every_step_names_a_route_of_the_interface_that_is_there() -> None:
    for kind in KINDS.values():
        assert ("POST", kind.interface) in ACCESS, kind.code


def test_a_link_works_for_as_long_as_it_says() -> None:
    assert OPEN_FOR.days == 14
    assert "works for two weeks" in GUIDE
