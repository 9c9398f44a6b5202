"""What somebody appends who has the service's role in the database and asks no action: found, or not, and by whom."""

from __future__ import annotations

import pytest

from faults.drafts import POLICE, check_draft, submitted
from isa_registry.domain.entries import CheckAnswered, SharingEventRecorded, SharingEventWithheld
from isa_registry.domain.register.register import Register
from isa_registry.ledger.rows import check_row, sharing_event_row
from isa_registry.runtime.fsck.check import check_log
from isa_registry.runtime.fsck.findings import Findings
from isa_registry.runtime.fsck.signatures import SignatureCheck
from isa_registry.store.pool import connect
from running import ORIGIN, SIGNER
from tamper.victim import SIZE, Victim


async def found(victim: Victim, *, signatures: bool = False) -> set[tuple[str, str]]:
    report = await check_log(victim.url, origin=ORIGIN, vkeys=SIGNER.vkeys, signatures=signatures)
    return {(one.code, one.where) for one in report.findings}


async def test_what_no_action_would_have_made_is_found(victim: Victim) -> None:
    await victim.append(b'{"kind":"sharing-event.recorded","jws":"a.b.c"}', "sharing-event.recorded")
    assert {("payload-unknown", f"entry {SIZE}")} <= await found(victim)


async def test_an_answer_that_nobody_asked_for_is_not(victim: Victim) -> None:
    """The body in whose name it stands sees it among its own."""
    payload = check_draft(900).payloads[0]
    assert isinstance(payload, CheckAnswered)
    row = check_row(await victim.append(payload), payload)
    await insert(
        victim,
        "check_record (id, index, organisation, decided_at)",
        row.id,
        row.index,
        row.organisation,
        row.decided_at,
    )
    assert set() == await found(victim, signatures=True)


async def test_an_event_that_its_body_did_not_sign_is_found(victim: Victim) -> None:
    signed = submitted(900).event
    head, claims, _ = signed.split(".")
    payload = SharingEventRecorded(jws=f"{head}.{claims}.{'A' * 86}")
    row = sharing_event_row(await victim.append(payload), payload, ())
    await insert(
        victim,
        "sharing_event (provider, id, index, sha256, recipient, recipient_sees, decision, purpose, decided_at, flags)",
        *(row.provider, row.id, row.index, row.sha256, row.recipient, row.recipient_sees, row.decision, row.purpose),
        *(row.decided_at, list(row.flags)),
    )
    assert set() == await found(victim)
    assert {("event-signature", f"entry {SIZE}")} == await found(victim, signatures=True)


async def test_every_honest_signature_holds(victim: Victim) -> None:
    assert set() == await found(victim, signatures=True)


@pytest.mark.parametrize("register_whole", [True, False])
def test_a_key_that_nobody_registered_signs_nothing_unless_its_entry_may_be_erased(register_whole: bool) -> None:
    findings = Findings()
    event, held_back = submitted(1, part=True).event, submitted(1, part=True).withheld
    assert held_back is not None
    check = SignatureCheck(Register(), findings)
    check.entry(5, SharingEventRecorded(jws=event), register_whole=register_whole)
    check.entry(6, SharingEventWithheld(provider=POLICE, event="x", jws=held_back), register_whole=register_whole)
    check.entry(7, SharingEventWithheld(provider=POLICE, event="x", jws=event), register_whole=register_whole)
    expected = ["entry 5", "entry 6", "entry 7"] if register_whole else ["entry 7"]
    assert expected == [one.where for one in findings.kept]


async def insert(victim: Victim, columns: str, *values: object) -> None:
    connection = await connect(victim.url, "isa_sequence")
    try:
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        await connection.execute(f"INSERT INTO {columns} VALUES ({places})", *values)
    finally:
        await connection.close()
