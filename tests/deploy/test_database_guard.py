"""Who can change what was logged: every role and login tries every statement on every table of the log, and is refused.

The tables below say what each role may do; everything else must be refused, by privilege, and where a privilege were
given by mistake, by the trigger. What the owner and a superuser can do all the same is in docs/operating.md, and the
last tests show that it is so.
"""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from databases import with_database
from deploy.logins import Logins
from isa_registry.data import data_directory
from isa_registry.store.migrate import migrate
from isa_registry.store.pool import connect

LOG = ("entry", "payload", "tile", "checkpoint", "cosignature", "publication")
CASES = ("event_reference", "acknowledgement", "consent_entry", "challenge_entry", "search_record", "thread")
INDEX = ("check_record", "sharing_event", *CASES, "erasure", "erased_record", "legal_hold", "legal_hold_lifted")
TABLES = (*LOG, *INDEX)

ROW = {
    "entry": "(index, kind, at, leaf, leaf_hash) VALUES (9, 'record', now(), 'x', sha256('x'))",
    "payload": "(index, kind, payload, salt) VALUES (9, 'x', 'x', sha256('x'))",
    "tile": "(level, number, hashes, root) VALUES (0, 9, decode(repeat('00', 8192), 'hex'), sha256('x'))",
    "checkpoint": "(size, root, note, signed_at) VALUES (9, sha256('x'), 'x', now())",
    "cosignature": "(size, name, key_id, at, line) VALUES (9, 'x', 'xxxx', now(), 'x')",
    "publication": "(size, previous, published_at) VALUES (9, 8, now())",
    "check_record": "(id, index, organisation, decided_at, purpose, urgency, outcome, basis)"
    " VALUES ('x', 9, 'x', now(), 'x', 'x', 'x', 'x')",
    "sharing_event": "(provider, id, index, sha256, recipient_sees, decision, purpose, decided_at, flags, urgency,"
    " basis, late_entry)"
    " VALUES ('x', gen_random_uuid(), 9, sha256('x'), false, 'deferred', 'x', now(), '{}', 'x', 'x', false)",
    "event_reference": "(index, organisation, reference) VALUES (9, 'x', 'x')",
    "acknowledgement": "(index, provider, event, recipient, event_sha256, matches, received_at)"
    " VALUES (9, 'x', gen_random_uuid(), 'y', sha256('x'), true, now())",
    "consent_entry": "(index, consent, organisation, subject, event, at) VALUES (9, 'x', 'x', 'x', 'given', now())",
    "challenge_entry": "(index, challenge, organisation, other, by_body, event, code, stage, at, partnership)"
    " VALUES (9, 'x', 'x', 'y', 'x', 'raised', 'x', 'x', now(), 'x')",
    "search_record": "(index, organisation, what) VALUES (9, 'x', 'x')",
    "thread": "(thread, index) VALUES ('x', 9)",
    "erasure": "(index, by, reason) VALUES (8, 9, 'x')",
    "erased_record": "(index, organisation, id, readers) VALUES (9, 'x', 'x', '{}')",
    "legal_hold": "(hold, index, organisations, entries) VALUES ('x', 9, '{}', '{}')",
    "legal_hold_lifted": "(hold, index) VALUES ('x', 9)",
}
FIRST = {"legal_hold": "hold", "legal_hold_lifted": "hold", "check_record": "id", "sharing_event": "provider",
         "tile": "number", "checkpoint": "size", "cosignature": "size", "publication": "size"}  # fmt: skip

