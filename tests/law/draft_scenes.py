"""Drafted questions across the rows: the duty to share, and kinds and purposes that follow another."""

from __future__ import annotations

from collections.abc import Iterator

from law.bodies import KINDS as KIND_CODES
from law.draft_answers import KINDS, ROWS
from law.draft_asking import Line, question
from law.draft_rows import other, stated_for
from law.draft_why import NAMES

# --- the duty to share, and kinds that follow another -------------------------------------------------------

VARIANTS_IN_THE_LIST = {
    "maintained-school": "law-school-designated",
    "academy": "law-academy-designated",
    "independent-school": "law-independent-school-designated",
    "gp-practice": "law-gp-practice-commissioned",
    "voluntary": "law-voluntary-commissioned",
    "faith": "law-faith-commissioned",
    "sports-club": "law-sports-club-commissioned",
    "housing-provider": "law-housing-provider-commissioned",
}


def duties() -> Iterator[Line]:
    for kind, column in ROWS:
        if column == "immediate-danger" or kind in ("cafcass", "fire", "british-transport-police"):
            continue
        provider = VARIANTS_IN_THE_LIST.get(kind, f"law-{kind}")
        stated = {**stated_for(kind, column), "would_help_recipient": True}
        ask = question(other(kind), column, **stated)
        carried = "ca-2004-s16la" in ROWS[kind, column]["duties"]
        twist = None if carried else "it would help, but this purpose does not carry the section 16LA duty"
        yield Line("duty.json", f"{kind}-{column}-would-help", provider, ask, twist, ("2 CA04_16LA", "4.1 R8"))
    for provider, recipient, said in (
        ("law-cafcass", "law-local-authority", "the duty is not Cafcass’s, however much it would help"),
        ("law-fire", "law-local-authority", "the duty is not a fire authority’s, however much it would help"),
        ("law-local-authority", "law-cafcass", "the recipient is not in the list, so the council’s own basis decides"),
        ("law-local-authority", "law-fire", "the recipient is not in the list, so the council’s own basis decides"),
        ("law-local-authority", "law-voluntary", "the charity’s record does not say whether it was commissioned"),
        ("law-local-authority", "law-voluntary-commissioned", "a commissioned charity is in the list"),
        (
            "law-local-authority",
            "law-school-not-designated",
            "the school’s record says that it was not designated, so the council owes it no such duty",
        ),
        (
            "law-voluntary-not-commissioned",
            "law-local-authority",
            "its record says that it was not commissioned, so the duty is not its own",
        ),
        (
            "law-british-transport-police",
            "law-local-authority",
            "whether the chief constable is listed is an open question",
        ),
        (
            "law-school-tier-1",
            "law-local-authority",
            "the school signed Tier 1 alone, which is enough for this purpose",
        ),
    ):
        ask = question(recipient, "child-protection-enquiry", would_help_recipient=True)
        name = f"{provider.removeprefix('law-')}-to-{recipient.removeprefix('law-')}-listed"
        yield Line("duty.json", name, provider, ask, said, ("2 CA04_16LA", "4 table of kinds"))
    for helps, word in ((False, "not"), (None, "perhaps")):
        stated = {} if helps is None else {"would_help_recipient": helps}
        ask = question("law-police", "harm-outside-the-home", **stated)
        said = (
            "it would not help, so the duty is considered and not engaged"
            if helps is False
            else "nobody said whether it would help"
        )
        yield Line(
            "duty.json", f"council-to-police-would-{word}-help", "law-local-authority", ask, said, ("2 CA04_16LA",)
        )


FOLLOWERS = {
    "academy-trust": [
        "early-help",
        "child-protection-enquiry",
        "harm-outside-the-home",
        "prevent-channel",
        "quality-assurance",
    ],
    "college": [
        "early-help",
        "child-in-need",
        "harm-outside-the-home",
        "missing-return-interview",
        "crime-prevention",
        "prevent-channel",
    ],
    "nhs-england": [
        "child-in-need",
        "child-protection-enquiry",
        "harm-outside-the-home",
        "practice-review",
        "prevent-channel",
    ],
    "early-years": [
        "early-help",
        "child-in-need",
        "child-protection-enquiry",
        "harm-outside-the-home",
        "prevent-channel",
    ],
    "childrens-home": [
        "child-in-need",
        "child-protection-enquiry",
        "harm-outside-the-home",
        "missing-return-interview",
        "crime-prevention",
    ],
    "fostering-agency": [
        "early-help",
        "child-protection-enquiry",
        "harm-outside-the-home",
        "missing-return-interview",
        "practice-review",
    ],
    "secure-setting": [
        "child-in-need",
        "child-protection-enquiry",
        "harm-outside-the-home",
        "mappa",
        "prevent-channel",
        "crime-prevention",
    ],
}
COUNCIL_RUN = ["early-years", "childrens-home", "fostering-agency", "secure-setting"]
ALSO_IN_THE_LIST = [
    "law-college-designated",
    "law-early-years-designated",
    "law-childrens-home-commissioned",
    "law-fostering-agency-commissioned",
]


def followers() -> Iterator[Line]:
    """Kinds and purposes that follow another's row or column."""
    for kind, columns in FOLLOWERS.items():
        for column in [*columns, "immediate-danger"]:
            stated = stated_for(kind, column)
            said = f"the brief has no row for such a body, which follows that of {NAMES[KINDS[kind]['row']]}"
            ask = question("law-local-authority", column, **stated)
            yield Line("kinds.json", f"{kind}-{column}", f"law-{kind}", ask, said, ("4 table of kinds",))
            if kind in COUNCIL_RUN:
                ask = question("law-police", column)
                said = "run by the council, it stands on the council’s row"
                yield Line(
                    "kinds.json", f"{kind}-council-run-{column}", f"law-{kind}-council-run", ask, said, ("4 la_csc",)
                )
    for provider in ALSO_IN_THE_LIST:
        ask = question("law-local-authority", "child-protection-enquiry", would_help_recipient=True)
        said = "its record puts it in the section 16LA list"
        yield Line("kinds.json", f"{provider.removeprefix('law-')}-listed", provider, ask, said, ("2 CA04_16LA",))
    for kind in KIND_CODES:
        if KINDS[kind]["row"] is None:
            continue
        to = "law-nhs-trust" if kind == "local-authority" else "law-local-authority"
        ask = question(to, "pre-birth", relates_to_child=True)
        yield Line(
            "kinds.json",
            f"{kind}-pre-birth",
            f"law-{kind}",
            ask,
            "an unborn child follows the enquiry’s column",
            ("4 s47",),
        )
        to = "law-police" if kind != "police" else "law-british-transport-police"
        ask = question(to, "missing-now")
        yield Line(
            "kinds.json",
            f"{kind}-missing-now",
            f"law-{kind}",
            ask,
            "a child missing now follows the column of harm outside the home",
            ("4 hoth_mace",),
        )


SETS = (duties, followers)
