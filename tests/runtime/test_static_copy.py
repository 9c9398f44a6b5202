"""A copy of the log as files holds only what is stored as it was made: what is written once is never written again."""

from __future__ import annotations

from pathlib import Path

import pytest

from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.evidence.static_copy import StaticCopy, StaticCopyError
from isa_registry.store.pool import Connection, connect_as_owner
from isa_verify.audit import audit_log
from isa_verify.directory import DirectoryLog
from running import SIGNER, body, opening, running

pytestmark = pytest.mark.asyncio(loop_scope="session")


_CUT = "UPDATE entry SET leaf = substr(leaf, 1, length(leaf) - 1) WHERE index"
_FLIP = "UPDATE tile SET hashes = set_byte(hashes, 7, 1 # get_byte(hashes, 7))"


@pytest.mark.parametrize(
    ("damage", "mend", "says"),
    [
        ("UPDATE entry SET leaf = leaf || 'x' WHERE index = 5", f"{_CUT} = 5", "Entry 5 is not stored as"),
        ("UPDATE entry SET leaf = leaf || 'x' WHERE index = 257", f"{_CUT} = 257", "Entry 257 is not stored as"),
        (
            "UPDATE entry SET index = 900 WHERE index = 9", "UPDATE entry SET index = 9 WHERE index = 900",
            "Entry 9 is not stored as",
        ),
        (_FLIP, _FLIP, "A full tile of level 0 is not stored as"),
    ],
)  # fmt: skip
async def test_what_is_not_as_it_was_made_is_not_copied(
    database_url: str, tmp_path: Path, damage: str, mend: str, says: str
) -> None:
    async with running(database_url) as registry:
        await registry.sequencer.append(opening())
        await registry.sequencer.append(Draft(payloads=tuple(body(number).payloads[0] for number in range(257))))
        checkpoint = await registry.follower.wait_for_checkpoint(258, seconds=10)
        assert checkpoint is not None
        copy = StaticCopy(registry.reading, tmp_path, SIGNER.keys, entries=True, progress=lambda *_: None)
        owner = await connect_as_owner(database_url)
        try:
            await altered(owner, damage)
            with pytest.raises(StaticCopyError, match=says):
                await copy.run(checkpoint)
            assert not (tmp_path / "log" / "checkpoint").exists()
            await altered(owner, mend)
        finally:
            await owner.close()
        await copy.run(checkpoint)
    audited = audit_log(DirectoryLog(tmp_path).fetch, SIGNER.keys.verifiers, entries_required=True)
    assert (audited.size, audited.entries_read) == (258, True)


async def altered(owner: Connection, statement: str) -> None:
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(statement)
    await owner.execute("SET session_replication_role = origin")
