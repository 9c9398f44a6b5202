"""The lives of things as the database holds them: the same table, and no row that it does not have."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from demonstration import attested
from faults.drafts import furnish
from isa_registry.data import data_directory
from isa_registry.domain.entries import RegisterPayload
from isa_registry.domain.lifecycles import NEW, STEPS, Machine, run, step
from isa_registry.ledger.drafts import Draft
from isa_registry.ledger.rows import LifeRow
from isa_registry.store import lifecycles
from lives import LOGGED, attestation_event, events_of, ways
from running import running


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def sequencing(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url, server_settings={"role": "isa_sequence"})
    yield connection
    await connection.close()


async def test_the_database_has_the_table_of_the_code(owner: asyncpg.Connection) -> None:
    assert {(one.machine, one.state, one.event, one.to) for one in STEPS} == await lifecycles.all_steps(owner)


@pytest.mark.parametrize("machine", LOGGED)
async def test_in_every_state_the_database_takes_what_the_table_says(
    sequencing: asyncpg.Connection, machine: Machine
) -> None:
    number = 0
    for state, way in ways(machine).items():
        for event in events_of(machine):
            transaction = sequencing.transaction()
            await transaction.start()
            for one in way:
                await lifecycles.insert_events(sequencing, [LifeRow(number, machine, "a thing", one)])
                number += 1
            taken = step(machine, state, event)
            if taken is None:
                with pytest.raises(asyncpg.RaiseError, match="does not happen in state"):
                    await lifecycles.insert_events(sequencing, [LifeRow(number, machine, "a thing", event)])
            else:
                await lifecycles.insert_events(sequencing, [LifeRow(number, machine, "a thing", event)])
                assert taken.to == (await lifecycles.all_events(sequencing))[-1].state
            await transaction.rollback()


async def test_whatever_is_tried_in_whatever_order_database_and_code_agree(sequencing: asyncpg.Connection) -> None:
    """Some hundred events of many things, drawn anew at each run; the seed is in the message of a failure."""
    seed = random.randrange(2**32)
    drawn = random.Random(seed)
    lived: dict[tuple[Machine, str], list[str]] = {}
    for number in range(400):
        machine = drawn.choice(LOGGED)
        thing, event = f"thing-{drawn.randrange(6)}", drawn.choice(events_of(machine))
        happened = lived.setdefault((machine, thing), [])
        taken = step(machine, run(machine, happened), event)
        try:
            async with sequencing.transaction():
                await lifecycles.insert_events(sequencing, [LifeRow(number, machine, thing, event)])
        except asyncpg.RaiseError:
            assert taken is None, seed
        else:
            assert taken is not None, seed
            happened.append(event)
    states = {(one.row.machine, one.row.thing): one.state for one in await lifecycles.all_events(sequencing)}
    assert states == {(machine, thing): run(machine, done) for (machine, thing), done in lived.items() if done}, seed


async def test_several_events_of_one_thing_may_come_in_one_statement(sequencing: asyncpg.Connection) -> None:
    """As where a log begins with what it carries over."""
    happened = ("publish", "open", "come-into-force", "suspend", "resume", "withdraw")
    await lifecycles.insert_events(
        sequencing, [LifeRow(index, "agreement", "a thing", event) for index, event in enumerate(happened)][::-1]
    )
    assert [run("agreement", happened[: n + 1]) for n in range(6)] == [
        one.state for one in await lifecycles.all_events(sequencing)
    ]


async def test_an_event_comes_after_those_before_it(sequencing: asyncpg.Connection) -> None:
    await lifecycles.insert_events(sequencing, [LifeRow(7, "agreement", "a thing", "publish")])
    with pytest.raises(asyncpg.RaiseError, match="comes after"):
        await lifecycles.insert_events(sequencing, [LifeRow(6, "agreement", "a thing", "open")])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lifecycle_event SET state = 'x'",
        "DELETE FROM lifecycle_event",
        "UPDATE lifecycle_step SET to_state = 'in-force'",
        "DELETE FROM lifecycle_step",
    ],
)
async def test_what_happened_and_the_table_of_steps_are_not_changed(
    owner: asyncpg.Connection, sequencing: asyncpg.Connection, statement: str
) -> None:
    for connection in (owner, sequencing):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


@pytest.mark.parametrize("machine", ["draft", "invitation"])
async def test_a_working_table_takes_what_the_table_says_in_every_state(
    owner: asyncpg.Connection, machine: Machine
) -> None:
    await owner.execute(
        "CREATE TEMP TABLE held (state text, event text, other text);"
        "CREATE TRIGGER lives BEFORE INSERT OR UPDATE ON held FOR EACH ROW"
        f" EXECUTE FUNCTION hold_lifecycle('{machine}')"
    )
    for state, way in ways(machine).items():
        for event in events_of(machine):
            taken = step(machine, state, event)
            for to in dict.fromkeys((taken.to if taken else state, "no-such-state")):
                transaction = owner.transaction()
                await transaction.start()
                for place, one in enumerate(way):
                    await _happens(owner, one, run(machine, way[: place + 1]), first=place == 0)
                if taken is not None and to == taken.to:
                    await _happens(owner, event, to, first=state == NEW)
                    await owner.execute("UPDATE held SET other = 'changed'")
                elif (event, to) != (way[-1] if way else "", state):
                    with pytest.raises(asyncpg.RaiseError, match="lifecycle"):
                        await _happens(owner, event, to, first=state == NEW)
                await transaction.rollback()


async def _happens(connection: asyncpg.Connection, event: str, to: str, *, first: bool) -> None:
    statement = "INSERT INTO held (event, state) VALUES ($1, $2)" if first else "UPDATE held SET event = $1, state = $2"
    await connection.execute(statement, event, to)


async def test_a_log_that_was_there_before_the_table_is_read_into_it(
    database_url: str, owner: asyncpg.Connection
) -> None:
    """The statement of the migration itself, over a log with events of each machine."""
    async with running(database_url) as registry:
        await furnish(registry)
        for event in ("decline", "attest", "withdraw"):
            await registry.sequencer.append(Draft(payloads=(_of_tier_2(event),)))
    lived = await lifecycles.all_events(owner)
    assert {"publish", "come-into-force", "attest", "decline", "withdraw"} == {one.row.event for one in lived}
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("DELETE FROM lifecycle_event")
    await owner.execute("SET session_replication_role = origin")
    whole = (data_directory("migrations") / "0010_lifecycles.sql").read_text(encoding="utf-8")
    (statement,) = re.findall(r"^INSERT INTO lifecycle_event.*?;$", whole, re.MULTILINE | re.DOTALL)
    await owner.execute(statement)
    assert lived == await lifecycles.all_events(owner)


def _of_tier_2(event: str) -> RegisterPayload:
    if event == "attest":
        return attested("cafcass", "tier-2-hoth", identifier="att-cafcass-0")
    payload = attestation_event(event, "cafcass")
    return msgspec.structs.replace(payload, version="1.0")
