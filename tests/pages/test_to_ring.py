"""Telephone numbers in sentences, which a thumb can press."""

from __future__ import annotations

import re

import pytest

from isa_registry.pages.rendering import to_ring


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Call 999.", ["999"]),
        ("The police on 999, or on 101", ["999", "101"]),
        ("Children’s social care, outside office hours, 03000 267 979", ["03000267979"]),
        ("First Contact, 0191 387 5656 or 01913875656", ["01913875656", "01913875656"]),
        ("Childline on 0800 1111", []),
        ("Section 115 of 1998, clause 101, entry 03000", []),
        ("chk_01a21f153b8573ac854768d23e0353cd", []),
        ("2026-11-27 at 22:10", []),
        ("<b>Ring 999</b>", ["999"]),
    ],
)
def test_a_telephone_number_can_be_pressed_and_nothing_else(text: str, numbers: list[str]) -> None:
    shown = str(to_ring(text))
    assert re.findall(r'href="tel:([^"]*)"', shown) == numbers
    assert "<b>" not in shown
