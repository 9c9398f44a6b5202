"""What may stand in a body's record, whatever else is registered.

A contact is a post or a team with a way to reach it, never a person: it outlasts whoever holds the post, and the log
forgets nobody. Nothing here can tell a person's name from a team's, so two things that give one away are refused: a
personal title, and an e-mail address that does not say by one of `TEAM_WORDS` that a team reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from isa_registry.domain.dates import is_date
from isa_registry.domain.party_entries import OrganisationRegistered
from isa_registry.domain.references import is_organisation_id, own_reference_fault
from isa_registry.domain.refusals import Fault

CONTACTS = {
    "urgent": "For an urgent request in office hours",
    "out-of-hours": "Out of office hours",
    "advice": "Whom its own people ask for advice",
}
"""The codes of a body's contacts, in words."""

OWN_MEMBERS = ("policy_document", "contacts", "ico_registration", "named_out")
"""What a body's own information-governance lead says of it. Everything else is the business unit's."""

EVERY_AGREEMENT = "*"
MOST_NAMED_OUT = 50
MOST_PARTNERSHIPS = 50

TEAM_WORDS = frozenset({
    "access", "admin", "advice", "assessment", "caldicott", "care", "centre", "children", "contact", "control", "desk",
    "dpo", "duty", "emergency", "enquiries", "front", "gateway", "governance", "help", "helpdesk", "helpline", "hub",
    "info", "information", "mash", "office", "ooh", "operations", "protection", "referral", "referrals", "room",
    "safeguarding", "school", "secretary", "service", "services", "sharing", "support", "team", "triage",
})  # fmt: skip
"""One of these in an e-mail address before the @ says that a team reads it."""

ICO_REGISTRATION = re.compile(r"Z[0-9]{6}[0-9X]|Z[A-Z][0-9]{6}")
"""A number in the Information Commissioner's register of fee payers: older ones with one letter, newer with two."""

_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]*")
_ADDRESS = re.compile(r"([^\s@,;<>()]+)@([^\s@,;<>()]+)")
_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|prof|professor|cllr|councillor|rev|revd|sir|dame)\b", re.IGNORECASE)
_AGREEMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")


def record_faults(record: OrganisationRegistered) -> list[Fault]:
    """What is wrong with a record by its form alone, with pointers into what is sent to register a body."""
    return [*_identity(record), *_dates(record), *own_faults(record)]


def own_faults(record: OrganisationRegistered) -> list[Fault]:
    """The same of what a body's own lead says of it."""
    return [*_contacts(record.contacts), *_paperwork(record), *_named_out(record)]


def _identity(record: OrganisationRegistered) -> Iterator[Fault]:
    if not is_organisation_id(record.organisation):
        yield Fault("#/organisation", "malformed", "An id is lower-case letters, digits and hyphens.")
    if not is_line(record.name, 200):
        yield Fault("#/name", "malformed", "A name is 1 to 200 characters on one line, as the body writes it.")
    if record.parent == record.organisation:
        yield Fault("#/parent", "cycle", "A body is not its own parent.")
    if len(record.partnerships) > MOST_PARTNERSHIPS:
        yield Fault("#/partnerships", "count", f"Name at most {MOST_PARTNERSHIPS} partnerships.")
    yield from _each_once("partnerships", record.partnerships)


def _dates(record: OrganisationRegistered) -> Iterator[Fault]:
    for member, day in (("suspended_on", record.suspended_on), ("closed_on", record.closed_on)):
        if day is not None and not is_date(day):
            yield Fault(f"#/{member}", "not-a-date", "Write dates as 2026-09-30.")
    if record.successor is not None and record.closed_on is None:
        yield Fault("#/successor", "not-closed", "Only a body that closes has a successor: say on which day.")
    if record.successor == record.organisation:
        yield Fault("#/successor", "cycle", "A body does not succeed itself.")


def _contacts(contacts: dict[str, str]) -> Iterator[Fault]:
    for code, contact in contacts.items():
        if code not in CONTACTS:
            # A code that nobody knows is the sender's own text, so it stays out of the answer.
            yield Fault("#/contacts", "unknown-code", f"Use the codes {', '.join(CONTACTS)}.")
        elif (fault := contact_fault(contact)) is not None:
            yield Fault(f"#/contacts/{code}", fault[0], fault[1])


def contact_fault(contact: str) -> tuple[str, str] | None:
    """Why a contact is none, as a code and what to do about it; None where it is one."""
    if not is_line(contact, 200) or len(contact) < 3:
        return "malformed", "A contact is 3 to 200 characters on one line: a post or team, and how to reach it."
    if _TITLE.search(contact):
        return "a-person", "Name a post or a team, never a person: 'Duty manager, 0300 123 4567'."
    for mailbox, _ in _ADDRESS.findall(contact):
        if TEAM_WORDS.isdisjoint(re.split(r"[^a-z]+", mailbox.lower())):
            return "a-person", (
                "This address may be a person's. Give a team's mailbox whose name says so, as in "
                "'safeguarding.team@' or 'duty-desk@', or a telephone number."
            )
    return ("malformed", "Write an e-mail address without spaces.") if "@" in _ADDRESS.sub("", contact) else None


def _paperwork(record: OrganisationRegistered) -> Iterator[Fault]:
    if record.ico_registration is not None and not ICO_REGISTRATION.fullmatch(record.ico_registration):
        detail = "Write the number as the Information Commissioner's register has it: Z1234567 or ZA123456."
        yield Fault("#/ico_registration", "malformed", detail)
    document = record.policy_document
    if document is None:
        return
    fault = own_reference_fault(document.reference)
    if fault is not None:
        yield Fault("#/policy_document/reference", "malformed", fault)
    if document.review_on is not None and not is_date(document.review_on):
        yield Fault("#/policy_document/review_on", "not-a-date", "Write dates as 2026-09-30.")


def _named_out(record: OrganisationRegistered) -> Iterator[Fault]:
    if record.named_out and record.parent is None:
        yield Fault("#/named_out", "no-parent", "Only a body with a parent is named out of what its parent attests.")
    if len(record.named_out) > MOST_NAMED_OUT:
        yield Fault("#/named_out", "count", f"Name at most {MOST_NAMED_OUT} agreements, or * for all of them.")
    if EVERY_AGREEMENT in record.named_out and len(record.named_out) > 1:
        yield Fault("#/named_out", "not-together", "* is all of them: name no other beside it.")
    for place, agreement in enumerate(record.named_out[:MOST_NAMED_OUT]):
        if agreement != EVERY_AGREEMENT and not _AGREEMENT.fullmatch(agreement):
            yield Fault(f"#/named_out/{place}", "malformed", "Name agreements by their ids, or * for all of them.")
    yield from _each_once("named_out", record.named_out)


def _each_once(member: str, values: tuple[str, ...]) -> Iterator[Fault]:
    if len(set(values)) != len(values):
        yield Fault(f"#/{member}", "given-twice", "Name each once.")


def is_line(text: str, most: int) -> bool:
    """Whether a text is one line of at most so many characters, without space around it or anything unseen in it."""
    return 0 < len(text) <= most and text == text.strip() and _LINE.fullmatch(text) is not None
