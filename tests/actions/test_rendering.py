"""An answer as it goes out: written about its encoding, it is the same to the byte as encoded whole."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from asking import COUNCIL, POLICE, TODAY, question
from demonstration import demonstration_view
from isa_registry.actions import checks
from isa_registry.domain.questions import Evidence, Question

PURPOSES = ("harm-outside-the-home", "early-help", "crime-prevention", "missing-now")


def answered(asked: Question, root: bytes = b"r" * 32) -> checks.Answered:
    when, check = "2026-11-27T10:00:00.000Z", "chk_" + "0" * 32
    view = demonstration_view()
    return checks.answer(asked, view, Evidence(), root=root, check=check, decided_at=when, today=TODAY)


@pytest.mark.parametrize("explain", [False, True])
def test_it_is_the_same_to_the_byte(explain: bool) -> None:
    told = set()
    for purpose, other, urgency, helps, states in itertools.product(
        PURPOSES, (COUNCIL, "kind:fire", "nobody-here"), ("routine", "immediate-danger"), (True, None), (True, False)
    ):
        found = answered(question(POLICE, other, purpose, urgency=urgency, explain=explain, would_help_recipient=helps))
        whole = msgspec.json.encode(checks.render(found, recorded=states, stale=not states))
        assert whole == checks.rendered(found, checks.encoded(found), recorded=states, stale=not states)
        told.add(found.answer.outcome)
    assert len(told) > 2


def test_each_says_what_it_was_made_from() -> None:
    asked = question(POLICE, COUNCIL, "early-help")
    for root in (b"a" * 32, b"b" * 32, b"a" * 32):
        found = answered(asked, root)
        told = msgspec.json.decode(checks.rendered(found, checks.encoded(found), recorded=False))
        assert told["register"] == msgspec.to_builtins(found.register)
        assert found.register.root == checks.encode_base64(root)
