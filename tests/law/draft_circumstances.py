"""Drafted questions about circumstances: requests that bind and that do not, telling the family, urgency, Part 3."""

from __future__ import annotations

from collections.abc import Iterator

from law.bodies import KINDS as KIND_CODES
from law.draft_answers import KINDS, PROVISIONS, PURPOSES
from law.draft_asking import COMPETENT, MATTER, TO_HOME_OFFICE, Line, question
from law.draft_rows import other, stated_for

SENDERS = [kind for kind in KIND_CODES if KINDS[kind]["row"]]


def requests() -> Iterator[Line]:
    """Whom each request binds: Children Act 1989 ss.27 and 47, Children Act 2004 ss.16D and 16H."""
    for code, column, askers in (
        ("ca-1989-s47", "child-protection-enquiry", ["local-authority"]),
        ("ca-1989-s27", "child-in-need", ["local-authority"]),
        ("ca-2004-s16h", "practice-review", ["local-authority", "integrated-care-board", "police"]),
        ("ca-2004-s16d", "practice-review", ["national-panel"]),
    ):
        for number, kind in enumerate(SENDERS):
            asker = askers[number % len(askers)]
            to = (
                f"law-{asker}"
                if asker != kind
                else {"local-authority": "law-council-elsewhere"}.get(kind, "law-police")
            )
            ask = question(to, column, statutory_request=code)
            bound = PROVISIONS[code].get("providers")
            section = code.rpartition("-s")[2].upper()
            unless = {
                "27": "if that fits its own duties and does not unduly hinder them",
                "47": "unless that would be unreasonable",
            }
            if bound is None:
                said = f"It is asked under section {section}, which binds whoever is asked, so it has to answer"
            elif kind in bound:
                said = f"Section {section} names this body among those who must help, {unless[section]}"
            else:
                said = f"Section {section} does not name this body, so the request is noted and its own basis decides"
            yield Line("requests.json", f"{kind}-asked-under-{code}", f"law-{kind}", ask, said)
    for provider, to, column, code, said in (
        (
            "law-police",
            "law-voluntary",
            "practice-review",
            "ca-2004-s16h",
            "A charity is no safeguarding partner and cannot ask under section 16H",
        ),
        (
            "law-nhs-trust",
            "law-local-authority",
            "missing-return-interview",
            "ca-2004-s16h",
            "Section 16H serves the partners’ own functions, and a return interview is none of them",
        ),
        (
            "law-nhs-trust",
            "law-police",
            "child-protection-enquiry",
            "ca-1989-s47",
            "Only a council asks under section 47; the force has other ways",
        ),
        (
            "law-integrated-care-board",
            "law-local-authority",
            "child-protection-enquiry",
            "ca-1989-s27",
            "Section 27 is for children in need, and this is an enquiry",
        ),
        (
            "law-maintained-school",
            "law-police",
            "crime-prevention",
            "pcsca-2022-s17",
            "Section 17 requests are the commissioner’s, who is not in this register",
        ),
        (
            "law-local-authority",
            "law-police",
            "harm-outside-the-home",
            "ca-2004-s16lc",
            "Section 16LC has no regulations and is not in force, so nothing can be asked under it",
        ),
        (
            "law-voluntary",
            "law-police",
            "harm-outside-the-home",
            "ca-2004-s16h",
            "The force asks as a safeguarding partner, and a charity has to answer too",
        ),
        (
            "law-housing-provider",
            "law-integrated-care-board",
            "quality-assurance",
            "ca-2004-s16h",
            "A safeguarding partner asks under section 16H, which binds it whatever its row says of audits",
        ),
    ):
        ask = question(to, column, statutory_request=code)
        name = f"{provider.removeprefix('law-')}-to-{to.removeprefix('law-')}-{code}-{column}"
        yield Line("requests.json", name, provider, ask, said)


