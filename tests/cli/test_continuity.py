"""Whoever has the evidence of both logs sees whether the register was carried over as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec import structs

from cli.continued import OLD, POLICE, Story
from cli.logs import Log, Ran, run
from isa_registry.domain.access_entries import ClientGranted, KeyRevoked
from isa_registry.domain.entries import LogContinued, RegisterPayload, RegistryOpened
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.register.carrying import carry
from isa_registry.domain.register.influence import Folded
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.continuing.continuity import differences
from isa_registry.runtime.continuing.old_evidence import read_old_evidence

pytestmark = pytest.mark.xdist_group("continuation")

Change = Callable[[list[RegisterPayload]], list[RegisterPayload]]
SLIPPED_IN = ClientGranted(POLICE, "slipped-in", ("checks:ask",))


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


def test_a_revocation_that_was_left_out_is_found(story: Story, archived: Path, fresh: Log, tmp_path: Path) -> None:
    """By an operator who writes what the command would not."""
    old = read_old_evidence(partial(archived.open, "rb"), story.old.keys, story.old.outside.read_bytes())
    opened = structs.replace(old.opened, origin=fresh.origin)
    continued = LogContinued(OLD, story.old.outside.read_text(), "database-restored")
    payloads = [one.payload for one in carry(old.entries).carried if not isinstance(one.payload, KeyRevoked)]
    fresh.grow(lambda _: [Draft(payloads=(opened, continued, *payloads))])

    said = compared(story, fresh, archived, tmp_path / "new.isa-evidence.jsonl")

    assert said.status == 1, said.err
    assert re.search(
        r"^entry [0-9]+, key.revoked from entry [0-9]+ of the old log, is not what", said.out, re.MULTILINE
    )


def found(change: Change) -> list[str]:
    """The differences of a register that was changed on its way."""
    opened = RegistryOpened("old", "durham", "", "a", {})
    bodies = [OrganisationRegistered(f"body-{n}", "", "police") for n in range(3)]
    old = [Folded(n, "1", payload) for n, payload in enumerate((opened, *bodies))]
    expected = carry(old).carried
    began = [structs.replace(opened, origin="new"), LogContinued("old", "", "keys-lost")]
    new = [*began, *change([one.payload for one in expected])]
    later = Folded(90, "3", SLIPPED_IN)
    return list(differences(old[0], expected, [*(Folded(n, "2", one) for n, one in enumerate(new)), later]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda carried: carried, []),
        (
            lambda carried: carried[:-1],
            ["entry 4, organisation.registered from entry 3 of the old log, is missing or erased"],
        ),
        (lambda carried: [*carried, SLIPPED_IN], ["entry 5, client.granted, was not in the old log's register"]),
        (
            lambda carried: [SLIPPED_IN, *carried[1:]],
            ["entry 2, organisation.registered from entry 1 of the old log, is not what the old log had"],
        ),
    ],
    ids=["nothing", "left out", "put in", "put in the place of another"],
)
def test_each_entry_that_is_otherwise_is_named(change: Change, said: list[str]) -> None:
    assert said == found(change)


def test_another_partnerships_log_is_no_continuation() -> None:
    old = Folded(0, "1", RegistryOpened("old", "durham", "", "a", {}))
    new = [Folded(0, "2", RegistryOpened("new", "durham", "", "b", {})), Folded(1, "2", LogContinued("old", "", ""))]
    assert ["entry 0, registry.opened, is not of the same partnership"] == list(differences(old, (), new))


def test_a_log_that_continues_none_has_nothing_to_compare(story: Story, archived: Path) -> None:
    keys = [word for vkey in story.old.keys_file.read_text().split() for word in ("--vkey", vkey)]
    ran = run("replay", archived, *keys, "--continues", archived, "--old-vkeys", story.old.keys_file)
    assert (ran.status, "continu" in ran.err) == (1, True)
