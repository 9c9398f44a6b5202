"""A log that continues another, as its operator and its auditors live it (docs/operating.md, 'After a restore')."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from msgspec import structs

import isa_verify.cli
from cli.logs import Log, Ran, founding_document, run
from databases import Databases
from faults.witnessing import eventually
from isa_registry.actions import erasures, keys, lawful_bases, organisations
from isa_registry.data import data_directory
from isa_registry.domain.entries import (
    AttestationWithdrawn,
    ClientGranted,
    ClientRevoked,
    IssuerRegistered,
    KeyRegistered,
    KeyRevoked,
    LawfulBasisEnded,
    OrganisationChanged,
    RoleGranted,
    RoleRevoked,
)
from isa_registry.domain.keeping_entries import HoldLifted, HoldPlaced
from isa_registry.domain.register.carrying import current_values
from isa_registry.domain.register.facts import Attestation, Hold
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.retention import HoldScope
from isa_registry.identity.signing import new_signing_key
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.key_files import read_log_signer_in
from isa_verify.receipt import Receipt
from isa_verify.state import State
from live import free_port

OLD, NEW = "registry.example.org/durham", "registry.example.org/durham-2026"
POLICE, COUNCIL, TRUST = "durham-constabulary", "durham-county-council", "harrogate-district-nhs-ft"
ISSUER = "https://id.example.org"


def everything(log: Log, view: RegisterView) -> Sequence[Draft]:
    """What a register comes to hold in its life, superseded and current."""
    body = view.organisation(POLICE)
    assert body is not None
    _, public = new_signing_key("police-1")
    jwk = {name: public[name] for name in ("kty", "crv", "x")}
    valid = "2026-01-01T00:00:00.000Z"
    record = {"organisation": POLICE, "name": "The police", "organisation_kind": body.organisation_kind}
    person = {"organisation": COUNCIL, "issuer": ISSUER, "subject": "someone"}
    return (
        organisations.change(OrganisationChanged(**record)),
        organisations.change(OrganisationChanged(**record | {"name": "Durham Constabulary"})),
        organisations.register_issuer(
            IssuerRegistered(
                organisation=COUNCIL, issuer=ISSUER, audiences=("x",), algorithms=("ES256",), profile="generic"
            )
        ),
        organisations.grant_role(RoleGranted(**person, role="auditor")),
        organisations.grant_role(RoleGranted(**person, role="signatory")),
        Draft(payloads=(RoleRevoked(**person, role="signatory"),)),
        organisations.grant_client(ClientGranted(organisation=POLICE, client="a", scopes=("checks:ask",))),
        organisations.grant_client(ClientGranted(organisation=POLICE, client="b", scopes=("checks:ask",))),
        Draft(payloads=(ClientRevoked(organisation=POLICE, client="b"),)),
        keys.register(
            KeyRegistered(
                organisation=POLICE, kid="k1", algorithm="Ed25519", jwk=jwk, uses=("event",), valid_from=valid
            )
        ),
        keys.revoke(KeyRevoked(organisation=POLICE, kid="k1", reason="compromised", suspect_from=valid)),
        log.attest(view, POLICE),
        log.attest(view, COUNCIL),
        log.attest(view, TRUST),
        Draft(
            payloads=(
                AttestationWithdrawn(
                    attestation=f"att_{TRUST}_{view.size}", organisation=TRUST, on="2026-11-20", reason="other"
                ),
            )
        ),
        *bases(view),
        erasures.change_retention(erasures.read_rules((data_directory("agreements") / "retention.json").read_bytes())),
        erasures.place_hold(HoldPlaced(hold="inquiry", reason="inquiry", scope=HoldScope(entries=(3, view.size + 1)))),
        erasures.place_hold(HoldPlaced(hold="over", reason="court", scope=HoldScope(organisations=(POLICE,)))),
        erasures.lift_hold(HoldLifted(hold="over", reason="ended")),
        erasures.place_hold(HoldPlaced(hold="police", reason="court", scope=HoldScope(organisations=(POLICE,)))),
    )


def bases(view: RegisterView) -> Iterator[Draft]:
    """Two lawful-basis records, of which one ended."""
    catalogue, body = view.catalogue(), view.organisation(POLICE)
    assert catalogue is not None
    assert body is not None
    for record, purpose in (("lb-1", "missing-now"), ("lb-2", "mappa")):
        fact = lawful_bases.adopt_default(record, body, "tier-2-hoth", purpose, catalogue, starts="2026-06-01")
        assert fact is not None
        yield lawful_bases.record(fact)
    yield Draft(payloads=(LawfulBasisEnded(record="lb-2", organisation=POLICE, on="2026-10-01"),))


def after_the_backup(view: RegisterView) -> Sequence[Draft]:
    return (
        organisations.grant_client(ClientGranted(organisation=COUNCIL, client="lost", scopes=("checks:ask",))),
        organisations.grant_client(ClientGranted(organisation=COUNCIL, client="lost-too", scopes=("checks:ask",))),
    )


@dataclass
class Story:
    """`old` is the log whose older backup was put in the place of its database. `lost` is a receipt of an entry that
    only the newer one had, `remembered` an auditor's directory that saw it, `whole` how many entries it had;
    `backed_up` and `before` are the backup's size and its newest checkpoint."""

    old: Log
    new: Log
    lost: Path
    remembered: Path
    whole: int
    backed_up: int
    before: bytes
    began: Ran

    def continuing(self, *arguments: object, **environment: str) -> Ran:
        return self.new.run(
            "continue",
            *("--old-keys", self.old.keys_file, "--old-checkpoint", self.old.outside),
            *("--reason", "database-restored", *arguments),
            **{"ISA_OLD_DATABASE_URL": self.old.url, **environment},
        )


