"""What the database itself shows a reader of every table, what each role may do to it, and that no new table is
forgotten: one that is not named here fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from asking import COUNCIL, POLICE
from databases import Databases
from faults.case_drafts import acknowledgement_draft, challenge_draft, consent_draft, reference, search_draft
from faults.drafts import KID, check_draft, event_draft, furnish
from isa_registry.actions import erasures
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.entries import REGISTER_KINDS, decode_payload
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.references import is_organisation_id
from isa_registry.domain.retention import HoldScope
from isa_registry.ledger.concerns import PUBLIC_KINDS, shown_to
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.erasure.journal import Journal
from isa_registry.runtime.erasure.runs import Eraser, parts_of
from isa_registry.runtime.registry import Registry
from isa_registry.store import consents, erasure
from isa_registry.store.pool import EVERYTHING, NOBODY, REGISTER, close_pool, connect, open_pool, reading_for
from running import running

STRANGER = "harbour"

HASHES = "leaves, hashes and signatures: public, and nothing of a payload can be had from them"
NOT_READ = "isa_read has no right to it at all"
OPERATION = "how the service and its witnesses stand; of no body"

EXCUSED = {
    "entry": HASHES,
    "tile": HASHES,
    "checkpoint": HASHES,
    "cosignature": HASHES,
    "publication": HASHES,
    "checkpointer": OPERATION,
    "witness": OPERATION,
    "log_key_rotation": "a view of one kind of entry, which is public",
    "idempotency": NOT_READ,
    "register_snapshot": NOT_READ,
    "person_session": NOT_READ,
    "logout_token_seen": NOT_READ,
    "lifecycle_step": NOT_READ,
    "lifecycle_event": NOT_READ,
    "person_use_since": "one date, the same for all",
    "notice": NOT_READ,
    "notice_delivery": NOT_READ,
    "notice_cursor": NOT_READ,
    "thread": NOT_READ,
    "schema_migrations": NOT_READ,
}
"""Tables without row-level security, each with the reason. Every other one has it."""

S, SI, SIU, SD, SID, SIUD, SU = (
    frozenset(
        {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}[letter] for letter in letters
    )
    for letters in ("S", "SI", "SIU", "SD", "SID", "SIUD", "SU")
)  # fmt: skip

MAY: dict[str, dict[str, frozenset[str]]] = {
    "entry": {"isa_sequence": SI, "isa_read": S, "isa_checkpoint": S, "isa_guard": S},
    "payload": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "tile": {"isa_sequence": SI, "isa_read": S, "isa_checkpoint": S},
    "checkpoint": {"isa_sequence": S, "isa_read": S, "isa_checkpoint": SI},
    "cosignature": {"isa_sequence": S, "isa_read": S, "isa_checkpoint": SI},
    "publication": {"isa_sequence": S, "isa_read": S, "isa_checkpoint": SI},
    "checkpointer": {"isa_sequence": S, "isa_read": S, "isa_checkpoint": SIU},
    "witness": {"isa_read": S, "isa_checkpoint": SIUD},
    "log_key_rotation": {"isa_sequence": S, "isa_read": S, "isa_checkpoint": S},
    "check_record": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "sharing_event": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "event_reference": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "acknowledgement": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "consent_entry": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "challenge_entry": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "search_record": {"isa_sequence": SI, "isa_read": S, "isa_guard": SD},
    "thread": {"isa_sequence": SI, "isa_guard": SD},
    "idempotency": {"isa_sequence": SIU, "isa_work": SD, "isa_guard": SU},
    "register_snapshot": {"isa_work": SID, "isa_guard": SD},
    "erasure": {"isa_sequence": SI, "isa_read": S, "isa_work": S, "isa_guard": S},
    "legal_hold": {"isa_sequence": SI, "isa_read": S, "isa_guard": S},
    "legal_hold_lifted": {"isa_sequence": SI, "isa_read": S, "isa_guard": S},
    "erased_record": {"isa_sequence": S, "isa_read": S, "isa_guard": SI},
    "lifecycle_step": {"isa_sequence": S, "isa_work": S},
    "lifecycle_event": {"isa_sequence": SI},
    "agreement_draft": {"isa_read": S, "isa_work": SIUD},
    "erasure_notice": {"isa_read": S, "isa_work": SIUD, "isa_guard": SD},
    "person_session": {"isa_work": SIUD},
    "logout_token_seen": {"isa_work": SIUD},
    "access_proposal": {"isa_read": S, "isa_work": SIUD},
    "attestation_invitation": {"isa_read": S, "isa_work": SIU},
    "attestation_query": {"isa_read": S, "isa_work": SIU},
    "body_invitation": {"isa_read": S, "isa_work": SIUD},
    "person_use": {"isa_read": S, "isa_work": SIUD},
    "person_use_since": {"isa_read": S, "isa_work": S},
    "notice_address": {"isa_read": S, "isa_work": SIUD},
    "notice": {"isa_work": SIUD},
    "notice_delivery": {"isa_work": SIUD},
    "notice_cursor": {"isa_work": SIUD},
    "webhook": {"isa_read": S, "isa_work": SIUD},
    "webhook_delivery": {"isa_read": S, "isa_work": SIUD},
    "safety_scaling": {"isa_read": S, "isa_work": SIU},
    "schema_migrations": {},
}
"""What each role may do to each table: everything that it may."""

CASES = ("event_reference", "acknowledgement", "consent_entry", "challenge_entry", "search_record")
"""What indexes the records of a case, beside checks and events."""

MAY_CALL = {
    "erase_payload": {"isa_erase", "isa_guard"},
    "payloads_present": {"isa_read", "isa_checkpoint", "isa_guard"},
    "event_corrected": {"isa_guard", "isa_read"},
    "on_hold": {"isa_guard", "isa_read"},
    "parties_of": {"isa_guard", "isa_read"},
    "shown_to_all": {"isa_read"},
    "organisation_of": {"isa_read"},
    "consents_about": {"isa_read"},
    "refuse_change": {"PUBLIC"},
    "follow_lifecycle": {"PUBLIC"},
    "hold_lifecycle": {"PUBLIC"},
    "hold_words": {"PUBLIC"},
}
"""Who may call each function; a trigger's cannot be called."""


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def tables_of(connection: asyncpg.Connection) -> dict[str, bool]:
    """Every table and view of ours, with whether row-level security is on."""
    rows = await connection.fetch(
        "SELECT relname, relrowsecurity FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f')"
    )
    return {row["relname"]: row["relrowsecurity"] for row in rows}


