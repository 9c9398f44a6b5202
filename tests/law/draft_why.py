"""The line that justifies a drafted answer, as one lawyer would note it for another, and where the brief says so."""

from __future__ import annotations

from typing import Any

from law.draft_answers import BEST_LEFT_TO_LAW, BODIES, POWERS, PROVISIONS, Case, listed

NAMES = {
    "local-authority": "the council", "police": "the police", "integrated-care-board": "the integrated care board",
    "nhs-trust": "an NHS trust", "nhs-england": "NHS England", "gp-practice": "a GP practice",
    "maintained-school": "a maintained school", "academy": "an academy", "academy-trust": "an academy trust",
    "independent-school": "an independent school", "college": "a college", "early-years": "a nursery",
    "childrens-home": "a children’s home", "fostering-agency": "a fostering agency",
    "secure-setting": "a secure setting for children", "probation": "the Probation Service",
    "youth-justice": "the youth justice service", "prison": "a prison", "cafcass": "Cafcass",
    "fire": "the fire service", "british-transport-police": "British Transport Police", "voluntary": "a charity",
    "faith": "a faith body", "sports-club": "a sports club", "housing-provider": "a housing association",
    "home-office": "the Home Office", "national-panel": "the national Panel",
}  # fmt: skip

OPENING = {
    "early-help": "{S} tells {r} of a family that could do with support early",
    "child-in-need": "{S} gives {r} what bears on assessing a child in need",
    "child-protection-enquiry": "{S} tells {r} what points to significant harm",
    "pre-birth": "{S} tells {r} what a plan before the birth has to reckon with",
    "harm-outside-the-home": "{S} brings its piece of an exploitation picture to {r}",
    "missing-now": "{S} gives {r} what could find a missing child tonight",
    "missing-return-interview": "{S} passes on to {r} what a child said after coming back",
    "modern-slavery-referral": "{S} tells {r} of a child who may have been trafficked",
    "mappa": "{S} gives {r} what bears on managing the risk of a convicted adult",
    "crime-prevention": "{S} tells {r} of weapons and drug running, to prevent crime",
    "prevent-channel": "{S} refers to {r} a child who may be drawn into terrorism",
    "practice-review": "{S} gives {r} its account of a serious case under review",
    "quality-assurance": "{S} sends {r} case material for a partnership audit",
    "immediate-danger": "A child is in danger this minute and {s} tells {r}",
}

# What is relied on, by the sort of body. `care`: health bodies and the council, where it is care.
BASIS = {
    "private": {
        "early-help": "With a reason of paragraph 18 stated it is no longer the family’s choice, and rests on "
        "recognised legitimate interests, Annex 1 paragraph 6",
        "child-in-need": "A private body has no public task to borrow, so it is point (ea) with Annex 1 paragraph 6",
        "child-protection-enquiry": "Safeguarding a child is itself a recognised interest: (ea) with Annex 1 "
        "paragraph 6, and nothing to balance",
        "harm-outside-the-home": "It tells for the child’s sake and not for the crime’s, so (ea) with paragraph 6 of "
        "Annex 1 and not 5",
        "missing-return-interview": "Point (ea) with Annex 1 paragraph 6 serves the child’s safety; paragraph 18 is "
        "the only condition for what is special",
        "modern-slavery-referral": "Point (ea) with Annex 1 paragraph 6 lets it tell; the referral itself is for "
        "listed first responders",
        "mappa": "The public is protected from an adult, so it is (ea) with Annex 1 paragraph 5 (crime) and not 6",
        "crime-prevention": "Point (ea) with Annex 1 paragraph 5, and paragraph 10 of Schedule 1 as asking first would "
        "spoil it",
        "prevent-channel": "Point (ea): safeguarding comes first (Annex 1 paragraph 6), crime after it (paragraph 5)",
        "practice-review": "It answers the review’s request, which is (ea) with Annex 1 paragraph 1, whether or not a "
        "section binds",
        "quality-assurance": "Only legitimate interests are left for an audit, and the row calls them unreliable",
        "immediate-danger": "Vital interests lead, with (ea) and paragraph 6 of Annex 1 behind",
    },
    "care": {
        "early-help": "It is a public task, and as this is care point (h) with paragraph 2 comes before 18 and 6",
        "child-in-need": "It is a public task; 9(2)(h) and paragraph 2 come first where there is care to arrange",
        "quality-assurance": "It is a public task, and managing care is within 9(2)(h), with paragraph 6 behind",
    },
    "public": {
        "early-help": "Its own public task, 6(1)(e), carries it, with paragraph 6 before 18 for what is special; "
        "agreement is to the support and is no basis",
        "child-in-need": "It rests on 6(1)(e) with paragraph 18 before 6; agreement is to the assessment",
        "child-protection-enquiry": "It rests on 6(1)(e) with paragraph 18 first, and does not ask for consent",
        "harm-outside-the-home": "It rests on 6(1)(e), and for what is special on paragraph 18 before 6: it protects "
        "children",
        "missing-return-interview": "It rests on 6(1)(e) and paragraph 18; a child may decline the interview but "
        "vetoes nothing",
        "modern-slavery-referral": "It rests on 6(1)(e) with paragraph 18 before 6; a child’s consent is not needed",
        "mappa": "It rests on 6(1)(e) with paragraphs 6 and 10 and not 18, since it is the public that is protected",
        "crime-prevention": "It rests on 6(1)(e) with paragraph 10, for which consent must not be sought",
        "prevent-channel": "It rests on 6(1)(e) with paragraph 18 before 6, and the referral needs no consent",
        "practice-review": "It rests on 6(1)(e); paragraph 6 leads, learning from a serious case being a statutory "
        "purpose",
        "quality-assurance": "It rests on 6(1)(e) with paragraph 6 alone, and codes take the place of names first",
        "immediate-danger": "Vital interests lead, and its public task stands behind",
    },
}

