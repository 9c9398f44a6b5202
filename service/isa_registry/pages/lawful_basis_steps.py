"""The steps in which a body's own lawful-basis record is made: what each asks, and what is wrong with what was said."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.dates import is_date
from isa_registry.domain.lawful_bases.choices import ChoiceGroup, Choices
from isa_registry.domain.lawful_bases.groups import GroupCode
from isa_registry.domain.refusals import Fault
from isa_registry.identity.forms import Sent
from isa_registry.pages.forms import FieldError
from isa_registry.pages.lawful_basis_answers import Answers


class StepOf(Struct, frozen=True):
    """One step: its code in addresses, its question, the groups of provisions that it chooses from, and the members of
    a record that it fills."""

    code: str
    title: str
    groups: tuple[GroupCode, ...] = ()
    members: tuple[str, ...] = ()


STEPS = (
    StepOf("when", "When does it hold?", members=("starts", "ends")),
    StepOf(
        "article-6", "What lets you use personal information for this?", ("article-6", "annex-1"), ("article_6",)
    ),
    StepOf(
        "article-9", "What lets you use special category information?", ("article-9", "schedule-1"), ("article_9",)
    ),
    StepOf(
        "article-10",
        "What lets you use information about crime?",
        ("article-10", "schedule-1-offences"),
        ("article_10",),
    ),
    StepOf("part-3", "What lets you use it for law enforcement?", ("part-3", "schedule-8"), ("part_3",)),
    StepOf("gateways", "Which powers, duties and functions do you rely on?", ("gateways",), ("gateways",)),
    StepOf(
        "confidentiality",
        "How do you meet the duty of confidentiality?",
        ("confidentiality-route",),
        ("confidentiality_route",),
    ),
    StepOf(
        "s36-4",
        "What lets you use what was collected for law enforcement?",
        ("s36-4-authority",),
        ("s36_4_authority",),
    ),
    StepOf(
        "papers",
        "Which papers does it rest on?",
        members=("policy_document", "policy_reference", "policy_review_on", "dpia", "balancing_test"),
    ),
    StepOf("approval", "Who approved it?", members=("approved_by",)),
)  # fmt: skip

_SINGLE = ("confidentiality_route", "s36_4_authority")
_OF_PAPERS = {
    "needs-policy-document": FieldError(
        "policy", "Enter the reference of your appropriate policy document: what you chose needs one"
    ),
    "needs-balancing-test": FieldError(
        "balance", "Enter the reference of your balancing test: Article 6(1)(f) needs one"
    ),
}
_OF_A_DUTY = FieldError("gateways", "Choose the duty that obliges you: you rely on a legal obligation")
_FIELDS = {
    "starts": "from", "ends": "until", "approved_by": "by", "dpia": "dpia", "balancing_test": "balance",
    "supersedes": "", "agreement": "", "purpose": "", "record": "",
}  # fmt: skip


def steps_for(offered: Choices) -> tuple[StepOf, ...]:
    """The steps that there is something to choose in."""
    return tuple(one for one in STEPS if not one.groups or any(offered.group(code).open for code in one.groups))


def groups_of(step: StepOf, offered: Choices) -> tuple[ChoiceGroup, ...]:
    return tuple(offered.group(code) for code in step.groups)


def shown_values(step: StepOf, answers: Answers, offered: Choices) -> Sent:
    """What stands in the fields of a step."""
    values: dict[str, tuple[str, ...]] = {name: (value,) for name, value in answers.fields()}
    for group in groups_of(step, offered):
        held = getattr(answers, group.member)
        codes = (held,) if isinstance(held, str) else held
        open_codes = {one.code for one in group.open}
        values[group.code] = tuple(code for code in codes if code in open_codes)
    if step.code == "article-6":
        values["first"] = answers.article_6[:1]
    return values


def said(step: StepOf, sent: Sent, answers: Answers, offered: Choices) -> Answers:
    """The answers with what was said in a step."""
    if not step.groups:
        names = {"when": ("from", "until"), "approval": ("by",)}.get(step.code, ("policy", "review", "dpia", "balance"))
        given = {name: sent.get(name, ("",))[0].strip() for name in names}
        match step.code:
            case "when":
                return replace(answers, starts=given["from"], ends=given["until"])
            case "approval":
                return replace(answers, approved_by=given["by"])
            case _:
                return replace(
                    answers,
                    policy_reference=given["policy"],
                    policy_review_on=given["review"],
                    dpia=given["dpia"],
                    balancing_test=given["balance"],
                )
    groups = groups_of(step, offered)
    member = groups[0].member
    chosen = {code for group in groups for code in sent.get(group.code, ())}
    if member in _SINGLE:
        return replace(answers, **{member: next(iter(chosen), "")})
    ordered = _ordered(chosen, getattr(answers, member), groups)
    if step.code == "article-6":
        ordered = _with_first(ordered, next(iter(sent.get("first", ())), ""))
    return replace(answers, **{member: ordered})


def _ordered(chosen: set[str], before: tuple[str, ...], groups: tuple[ChoiceGroup, ...]) -> tuple[str, ...]:
    """What was chosen, in the order in which it stood before; what is new as the default has it, and then as the law
    lists it. What is not open is left out: nobody was offered it."""
    offered = [one for group in groups for one in group.open]
    late = len(before) + len(offered)

    def rank(place: int) -> tuple[int, int]:
        one = offered[place]
        if one.code in before:
            return before.index(one.code), place
        return late + (one.place or late), place

    places = (place for place, one in enumerate(offered) if one.code in chosen)
    return tuple(dict.fromkeys(offered[place].code for place in sorted(places, key=rank)))


def _with_first(codes: tuple[str, ...], first: str) -> tuple[str, ...]:
    """A point at the head, and each condition of Annex 1 after the point that it belongs to."""
    points = [code for code in codes if not code.startswith("uk-gdpr-annex1-")]
    conditions = [code for code in codes if code not in points]
    points.sort(key=lambda code: code != first)
    found: list[str] = []
    for code in points:
        found += [code, *conditions] if code == "art6-1-ea" else [code]
    return tuple(dict.fromkeys((*found, *conditions)))


def errors_of(
    step: StepOf, answers: Answers, sent: Sent, faults: tuple[Fault, ...], offered: Choices
) -> tuple[FieldError, ...]:
    """What is wrong with what was said in a step, as far as the step itself can mend it."""
    found = [*_day_errors(step, answers), *_first_error(step, sent)]
    found += [error for where, error in placed(faults, answers, offered) if where == step.code]
    if step.code == "approval" and not answers.approved_by:
        found = [FieldError("by", "Choose who approved it")]
    return tuple(dict.fromkeys(found))


def placed(faults: tuple[Fault, ...], answers: Answers, offered: Choices) -> Iterator[tuple[str, FieldError]]:
    """Each fault of a record with the step that mends it, and the field there."""
    for fault in faults:
        parts = fault.pointer.split("/")
        member = parts[1] if len(parts) > 1 else ""
        if fault.code in _OF_PAPERS:
            yield "papers", _OF_PAPERS[fault.code]
        elif fault.code == "needs-beside" and member == "article_6" and _code_at(parts, answers) == "art6-1-c":
            yield "gateways", _OF_A_DUTY
        elif member == "policy_document":
            field = "review" if parts[-1] == "review_on" else "policy"
            yield "papers", FieldError(field, fault.detail.removesuffix("."))
        else:
            step = next((one for one in STEPS if member in one.members), None)
            field = _FIELDS.get(member) or _group_field(step, _code_at(parts, answers), offered)
            yield ("" if step is None else step.code), FieldError(field, fault.detail.removesuffix("."))


def _code_at(parts: list[str], answers: Answers) -> str:
    held = getattr(answers, parts[1], ()) if len(parts) > 1 else ()
    if isinstance(held, str):
        return held
    place = int(parts[2]) if len(parts) > 2 and parts[2].isdecimal() else 0
    return held[place] if place < len(held) else ""


def _group_field(step: StepOf | None, code: str, offered: Choices) -> str:
    if step is None or not step.groups:
        return ""
    named = (group.code for group in groups_of(step, offered) if any(one.code == code for one in group.open))
    return next(named, step.groups[0])


def _day_errors(step: StepOf, answers: Answers) -> Iterator[FieldError]:
    if step.code == "when" and not is_date(answers.starts):
        yield FieldError("from", "Enter the first day as year-month-day, like 2027-03-31")


def _first_error(step: StepOf, sent: Sent) -> Iterator[FieldError]:
    first = next(iter(sent.get("first", ())), "")
    if step.code == "article-6" and first and first not in sent.get("article-6", ()):
        yield FieldError("first", "Choose as the first one of those that you ticked")