CHANGING = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE false",
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
    "INSERT INTO {table} {row} ON CONFLICT ({key}) DO UPDATE SET {column} = {table}.{column}",
    "MERGE INTO {table} t USING (SELECT 1) AS s ON false WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN DO NOTHING",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT * FROM gone",
    "SELECT * FROM {table} FOR UPDATE",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
)
SCHEMA = (
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER append_only",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} ADD COLUMN mine text",
    "ALTER TABLE {table} RENAME TO other",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "DROP TABLE {table}",
    "DROP TRIGGER append_only ON {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE RULE mine AS ON DELETE TO {table} DO INSTEAD NOTHING",
    "CREATE INDEX ON {table} ({column})",
    "CREATE POLICY mine ON {table} USING (true)",
    "GRANT ALL ON {table} TO CURRENT_USER; DELETE FROM {table}",
)
SESSION = (
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SET ROLE isa_guard",
    "GRANT isa_guard TO CURRENT_USER",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP FUNCTION refuse_change() CASCADE",
    "ALTER FUNCTION erase_payload(bigint, bigint) OWNER TO CURRENT_USER",
    "ALTER SYSTEM SET session_replication_role = replica",
    "COPY entry FROM PROGRAM 'true'",
    "COPY payload TO PROGRAM 'true'",
    "COPY payload TO '/tmp/payload'",
    "SELECT pg_read_file('/etc/hostname')",
    "CREATE FUNCTION public.mine() RETURNS void LANGUAGE sql SECURITY DEFINER AS ''",
    "DO LANGUAGE plpgsql $$ BEGIN EXECUTE 'DELETE FROM payload'; END $$",
)

MAY_READ = {
    "isa_sequence": set(TABLES),
    "isa_read": set(TABLES) - {"thread"},
    "isa_work": {"erasure"},
    "isa_checkpoint": {"entry", "tile", "checkpoint", "cosignature", "publication"},
    "isa_erase": set[str](),
    "checkpointer": set[str](),
    "service": set[str](),
    "eraser": set[str](),
}
MAY_INSERT = {
    "isa_sequence": set(TABLES) - {"erased_record", "checkpoint", "cosignature", "publication"},
    "isa_read": set[str](),
    "isa_work": set[str](),
    "isa_checkpoint": {"checkpoint", "cosignature", "publication"},
    "isa_erase": set[str](),
    "checkpointer": set[str](),
    "service": set[str](),
    "eraser": set[str](),
}
ACTORS = tuple(MAY_READ)
ROLES = [name for name in ACTORS if name.startswith("isa_")]


async def actor(logins: Logins, name: str) -> asyncpg.Connection:
    """A login that has taken a role, or none."""
    login = {"eraser": eraser_url(logins), "isa_erase": eraser_url(logins), "checkpointer": logins.checkpointer,
             "isa_checkpoint": logins.checkpointer}.get(name, logins.service)  # fmt: skip
    return await connect(login, name) if name.startswith("isa_") else await asyncpg.connect(login)  # type: ignore[arg-type]


def eraser_url(logins: Logins) -> str:
    return logins.service.replace(logins.names["service"], logins.eraser)


@pytest.fixture(params=ACTORS)
async def acting(request: pytest.FixtureRequest, logins: Logins) -> AsyncIterator[tuple[str, asyncpg.Connection]]:
    conn = await asyncpg.connect(logins.owner)
    try:
        await migrate(conn, data_directory("migrations"))
    finally:
        await conn.close()
    superuser = await asyncpg.connect(with_database(logins.server, logins.database))
    try:
        await superuser.execute(f"ALTER ROLE \"{logins.eraser}\" PASSWORD '{'1' * 48}'")
    finally:
        await superuser.close()
    connection = await actor(logins, request.param)
    yield request.param, connection
    await connection.close()