GATEWAYS = {
    "ca-1989-s17": "section 17 gives the council the function",
    "ca-1989-s22": "section 22 covers a child it looks after",
    "ca-1989-s46": "section 46 lets police take a child to safety",
    "ca-1989-s47-1": "the enquiry is the council’s own under section 47(1)",
    "ca-2004-s10": "co-operation under section 10 supports it",
    "ca-2004-s11": "section 11 has it mind safeguarding in all it does",
    "ca-2004-s16c": "section 16C has the council notify the Panel",
    "ca-2004-s16e": "the local arrangements of section 16E cover it",
    "ca-2004-s16f": "the review stands on section 16F",
    "ca-2004-s16g": "scrutiny is a function of section 16G",
    "cda-1998-s115": "section 115 reaches {r} as a relevant authority",
    "cda-1998-s17": "section 17 of the 1998 Act gives the function and no more",
    "cda-1998-s37": "preventing offending by children is a function of section 37",
    "cja-2003-s325": "section 325(4) runs between listed bodies, which both are",
    "cjcsa-2000-s12": "Cafcass has its function from section 12",
    "common-law-implied": "a power implied in its functions carries it",
    "common-law-police": "the common law lets police protect life and prevent crime",
    "common-law-public-interest": "the public interest can lift confidence",
    "ctsa-2015-s26": "the Prevent duty of section 26 gives the function",
    "ctsa-2015-s36": "section 36 sets up the panel",
    "ctsa-2015-s38": "section 38 has partners co-operate with the panel",
    "ea-2002-s157": "section 157 standards bind it to safeguard its pupils",
    "ea-2002-s175": "section 175 binds it to safeguard its pupils",
    "frsa-2004-s5a": "section 5A is the fire authority’s power",
    "lassa-1970-s7": "it follows the statutory guidance on missing children",
    "localism-2011-s1": "the general power of competence fills the gap",
    "msa-2015-s52": "section 52 would have the Home Office notified",
    "oma-2007-s14": "section 14 serves managing offenders",
    "pace-1984-s17": "entry to save life is open under section 17",
    "pcsca-2022-s16": "the serious violence power runs between these two",
}

NO_GATEWAY = (
    "No gateway is listed, which bars nothing: the test is data protection law",
    "The row has no gateway that gets to {r}, and none is needed",
    "Without a gateway it still goes, on the basis alone",
)

