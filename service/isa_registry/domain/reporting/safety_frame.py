"""A quarter's figures in the Signs of Safety frame: what is working well, what are we worried about, what needs to
happen, and where people put themselves on a scale from 0 to 10.

The sentences follow from the figures as they are shown, by the rules below, and say no number that those do not. They
are a beginning for a conversation; the numbers on the scale are people's own and follow from nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from isa_registry.domain.reporting.quarterly import Figures, Tally

QUESTIONS = {
    "sharing-in-time": (
        "How sure are we that what protects a child is shared in time? 0: it is left to chance. 10: always."
    ),
    "basis-understood": (
        "How sure are we that people share on the basis that is theirs, and wait for consent only where it decides? "
        "0: consent is always waited for. 10: the basis is known and named."
    ),
    "decisions-recorded": (
        "How sure are we that decisions are written down, those not to share among them? 0: hardly any. 10: every one."
    ),
}
"""What is asked for a number from 0 to 10, by code."""


class Statement(Struct, frozen=True):
    """One sentence of the frame, and the measure of the figures that it is drawn from."""

    code: str
    measure: str
    text: str


class Scaling(Struct, frozen=True):
    """The number that a body gave to a question, and the day on which it did."""

    organisation: str
    question: str
    value: int
    on: str


class SafetyFrame(Struct, frozen=True):
    """The three columns of the frame, what the scale asks, and what was said."""

    working_well: tuple[Statement, ...]
    worried_about: tuple[Statement, ...]
    needs_to_happen: tuple[Statement, ...]
    questions: dict[str, str]
    scaling: tuple[Scaling, ...]


MOSTLY = 80
"""Per cent of something from which it counts as the rule, for the sentences below."""

_NOT_CONSENT = ("duty", "public-task", "law-enforcement", "legitimate-interests", "vital-interests")


def frame(found: Figures, scaling: Sequence[Scaling]) -> SafetyFrame:
    """The figures in the frame."""
    tallies = {one.code: one for one in found.measures}
    said = [one for rule in _RULES for one in rule(tallies, found)]
    return SafetyFrame(
        working_well=tuple(one for column, one in said if column == "well"),
        worried_about=tuple(one for column, one in said if column == "worried"),
        needs_to_happen=tuple(one for column, one in said if column == "needs"),
        questions=QUESTIONS,
        scaling=tuple(scaling),
    )


Said = list[tuple[str, Statement]]
Tallies = Mapping[str, Tally]


def _number(count: int | None) -> str:
    return "a few" if count is None else f"about {count:,}"


def _consent(tallies: Tallies, found: Figures) -> Said:
    tally = tallies["shared-by-basis"]
    consent, others = tally.values["consent"], [tally.values[code] for code in _NOT_CONSENT]
    rest = sum(one or 0 for one in others)
    if not tally.total:
        return []
    of = f"Of {_number(tally.total)} decisions to share, {_number(consent)} rested on consent"
    text = f"{of}, the others on a duty, a task or an interest of the body that shared."
    if consent == 0 or 100 * rest >= MOSTLY * tally.total:
        return [("well", Statement("basis-known", tally.code, text))]
    return [
        ("worried", Statement("consent-as-basis", tally.code, text)),
        (
            "needs",
            Statement(
                "basis-in-training",
                tally.code,
                "Take the difference between consent and public task into training and supervision.",
            ),
        ),
    ]


def _acknowledged(tallies: Tallies, found: Figures) -> Said:
    tally = tallies["acknowledgements"]
    said: Said = []
    matched, unmatched, disputed = (tally.values[code] for code in ("matched", "unmatched", "disputed"))
    if tally.total and matched is not None and 100 * matched >= MOSTLY * tally.total:
        text = f"Of {_number(tally.total)} shares with a registered body, {_number(matched)} were acknowledged as sent."
        said.append(("well", Statement("acknowledged", tally.code, text)))
    elif unmatched != 0:
        text = f"{_number(unmatched).capitalize()} shares have not been acknowledged by the body that they went to."
        said.append(("worried", Statement("unacknowledged", tally.code, text)))
        text = "Each body looks through its list of what awaits its acknowledgement."
        said.append(("needs", Statement("acknowledge", tally.code, text)))
    if disputed != 0:
        text = f"In {_number(disputed)} shares the two bodies do not say the same of what was sent."
        said.append(("worried", Statement("disputed", tally.code, text)))
        said.append(
            ("needs", Statement("settle-disputes", tally.code, "The two bodies compare their records of those shares."))
        )
    return said


def _coverage(tallies: Tallies, found: Figures) -> Said:
    said: Said = []
    for one in found.coverage:
        missing = one.asked - one.signatories
        name = f"{one.agreement} {one.version}"
        if not missing and one.asked:
            text = f"All {one.asked:,} bodies that {name} names have attested it."
            said.append(("well", Statement("attested", "attestation-matrix", text)))
        elif missing:
            text = f"{missing:,} of {one.asked:,} bodies that {name} names have not attested it."
            said.append(("worried", Statement("not-attested", "attestation-matrix", text)))
            text = f"The business unit asks them again to attest {name}, or takes them out of it."
            said.append(("needs", Statement("attest", "attestation-matrix", text)))
    return said


class _Counted(Struct, frozen=True):
    """What is said where a number of a measure is not none: in a column of the frame, and what needs to happen then.
    `says` has the number's place."""

    measure: str
    value: str
    column: str
    code: str
    says: str
    needs: str | None = None
    needed: str | None = None


_COUNTED = (
    _Counted(
        "checks", "share-now", "well", "danger-first",
        "{} questions were of immediate danger, and the answer was to share now.",
    ),
    _Counted(
        "flags", "withheld-against-duty", "worried", "withheld-against-duty",
        "{} decisions did not share where the facts recorded with them engage a duty.",
        "look-at-withheld",
        "The provider's safeguarding lead looks at each with the people who decided, to learn, not to judge.",
    ),
    _Counted(
        "not-shared", "shared-since", "well", "looked-again",
        "{} decisions not to share, or to wait, were looked at again and shared since.",
    ),
    _Counted(
        "challenges", "raised", "well", "differences-raised",
        "{} professional differences were raised and put on record, not left unsaid.",
    ),
    _Counted(
        "challenges", "overdue", "worried", "differences-overdue",
        "{} professional differences stood at a stage for longer than it is allowed.",
        "settle-differences", "Whoever takes part in that stage settles them, or moves them up.",
    ),
)  # fmt: skip


def _counted(tallies: Tallies, found: Figures) -> Said:
    said: Said = []
    for row in _COUNTED:
        count = tallies[row.measure].values[row.value]
        if count == 0:
            continue
        text = row.says.format(_number(count).capitalize())
        said.append((row.column, Statement(row.code, row.measure, text)))
        if row.needs is not None and row.needed is not None:
            said.append(("needs", Statement(row.needs, row.measure, row.needed)))
    return said


_RULES: tuple[Callable[[Tallies, Figures], Said], ...] = (_consent, _acknowledged, _counted, _coverage)
