"""What the pages of lawful bases say: each code in words, where a record stands, and what is to be done and why."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.refusals import APPROVERS
from isa_registry.domain.lawful_bases.to_do import Why, last_day
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.pages.rendering import plain_date
from isa_registry.pages.words import legislation_address

LISTED = {
    "article_6": "Article 6: what lets you use personal information at all",
    "article_9": "Article 9: what lets you use special category information",
    "article_10": "Article 10: what lets you use information about crime",
    "part_3": "Part 3 of the Data Protection Act 2018: for law enforcement",
    "gateways": "Powers and duties",
}
"""The lists of a record, in its order."""


PAPERS = {
    "needs-policy-document": "What it rests on needs an appropriate policy document, and none is named.",
    "needs-balancing-test": "Article 6(1)(f) needs a balancing test, and none is named.",
}
"""Faults of a record that its papers would mend, in words for a page."""


class WhyShown(Struct, frozen=True):
    """What is to be done, as a title and the sentence that says why; what the link to its page is called."""

    title: str
    why: str
    link: str


WHY: dict[Why, WhyShown] = {
    "no-record": WhyShown(
        "No record yet",
        "Until you record what you rely on, answers can name only what the law offers to any body of your kind; nobody "
        "has to wait for the record to share what protects a child.",
        "Record it",
    ),
    "lapsed": WhyShown(
        "The record has lapsed",
        "Answers say that your record has run out until another follows; it stops nobody from sharing to protect a "
        "child.",
        "Record it anew",
    ),
    "not-in-force": WhyShown(
        "It rests on law that is not in force",
        "Answers leave out what is not in force today, so your record says less than you think; the rest of it still "
        "lets people share to protect a child.",
        "Put another in its place",
    ),
    "policy-document-missing": WhyShown(
        "No appropriate policy document",
        "The Data Protection Act 2018 asks for one where you share special category or crime information on its "
        "conditions; that it is missing stops nobody from sharing to protect a child.",
        "Name the document",
    ),
    "policy-document-due": WhyShown(
        "The policy document is due for review",
        "A document that nobody reviews no longer shows how you keep to the law; a late review stops nobody from "
        "sharing to protect a child.",
        "Review it, and give the next day",
    ),
    "policy-document-undated": WhyShown(
        "The policy document has no day of review",
        "Without one nobody is told when it is due (Data Protection Act 2018 Schedule 1 paragraph 40); it stops nobody "
        "from sharing to protect a child.",
        "Give the day of its next review",
    ),
    "lapses-soon": WhyShown(
        "The record lapses soon",
        "After its last day answers can no longer name it; that would stop nobody from sharing to protect a child.",
        "Record what follows it",
    ),
    "differs-from-default": WhyShown(
        "The default has changed since you adopted it",
        "The law as this registry has it now offers your kind of body something else than you adopted; until you "
        "decide, yours goes on, and it stops nobody from sharing to protect a child.",
        "Compare, and decide",
    ),
}


class ProvisionShown(Struct, frozen=True):
    """A provision in words, with its law. `note` says where it is not in force, or not known here."""

    code: str
    title: str
    says: str
    href: str | None
    note: str = ""


def provision_shown(code: str, law: Catalogue | None, *, gone: tuple[str, ...] = ()) -> ProvisionShown:
    known = None if law is None else law.provisions.get(code)
    if known is None:
        return ProvisionShown(code, code, "", None, "The law as data has no such provision any more.")
    note = "Not in force today." if code in gone else ""
    return ProvisionShown(code, known.title, known.says, legislation_address(known.uri), note)


def purpose_label(purpose: str, law: Catalogue | None) -> str:
    known = None if law is None else law.purposes.get(purpose)
    return purpose.replace("-", " ").capitalize() if known is None else known.label


def standing_of(held: LawfulBasis, counting: LawfulBasis | None, on: str) -> tuple[str, str]:
    """Where a record stands on a day, as the code of a tag and its words. `counting` is the one that counts that day
    for its purpose."""
    record = held.recorded
    if record.starts > on and (held.ended_on is None or record.starts < held.ended_on):
        return "not-yet", "To come"
    if not held.holds(on):
        return "ended", "Ended"
    if counting is not None and counting.recorded.record != record.record:
        return "superseded", "Superseded"
    return "in-force", "Holds today"


def days_of(held: LawfulBasis) -> str:
    """From and until, in words."""
    last = last_day(held)
    begins = f"From {plain_date(held.recorded.starts)}"
    if last is not None and last < held.recorded.starts:
        return f"{begins}, ended before it began"
    return f"{begins} until {plain_date(last)}" if last is not None else f"{begins}, no last day"


def adopted_as(record: LawfulBasisRecorded) -> str:
    return "The default for your kind of body" if record.adopted == "default" else "Your own"


def role_label(role: str, law: Catalogue | None) -> str:
    known = None if law is None else law.codes.roles.get(role)
    return APPROVERS.get(role) or known or role.replace("-", " ").capitalize()
