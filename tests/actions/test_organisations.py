"""What a body's record may say, who may change what of it, and that nothing else is ever logged."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from actions.belonging import ACADEMY, GROUP, ICB, POLICE_UNIT, TRUST, body, log, refusal
from deciding_people import BU_1, CHARITY, COUNCIL, EVERYBODY, POLICE, POLICE_LEAD, Log, person, role
from isa_registry.actions import organisation_changes as changes
from isa_registry.actions import organisations
from isa_registry.actions.organisation_changes import Particulars
from isa_registry.domain.organisation_records import contact_fault
from isa_registry.domain.party_entries import (
    OrganisationChanged,
    OrganisationRegistered,
    PartnershipChanged,
    PolicyDocument,
)

NEW = OrganisationRegistered("harbour", "Harbour", "voluntary")
TODAY, LATER, YESTERDAY = "2026-11-27", "2027-04-01", "2026-11-26"


def since(kept: Log, organisation: str) -> int:
    found = kept.view.organisation_since(organisation)
    assert found is not None
    return found


# --- registering -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [*EVERYBODY, POLICE_UNIT], ids=lambda by: by.subject)
def test_one_of_the_registrys_own_unit_registers_a_body_and_nobody_else(by: object) -> None:
    kept = log()
    took = refusal(kept, lambda: changes.register(NEW, by, kept.view))  # type: ignore[arg-type]
    assert ("taken" if by == BU_1 else "forbidden") == took
    found = kept.view.organisation("harbour")
    assert (found is not None) == (by == BU_1)
    assert found is None or found.approved_by == (kept.view.first_known_by(*BU_1.person),)


@pytest.mark.parametrize(
    ("record", "faults"),
    [
        ({"organisation": "Harbour"}, "#/organisation:malformed"),
        ({"name": ""}, "#/name:malformed"),
        ({"name": "two\nlines"}, "#/name:malformed"),
        ({"name": "\u202eruobraH"}, "#/name:malformed"),
        ({"name": "x" * 201}, "#/name:malformed"),
        ({"organisation_kind": "coven"}, "#/kind:unknown-code"),
        ({"parent": "harbour"}, "#/parent:cycle"),
        ({"parent": "nobody-known"}, "#/parent:unknown-code"),
        ({"partnerships": ("unknown",)}, "#/partnerships/0:unknown-partnership"),
        ({"partnerships": ("durham", "durham")}, "#/partnerships:given-twice"),
        ({"partnerships": tuple(f"p-{n}" for n in range(51))}, "#/partnerships:count"),
        ({"contacts": {"gossip": "Duty team"}}, "#/contacts:unknown-code"),
        ({"contacts": {"urgent": "Dr Jane Smith"}}, "#/contacts/urgent:a-person"),
        ({"contacts": {"urgent": "jane.smith@example.org"}}, "#/contacts/urgent:a-person"),
        ({"contacts": {"urgent": "x"}}, "#/contacts/urgent:malformed"),
        ({"ico_registration": "12345"}, "#/ico_registration:malformed"),
        ({"policy_document": PolicyDocument("jane@example.org")}, "#/policy_document/reference:malformed"),
        ({"policy_document": PolicyDocument("APD-1", "2027-02-30")}, "#/policy_document/review_on:not-a-date"),
        ({"named_out": ("tier-1",)}, "#/named_out:no-parent"),
        ({"parent": TRUST, "named_out": ("*", "tier-1")}, "#/named_out:not-together"),
        ({"parent": TRUST, "named_out": ("tier-9",)}, "#/named_out/0:unknown-agreement"),
        ({"parent": TRUST, "named_out": ("No!",)}, "#/named_out/0:malformed"),
        ({"suspended_on": "soon"}, "#/suspended_on:not-a-date"),
        ({"closed_on": "27/11/2026"}, "#/closed_on:not-a-date"),
        ({"successor": ICB}, "#/successor:not-closed"),
        ({"closed_on": TODAY, "successor": "harbour"}, "#/successor:cycle"),
        ({"closed_on": TODAY, "successor": "nobody-known"}, "#/successor:unknown-organisation"),
        ({"name": "", "parent": "harbour"}, "#/name:malformed #/parent:cycle"),
    ],
)
def test_a_record_that_cannot_stand_is_refused_with_a_pointer_to_each_thing(
    record: dict[str, object], faults: str
) -> None:
    kept = log()
    assert f"unprocessable {faults}" == refusal(kept, lambda: organisations.register(replace(NEW, **record)))


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"partnerships": (GROUP.partnership, "durham"), "ico_registration": "ZA123456", "designated": False},
        {"parent": TRUST, "named_out": ("tier-1",), "policy_document": PolicyDocument("APD-1", "2027-03-31")},
        {"contacts": {"urgent": "Duty manager, 0300 123 4567", "advice": "safeguarding.team@harbour.example"}},
    ],
)
def test_a_record_that_can_stand_is_kept_as_it_is_said(record: dict[str, object]) -> None:
    kept, whole = log(), replace(NEW, **record)
    assert "taken" == refusal(kept, lambda: organisations.register(whole))
    assert whole == kept.view.organisation("harbour")
    assert "conflict #/organisation:taken" == refusal(kept, lambda: organisations.register(whole))


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        ("Control room, 101", None),
        ("Out-of-hours duty desk, ooh.desk@durham.example", None),
        ("mash@durham.example", None),
        ("safeguarding@school.example or the head teacher's office, 0191 000 0000", None),
        ("caldicott-guardian@trust.example", None),
        ("Emergency duty team <edt.team@durham.example>", None),
        ("j.smith@durham.example", "a-person"),
        ("jsmith@durham.example", "a-person"),
        ("duty.team@durham.example, jane@durham.example", "a-person"),
        ("Mrs Smith, 0191 000 0000", "a-person"),
        ("Prof. Jones", "a-person"),
        ("duty @ durham", "malformed"),
        (" Control room", "malformed"),
        ("Control\troom", "malformed"),
    ],
)
def test_a_contact_is_a_post_or_a_team_and_an_address_says_that_a_team_reads_it(contact: str, code: str | None) -> None:
    fault = contact_fault(contact)
    assert code == (None if fault is None else fault[0])
    assert fault is None or contact not in fault[1]


@pytest.mark.parametrize(
    ("number", "taken"),
    [
        ("Z1234567", True),
        ("Z676451X", True),
        ("ZA123456", True),
        ("ZB000001", True),
        ("z1234567", False),
        ("Z123456", False),
        ("ZA1234567", False),
        ("A1234567", False),
        ("Z1234567 ", False),
        ("Z１234567", False),
    ],
)
def test_a_number_is_written_as_the_commissioners_register_has_it(number: str, taken: bool) -> None:
    kept = log()
    took = refusal(kept, lambda: organisations.register(replace(NEW, ico_registration=number)))
    assert ("taken" if taken else "unprocessable #/ico_registration:malformed") == took


# --- a hierarchy -----------------------------------------------------------------------------------------------------


def test_nobody_comes_above_and_below_another_however_long_the_way() -> None:
    kept = log(OrganisationRegistered("deep", "Deep", "academy", parent=ACADEMY))
    for parent in (ACADEMY, "deep"):
        record = organisations.changed(body(kept, TRUST), parent=parent)
        assert "unprocessable #/parent:cycle" == refusal(kept, lambda record=record: organisations.change(record))
    record = organisations.changed(body(kept, "deep"), parent=TRUST)
    assert "taken" == refusal(kept, lambda: organisations.change(record))


def test_two_that_each_put_the_other_above_at_once_do_not_make_a_ring() -> None:
    """Both were right when they were made; at the tail the second is not."""
    kept = log()
    one = organisations.change(organisations.changed(body(kept, TRUST), parent=ICB))
    other = organisations.change(organisations.changed(body(kept, ICB), parent=TRUST))
    assert "taken" == refusal(kept, lambda: one)
    assert "unprocessable #/parent:cycle" == refusal(kept, lambda: other)


# --- what a body says of itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [*EVERYBODY, POLICE_UNIT], ids=lambda by: by.subject)
def test_a_bodys_own_lead_says_what_it_says_of_itself_and_nobody_else(by: object) -> None:
    kept = log()
    said = Particulars(contacts={"urgent": "Control room, 101"}, ico_registration="Z1234567")
    changed_from = since(kept, POLICE)
    took = refusal(kept, lambda: changes.say_of_itself(POLICE, said, by, kept.view, changed_from=changed_from))  # type: ignore[arg-type]
    wanted = "taken" if by == POLICE_LEAD else "forbidden" if by.organisation == POLICE else "not-your-organisation"  # type: ignore[attr-defined]
    assert wanted == took
    assert ("Z1234567" if by == POLICE_LEAD else None) == body(kept, POLICE).ico_registration


def test_what_is_not_said_stays_and_nothing_but_its_own_members_changes() -> None:
    kept = log(replace(BODY := OrganisationRegistered(POLICE, "Police", "police"), ico_registration="Z1234567"))
    said = Particulars(policy_document=PolicyDocument("APD-1"))
    kept.append(changes.say_of_itself(POLICE, said, POLICE_LEAD, kept.view, changed_from=since(kept, POLICE)))
    whole = replace(BODY, ico_registration="Z1234567", policy_document=PolicyDocument("APD-1"))
    assert organisations.members(whole) == organisations.members(body(kept, POLICE))
    kept.append(
        changes.say_of_itself(
            POLICE, Particulars(ico_registration=None), POLICE_LEAD, kept.view, changed_from=since(kept, POLICE)
        )
    )
    assert (None, PolicyDocument("APD-1")) == (body(kept, POLICE).ico_registration, body(kept, POLICE).policy_document)


def test_whoever_changes_what_they_did_not_read_is_refused() -> None:
    kept = log()
    read = since(kept, POLICE)
    first = Particulars(ico_registration="Z1234567")
    second = Particulars(ico_registration="ZA123456")
    drafts = [
        changes.say_of_itself(POLICE, said, POLICE_LEAD, kept.view, changed_from=read) for said in (first, second)
    ]
    assert ["taken", "conflict #/changed_from:changed-since"] == [
        refusal(kept, lambda draft=draft: draft) for draft in drafts
    ]
    assert "conflict" == refusal(
        kept, lambda: changes.say_of_itself(POLICE, first, POLICE_LEAD, kept.view, changed_from=since(kept, POLICE))
    )


# --- what the unit says of a body ------------------------------------------------------------------------------------


def test_the_unit_changes_what_a_body_is_and_what_it_says_of_itself_only_where_it_has_no_lead() -> None:
    kept = log()
    for organisation, took in ((CHARITY, "taken"), (POLICE, "forbidden #/contacts:own-ig-lead")):
        record = replace(body(kept, organisation), name="Another name", contacts={"urgent": "Duty desk, 101"})
        changed_from = since(kept, organisation)
        assert took == refusal(
            kept,
            lambda record=record, entry=changed_from: changes.change_record(
                record, BU_1, kept.view, changed_from=entry
            ),
        )
    record = replace(body(kept, POLICE), name="Another name")
    kept.append(changes.change_record(record, BU_1, kept.view, changed_from=since(kept, POLICE)))
    assert ("Another name", {}) == (body(kept, POLICE).name, body(kept, POLICE).contacts)


def test_a_whole_record_leaves_what_is_decided_one_by_one() -> None:
    kept = log(OrganisationChanged(CHARITY, "Charity", "voluntary", suspended_on=TODAY, partnerships=("durham",)))
    record = OrganisationRegistered(CHARITY, "A charity", "faith", closed_on=TODAY, successor=ICB)
    kept.append(changes.change_record(record, BU_1, kept.view, changed_from=since(kept, CHARITY)))
    whole = OrganisationRegistered(CHARITY, "A charity", "faith", suspended_on=TODAY, partnerships=("durham",))
    assert organisations.members(whole) == organisations.members(body(kept, CHARITY))


UNIT_ALONE = {
    "suspend": lambda by, view: changes.suspend(ICB, TODAY, by, view),
    "end a suspension": lambda by, view: changes.end_suspension("suspended", by, view),
    "close": lambda by, view: changes.close(ICB, LATER, None, by, view),
    "reopen": lambda by, view: changes.reopen("closed", by, view),
}


@pytest.mark.parametrize("name", UNIT_ALONE)
@pytest.mark.parametrize("by", [*EVERYBODY, POLICE_UNIT], ids=lambda by: by.subject)
def test_whether_a_body_takes_part_is_the_registrys_own_units_to_say(name: str, by: object) -> None:
    kept = log(
        OrganisationRegistered("suspended", "S", "voluntary", suspended_on=TODAY),
        OrganisationRegistered("closed", "C", "voluntary", closed_on=TODAY, successor=ICB),
    )
    took = refusal(kept, lambda: UNIT_ALONE[name](by, kept.view))  # type: ignore[no-untyped-call]
    assert ("taken" if by == BU_1 else "forbidden") == took


def test_a_suspension_begins_today_or_later_and_ends_with_its_entry() -> None:
    kept = log()
    assert "unprocessable #/on:over" == refusal(kept, lambda: changes.suspend(ICB, YESTERDAY, BU_1, kept.view))
    assert "unprocessable #/on:not-a-date" == refusal(kept, lambda: changes.suspend(ICB, "now", BU_1, kept.view))
    assert "taken" == refusal(kept, lambda: changes.suspend(ICB, LATER, BU_1, kept.view))
    assert body(kept, ICB).takes_part(TODAY)
    assert "taken" == refusal(kept, lambda: changes.suspend(ICB, TODAY, BU_1, kept.view))
    assert "conflict" == refusal(kept, lambda: changes.suspend(ICB, LATER, BU_1, kept.view))
    assert not body(kept, ICB).takes_part(TODAY)
    assert "taken" == refusal(kept, lambda: changes.end_suspension(ICB, BU_1, kept.view))
    assert body(kept, ICB).takes_part(TODAY)
    assert "conflict" == refusal(kept, lambda: changes.end_suspension(ICB, BU_1, kept.view))


def test_a_body_that_closes_has_a_successor_that_goes_on() -> None:
    kept = log()
    cases = [
        (TRUST, TRUST, "unprocessable #/successor:cycle"),
        (TRUST, "nobody-known", "unprocessable #/successor:unknown-organisation"),
        (TRUST, ICB, "taken"),
        (ICB, TRUST, "unprocessable #/successor:cycle"),
        (ACADEMY, TRUST, "unprocessable #/successor:closed"),
        (TRUST, None, "taken"),
        (ICB, TRUST, "unprocessable #/successor:closed"),
    ]
    for organisation, successor, took in cases:
        assert took == refusal(
            kept,
            lambda body=organisation, next_one=successor: changes.close(body, LATER, next_one, BU_1, kept.view),
        ), (organisation, successor)
    assert "taken" == refusal(kept, lambda: changes.reopen(TRUST, BU_1, kept.view))
    assert "conflict" == refusal(kept, lambda: changes.reopen(TRUST, BU_1, kept.view))


def test_nothing_new_is_put_below_a_body_that_closes_and_what_is_below_can_still_change() -> None:
    kept = log(OrganisationRegistered("gone", "Gone", "academy-trust", closed_on=YESTERDAY))
    kept.add(OrganisationRegistered("left", "Left", "academy", parent="gone"))
    new = OrganisationRegistered("new", "New", "academy", parent="gone")
    assert "unprocessable #/parent:closed" == refusal(kept, lambda: organisations.register(new))
    record = organisations.changed(body(kept, "left"), name="Left alone")
    assert "taken" == refusal(kept, lambda: organisations.change(record))


def test_a_body_that_leads_a_partnership_is_neither_suspended_nor_closed() -> None:
    kept = log()
    for organisation in (COUNCIL, POLICE):
        for made, pointer in (
            (lambda one=organisation: changes.suspend(one, TODAY, BU_1, kept.view), "suspended_on"),
            (lambda one=organisation: changes.close(one, LATER, None, BU_1, kept.view), "closed_on"),
        ):
            assert f"conflict #/{pointer}:leads-a-partnership" == refusal(kept, made)
    kept.add(PartnershipChanged(GROUP.partnership, GROUP.name, COUNCIL))
    assert "taken" == refusal(kept, lambda: changes.close(POLICE, LATER, None, BU_1, kept.view))


def test_a_body_that_is_not_there_is_not_found() -> None:
    kept = log()
    for made in (
        lambda: changes.suspend("nobody-known", TODAY, BU_1, kept.view),
        lambda: changes.close("nobody-known", TODAY, None, BU_1, kept.view),
        lambda: changes.reopen("nobody-known", BU_1, kept.view),
        lambda: changes.change_record(NEW, BU_1, kept.view, changed_from=0),
        lambda: organisations.change(OrganisationChanged("nobody-known", "N", "voluntary")),
    ):
        assert "not-found" == refusal(kept, made)


def test_a_lead_by_a_claim_alone_decides_nothing() -> None:
    kept = log(role(POLICE, "by-a-claim", "practitioner"))
    said, by = Particulars(ico_registration="Z1234567"), person(POLICE, "by-a-claim")
    assert "forbidden" == refusal(
        kept, lambda: changes.say_of_itself(POLICE, said, by, kept.view, changed_from=since(kept, POLICE))
    )