# --- the schema ------------------------------------------------------------------------------------------------------


async def test_every_table_has_row_level_security_or_a_reason_for_none(owner: asyncpg.Connection) -> None:
    assert {table for table, secured in (await tables_of(owner)).items() if not secured} == set(EXCUSED)


async def test_a_table_that_is_added_later_is_noticed(owner: asyncpg.Connection) -> None:
    await owner.execute("CREATE TABLE consent (organisation text)")
    assert {"consent"} == {table for table, secured in (await tables_of(owner)).items() if not secured} - set(EXCUSED)


async def test_what_is_excused_as_not_read_cannot_be_read(owner: asyncpg.Connection) -> None:
    for table in (name for name, reason in EXCUSED.items() if reason == NOT_READ):
        assert not await owner.fetchval("SELECT has_table_privilege('isa_read', $1, 'SELECT')", table)
        assert not await owner.fetchval("SELECT has_any_column_privilege('isa_read', $1, 'SELECT')", table)


async def test_every_policy_for_readers_looks_at_who_reads(owner: asyncpg.Connection) -> None:
    """None is open, and one for every role would be one for readers too."""
    rows = await owner.fetch("SELECT tablename, roles, cmd, qual FROM pg_policies WHERE schemaname = 'public'")
    assert not [row["tablename"] for row in rows if "public" in row["roles"]]
    reading = {row["tablename"]: row for row in rows if "isa_read" in row["roles"]}
    secured = {table for table, on in (await tables_of(owner)).items() if on}
    assert set(reading) == secured
    assert [] == [
        table for table, row in reading.items() if row["cmd"] != "SELECT" or "isa.organisation" not in row["qual"]
    ]


