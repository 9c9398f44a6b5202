"""Plain words for the closed names of the catalogue, for people who read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from isa_registry.domain.catalogue import Confidence, Period, Predicate, ProvisionKind
from isa_registry.domain.guidance import Occasion, Recorded

PROVISION_KINDS: Mapping[ProvisionKind, str] = {
    "article-6": "Lawful basis (UK GDPR Article 6)",
    "annex-1": "Condition of recognised legitimate interest (UK GDPR Annex 1)",
    "article-9": "Condition for special category information (UK GDPR Article 9)",
    "article-10": "Route for criminal offence information (UK GDPR Article 10)",
    "schedule-1": "Condition (Data Protection Act 2018 Schedule 1)",
    "part-3": "Law enforcement (Data Protection Act 2018 Part 3)",
    "duty": "Duty: must",
    "request-duty": "Duty on request: must when asked",
    "power": "Power: may",
    "framework": "Framework: gives a task",
    "barrier": "Barrier: must be met or lifted",
    "overlay": "Overlay: holds beside the rest",
    "guidance": "Guidance",
}

PREDICATES: Mapping[Predicate, str] = {
    "on-request": "where a public body asked for it under a law in force",
    "consent-is-the-basis": "where the family’s free choice is the basis",
    "recipient-competent-authority": "where the recipient is a competent authority",
    "cannot-consent": "where the person is unable to consent",
    "named-in-arrangements": "where the body’s record says that it is designated or commissioned",
}

CONFIDENCE: Mapping[Confidence, str] = {
    "verified": "verified: somebody read the primary text",
    "secondary": "secondary: a secondary source was read",
    "general-knowledge": "general knowledge: believed right, not looked up",
    "uncertain": "uncertain: changed lately or not found; check before relying on it",
}

OCCASIONS: Mapping[Occasion, str] = {
    "row-says": "where a matrix row names it among its cautions",
    "row-says-outside-law-enforcement": "the same, where a competent authority acts under the UK GDPR",
    "purpose-says": "where the purpose names it and something may go",
    "limited-use": "where the matrix calls this kind of body’s sharing for the purpose limited",
    "rare-use": "where the matrix calls this kind of body’s sharing for the purpose rare",
    "asking": "where somebody is to be asked",
    "child-may-decide": "where consent or agreement plays a part and a child is concerned",
    "child-refused": "where somebody said no, a child is concerned, and sharing may still go on",
    "parent-suspected": "where a parent or carer is a suspect or convicted",
    "child-suspected": "where a child is a suspect or convicted",
    "several-people": "where several people are concerned",
    "adult-at-risk": "where an adult at risk is concerned",
    "sexual-health": "where sexual health is among the categories",
    "intelligence": "where intelligence is among the categories",
    "referrer": "where professionals’ details are among the categories",
    "images": "where photographs or recordings are among the categories",
    "immigration": "where immigration is among the categories",
    "safe-addresses": "where domestic abuse and somebody’s whereabouts are among the categories",
    "beyond-the-minimum": "where more is asked about than the schedule calls normally enough",
    "recipient-not-here": "where the recipient is not registered",
    "commissioned-provider": "where the body’s record says that it works for the council",
    "recognised-interest": "where the basis is recognised legitimate interest",
    "balancing": "where the basis is legitimate interests",
    "on-a-meeting": "where the purpose’s work is done in meetings and this may be shared",
    "worried": "where nothing may simply be shared, or it is urgent",
    "law-not-yet-checked": "where a provision of the answer’s basis or reasons is not verified by a person",
    "choice-not-yet-checked": "where every such provision is, and the matrix row that chose them is not",
}

RECORDED: Mapping[Recorded, str] = {
    "always": "always",
    "shared": "where something is shared",
    "not-shared": "where something is not shared",
    "personal-data": "where it is personal information",
    "immediate-danger": "in immediate danger",
    "consent-plays-a-part": "where consent plays a part",
    "duty-relied-on": "where a duty is relied on",
    "paragraph-18-relied-on": "where paragraph 18 is relied on",
    "policy-document-relied-on": "where a condition that needs a policy document is relied on",
    "law-enforcement-body-under-uk-gdpr": "where a law enforcement body shares under the UK GDPR",
    "health-body": "where a health body shares",
    "detriment-considered": "where harm from sharing is considered",
    "family-not-told": "where the family is not told",
    "several-people": "where several people are concerned",
    "request": "where somebody asked",
    "one-off": "where it is a one-off",
}

USE: Mapping[str, str] = {
    "typical": "usual for a body of this kind",
    "limited": "limited: in some cases only",
    "rare": "rare for a body of this kind",
}

INFORM: Mapping[str, str] = {
    "yes": "before sharing",
    "unless-unsafe": "unless that could raise the risk or get in the way of protection",
    "after": "afterwards",
    "case-by-case": "decided case by case",
    "no": "not told, as telling would get in the way",
    "privacy-notice": "by the privacy notice",
}

LISTED: Mapping[str, str] = {
    "in": "in the list of section 16LA(4)",
    "not-in": "not in the list of section 16LA(4), unless its record says designated or commissioned",
    "unknown": "not known to be in the list of section 16LA(4): its record may say",
}

# The lists of a matrix row in the order in which they are read.
LISTS: Mapping[str, str] = {
    "article_6": "Lawful basis (Article 6)",
    "article_9": "Special category information (Article 9)",
    "article_10": "Criminal offence information (Article 10)",
    "part_3": "Law enforcement (Part 3)",
    "gateways": "Gateways",
    "duties": "Duties",
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(on: date) -> str:
    """A date as 30 September 2026."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def period(one: Period) -> str:
    """Days in force, in words."""
    start = f"by {day(one.from_)}; the day it began was not looked up" if one.by else f"from {day(one.from_)}"
    end = "" if one.until is None else f"until {day(one.until)}"
    told = "reported at second hand" if one.reported else ""
    return ", ".join(part for part in (start, end, told) if part)
