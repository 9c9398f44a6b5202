"""Drafted questions about who signed what, and about the days on which a law or an agreement changed."""

from __future__ import annotations

from collections.abc import Iterator

from law.draft_answers import KINDS
from law.draft_asking import Line, question


def agreements() -> Iterator[Line]:
    """Who signed what, where it matters and where it does not."""
    for name, provider, recipient, column, said in (
        (
            "charity-elsewhere-to-council",
            "law-voluntary-elsewhere",
            "law-local-authority",
            "child-protection-enquiry",
            "it signed nothing, and to protect a child nothing need be signed",
        ),
        (
            "council-to-charity-elsewhere",
            "law-local-authority",
            "law-voluntary-elsewhere",
            "child-protection-enquiry",
            "a charity that signed nothing is not among the bodies that a one-off may go to unasked, so ask first",
        ),
        (
            "police-to-council-elsewhere",
            "law-police",
            "law-council-elsewhere",
            "harm-outside-the-home",
            "a council elsewhere has signed nothing and protects children all the same",
        ),
        (
            "council-to-council-elsewhere-channel",
            "law-local-authority",
            "law-council-elsewhere",
            "prevent-channel",
            "another council has a panel of its own; it has signed nothing here, and to protect a child need not",
        ),
        (
            "police-elsewhere-to-council",
            "law-police-elsewhere",
            "law-local-authority",
            "missing-now",
            "another force may tell the council without any agreement",
        ),
        (
            "trust-elsewhere-to-police",
            "law-trust-elsewhere",
            "law-police",
            "harm-outside-the-home",
            "a trust that has signed nothing may share all the same to protect a child",
        ),
        (
            "council-to-trust-elsewhere-audit",
            "law-local-authority",
            "law-trust-elsewhere",
            "quality-assurance",
            "an audit protects no child in particular, so without an agreement it is a matter for advice",
        ),
        (
            "school-elsewhere-to-council-early",
            "law-school-elsewhere",
            "law-local-authority",
            "early-help",
            "the rule for one-offs leaves a public body’s early help out, so without a signature ask; that is not a no",
        ),
        (
            "school-tier-1-to-police-exploitation",
            "law-school-tier-1",
            "law-police",
            "harm-outside-the-home",
            "Tier 1 alone does not cover it, yet it protects a child",
        ),
        (
            "school-tier-1-to-police-crime",
            "law-school-tier-1",
            "law-police",
            "crime-prevention",
            "section 115 stands in for the Tier 2 that the school has not signed",
        ),
        (
            "charity-tier-1-to-sports-club-channel",
            "law-voluntary-tier-1",
            "law-sports-club",
            "prevent-channel",
            "it has not signed Tier 2, and a club is not among the bodies that a one-off may go to unasked, so ask",
        ),
        (
            "withdrew-police-to-council",
            "law-police-withdrew",
            "law-local-authority",
            "harm-outside-the-home",
            "the force withdrew in October, which ends the agreement for it and not the law, so it goes as a one-off",
        ),
        (
            "council-to-withdrew-charity",
            "law-local-authority",
            "law-voluntary-withdrew",
            "harm-outside-the-home",
            "the charity withdrew, and a one-off to it needs advice",
        ),
        (
            "reserved-trust-to-council",
            "law-trust-reserved",
            "law-local-authority",
            "harm-outside-the-home",
            "the trust reserved this purpose when it signed, so it goes as a one-off",
        ),
        (
            "reserved-trust-to-charity",
            "law-trust-reserved",
            "law-voluntary",
            "harm-outside-the-home",
            "the trust reserved this purpose, and a charity is not enough for a one-off",
        ),
        (
            "reserved-trust-child-in-need",
            "law-trust-reserved",
            "law-local-authority",
            "child-in-need",
            "a reservation of other purposes leaves this one covered",
        ),
        (
            "documented-council-to-police",
            "law-council-documented",
            "law-police",
            "child-protection-enquiry",
            "it has the policy document that paragraphs 18 and 6 call for (rule R4)",
        ),
        (
            "documented-charity-to-council",
            "law-voluntary-documented",
            "law-local-authority",
            "harm-outside-the-home",
            "it has the policy document that paragraph 18 calls for (rule R4)",
        ),
    ):
        ask = question(recipient, column)
        yield Line("agreements.json", name, provider, ask, said, ("4.1 R12",))
    for kind in ("police", "local-authority", "voluntary", "nhs-trust", "prison", "sports-club"):
        ask = question("law-police", "harm-outside-the-home")
        ask["recipient"] = {"kind": kind}
        said = "the recipient is not in the register, " + (
            "and to such a body a one-off may go to protect a child"
            if KINDS[kind].get("looks_after_children")
            else "and is not among the bodies that a one-off may go to unasked, so ask first"
        )
        yield Line("agreements.json", f"council-to-unregistered-{kind}", "law-local-authority", ask, said, ("4.1 R12",))
    for on, said in (
        ("2026-09-30", "it is the last day of the force’s signature, so the agreement still carries it"),
        ("2026-10-01", "it is the first day without the force’s signature, so section 115 has to carry it"),
    ):
        ask = question("law-local-authority", "crime-prevention", on=on, law_enforcement_purpose=False)
        yield Line("agreements.json", f"withdrew-police-{on}", "law-police-withdrew", ask, said, ("5 withdrawal",))