async def test_each_role_may_do_what_the_table_says_and_nothing_else(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT c.relname, coalesce(r.rolname, 'PUBLIC') AS role, a.privilege_type AS may"
        " FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S') AND a.grantee <> c.relowner"
    )
    found: dict[str, dict[str, set[str]]] = {table: {} for table in await tables_of(owner)}
    for row in rows:
        found[row["relname"]].setdefault(row["role"], set()).add(row["may"])
    assert MAY == found


async def test_no_right_is_given_to_a_column_alone(owner: asyncpg.Connection) -> None:
    """A right to one column would be missed by whoever reads the table of rights above."""
    assert 0 == await owner.fetchval(
        "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND a.attacl IS NOT NULL"
    )


async def test_each_function_is_called_by_those_that_the_table_names(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT p.proname, p.prosecdef, pg_get_userbyid(p.proowner) AS owner, coalesce(r.rolname, 'PUBLIC') AS role"
        " FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a"
        " LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE p.pronamespace = 'public'::regnamespace"
    )
    itself = await owner.fetchval("SELECT current_user")
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["proname"], set())
        if row["role"] != itself:
            found[row["proname"]].add(row["role"])
    assert MAY_CALL == found
    assert {"erase_payload", "payloads_present", "event_corrected"} == {
        row["proname"] for row in rows if row["prosecdef"]
    }
    assert {"isa_guard"} == {row["owner"] for row in rows if row["prosecdef"]}


async def test_no_role_is_a_member_of_another_or_passes_by_the_policies(owner: asyncpg.Connection) -> None:
    ours = list({role for roles in MAY.values() for role in roles} | {"isa_erase"})
    rows = await owner.fetch(
        "SELECT rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname = ANY ($1)",
        ours,
    )
    assert len(rows) == len(ours)
    assert [] == [row["rolname"] for row in rows if any(tuple(row)[1:])]
    assert 0 == await owner.fetchval(
        "SELECT count(*) FROM pg_auth_members WHERE member::regrole::text = ANY ($1)", ours
    )


# --- what a reader sees ----------------------------------------------------------------------------------------------


MODULE = pytest.mark.asyncio(loop_scope="module")


class Filled:
    """A registry with the demonstration's register, and something of the police's in every table."""

    def __init__(self, url: str, owner: asyncpg.Connection) -> None:
        self.url = url
        self.owner = owner

    async def seen(self, reader: str) -> dict[str, list[Any]]:
        """Every row of every table that a reader sees at all."""
        pool = await open_pool(self.url, "isa_read", size=1)
        found = {}
        try:
            for table in set(MAY) - {name for name, reason in EXCUSED.items() if reason == NOT_READ}:
                async with reading_for(pool, reader) as connection:
                    found[table] = await connection.fetch(f'SELECT * FROM "{table}"')
        finally:
            await close_pool(pool)
        return found

    async def all(self, table: str) -> list[Any]:
        rows: list[Any] = await self.owner.fetch(f'SELECT * FROM "{table}"')
        return rows


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(
    databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Filled]:
    name = databases.create(template_database)
    url = databases.url(name)
    owner = await asyncpg.connect(url)
    async with running(url) as registry:
        await _fill(registry, url, tmp_path_factory.mktemp("erasing") / "erasures.jsonl", owner)
    yield Filled(url, owner)
    await owner.close()
    databases.drop(name)