# What the row's caution comes to, where it says more than the rest of the note.
CAUTIONS = {
    "family-court-papers": "Papers of the family court have rules of their own and want advice first",
    "members-information": "The condition for a members’ body, 9(2)(d), does not reach outside the body",
    "not-a-first-responder": "It is no first responder, so the council or the police make the referral",
    "check-partner-list": "Section 38 binds the partners that Schedule 7 lists, and who is in it has to be checked",
    "council-enquiry-in-parallel": "A section 47 enquiry runs beside it",
    "no-serious-violence-gateway": "Section 16 of the 2022 Act is no gateway for a health body",
    "local-housing-authority-differs": "A housing authority has duties on request; a housing association has not",
    "commissioned-for-the-council": "A commissioned interview is made for the council",
    "professional-guidance": "Contract terms and professional guidance are not statute",
    "requester-states-task": "Whoever asks should state the task and the law behind it",
    "write-the-balancing-test": "The balancing has to be written down, or the names taken out",
    "controller-or-processor": "Whether it acts for itself or for the council has to be settled",
    "handle-intelligence": "Fact and opinion are kept apart",
    "minimise-for-home-office": "The form is kept to the minimum, immigration status above all",
}


def why(provider: str, ask: dict[str, Any], expect: dict[str, Any], twist: str | None = None) -> str:
    """Who tells whom, on what, by which gateway, and what is particular here."""
    case = Case(provider, ask)
    to = NAMES[case.receiver.kind]
    recipient = _another(to) if case.receiver.kind == case.sender.kind else to
    purpose = "immediate-danger" if case.danger else case.purpose
    sender = _sender(provider)
    sentences = [
        OPENING[purpose].format(S=_capital(sender), s=sender, r=recipient),
        _relied(case, purpose, expect),
        *([] if twist is None else [twist]),
        *([] if expect["regime"] == "none" else [*_by(case, expect, recipient), *_particular(case, expect)]),
    ]
    return " ".join(f"{_capital(sentence)}." for sentence in sentences)


def _another(name: str) -> str:
    if name == "the police":
        return "another force"
    return f"another {name.partition(' ')[2]}" if name.startswith(("a ", "an ", "the ")) else "another such body"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _sender(provider: str) -> str:
    body = BODIES[provider]
    name = "the force" if body.kind == "police" else NAMES[body.kind]
    if body.council_run:
        return f"{name} run by the council"
    if body.commissioned:
        return f"{name} commissioned by a listed body"
    if body.designated:
        return f"{name} designated in the local arrangements"
    return name


def _relied(case: Case, purpose: str, expect: dict[str, Any]) -> str:
    if expect["regime"] == "none":
        return "Data protection law does not govern it"
    if case.part_3:
        if purpose in ("mappa", "crime-prevention"):
            return "The purpose is law enforcement, so Part 3 governs: section 35(2)(b), 35(5) and Schedule 8"
        return (
            "It says that it does so for law enforcement, which protecting a child is not of itself; Part 3 then "
            "governs, and the UK GDPR’s lists stay empty"
        )
    if expect["consent"][0] == "the-basis":
        return "A private body’s routine early help is the family’s choice, so consent is the basis"
    if expect["article_6"] == ["art6-1-c"]:
        return "A child’s consent is not needed, and for what is special paragraph 18 comes before 6"
    if not expect["article_6"]:
        return "Point (ea) was not in force yet, and the row lists no other; whether (f) served instead is for advice"
    column = {"pre-birth": "child-protection-enquiry", "missing-now": "harm-outside-the-home"}.get(purpose, purpose)
    if column == "early-help" and not case.public and case.stated.get("para18_reason") is None:
        return "Where the family’s choice is not waited for, it is (ea) with Annex 1 paragraph 6"
    if not case.public:
        return BASIS["private"][column]
    if not expect["article_9"]:
        return "It rests on the body’s public task, 6(1)(e)"
    return BASIS["care" if expect["article_9"][:1] == ["art9-2-h"] else "public"][column]


def _by(case: Case, expect: dict[str, Any], recipient: str) -> list[str]:
    duty = (expect["duty"] or [None])[0]
    gates = [_gate(case, code, recipient) for code in expect["gateways"] if code in GATEWAYS and code != duty]
    if gates:
        rest = {0: "", 1: ", with one more behind", 2: ", with two more behind"}.get(
            len(gates) - 2, ", and more behind"
        )
        return [", and ".join(gates[:2]) + (rest if len(gates) > 2 else "")]
    if expect["outcome"] == "may-share" and not expect["gateways"]:
        return [NO_GATEWAY[len(case.sender.kind + case.purpose) % len(NO_GATEWAY)].format(r=recipient)]
    return []


