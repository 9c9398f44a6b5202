"""What is done to stored publications and cosignatures, each found by the operator's own check."""

from __future__ import annotations

from tamper.case import InDatabase, Takes, Tool, Verb
from tamper.stored import stored
from tamper.victim import Victim
from verify.signing import COUNCIL, NHS, POLICE

NHS_LINE = f"name = '{NHS.name}'"


async def cosigned_early(victim: Victim) -> None:
    """A witness's own key, on the newest checkpoint, at a time long before it signed the one before."""
    await victim.edit(f"DELETE FROM cosignature WHERE size = 600 AND {NHS_LINE}")
    await victim.cosign(NHS, 600, 1_780_000_000)


async def cosigned_at_no_time(victim: Victim) -> None:
    await victim.cosign(NHS, 600, 0)


async def cosigned_by_stranger(victim: Victim) -> None:
    """A line of the council's key under the health service's name."""
    await victim.cosign(COUNCIL, 600, 1_790_000_000)
    await victim.edit(
        f"DELETE FROM cosignature WHERE size = 600 AND {NHS_LINE}",
        f"UPDATE cosignature SET name = '{NHS.name}' WHERE size = 600 AND name = '{COUNCIL.name}'",
    )


CASES = [
    stored(
        Verb.PUBLICATION,
        "deletes one between two others",
        "DELETE FROM publication WHERE size = {published}",
        "publication-chain",
        "publication 600",
    ),
    stored(
        Verb.PUBLICATION,
        "lets one follow another than it did",
        "UPDATE publication SET previous = previous - 1 WHERE size = 600",
        "publication-chain",
        "publication 600",
    ),
    stored(
        Verb.PUBLICATION,
        "publishes what was never signed",
        "INSERT INTO publication VALUES (601, 600, now())",
        "publication-unsigned",
        "publication 601",
    ),
    stored(
        Verb.COSIGNATURE,
        "drops one, so that what was published lacks its quorum",
        f"DELETE FROM cosignature WHERE size = 600 AND {NHS_LINE}",
        "publication-unwitnessed",
        "publication 600",
        Tool.FSCK_POLICY,
    ),
    stored(
        Verb.COSIGNATURE,
        "drops all there are",
        "DELETE FROM cosignature",
        "publication-unwitnessed",
        "publication 600",
        Tool.FSCK_POLICY,
    ),
    stored(
        Verb.COSIGNATURE,
        "forges one from that of another checkpoint",
        "UPDATE cosignature SET line = (SELECT line FROM cosignature "
        f"WHERE size = {{published}} AND {NHS_LINE} LIMIT 1) WHERE size = 600 AND {NHS_LINE}",
        "cosignature-invalid",
        f"checkpoint 600, {NHS.name}",
        Tool.FSCK_POLICY,
    ),
    stored(
        Verb.COSIGNATURE,
        "puts what is no cosignature in its place",
        f"UPDATE cosignature SET line = 'none' WHERE size = 600 AND {NHS_LINE}",
        "cosignature-malformed",
        f"checkpoint 600, {NHS.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "counts one a second time, at another hour",
        "INSERT INTO cosignature SELECT size, name, key_id, at + interval '1 hour', line FROM cosignature "
        f"WHERE size = 600 AND {NHS_LINE}",
        "cosignature-columns",
        f"checkpoint 600, {NHS.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "counts one a second time, under another witness's name",
        f"UPDATE cosignature SET name = '{COUNCIL.name}' WHERE size = 600 AND {NHS_LINE}",
        "cosignature-columns",
        f"checkpoint 600, {COUNCIL.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "puts another key's line under a witness's name",
        cosigned_by_stranger,
        "cosignature-columns",
        f"checkpoint 600, {NHS.name}",
    ),
    stored(
        Verb.COSIGNATURE,
        "leaves those of a checkpoint that is gone",
        "DELETE FROM checkpoint WHERE size = {published}",
        "cosignature-unsigned",
        f"checkpoint {{published}}, {POLICE.name}",
    ),
    InDatabase(
        Verb.CLOCK,
        "has a witness cosign with its clock far back",
        Takes.FEW_WITNESSES,
        Tool.FSCK_POLICY,
        "cosignature-time-fell",
        edits=cosigned_early,
        where=f"checkpoint 600, {NHS.name}",
    ),
    InDatabase(
        Verb.CLOCK,
        "has a witness cosign at no time",
        Takes.FEW_WITNESSES,
        Tool.FSCK_POLICY,
        "cosignature-undated",
        edits=cosigned_at_no_time,
        where=f"checkpoint 600, {NHS.name}",
    ),
]
