"""The queue from the command line: what a script can rely on when the registry is away, and what a person is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from client.running import Ran
from client.scripted import problem
from client.stand_in import StandIn
from client.test_commands import ASK, SHARED, SIGN, _event_id
from isa_client.documents import payload_of
from isa_client.events import time_of

Run = Callable[..., Ran]
AWAY = (503, "application/problem+json", json.dumps(problem(503, "unavailable").document).encode())
SEND = ("send", "event.jws", "--queue", "queue.db")


@pytest.fixture
def signed(run: Run) -> str:
    """An event in `event.jws`; its id."""
    assert run(*ASK, "--save", "check.json").status == 0
    assert run(*SHARED).status == 0
    return _event_id()


def refuse(stand_in: StandIn, code: str, *fields: tuple[str, str]) -> None:
    content = json.dumps(problem(422, code, *fields).document).encode()
    stand_in.forced = (422, "application/problem+json", content)


def test_an_event_goes_through_the_queue_to_the_registry(run: Run, stand_in: StandIn, signed: str) -> None:
    assert run(*SEND) == Ran(0, f"Recorded: event {signed}, log index 1235.\n", "")
    shown = run("queue", "list", "--queue", "queue.db")
    assert shown.out.splitlines()[0].startswith(f"     1  sent      event {signed}, put in 20")
    assert shown.out.splitlines()[-1] == "0 waiting, 0 refused, 1 sent."
    assert run(*SEND) == Ran(0, f"Recorded before: event {signed}, log index 1235.\n", "")
    assert len(stand_in.idempotency_keys) == 2, "the question and the event"


def test_while_the_registry_is_away_the_event_is_safe_and_that_is_done(
    run: Run, stand_in: StandIn, signed: str, waits: list[float]
) -> None:
    stand_in.forced = AWAY
    kept = run(*SEND)
    assert kept.status == 0
    assert "Still waiting, safe in the queue: 1." in kept.out
    Path("event.jws").unlink()
    assert run("queue", "send", "--queue", "queue.db").status == 2
    stand_in.forced = None
    assert run("queue", "send", "--queue", "queue.db") == Ran(0, f"Recorded: event {signed}, log index 1235.\n", "")
    assert stand_in.faults == []


def test_a_list_of_what_was_withheld_waits_with_its_event(
    run: Run, stand_in: StandIn, signed: str, waits: list[float]
) -> None:
    assert run(*SIGN, "--decision", "not-shared", "--withheld", "intelligence=source-protection").status == 0
    stand_in.forced = AWAY
    assert run(*SEND, "--withheld", "event.withheld.jws").status == 0
    stand_in.forced = None
    sent = run("queue", "send", "--queue", "queue.db")
    assert (sent.status, "flagged    withheld-against-duty" in sent.out) == (0, True)


def test_what_the_registry_refuses_is_shown_with_what_to_do_and_waits_again_when_mended(
    run: Run, stand_in: StandIn, signed: str
) -> None:
    refuse(stand_in, "bad-document", ("#/kid", "unknown-key"))
    refused = run(*SEND)
    assert refused.status == 1
    for text in ("Refused, and set aside as item 1", "#/kid: Look here.", "Sign it anew with a key"):
        assert text in refused.out
    listed = run("queue", "list", "--queue", "queue.db").out
    for text in ("refused", "#/kid: Look here.", "to do: Sign it anew with a key", "0 waiting, 1 refused, 0 sent."):
        assert text in listed
    stand_in.forced = None
    assert run("queue", "send", "--queue", "queue.db") == Ran(0, "", "")
    assert run("queue", "again", "1", "--queue", "queue.db").status == 0
    assert run("queue", "send", "--queue", "queue.db").out == f"Recorded: event {signed}, log index 1235.\n"
    assert run("queue", "drop", "1", "--queue", "queue.db").status == 0
    assert run("queue", "list", "--queue", "queue.db").out == "0 waiting, 0 refused, 0 sent.\n"


def test_a_decision_that_waited_for_more_than_a_day_is_signed_again_as_a_late_entry(
    run: Run, stand_in: StandIn, signed: str
) -> None:
    ago = time_of(datetime.now(UTC) - timedelta(hours=30))
    assert run(*SHARED, "--decided-at", ago).status == 0
    refuse(stand_in, "unprocessable", ("#/decided_at", "late"))
    assert "Sign the same decision again as a late entry" in run(*SEND).out
    stand_in.forced = None
    assert run("queue", "late", "1", "--queue", "queue.db").status == 0
    assert "waiting" in run("queue", "list", "--queue", "queue.db").out
    assert run("queue", "send", "--queue", "queue.db").status == 0
    recorded = payload_of(stand_in.events[_event_id()][0])
    assert (recorded["late_entry"], recorded["decided_at"]) == (True, ago)
    assert stand_in.faults == []


def test_an_event_that_is_late_and_still_waits_is_pointed_out(
    run: Run, stand_in: StandIn, signed: str, waits: list[float]
) -> None:
    run(*SHARED, "--decided-at", time_of(datetime.now(UTC) - timedelta(hours=30)))
    stand_in.forced = AWAY
    run(*SEND)
    assert "to do: Decided more than 24 hours ago." in run("queue", "list", "--queue", "queue.db").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("queue", "list"), "Say where the queue lies"),
        (("queue", "drop", "--queue", "queue.db"), "Say which item"),
        (("queue", "drop", "7", "--queue", "queue.db"), "no item 7"),
        (("queue", "late", "1", "--queue", "queue.db"), "no event that could be signed again"),
        (("queue", "again", "1", "--queue", "queue.db"), "was not refused"),
        (("queue", "list", "--queue", "check.json"), "cannot be used"),
        (("queue", "list", "--queue", "none/queue.db"), "cannot be opened"),
        (("queue", "burn", "--queue", "queue.db"), "invalid choice"),
        (("send", "check.json", "--queue", "queue.db"), "does not hold a signed document"),
    ],
)
def test_what_cannot_be_done_with_the_queue_says_why(
    run: Run, stand_in: StandIn, signed: str, arguments: tuple[str, ...], said: str
) -> None:
    assert run(*SEND).status == 0
    ran = run(*arguments)
    assert (ran.status, said in ran.err) == (2, True), ran.err


def test_a_queue_that_cannot_be_used_says_to_keep_the_files(run: Run, signed: str) -> None:
    Path("queue.db").touch(0o644)
    Path("queue.db").chmod(0o644)
    ran = run(*SEND)
    assert (ran.status, "chmod 600" in ran.err, "Keep the signed files" in ran.err) == (2, True, True)
