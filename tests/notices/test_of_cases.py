"""What is told of events about a case: to the one body that each concerns, by ids, and never of what was not shared."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from asking import COUNCIL, POLICE
from casework.recorded import acknowledged, child, recorded
from faults.drafts import event_id, furnish
from isa_registry.domain.notices.events import CASE_KINDS, FAMILIES
from isa_registry.domain.notices.happened import FLAGS
from isa_registry.domain.notices.receivers import nobody_told, receivers
from isa_registry.domain.notices.templates import PRIVATE, TEMPLATES
from isa_registry.ledger.drafts import Draft
from isa_registry.runtime.notices import making as making_module
from isa_registry.runtime.notices.keeping import KEPT, WORTH_TELLING
from isa_registry.store import outbox, webhooks
from isa_registry.store.pool import TELLING, connect
from notices.mailboxes import mail_server
from notices.outboxes import notice, outbox_on
from notices.test_making import Making
from notices.test_smtp import mailer
from running import running

HARBOUR = "harbour"


class Cases(Making):
    async def record(self, *drafts: Draft) -> None:
        for draft in drafts:
            appended = await self.registry.sequencer.append(draft)
        await self.registry.follower.wait_for_size(appended.size, seconds=5)

    async def hook(self, organisation: str, *kinds: str) -> str:
        async with self.out.pool.acquire() as connection:
            hook, _ = await webhooks.add(
                connection,
                organisation,
                f"https://{organisation}.example/",
                kinds,
                now=self.out.now - timedelta(days=10),
                most=5,
            )
        assert hook is not None
        return hook

    async def told(self) -> list[tuple[str, str, dict[str, object]]]:
        """What waits for whose webhook, in the order in which it is delivered."""
        rows = await self.out.rows(
            "SELECT w.organisation, d.kind, d.subject FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook"
            " ORDER BY d.position"
        )
        return [(row["organisation"], row["kind"], json.loads(row["subject"])) for row in rows]


@pytest_asyncio.fixture
async def cases(database_url: str) -> AsyncIterator[Cases]:
    async with running(database_url) as registry, outbox_on(database_url) as out:
        await furnish(registry)
        # What was logged is later than the webhooks, by the clock of the log.
        out.now = registry.now()
        found = Cases(database_url, out, registry)
        await found.maker().look()
        yield found


async def test_a_recipients_systems_are_told_what_was_shared_with_it_and_nobody_elses(cases: Cases) -> None:
    for body in (POLICE, COUNCIL, HARBOUR):
        await cases.hook(body, "sharing-event.recorded")
    await cases.record(recorded(1), recorded(2, recipient=HARBOUR), recorded(3, recipient={"kind": "voluntary"}))
    await cases.maker().look()
    assert await cases.told() == [
        (COUNCIL, "sharing-event.recorded", {"event": event_id(1), "provider": POLICE}),
        (HARBOUR, "sharing-event.recorded", {"event": event_id(2), "provider": POLICE}),
    ]


@pytest.mark.parametrize("decision", ["not-shared", "deferred"])
async def test_nobody_is_told_of_what_was_not_shared(cases: Cases, decision: str) -> None:
    for body in (POLICE, COUNCIL):
        await cases.hook(body, "sharing-event.*")
    held = (("intelligence", "no-role"),)
    await cases.record(
        recorded(1, decision=decision, held_back=held),
        recorded(2, decision=decision, held_back=held, flags=("withheld-against-duty",)),
    )
    await cases.maker().look()
    assert await cases.told() == []


async def test_a_provider_is_told_of_acknowledgements_and_a_recipient_is_not(cases: Cases) -> None:
    for body in (POLICE, COUNCIL, HARBOUR):
        await cases.hook(body, "sharing-event.acknowledged")
    await cases.record(recorded(1), acknowledged(1, matches=False))
    await cases.maker().look()
    told = {"event": event_id(1), "provider": POLICE, "recipient": COUNCIL}
    assert await cases.told() == [(POLICE, "sharing-event.acknowledged", told)]


async def test_a_webhook_of_other_kinds_is_told_of_no_case(cases: Cases) -> None:
    await cases.hook(COUNCIL, "agreement.*", "attestation.*")
    await cases.record(recorded(1))
    await cases.maker().look()
    assert await cases.told() == []


async def test_each_is_told_once_in_the_logs_order_however_many_look_and_in_pages(
    cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making_module, "_ENTRIES", 2)
    await cases.hook(COUNCIL, "sharing-event.*")
    await cases.hook(POLICE, "sharing-event.*")
    for number in range(1, 6):
        await cases.record(recorded(number), acknowledged(number))
    for _ in range(2):
        await cases.maker(mailing=False).look()
    told = [(body, subject["event"]) for body, _, subject in await cases.told()]
    assert told == [(body, event_id(number)) for number in range(1, 6) for body in (COUNCIL, POLICE)]


async def test_a_flag_is_told_the_same_day_by_mail_to_its_own_body_and_says_nothing_of_the_case(cases: Cases) -> None:
    """Over a real mail server: the safeguarding lead hears of what was withheld, the information-governance lead of
    what had no basis."""
    for body in (POLICE, COUNCIL):
        await cases.out.address(body, "safeguarding-lead", f"safeguarding@{body}.test")
        await cases.out.address(body, "ig-lead", f"ig@{body}.test")
    held = (("intelligence", "live-investigation"),)
    await cases.record(
        recorded(1, decision="not-shared", held_back=held, flags=("withheld-against-duty",)),
        recorded(2, flags=("review-basis",)),
    )
    await cases.maker().look()
    with mail_server() as boxes:
        await cases.out.drain(mailer(boxes.port))
        found = {str(one["To"]): one for one in boxes.taken}
    assert set(found) == {f"safeguarding@{POLICE}.test", f"ig@{POLICE}.test"}
    for number, role in ((1, "safeguarding"), (2, "ig")):
        letter = found[f"{role}@{POLICE}.test"]
        text = f"{letter['Subject']}\n{letter.get_content()}"
        assert "today" in str(letter["Subject"])
        assert event_id(number) in text
        assert "/account/flagged-decisions" in text
        assert "must not be used to measure or judge" in " ".join(text.split())
        for hidden in (child(number), f"CMS-{number}", "PNN-4411", "intelligence", "live", "identity", "outside"):
            assert hidden not in text


async def test_a_flag_is_told_once(cases: Cases) -> None:
    await cases.out.address(POLICE, "ig-lead", "ig@police.test")
    await cases.record(recorded(2, flags=("review-basis",)))
    for _ in range(3):
        await cases.maker().look()
    assert [one for one in await cases.made() if one[0] in PRIVATE] == [("review-basis", POLICE)]


async def test_a_body_without_a_safeguarding_lead_has_its_own_lead_told_and_the_unit_learns_of_no_case(
    cases: Cases,
) -> None:
    await cases.out.address(POLICE, "ig-lead", "ig@police.test")
    await cases.out.address(COUNCIL, "business-unit", "unit@council.test")
    held = (("intelligence", "no-role"),)
    await cases.record(
        recorded(1, decision="not-shared", held_back=held, flags=("withheld-against-duty",)),
        recorded(2, provider=HARBOUR, decision="not-shared", held_back=held, flags=("withheld-against-duty",)),
    )
    await cases.maker().look()
    with mail_server() as boxes:
        await cases.out.drain(mailer(boxes.port))
        letters = {str(one["To"]): str(one["Subject"]) + one.get_content() for one in boxes.taken}
    assert "a decision not to share" in letters["ig@police.test"]
    assert "safeguarding" not in letters["unit@council.test"]
    assert "Harbour" in letters["unit@council.test"]


async def test_what_a_body_was_told_of_a_case_is_in_no_list_of_the_unit(cases: Cases) -> None:
    await cases.record(recorded(2, flags=("review-basis",)))
    await cases.maker().look()
    async with cases.out.pool.acquire() as connection:
        listed = await outbox.listed(
            connection,
            before=None,
            troubled=False,
            limit=50,
            since=cases.out.now - KEPT,
            untold=cases.out.now - WORTH_TELLING,
        )
    assert ("review-basis", POLICE) in await cases.made()
    assert "review-basis" not in {one.template for one in listed}
    assert event_id(2) not in str(listed)


async def test_telling_reads_which_events_there_are_and_nothing_of_them(cases: Cases) -> None:
    held = (("intelligence", "no-role"),)
    await cases.record(
        recorded(1),
        recorded(2, decision="not-shared", held_back=held),
        recorded(3, decision="not-shared", held_back=held, flags=("withheld-against-duty",)),
    )
    reading = await connect(cases.url, "isa_read", reader=TELLING)
    try:
        seen = await reading.fetch("SELECT id FROM sharing_event ORDER BY index")
        assert [str(row["id"]) for row in seen] == [event_id(1), event_id(3)]
        for table in ("check_record", "event_reference", "consent_entry", "challenge_entry", "search_record"):
            assert await reading.fetchval(f"SELECT count(*) FROM {table}") == 0
        assert await reading.fetchval("SELECT count(*) FROM payload WHERE readers IS NOT NULL") == 0
    finally:
        await reading.close()


def test_the_unit_hears_of_a_case_no_more_than_that_a_body_has_no_address() -> None:
    flagged = notice(
        HARBOUR, template="withheld-against-duty", roles=("safeguarding-lead",), parameters={"event": "e", "entry": "1"}
    )
    lacking = nobody_told(flagged, receivers(flagged, []), COUNCIL)
    assert lacking is not None
    assert lacking.parameters == {"organisation": HARBOUR, "role": "ig-lead"}


def test_every_flag_is_a_private_template_and_the_kinds_have_a_family() -> None:
    assert set(PRIVATE) == FLAGS | {"challenge-raised", "challenge-moved", "challenge-overdue"}
    assert set(TEMPLATES) >= FLAGS
    assert {kind.partition(".")[0] + ".*" for kind in CASE_KINDS} <= set(FAMILIES)
