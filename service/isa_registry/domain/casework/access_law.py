"""The law that a person thinks of before they answer a request for access to personal data, and how sure each point is.

What is `secondary` was read in a consolidated copy of the Data Protection Act 2018, not at legislation.gov.uk; what is
`general-knowledge` was not read. Nobody has verified any of it here, and changes by the Data (Use and Access) Act 2025
may not be in it.
"""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.catalogue import Confidence

_COPY = "A consolidated copy of the Act, read on 27 November 2026; not legislation.gov.uk."
_KNOWN = "General knowledge; not read."


class AccessLaw(Struct, frozen=True):
    """One point of law: what it says in plain words, how sure that is, and where it was read."""

    code: str
    title: str
    says: str
    confidence: Confidence
    source: str


ACCESS_LAW: dict[str, AccessLaw] = {
    one.code: one
    for one in (
        AccessLaw(
            "art15-1a", "UK GDPR Article 15(1A)",
            "The search for what is held is to be reasonable and proportionate.",
            "secondary", "A commentary on the Data (Use and Access) Act 2025 of 3 September 2025.",
        ),
        AccessLaw(
            "art12-3", "UK GDPR Article 12(3)",
            "The answer is due within one month; two more where the request is complex, if the person is told why.",
            "general-knowledge", _KNOWN,
        ),
        AccessLaw(
            "dpa-2018-sch2-para2", "Data Protection Act 2018, Schedule 2, paragraph 2",
            "Crime: access gives way as far as giving it would be likely to prejudice the prevention or detection of "
            "crime, or catching or prosecuting offenders.",
            "general-knowledge", _KNOWN,
        ),
        AccessLaw(
            "dpa-2018-sch2-para16", "Data Protection Act 2018, Schedule 2, paragraphs 16 and 17",
            "What identifies another individual, or names them as the source, need not be given, unless they consent "
            "or it is reasonable without. What health, social and education workers did in that capacity is reasonable "
            "to give.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch2-para19", "Data Protection Act 2018, Schedule 2, paragraph 19",
            "What is legally privileged, or what a legal adviser owes a client to keep confidential, need not be "
            "given.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch3-para4", "Data Protection Act 2018, Schedule 3, paragraphs 4 and 10",
            "Health and social work: where somebody with parental responsibility asks, what the child gave expecting "
            "that this person would not be told, or said is not to be told, is not given.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch3-para5", "Data Protection Act 2018, Schedule 3, paragraphs 5 and 6",
            "Health: not given as far as that would be likely to cause serious harm to the physical or mental health "
            "of anybody. Whoever is no health professional needs the opinion of the right one, less than six months "
            "old, both to withhold it for this and to give what the person does not know yet.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch3-para11", "Data Protection Act 2018, Schedule 3, paragraph 11",
            "Social work: not given as far as that would be likely to prejudice social work because it would be likely "
            "to cause serious harm to the physical or mental health of anybody.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch3-para19", "Data Protection Act 2018, Schedule 3, paragraph 19",
            "Education: what is in a pupil's record is not given as far as that would be likely to cause serious harm "
            "to the physical or mental health of anybody.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch3-para21", "Data Protection Act 2018, Schedule 3, paragraph 21",
            "Child abuse: whether a child is, was or may be at risk of abuse is not given to somebody with parental "
            "responsibility who asks for the child, as far as that would not be in the child's best interests.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "dpa-2018-sch4-para3", "Data Protection Act 2018, Schedule 4, paragraph 3",
            "Adoption records and reports: not given where the adoption rules prohibit or restrict it.",
            "secondary", _COPY,
        ),
        AccessLaw(
            "fpr-2010-pd12g", "Family Procedure Rules 2010, Part 12 and Practice Direction 12G",
            "What comes from family proceedings is passed on only as the rules or the court allow; otherwise it may be "
            "a contempt of court.",
            "secondary", "A commentary on Practice Direction 12G.",
        ),
        AccessLaw(
            "gra-2004-s22", "Gender Recognition Act 2004, section 22",
            "Passing on what was learnt in an official capacity about somebody's application for recognition, or their "
            "gender before it, is an offence unless an exception applies.",
            "general-knowledge", _KNOWN,
        ),
        AccessLaw(
            "dpa-2018-s45-4", "Data Protection Act 2018, section 45(4)",
            "Law enforcement processing: access may be restricted, as far and as long as necessary and proportionate, "
            "so as not to obstruct an inquiry, prejudice the prevention or detection of crime, or to protect others' "
            "rights. The person is told why only as far as that would not defeat it.",
            "general-knowledge", _KNOWN,
        ),
        AccessLaw(
            "dpa-2018-s173", "Data Protection Act 2018, section 173",
            "Erasing or hiding what somebody has asked for, so that they do not get it, is an offence.",
            "general-knowledge", _KNOWN,
        ),
    )
}  # fmt: skip
"""By code."""
