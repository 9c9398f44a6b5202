"""Drafted questions about reach: every kind as a recipient, every category alone, names taken out, every kind asked."""

from __future__ import annotations

from collections.abc import Iterator

from law.bodies import KINDS as KIND_CODES
from law.draft_answers import BODIES as ALL
from law.draft_answers import CATEGORIES, KINDS, PROVISIONS, listed
from law.draft_asking import PRIVATE_ROWS, Line, question
from law.draft_rows import other
from law.draft_why import NAMES


def recipients() -> Iterator[Line]:
    """To every kind of body: whom a one-off may go to, and whom the express powers and gateways reach."""
    for kind in KIND_CODES:
        protects = KINDS[kind].get("looks_after_children", False)
        ask = question("", "harm-outside-the-home")
        ask["recipient"] = {"kind": kind}
        said = (
            "The recipient is not in the register, and to such a body a one-off may go to protect a child"
            if protects
            else "The recipient is not in the register, nor one that a one-off may go to unasked, so ask first"
        )
        yield Line("recipients.json", f"one-off-to-{kind}", "law-police", ask, said, ("4.1 R12",))
        for column, sender, code in (
            ("mappa", "law-local-authority", "cja-2003-s325"),
            ("crime-prevention", "law-gp-practice", "cda-1998-s115"),
        ):
            ask = question("", column)
            ask["recipient"] = {"kind": kind}
            reached = kind in PROVISIONS[code]["recipients"]
            name = "Section 325" if column == "mappa" else "Section 115"
            said = (
                f"{name} is power enough, though the recipient is in no register here"
                if reached
                else f"{name} does not name {NAMES[kind]}, so no express power stands in for an agreement"
            )
            row = "2 CJA_325" if column == "mappa" else "2 CDA98_115"
            yield Line("recipients.json", f"{column}-to-{kind}", sender, ask, said, (row,))


def listing() -> Iterator[Line]:
    """Section 16LA from every kind of body to a council: in its list, not in it, or nobody knows."""
    for kind in KIND_CODES:
        if KINDS[kind]["row"] is None:
            continue
        said = {
            True: "It is in the list of section 16LA(4)",
            False: "It is not in the list of section 16LA(4), however much it would help",
            None: "It is in the list of section 16LA(4) only if designated or commissioned; its record is silent",
        }[listed(ALL[f"law-{kind}"])]
        where: tuple[str, ...] = ("2 CA04_16LA", "4 table of kinds")
        if kind in PRIVATE_ROWS and listed(ALL[f"law-{kind}"]) is False:
            said = "It is in the list of section 16LA(4) only if commissioned, and no commission is on its record"
        if kind == "british-transport-police":
            said = "It is an open question whether section 16LA(4) lists the force or its Authority alone"
        if kind in ("gp-practice", "british-transport-police"):
            where = (*where, "8 open question 3")
        if listed(ALL[f"law-{kind}"]) is None and KINDS[kind]["row"] in ("maintained-school", "academy"):
            where = (*where, "8 open question 2")
        ask = question(other(kind), "child-protection-enquiry", would_help_recipient=True)
        yield Line("duty.json", f"{kind}-in-the-list", f"law-{kind}", ask, said, where)
        if kind != "local-authority":
            ask = question(f"law-{kind}", "child-protection-enquiry", would_help_recipient=True)
            said = said.replace("It is in", "The recipient is in").replace("It is not", "The recipient is not")
            said = said.replace("its record", "that record")
            yield Line("duty.json", f"council-to-{kind}-in-the-list", "law-local-authority", ask, said, where)


def categories() -> Iterator[Line]:
    """Each category alone, with names and without."""
    for number, (code, category) in enumerate(CATEGORIES.items()):
        special = category.get("special") or category.get("may_be_special")
        criminal = category.get("criminal") or category.get("may_be_criminal")
        said = {
            (True, True): "It is or may be both special category and criminal offence data, so both routes are listed",
            (True, False): "It is or may be special category data and no offence, so Article 9 alone",
            (False, True): "It is or may be criminal offence data and nothing special, so Article 10 alone",
            (False, False): "It is neither special nor about offences, so Article 6 is all it needs",
        }[bool(special), bool(criminal)]
        sender = ("law-maintained-school", "law-local-authority", "law-voluntary")[number % 3]
        ask = {**question("law-police", "child-protection-enquiry"), "categories": [code]}
        yield Line("categories.json", f"{code}-alone", sender, ask, said, (f"6 {code}",))
        identifying = category.get("identifying", False)
        said = (
            "It tells who somebody is whatever is taken out, so it is not anonymous"
            if identifying
            else "With everything that identifies taken out it is nobody’s personal data"
        )
        ask = {**question("law-integrated-care-board", "quality-assurance", anonymised=True), "categories": [code]}
        yield Line("categories.json", f"{code}-anonymous", sender, ask, said, (f"6 {code}", "4 qa_audit"))


def requests_by_purpose() -> Iterator[Line]:
    """For which purposes a request binds."""
    purposes = ("child-in-need", "child-protection-enquiry", "pre-birth", "harm-outside-the-home", "quality-assurance")
    askers = {
        "ca-1989-s27": "law-council-elsewhere",
        "ca-1989-s47": "law-council-elsewhere",
        "ca-2004-s16h": "law-police",
    }
    for code in ("ca-1989-s27", "ca-1989-s47", "ca-2004-s16h", "ca-2004-s16d"):
        for column in (*purposes, "practice-review", "missing-now", "missing-return-interview"):
            ask = question(askers.get(code, "law-national-panel"), column, statutory_request=code)
            bound = column in PROVISIONS[code]["purposes"]
            section = code.rpartition("-s")[2].upper()
            said = (
                f"The purpose is among those that section {section} is taken to serve"
                if bound
                else f"Section {section} does not serve this purpose, so the request is noted and no more"
            )
            name = f"council-asked-under-{code}-for-{column}"
            yield Line("requests.json", name, "law-local-authority", ask, said)
    for kind in KIND_CODES:
        ask = question(f"law-{kind}", "practice-review", statutory_request="ca-2004-s16h")
        asks = kind in PROVISIONS["ca-2004-s16h"]["recipients"]
        may = "is a safeguarding partner and may" if asks else "is no safeguarding partner and cannot"
        said = f"{NAMES[kind]} {may} ask under section 16H".replace("the police is", "the police are")
        yield Line("requests.json", f"{kind}-asks-under-s16h", "law-fire", ask, said)


SETS = (recipients, listing, categories, requests_by_purpose)