def _gate(case: Case, code: str, recipient: str) -> str:
    if code == POWERS["mappa"] and case.sender.kind not in PROVISIONS[code]["providers"]:
        return "section 325 is in the row that it follows"
    return GATEWAYS[code].format(r=recipient)


def _left_open(case: Case) -> str:
    """What section 16LA turns on here, none of which was said."""
    transport = "british-transport-police"
    found = ["whether it would help the recipient"] if case.stated.get("would_help_recipient") is None else []
    for body, who in ((case.sender, "the sender"), (case.receiver, "the recipient")):
        if listed(body) is None:
            found.append(
                "whether naming its Authority lists the force"
                if body.kind == transport
                else f"whether {who} was designated or commissioned"
            )
    if case.child is None:
        found.append("whether it relates to a child")
    return "Whether section 16LA bites turns on " + ", and on ".join(found)


def _particular(case: Case, expect: dict[str, Any]) -> list[str]:
    """What the law makes of this body, this recipient and this purpose in particular."""
    found = []
    codes, missing, guided = [code for code, _ in expect["reasons"]], expect["missing"], expect["guidance"]
    if "duty-engaged" in codes:
        found.append(_obliged(case, expect["duty"][0]))
    if "statutory-request" in codes:
        found.append("Legal obligation, 6(1)(c), comes first, and that basis stands behind it")
    if "duty-may-be-engaged" in codes:
        found.append(_left_open(case))
    if "purpose-not-covered" in codes and expect["outcome"] == "seek-advice" and case.purpose == "mappa":
        found.append("No agreement names it and section 325(4) is not between these two, so ask; that is not a no")
    if "express-power" in codes:
        found.append("No agreement covers it; the power stands in for one")
    if "anonymise-first" in codes:
        found.append("Nobody said whether names were taken out, so that comes first")
    if "anonymise-instead" in codes:
        found.append("It goes without names, or not at all")
    if case.danger:
        found.append("Nobody waits for consent, and the family is told afterwards")
    if case.competent and not case.part_3 and case.purpose in BEST_LEFT_TO_LAW:
        found.append("It says that it does not share for law enforcement, so the UK GDPR governs")
    if "s36-4-authority" in missing:
        found.append("What it gathered for law enforcement needs a law that authorises the other use (section 36(4))")
    if "confidentiality-route" in missing:
        found.append("It holds health information in confidence, so it has to say what lifts it")
    if "para18-reason" in missing:
        found.append("Paragraph 18 is the sole route for some of it, so one of its three reasons is due")
    if case.purpose == "crime-prevention" and not case.part_3 and "appropriate-policy-document" not in missing:
        found.append("Towards a competent authority paragraph 10 alone wants no policy document (10(2))")
    if "limited-for-this-body" in guided:
        found.append("Such a body does this in limited cases")
    if "rare-for-this-body" in guided:
        found.append("It seldom falls to such a body")
    return [*found, *(CAUTIONS[code] for code in cautions(case))]


def cautions(case: Case) -> list[str]:
    """The first two cautions of the row that say something of this body towards this recipient."""
    elsewhere = {
        "minimise-for-home-office": case.receiver.kind != "home-office",
        "not-a-first-responder": not case.public,  # the note on its basis says so
    }
    found = [code for code in case.own_row.get("cautions", []) if code in CAUTIONS and not elsewhere.get(code)]
    return [] if case.danger else found[:2]


def _obliged(case: Case, duty: str) -> str:
    if duty == "msa-2015-s52":
        said = "Section 52 obliges it to notify, "
        if case.part_3:
            return said + "which is the law that Part 3 asks for and no point of Article 6"
        return said + "so point (c) stands alone"
    said = "Both are in the section 16LA list and it would help"
    if case.part_3:
        return said + "; the duty is then the law that Part 3 asks for and no point of Article 6"
    return (
        said + ", so legal obligation, 6(1)(c), comes first, and that basis stands behind it while the start is only "
        "reported"
    )