async def attempt(connection: asyncpg.Connection, statement: str) -> str:
    """`done`, or the name of the refusal; nothing is kept either way."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return type(error).__name__
    finally:
        await transaction.rollback()
    return "done"


def filled(statement: str, table: str) -> str:
    column = FIRST.get(table, "index")
    key = {
        "tile": "level, number",
        "sharing_event": "provider, id",
        "event_reference": "index, reference",
        "thread": "thread, index",
        "cosignature": "size, name, key_id, at",
    }.get(table, column)
    return statement.format(table=table, column=column, key=key, row=ROW[table])


async def test_no_role_and_no_login_changes_a_table_of_the_log(acting: tuple[str, asyncpg.Connection]) -> None:
    _, connection = acting
    outcomes = {
        statement: await attempt(connection, statement)
        for table in TABLES
        for statement in (filled(one, table) for one in (*CHANGING, *SCHEMA))
    }
    assert {} == {one: how for one, how in outcomes.items() if how != "InsufficientPrivilegeError"}


async def test_no_role_and_no_login_frees_itself(acting: tuple[str, asyncpg.Connection]) -> None:
    _, connection = acting
    outcomes = {statement: await attempt(connection, statement) for statement in SESSION}
    refusals = {"InsufficientPrivilegeError", "ActiveSQLTransactionError", "UndefinedFileError"}
    assert {} == {one: how for one, how in outcomes.items() if how not in refusals}


async def test_a_role_reads_and_appends_what_it_is_for(acting: tuple[str, asyncpg.Connection]) -> None:
    name, connection = acting
    readable = {table for table in TABLES if await attempt(connection, f"SELECT FROM {table}") == "done"}
    copied = {table for table in TABLES if await attempt(connection, f"SELECT FROM (TABLE {table}) AS t") == "done"}
    appended = {table for table in TABLES if await attempt(connection, f"INSERT INTO {table} {ROW[table]}") == "done"}
    assert (MAY_READ[name], MAY_READ[name], MAY_INSERT[name]) == (readable, copied, appended)


async def test_only_the_eraser_calls_what_deletes(acting: tuple[str, asyncpg.Connection]) -> None:
    name, connection = acting
    how = await attempt(connection, "SELECT erase_payload(0, 1)")
    assert ("RaiseError" if name == "isa_erase" else "InsufficientPrivilegeError") == how


async def test_a_reader_sees_no_payload_of_others_however_it_asks(logins: Logins) -> None:
    conn = await connect(logins.service, "isa_read")
    try:
        for organisation in ("", "harbour", "a-police", "NULL", "'*'"):
            await conn.execute("SELECT set_config('isa.organisation', $1, false)", organisation)
            assert 0 == await conn.fetchval("SELECT count(*) FROM payload WHERE readers IS NOT NULL")
        await conn.execute("SET row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.fetch("SELECT * FROM payload")
    finally:
        await conn.close()


# --- what the trigger stops, and what nothing here stops -------------------------------------------------------------


async def test_the_owner_in_a_careless_session_is_stopped_by_the_trigger(logins: Logins) -> None:
    conn = await asyncpg.connect(logins.owner)
    try:
        await migrate(conn, data_directory("migrations"))
        changing = [one for one in CHANGING if "FOR UPDATE" not in one and "LOCK" not in one]
        outcomes = {
            statement: await attempt(conn, statement)
            for table in TABLES
            for statement in (filled(one, table) for one in changing)
        }
        assert {} == {one: how for one, how in outcomes.items() if how != "InsufficientPrivilegeError"}
    finally:
        await conn.close()


async def test_the_owner_can_still_take_the_trigger_away(logins: Logins) -> None:
    """As docs/operating.md says: what the owner rewrites is found by the log's own proofs, not prevented."""
    conn = await asyncpg.connect(logins.owner)
    try:
        await migrate(conn, data_directory("migrations"))
        for statement in ("ALTER TABLE entry DISABLE TRIGGER append_only", "DROP TRIGGER append_only ON entry"):
            assert "done" == await attempt(conn, statement)
        assert "InsufficientPrivilegeError" == await attempt(conn, "SET session_replication_role = replica")
    finally:
        await conn.close()


async def test_nobody_is_a_member_of_the_role_that_deletes_with_a_right_to_act_as_it(logins: Logins) -> None:
    conn = await asyncpg.connect(with_database(logins.server, logins.database))
    try:
        rows = await conn.fetch(
            "SELECT r.rolname FROM pg_roles r WHERE NOT r.rolsuper AND r.rolname <> 'isa_guard'"
            " AND pg_has_role(r.rolname, 'isa_guard', 'SET') AND r.rolname = ANY ($1)",
            [*logins.names.values(), logins.eraser, *ROLES],
        )
        assert [] == [row["rolname"] for row in rows]
        guard = await conn.fetchrow(
            "SELECT rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'isa_guard'"
        )
        assert (False, False, False) == tuple(guard)
        owner = await conn.fetchval(
            "SELECT r.rolname FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.proname = 'erase_payload'"
        )
        assert owner == "isa_guard"
    finally:
        await conn.close()
