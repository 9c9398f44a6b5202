"""The log that is continued, for the tests of that."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import isa_verify.cli
from cli.continued import NEW, OLD, TRUST, Story, after_the_backup, everything
from cli.logs import Log, Ran, founding_document, run
from databases import Databases
from isa_registry.actions import clients
from isa_registry.domain.access_entries import ClientGranted


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def archived(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole evidence of the restored database."""
    bundle = tmp_path_factory.mktemp("archive") / "old.isa-evidence.jsonl"
    exported = story.old.run("export", bundle, "--ended", "--reason", "audit")
    assert (exported.status, exported.err) == (0, "")
    return bundle


@pytest.fixture
def copied(story: Story, databases: Databases, tmp_path: Path) -> Iterator[Log]:
    """The old database, to be spoilt, as it was when its newest checkpoint was the last."""
    name = databases.create(urlsplit(story.old.url).path.removeprefix("/"))
    log = copy.copy(story.old)
    log.directory = tmp_path / "copied"
    shutil.copytree(story.old.directory / "keys", log.directory / "keys")
    log.url, log.outside = databases.url(name), log.directory / "checkpoint"
    log.outside.write_bytes(story.before)
    yield log
    databases.drop(name)


@pytest.fixture
def unsigned(copied: Log) -> Log:
    """The old database with what was appended after the newest checkpoint that it has, and never signed there."""
    copied.grow(lambda view: [clients.grant(ClientGranted(TRUST, "unsigned", ("checks:ask",)))], sign=False)
    return copied