async def _fill(registry: Registry, url: str, journal: Path, owner: asyncpg.Connection) -> None:
    await furnish(registry)
    append = registry.sequencer.append
    for number in (1, 2):
        await append(event_draft(number, registry.follower.view, part=True))
        gone = (await append(check_draft(number))).index
        await append(consent_draft(number))
        await append(challenge_draft(number))
        await append(acknowledgement_draft(number))
        await append(search_draft())
    for body in (POLICE, STRANGER):
        person = RoleGranted(organisation=body, issuer=f"https://{body}.example", subject=f"{body}-1", role="ig-lead")
        await append(Draft(payloads=(person,)))
    for hold in ("hold-1", "hold-2"):
        scope = HoldScope(organisations=(POLICE,))
        await append(Draft(payloads=(HoldPlaced(hold=hold, scope=scope, reason="inspection"),)))
        await append(Draft(payloads=(HoldLifted(hold=hold, reason="inspection"),)))
    await owner.execute(
        "INSERT INTO erasure_notice (index, organisation, readers, reason, rule, announced_at)"
        " SELECT index, organisation, ARRAY[organisation], 'retention', 'check', now() FROM check_record LIMIT 1"
    )
    await owner.execute(
        "INSERT INTO person_use (organisation, issuer, subject, last_on)"
        " VALUES ($1, 'https://idp.example', 's', now())",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO access_proposal (id, organisation, change, sha256, state, proposed_by, proposed_at, expires_at)"
        " VALUES ('p-1', $1, '[]', sha256('[]'), 'open', 1, now(), now())",
        POLICE,
    )
    one = "0" * 32
    await owner.execute(
        "INSERT INTO notice_address (id, organisation, role, address, added_at)"
        " VALUES ($1, $2, 'ig-lead', 'post@police.test', now())",
        f"nad_{one}",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO webhook (id, organisation, url, kinds, state, added_at)"
        " VALUES ($1, $2, 'https://police.test/', '{agreement.*}', 'active', now())",
        f"whk_{one}",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO webhook_delivery (id, webhook, entry, kind, subject, happened, state, next_at)"
        " VALUES ($1, $2, 1, 'agreement.opened', '{}', now(), 'waiting', now())",
        f"msg_{one}",
        f"whk_{one}",
    )
    await owner.execute(
        "INSERT INTO agreement_draft (id, organisation, agreement, version, words, schedule, text_sha256,"
        " schedule_sha256, state, event, begun_at, changed_at, written_by)"
        " VALUES ('d-1', $1, 'a', '1.0', 'x', 'x', sha256('x'), sha256('x'), 'drafting', 'begin', now(), now(), 1)",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO attestation_invitation (agreement, version, organisation, state, event, since, decided_by)"
        " VALUES ('tier-1', '1.0', $1, 'invited', 'invite', date_trunc('minute', now()), 1)",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO attestation_query"
        " (id, agreement, version, organisation, clause, question, reference, state, asked_by, asked_at)"
        " VALUES ('qry_1', 'tier-1', '1.0', $1, '1', 'meaning', 'IG-1', 'asked', 1, date_trunc('minute', now()))",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO safety_scaling (partnership, organisation, quarter, question, value, said_by, said_at)"
        " VALUES ('durham', $1, '2026-Q4', 'sharing-in-time', 7, 'ig-lead', now())",
        POLICE,
    )
    await owner.execute(
        "INSERT INTO body_invitation (id, organisation, body, state, address, invited_by, invited_at, expires_at)"
        " VALUES ('inv-1', $1, '{}', 'invited', 'desk@police.example', 1, now(), now())",
        POLICE,
    )
    reading = await connect(url, "isa_read", reader=EVERYTHING)
    target = await erasure.target(reading, gone)
    assert target is not None
    parts = await parts_of(reading, registry.follower.view, target)
    await reading.close()
    assert parts is not None
    async with Eraser(url, Journal(journal), view=lambda: registry.follower.view, append=append, now=registry.now):
        appended = await append(erasures.erase(parts, reason="erasure-right", approved_by=(1, 2)))
        erasing = await connect(url, "isa_erase")
        await erasure.erase(erasing, [(gone, appended.index)])
        await erasing.close()


def _of(row: asyncpg.Record) -> bool:
    return POLICE in (row.get("organisation"), row.get("provider"), row.get("recipient"), *(row.get("readers") or ()))


