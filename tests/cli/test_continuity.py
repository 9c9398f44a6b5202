"""Whoever has the evidence of both logs sees whether the register was carried over as it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec import structs

from cli.continued import OLD, POLICE, Story
from cli.logs import Log, Ran, run
from isa_registry.domain.entries import ClientGranted, ClientRevoked, KeyRevoked, LogContinued
from isa_registry.domain.register.carrying import Carried, carry
from isa_registry.domain.register.influence import Folded
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.old_evidence import read_old_evidence

pytestmark = pytest.mark.xdist_group("continuation")

Change = Callable[[list[Carried]], list[Carried]]
SLIPPED_IN = Carried(0, ClientGranted(POLICE, "slipped-in", ("checks:ask",)), Folded(0, "", ClientRevoked("", "")))


def compared(story: Story, new: Log, archived: Path, bundle: Path) -> Ran:
    exported = new.run("export", bundle, "--reason", "audit")
    assert exported.status == 0, exported.err
    keys = [word for vkey in new.keys_file.read_text().split() for word in ("--vkey", vkey)]
    return run("replay", bundle, *keys, "--continues", archived, "--old-vkeys", story.old.keys_file)


def test_the_evidence_of_both_logs_shows_that_the_register_was_carried_over_whole(
    story: Story, archived: Path, tmp_path: Path
) -> None:
    story.new.grow()
    said = compared(story, story.new, archived, tmp_path / "new.isa-evidence.jsonl")
    assert said.status == 0, said.err + said.out
    assert "carried over; 0 differences\nthe old log had signed 2 entries more" in said.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda carried: carried[:-1], ", hold.placed from entry "),
        (lambda carried: [one for one in carried if one.payload.__class__ is not KeyRevoked], "is not what the old"),
        (lambda carried: [*carried, SLIPPED_IN], "client.granted, was not in the old log's register"),
        (lambda carried: [structs.replace(carried[0], payload=SLIPPED_IN.payload), *carried[1:]], "entry 2, catalogue"),
    ],
    ids=["left out at the end", "a revocation left out", "put in", "put in the place of another"],
)
def test_a_register_that_was_not_carried_over_as_it_was_is_found(
    story: Story,
    archived: Path,
    fresh: Log,
    tmp_path: Path,
    change: Callable[[list[Carried]], list[Carried]],
    words: str,
) -> None:
    """By an operator who writes what the command would not."""
    old = read_old_evidence(partial(archived.open, "rb"), story.old.keys, story.old.outside.read_bytes())
    opened = structs.replace(old.opened, origin=fresh.origin)
    continued = LogContinued(OLD, story.old.outside.read_text(), "database-restored")
    payloads = [one.payload for one in change(list(carry(old.entries).carried))]
    fresh.grow(lambda _: [Draft(payloads=(opened, continued, *payloads))])

    said = compared(story, fresh, archived, tmp_path / "new.isa-evidence.jsonl")

    assert said.status == 1, said.err
    assert words in said.out


def test_a_log_that_continues_none_has_nothing_to_compare(story: Story, archived: Path) -> None:
    keys = [word for vkey in story.old.keys_file.read_text().split() for word in ("--vkey", vkey)]
    ran = run("replay", archived, *keys, "--continues", archived, "--old-vkeys", story.old.keys_file)
    assert (ran.status, "continu" in ran.err) == (1, True)
