"""What waited for a second person before words carried marks is proposed anew; what was decided stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import asyncpg

from isa_registry.data import data_directory
from isa_registry.store.migrate import migrate


async def test_what_waits_goes_and_what_was_decided_stays(empty_database_url: str, tmp_path: Path) -> None:
    carried = sorted(data_directory("migrations").glob("*.sql"))
    (marks,) = [path for path in carried if path.name.endswith("_proposal_marks.sql")]
    for path in carried:
        if path.name < marks.name:
            shutil.copy(path, tmp_path / path.name)
    owner = await asyncpg.connect(empty_database_url)
    await migrate(owner, tmp_path)
    await owner.execute(
        "INSERT INTO access_proposal (id, organisation, change, sha256, state, proposed_by, proposed_at, expires_at,"
        " approved_by, approved_at, approved_size, entry) VALUES"
        " ('open', 'a', '[]', sha256('[]'), 'open', 1, now(), now(), NULL, NULL, NULL, NULL),"
        " ('approved', 'a', '[]', sha256('[]'), 'approved', 1, now(), now(), 2, now(), 7, NULL),"
        " ('logged', 'a', NULL, NULL, 'logged', 1, now(), now(), 2, now(), 7, 7),"
        " ('declined', 'a', NULL, NULL, 'declined', 1, now(), now(), NULL, NULL, NULL, NULL)"
    )
    for path in carried[carried.index(marks) :]:
        shutil.copy(path, tmp_path / path.name)
    await migrate(owner, tmp_path)
    assert ["declined", "logged"] == [
        row["id"] for row in await owner.fetch("SELECT id FROM access_proposal ORDER BY 1")
    ]
    await owner.close()