UNSAFE = "Telling the family would raise the risk, so nobody is asked and nobody is told yet"
SAFE = {
    "yes": "Telling them raises no risk, and early help is never without their knowing",
    "unless-unsafe": "Telling them raises no risk, so they are told",
    "case-by-case": "Telling them raises no risk, and it is still decided case by case with the Channel lead",
    "no": "Telling them raises no risk, and for this purpose they are still not told as a matter of course",
    "privacy-notice": "Telling them raises no risk, and for an audit the privacy notice is all they are told",
}


def openness() -> Iterator[Line]:
    """Telling raises the risk, or does not: asked of each purpose, by bodies of all sorts in turn."""
    for number, column in enumerate(one for one in MATTER if one != "immediate-danger"):
        for turn, risk in enumerate((True, False)):
            kind = SENDERS[(3 * number + 7 * turn) % len(SENDERS)]
            ask = question(other(kind), column, **{**stated_for(kind, column), "informing_increases_risk": risk})
            said = UNSAFE if risk else SAFE[PURPOSES[column]["inform"]]
            word = "unsafe" if risk else "safe"
            yield Line("openness.json", f"{column}-{word}-{kind}", f"law-{kind}", ask, said, ("3.2 inform",))
    for kind in ("voluntary", "maintained-school", "nhs-trust", "local-authority"):
        ask = question(other(kind), "early-help", para18_reason="would-prejudice")
        said = "Asking would prejudice the protection itself, so it is unsafe to ask and the reason for it is there"
        yield Line("openness.json", f"early-help-would-prejudice-{kind}", f"law-{kind}", ask, said, ("1.2 18(2)",))


def urgency() -> Iterator[Line]:
    """Urgent, and not yet immediate danger: nothing waits for consent."""
    for number, column in enumerate(one for one in MATTER if one != "immediate-danger"):
        kind = SENDERS[(5 * number + 2) % len(SENDERS)]
        ask = {**question(other(kind), column, **stated_for(kind, column)), "urgency": "urgent"}
        said = "It is urgent, so nobody waits for an answer from the family, and the contact out of hours is named"
        yield Line("urgency.json", f"{column}-{kind}", f"law-{kind}", ask, said, ("3.2 delay in an emergency",))
    for kind in ("voluntary", "faith", "sports-club", "housing-provider", "independent-school"):
        ask = {**question(other(kind), "early-help"), "urgency": "urgent"}
        said = "Urgent early help does not wait for the family’s consent, and another basis is at hand"
        name = f"early-help-without-asking-{kind}"
        yield Line("urgency.json", name, f"law-{kind}", ask, said, ("3.2 delay in an emergency", "3.2 universal"))


def duty_under_part_3() -> Iterator[Line]:
    """The duty to share under Part 3 is a legal authority among the gateways, never a point of Article 6."""
    for kind in COMPETENT:
        for column in ("child-protection-enquiry", "harm-outside-the-home", "modern-slavery-referral"):
            to = "law-home-office" if column == "modern-slavery-referral" else other(kind)
            ask = question(to, column, law_enforcement_purpose=True, would_help_recipient=True)
            said, row = None, "2 MSA_52"
            if column == "modern-slavery-referral" and kind not in TO_HOME_OFFICE:
                said = "Section 52 does not name this body, so no duty stands among the gateways"
            elif column != "modern-slavery-referral":
                row = "2 CA04_16LA"
                if kind == "british-transport-police":
                    said = "Were the duty engaged it would be a gateway, and no point of Article 6"
            yield Line("part-3.json", f"{kind}-{column}-duty", f"law-{kind}", ask, said, (row,))
    for kind in COMPETENT:
        own = "common-law-police" if "police" in kind else "ca-2004-s11"
        for code in (own, "ca-2004-s16ea"):
            ask = question(other(kind), "child-protection-enquiry", s36_4_authority=code)
            said = (
                "The authority that section 36(4) asks for is named, and is law in force"
                if PROVISIONS[code]["in_force"]
                else "What is named under section 36(4) is not in force, so an authority is still wanting"
            )
            yield Line("part-3.json", f"{kind}-authority-{code}", f"law-{kind}", ask, said, ("1.4 s.36(4)", "4.1 R6"))


SETS = (requests, openness, urgency, duty_under_part_3)