def changes() -> Iterator[Line]:
    """Whole answers on the day before a law, or an agreement, changed, and on the day."""
    for kind in ("voluntary", "faith", "sports-club", "housing-provider", "independent-school", "childrens-home"):
        for on, said in (
            ("2026-02-04", "it is the day before, so ask, which is not a no"),
            ("2026-02-05", "on the day that point (ea) came in it has a basis"),
        ):
            ask = question("law-local-authority", "child-protection-enquiry", on=on)
            yield Line("changes.json", f"{kind}-{on}", f"law-{kind}", ask, said, ("0.4 in force 5 Feb 2026",))
    for provider, recipient in (
        ("law-local-authority", "law-police"),
        ("law-police", "law-local-authority"),
        ("law-nhs-trust", "law-local-authority"),
        ("law-prison", "law-probation"),
    ):
        for on, said in (
            ("2026-09-29", "the day before section 16LA is reported to start there is no such duty"),
            ("2026-09-30", "section 16LA is reported in force from this day"),
        ):
            ask = question(recipient, "child-protection-enquiry", on=on, would_help_recipient=True)
            yield Line(
                "changes.json",
                f"{provider.removeprefix('law-')}-{on}",
                provider,
                ask,
                said,
                ("0.1 reported from 30 Sept 2026",),
            )
    for provider in ("law-local-authority", "law-police", "law-maintained-school", "law-fire"):
        recipient = "law-police" if provider != "law-police" else "law-local-authority"
        for on, said in (
            ("2023-01-30", "that section 16 was in force is known from the next day only, so it is not cited"),
            ("2023-01-31", "section 16 of the 2022 Act was in force by this day, and is cited"),
        ):
            ask = question(recipient, "harm-outside-the-home", on=on)
            yield Line("changes.json", f"{provider.removeprefix('law-')}-{on}", provider, ask, said, ("2 PCSCA_16",))
    for column, days in (
        ("child-in-need", ("2026-03-31", "2026-04-01")),
        ("harm-outside-the-home", ("2026-05-31", "2026-06-01")),
    ):
        for provider, recipient in (("law-local-authority", "law-voluntary"), ("law-police", "law-local-authority")):
            for on in days:
                said = "the agreement is in force from this day"
                if on == days[0]:
                    said = "no agreement was in force yet, "
                    said += "so ask" if recipient == "law-voluntary" else "yet to protect a child a one-off may go"
                ask = question(recipient, column, on=on)
                yield Line(
                    "changes.json",
                    f"{provider.removeprefix('law-')}-{column}-{on}",
                    provider,
                    ask,
                    said,
                    ("5 effective from",),
                )


SETS = (agreements, changes)