@MODULE
async def test_whoever_is_no_party_sees_no_row_of_others_in_any_table(filled: Filled) -> None:
    whole = {table: await filled.all(table) for table in MAY if table not in EXCUSED}
    assert {} == {table: rows for table, rows in whole.items() if not rows}, "a table without a row shows nothing"
    for reader in (STRANGER, NOBODY):
        seen = await filled.seen(reader)
        for table in ("check_record", "sharing_event", *CASES, "erased_record", "erasure_notice"):
            assert [] == seen[table], (reader, table)
        hidden = ("access_proposal", "person_use", "agreement_draft", "body_invitation", "safety_scaling")
        for table in ("legal_hold", "legal_hold_lifted", "erasure", *hidden):
            assert [] == seen[table], (reader, table)
        for table in ("notice_address", "webhook", "webhook_delivery"):
            assert [] == seen[table], (reader, table)
        assert [] == seen["attestation_invitation"], reader
        # What one body asks of the words, all are to see: but only bodies.
        assert len(seen["attestation_query"]) == (reader != NOBODY), reader
        assert [] == [row["index"] for row in seen["payload"] if row["readers"] is not None or _of(row)]


@MODULE
async def test_the_parties_see_their_own(filled: Filled) -> None:
    police, council = await filled.seen(POLICE), await filled.seen(COUNCIL)
    for table in ("check_record", "sharing_event", *CASES, "erased_record", "erasure_notice", "erasure"):
        assert police[table], table
    assert 2 == len(council["sharing_event"]) == len(council["acknowledgement"]) == len(council["challenge_entry"])
    for table in ("event_reference", "consent_entry", "search_record"):
        assert [] == council[table], table
    for table in ("check_record", "erased_record", "erasure_notice", "erasure", "person_use", "agreement_draft"):
        assert [] == council[table], table
    for table in ("person_use", "notice_address", "webhook", "webhook_delivery", "safety_scaling"):
        assert police[table], table
    for table in ("notice_address", "webhook", "webhook_delivery"):
        assert [] == council[table], table
    assert police["agreement_draft"]
    assert police["attestation_invitation"]
    assert [] == council["attestation_invitation"]
    kinds = {row["kind"] for row in council["payload"] if row["readers"] is not None}
    assert kinds == {"sharing-event.recorded", "sharing-event.acknowledged", "challenge.raised"}


@MODULE
async def test_a_register_entry_is_shown_as_the_application_says(filled: Filled) -> None:
    """Two enforcements of one rule: whatever `shown_to` says of a payload, row-level security says too."""
    register = [row for row in await filled.all("payload") if row["readers"] is None]
    assert {"role.granted", "key.registered", "hold.placed"} <= {row["kind"] for row in register}
    for reader in (POLICE, STRANGER, COUNCIL, NOBODY):
        seen = {row["index"] for row in (await filled.seen(reader))["payload"] if row["readers"] is None}
        expected = {row["index"] for row in register if shown_to(decode_payload(row["payload"]), reader)}
        assert seen == expected, reader
        assert seen < {row["index"] for row in register}


@MODULE
async def test_nobody_learns_who_works_at_another_body_or_which_keys_it_has(filled: Filled) -> None:
    for reader, theirs in ((STRANGER, (f"{POLICE}-1", KID)), (POLICE, (f"{STRANGER}-1",))):
        payloads = b"\n".join(row["payload"] for row in (await filled.seen(reader))["payload"])
        assert [] == [mark for mark in theirs if f'"{mark}"'.encode() in payloads]
        assert f"{reader}-1".encode() in payloads


@MODULE
async def test_the_services_own_reading_is_of_the_whole_register_and_of_no_record(filled: Filled) -> None:
    seen = await filled.seen(REGISTER)
    register = {row["index"] for row in await filled.all("payload") if row["readers"] is None}
    assert {row["index"] for row in seen["payload"]} == register
    others = ("legal_hold", "attestation_invitation", "attestation_query")
    for table in ("check_record", "sharing_event", *CASES, "erased_record", "erasure_notice", *others):
        assert [] == seen[table], table


@MODULE
async def test_an_auditor_sees_everything(filled: Filled) -> None:
    seen = await filled.seen(EVERYTHING)
    # On which day somebody was last here is for their own organisation's report, and for nobody else; where a body is
    # told of things is its own affair.
    own = {"person_use", "notice_address", "webhook", "webhook_delivery"}
    for table in (name for name in MAY if name not in {*EXCUSED, *own}):
        assert len(seen[table]) == len(await filled.all(table)), table