@pytest.fixture(scope="module")
def story(databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    directory = tmp_path_factory.mktemp("story")
    names = [databases.create(template_database) for _ in range(2)]
    (directory / "old").mkdir()
    (directory / "new").mkdir()
    old = Log(directory / "old", databases.url(names[0]), OLD)
    imported = old.run("import", founding_document(directory / "founding.json"))
    assert imported.status == 0, imported.err
    old.grow(lambda view: everything(old, view))
    names.append(databases.create(names[0]))
    backed_up, before = old.size(), old.outside.read_bytes()
    lost = old.grow(after_the_backup, receipt=backed_up)
    (directory / "lost.isa-receipt.json").write_bytes(lost)
    copied = old.run("export", "--tiles", directory / "old-copy")
    assert copied.status == 0, copied.err
    seen = run(
        *("log", directory / "old-copy", "--vkeys", old.keys_file, "--state", directory / "remembered"),
        program=isa_verify.cli.main,
    )
    assert seen.status == 0, seen.err
    whole = old.size()

    old.url = databases.url(names[2])
    new = Log(directory / "new", databases.url(names[1]), NEW)
    story = Story(
        old=old,
        new=new,
        lost=directory / "lost.isa-receipt.json",
        remembered=directory / "remembered",
        whole=whole,
        backed_up=backed_up,
        before=before,
        began=Ran(0, "", ""),
    )
    story.began = story.continuing()
    yield story
    for name in names:
        databases.drop(name)


@pytest.fixture
def fresh(story: Story, database_url: str, tmp_path: Path) -> Log:
    """Another log that could be begun to continue the old one."""
    return Log(tmp_path, database_url, f"{NEW}-other")


def audit(target: object, keys: Path, state: Path, *arguments: object) -> Ran:
    return run("log", target, "--vkeys", keys, "--state", state, *arguments, program=isa_verify.cli.main)


def published(log: Log, directory: Path) -> Path:
    copied = log.run("export", "--tiles", directory)
    assert copied.status == 0, copied.err
    return directory


# --- the database that was restored ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["serve", "checkpoint"])
def test_an_older_copy_is_refused_and_the_way_out_is_named_also_once_it_was_taken(story: Story, command: str) -> None:
    environment = story.old.settings if command == "serve" else story.old.signing
    ended = subprocess.run(
        [sys.executable, "-m", "isa_registry", command], env=environment, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 2
    assert f"holds {story.backed_up} entries" in ended.stderr
    assert "`isa-registry continue`" in ended.stderr
    assert "## After a restore" in (Path(__file__).parents[2] / "docs/operating.md").read_text()


# --- the log that continues it --------------------------------------------------------------------------------------


def test_it_says_what_was_lost_and_what_the_new_log_begins_with(story: Story) -> None:
    assert (0, "") == (story.began.status, story.began.err)
    assert story.began.out.splitlines()[:2] == [
        f"{OLD} signed {story.whole} entries; the old database holds {story.backed_up}",
        "2 entries that it signed are lost; receipts for them verify with the old keys",
    ]


def current(log: Log) -> dict[str, object]:
    """The current values, without the numbers by which the log calls its own entries."""
    found = current_values(log.register())
    for place, value in found.items():
        if isinstance(value, Attestation):
            found[place] = structs.replace(value, entry=0)
        if isinstance(value, Hold):
            found[place] = structs.replace(value, scope=structs.replace(value.scope, entries=()))
    return {place: value for place, value in found.items() if place != "holds over"}


def test_the_new_register_is_the_old_one(story: Story) -> None:
    before, after = current(story.old), current(story.new)
    assert before == after
    shelves = {place.split(" ")[0] for place in after}
    assert {*story.new.register().shelves(), "catalogue"} == shelves, "every shelf is filled, so every one was compared"


def test_the_new_log_is_begun_under_its_own_name_for_the_same_partnership(story: Story) -> None:
    old, new = (log.register().at(2).opened() for log in (story.old, story.new))
    assert old is not None
    assert new is not None
    assert structs.replace(old, origin=NEW, attestation_key=new.attestation_key) == new
    assert "d" not in new.attestation_key
    assert new.attestation_key != old.attestation_key


def test_it_grows_is_signed_and_whole_and_its_evidence_replays(story: Story, tmp_path: Path) -> None:
    story.new.grow(lambda view: [organisations.grant_client(ClientGranted(POLICE, f"c{view.size}", ("checks:ask",)))])
    bundle = tmp_path / "new.isa-evidence.jsonl"

    assert ", 0 findings, " in story.new.run("fsck").out
    assert (exported := story.new.run("export", bundle, "--reason", "audit")).status == 0, exported.err
    verified = run("export", bundle, "--vkeys", story.new.keys_file, program=isa_verify.cli.main)
    assert verified.status == 0, verified.err
    assert (replayed := run("replay", bundle)).status == 0, replayed.err


# --- auditors -------------------------------------------------------------------------------------------------------


def test_an_auditor_follows_from_the_old_log_to_the_new(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    copy = published(story.new, tmp_path / "new")
    state = shutil.copytree(story.remembered, tmp_path / "state")

    followed = audit(copy, story.new.keys_file, state, "--continued-from", story.old.keys_file)

    assert followed.status == 0, followed.err
    assert f"{OLD}" in followed.out
    assert "database-restored" in followed.out
    assert audit(copy, story.new.keys_file, state).status == 0


def test_an_auditor_who_saw_less_is_told_how_many_entries_were_not_compared(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    copy = published(story.new, tmp_path / "new")
    State(tmp_path / "state").save(story.before)

    followed = audit(copy, story.new.keys_file, tmp_path / "state", "--continued-from", story.old.keys_file)

    assert followed.status == 0, followed.err
    assert "its last 2 entries were not compared" in followed.out


def test_an_end_before_what_an_auditor_saw_is_found(story: Story, fresh: Log, tmp_path: Path) -> None:
    """An operator who keeps quiet about what was signed after the backup."""
    earlier = tmp_path / "earlier"
    earlier.write_bytes(story.before)
    begun = fresh.run(
        "continue", "--old-keys", story.old.keys_file, "--old-checkpoint", earlier, "--reason", "operator-changed",
        ISA_OLD_DATABASE_URL=story.old.url,
    )  # fmt: skip
    assert begun.status == 0, begun.err
    fresh.grow()
    copy = published(fresh, tmp_path / "new")
    state = shutil.copytree(story.remembered, tmp_path / "state")

    refused = audit(copy, fresh.keys_file, state, "--continued-from", story.old.keys_file)

    assert refused.status == 1
    assert "continuation-lost-entries" in refused.err + refused.out


def test_a_receipt_for_a_lost_entry_still_verifies_with_the_old_keys(story: Story) -> None:
    kept = run("receipt", story.lost, "--vkeys", story.old.keys_file, program=isa_verify.cli.main)
    assert (0, True) == (kept.status, f"index {story.backed_up}" in kept.out), kept.err
    other = run("receipt", story.lost, "--vkeys", story.new.keys_file, program=isa_verify.cli.main)
    assert other.status == 1


def test_the_service_shows_what_it_continues(story: Story, tmp_path: Path) -> None:
    story.new.grow()
    with served(story.new) as url:
        shown = httpx.get(f"{url}/log/continuation")
        followed = audit(f"{url}/log", story.new.keys_file, tmp_path / "state", "--continued-from", story.old.keys_file)
    receipt = tmp_path / "continuation.isa-receipt.json"
    receipt.write_bytes(shown.content)

    assert followed.status == 0, followed.err
    assert shown.headers["Content-Type"] == "application/json"
    assert run("receipt", receipt, "--vkeys", story.new.keys_file, program=isa_verify.cli.main).status == 0
    payload = json.loads(Receipt.parse(shown.content).payload)
    assert payload == {
        "kind": "log.continued",
        "old_origin": OLD,
        "old_checkpoint": story.old.outside.read_text(),
        "reason": "database-restored",
    }


@contextmanager
def served(log: Log) -> Iterator[str]:
    """The service and what signs beside it, as processes of their own."""
    port = free_port()
    command = [sys.executable, "-m", "isa_registry"]
    environment = {**log.settings, "ISA_PORT": str(port), "ISA_WORKERS": "1", "ISA_ALLOWED_HOSTS": f"127.0.0.1:{port}"}
    with (
        subprocess.Popen([*command, "checkpoint"], env=log.signing, stdout=subprocess.DEVNULL) as signing,
        subprocess.Popen([*command, "serve"], env=environment, stdout=subprocess.DEVNULL) as serving,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: httpx.get(f"{url}/readyz").json()["checkpoint_size"] == log.size(), seconds=60)
            yield url
        finally:
            for process in (serving, signing):
                process.terminate()


# --- carried out twice, or half -------------------------------------------------------------------------------------


def test_running_it_again_does_nothing_and_says_so(story: Story) -> None:
    size = story.new.size()
    again = story.continuing()
    assert (0, f"{NEW} continues {OLD} already: nothing is left to do\n") == (again.status, again.out)
    assert size == story.new.size()


def test_killed_before_its_commit_it_has_left_nothing_and_is_run_again(story: Story, fresh: Log) -> None:
    elsewhere = replace(story, new=fresh)
    with turn_taken(fresh.url) as awaited:
        command = [
            *(sys.executable, "-m", "isa_registry", "continue", "--old-keys", str(story.old.keys_file)),
            *("--old-checkpoint", str(story.old.outside), "--reason", "database-restored"),
        ]
        environment = {**fresh.settings, "PATH": "/usr/bin:/bin", "ISA_OLD_DATABASE_URL": story.old.url}
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            eventually(awaited, seconds=30)
            process.kill()
    assert fresh.size() == 0

    again = elsewhere.continuing()

    assert again.status == 0, again.err
    assert again.out.endswith(f"the log now has {fresh.size()} entries\n")


@contextmanager
def turn_taken(url: str) -> Iterator[Callable[[], bool]]:
    """Nobody can append meanwhile; what is yielded says whether somebody waits to."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(url))
        runner.run(connection.execute("SELECT pg_advisory_lock(7302)"))

        def awaited() -> bool:
            waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            return bool(runner.run(connection.fetchval(waiting)))

        try:
            yield awaited
        finally:
            runner.run(connection.close())


def test_a_dry_run_says_line_by_line_what_would_be_done_and_does_nothing(story: Story, fresh: Log) -> None:
    said = replace(story, new=fresh).continuing("--dry-run")

    assert said.status == 0, said.err
    assert fresh.size() == 0
    lines = said.out.splitlines()
    assert "entry 1 becomes entry 2: catalogue.changed" in lines
    assert "entry 0 stays behind: registry.opened (of-the-old-log)" in lines
    assert sum(line.endswith(f"organisation.changed of {POLICE}") for line in lines) == 1
    assert sum(line.endswith(f"organisation.changed of {POLICE} (no-longer-matters)") for line in lines) == 1
    assert "someone" not in said.out, "people are not named"
    told = [int(line.split(" ")[1]) for line in lines if line.startswith("entry ")]
    assert sorted(told) == list(range(story.backed_up)), "each of the register's entries has its line"


# --- refusals -------------------------------------------------------------------------------------------------------


def refused(ran: Ran, status: int, words: str) -> bool:
    """Whether it ended so, and says what it should in one line of plain words."""
    return (ran.status, words in ran.err, "Traceback" in ran.err, ran.err.count("\n")) == (status, True, False, 1)


def test_the_wrong_keys_are_refused(story: Story, fresh: Log, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed.vkeys"
    mixed.write_text("\n".join(Log(tmp_path / "imposter", "", OLD).keys_file.read_text().splitlines()))
    elsewhere = replace(story, new=fresh)
    assert refused(elsewhere.continuing("--old-keys", mixed), 1, "signature-missing")
    assert refused(elsewhere.continuing("--old-keys", story.new.keys_file), 1, "signature-missing")
    assert fresh.size() == 0


def test_a_checkpoint_of_another_log_is_refused(story: Story, fresh: Log) -> None:
    story.new.grow()
    ran = replace(story, new=fresh).continuing("--old-checkpoint", story.new.outside)
    assert refused(ran, 1, "signature-missing")


def test_another_database_than_the_checkpoints_is_refused(story: Story, fresh: Log) -> None:
    ran = replace(story, new=fresh).continuing(ISA_OLD_DATABASE_URL=story.new.url)
    assert refused(ran, 1, "old-log-differs")


def test_a_checkpoint_before_the_databases_own_is_refused(story: Story, fresh: Log, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.write_bytes(story.old.signed(3))
    ran = replace(story, new=fresh).continuing("--old-checkpoint", first, "--reason", "keys-lost")
    assert refused(ran, 1, "checkpoint-older")


def test_the_old_origin_is_refused(story: Story, database_url: str, tmp_path: Path) -> None:
    same = Log(tmp_path, database_url, OLD)
    assert refused(replace(story, new=same).continuing(), 1, "an origin of its own")


def test_the_old_keys_are_refused_under_another_name(story: Story, fresh: Log) -> None:
    signer = read_log_signer_in(fresh.origin, story.old.directory / "keys")
    ran = replace(story, new=fresh).continuing(ISA_LOG_VKEYS="\n".join(signer.vkeys))
    assert refused(ran, 1, "Make new keys")


def test_a_database_that_holds_another_log_is_refused(story: Story, fresh: Log, tmp_path: Path) -> None:
    assert fresh.run("import", founding_document(tmp_path / "founding.json")).status == 0
    assert refused(replace(story, new=fresh).continuing(), 1, "begun already")


def test_the_old_logs_files_are_not_taken_for_the_new(story: Story, fresh: Log, tmp_path: Path) -> None:
    elsewhere = replace(story, new=fresh)
    assert refused(elsewhere.continuing(ISA_CHECKPOINT_FILE=str(story.old.outside)), 1, "ISA_CHECKPOINT_FILE")
    journal = tmp_path / "erasures.jsonl"
    journal.touch()
    ran = elsewhere.continuing("--old-journal", journal, ISA_ERASURE_JOURNAL=str(journal))
    assert refused(ran, 1, "a file of its own")
    assert story.old.outside.read_bytes() != story.before
    assert fresh.size() == 0


def test_nothing_lost_is_no_restore_to_get_out_of(story: Story, fresh: Log, tmp_path: Path) -> None:
    before = tmp_path / "before"
    before.write_bytes(story.before)
    ran = replace(story, new=fresh).continuing("--old-checkpoint", before)
    assert refused(ran, 1, "Nothing is lost")


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ((), {"ISA_OLD_DATABASE_URL": ""}, "ISA_OLD_DATABASE_URL is not set"),
        ((), {"ISA_OLD_DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/x"}, "cannot be reached"),
        (("--old-checkpoint", "/nowhere"), {}, "/nowhere cannot be read"),
        (("--old-journal", "/nowhere"), {}, "/nowhere is not there"),
    ],
)
def test_what_cannot_be_read_is_said(
    story: Story, fresh: Log, arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    ran = replace(story, new=fresh).continuing(*arguments, **environment)
    assert refused(ran, 2, words)
    assert "secret" not in ran.err