@MODULE
async def test_a_connection_of_the_pool_reads_for_nobody_until_it_is_told(filled: Filled) -> None:
    """Also one that just read for an auditor."""
    pool = await open_pool(filled.url, "isa_read", size=1)
    try:
        async with reading_for(pool, EVERYTHING) as connection:
            assert await connection.fetchval("SELECT count(*) FROM check_record")
        async with pool.acquire() as connection:
            assert 0 == await connection.fetchval("SELECT count(*) FROM check_record")
            assert 0 == await connection.fetchval("SELECT count(*) FROM payload WHERE NOT shown_to_all(kind)")
    finally:
        await close_pool(pool)


class Bare:
    """A pool that hands out one connection and takes it back as it is."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    @asynccontextmanager
    async def acquire(self, *, timeout: float) -> AsyncIterator[asyncpg.Connection]:  # noqa: ASYNC109
        assert timeout > 0
        yield self._connection


@MODULE
async def test_for_whom_was_read_ends_with_the_transaction(filled: Filled) -> None:
    connection = await connect(filled.url, "isa_read", reader=NOBODY)
    try:
        async with reading_for(Bare(connection), EVERYTHING):  # type: ignore[arg-type]
            assert await connection.fetchval("SELECT count(*) FROM check_record")
        assert 0 == await connection.fetchval("SELECT count(*) FROM check_record")
    finally:
        await connection.close()


@MODULE
async def test_a_bodys_consents_are_read_for_that_body_within_one_statement(filled: Filled) -> None:
    """Whoever the connection read for before, it reads for them again."""
    size = await filled.owner.fetchval("SELECT max(index) + 1 FROM entry")
    people, seen = [reference(1), reference(2)], {POLICE: 2, COUNCIL: 0, STRANGER: 0, EVERYTHING: 0, NOBODY: 0}
    for before, checks in ((NOBODY, 0), (STRANGER, 0), (EVERYTHING, 1)):
        connection = await connect(filled.url, "isa_read", reader=before)
        try:
            for body, count in seen.items():
                found = await consents.about(connection, body, people, 5)
                assert (count, size) == (len(found.entries), found.size), (before, body)
                assert checks == await connection.fetchval("SELECT count(*) FROM check_record"), (before, body)
            async with connection.transaction():
                await consents.about(connection, POLICE, people, 5)
                assert checks == await connection.fetchval("SELECT count(*) FROM check_record"), before
        finally:
            await connection.close()


@MODULE
async def test_a_damaged_payload_breaks_no_reading_of_others(filled: Filled) -> None:
    await filled.owner.execute("ALTER TABLE payload DISABLE TRIGGER append_only")
    whole = await filled.owner.fetchrow("SELECT * FROM payload WHERE kind = 'role.granted' ORDER BY index DESC LIMIT 1")
    await filled.owner.execute(
        "UPDATE payload SET payload = '\\xff'"
        " WHERE index = (SELECT max(index) FROM payload WHERE kind = 'role.granted')"
    )
    try:
        assert (await filled.seen(STRANGER))["payload"]
    finally:
        mend = "UPDATE payload SET payload = $2 WHERE index = $1"
        await filled.owner.execute(mend, whole["index"], whole["payload"])


# --- the rule itself -------------------------------------------------------------------------------------------------


async def test_the_kinds_that_all_see_are_the_same_in_database_and_application(owner: asyncpg.Connection) -> None:
    """Of what is erased from the register everybody may know; the record of it names nobody."""
    shown = {
        kind
        for kind in REGISTER_KINDS | PUBLIC_KINDS | {"payload.erased", "check.answered", "made.up"}
        if await owner.fetchval("SELECT shown_to_all($1)", kind)
    }
    assert shown == PUBLIC_KINDS | {"payload.erased"}


def test_no_organisation_can_have_the_name_of_another_reader() -> None:
    assert not [reader for reader in (EVERYTHING, REGISTER, NOBODY) if is_organisation_id(reader)]
