"""Making a body's own lawful-basis record in short steps: only what the law leaves open to it is offered, and what is
closed is shown as closed. Nothing is recorded before all of it was looked at once more."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions import adopting
from isa_registry.actions.adopting import Purpose
from isa_registry.domain.dates import day_after, is_date, london_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.choices import ChoiceGroup, Choices, choices
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.lawful_bases.refusals import APPROVERS, record_faults
from isa_registry.domain.lawful_bases.to_do import differences
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import LawfulBasis
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.set_up import signed_purposes
from isa_registry.identity.forms import Sent
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.lawful_bases_to_do import RECORDS
from isa_registry.pages.lawful_bases_words import days_of, provision_shown, purpose_label
from isa_registry.pages.lawful_basis_answers import Answers, answers_in, answers_of
from isa_registry.pages.lawful_basis_steps import STEPS, StepOf, errors_of, groups_of, said, shown_values, steps_for
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title
from isa_registry.pages.people import caller_of, query_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare

NEW, CHECK = f"{RECORDS}/new", f"{RECORDS}/check"


_SEEN = 12
"""So many choices are shown at once. Of more, those that are neither chosen nor in the default are folded away."""

_SAYS = {"article-6": "Every use of personal information needs one."}
"""What a page says of a group otherwise: it asks for the first one by a field of its own."""


class Making(Struct, frozen=True):
    """A record in the making: whose, on which day, the answers so far, what they may choose from (None before a
    purpose is known), and the record whose place it takes."""

    view: RegisterView
    own: str
    today: str
    answers: Answers
    offered: Choices | None
    superseded: LawfulBasis | None


class GroupShown(Struct, frozen=True):
    """A group as fields: what is open as (value, words, hint), of which `more` is folded away at first, and what is
    closed as (why, titles with their law)."""

    code: str
    single: bool
    title: str
    says: str
    open: tuple[tuple[str, str, str], ...]
    more: tuple[tuple[str, str, str], ...]
    closed: tuple[tuple[str, tuple[str, ...]], ...]


def choosing_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(NEW)
    async def ask(request: Request) -> Response[bytes]:
        sent = query_of(request)
        making = making_of(request, answers_in(sent))
        code = next(iter(sent.get("step", ())), "")
        step = next((one for one in STEPS if one.code == code), None)
        if making.offered is None or step is None:
            return _start(request, making, sent)
        if "send" in sent:
            return _answered(request, making, making.offered, step, sent)
        return _step_page(
            request, making, making.offered, step, Form(shown_values(step, making.answers, making.offered))
        )

    return [ask]


def making_of(request: Request, answers: Answers) -> Making:
    """Raises `Refused` (`not-found`) for a record of another's that is to be superseded, or one that is not there."""
    registry, own = registry_of(request), caller_of(request).organisation
    view, today = registry.follower.view, london_date(registry.now())
    superseded = None
    if answers.supersedes:
        superseded = view.lawful_basis_record(own, answers.supersedes)
        if superseded is None:
            raise Refused("not-found", "There is no such record.")
        of = superseded.recorded
        answers = replace(answers, agreement=of.agreement, purpose=of.purpose)
    law, body = view.catalogue(), view.organisation(own)
    offered = None
    if law is not None and body is not None and answers.agreement and answers.purpose:
        day = answers.starts if is_date(answers.starts) else today
        offered = choices(law, body, answers.purpose, day)
    return Making(view, own, today, answers, offered, superseded)


# --- the start: for which purpose, and from where on ---------------------------------------------------------------


def _start(request: Request, making: Making, sent: Sent) -> Response[bytes]:
    which, way = (next(iter(sent.get(name, ())), "") for name in ("which", "way"))
    if not (making.answers.agreement and making.answers.purpose):
        agreement, _, purpose = which.partition(" ")
        if (agreement, purpose) in signed_purposes(making.view, making.own, making.today):
            return redirect(Answers(agreement=agreement, purpose=purpose).address(NEW))
        errors = (FieldError("which", "Choose a purpose"),) if "send" in sent else ()
        return purposes_page(request, making, Form(sent, errors))
    if making.offered is None:
        raise Refused("not-found", "There is no such purpose.")
    held = making.superseded or _standing(making)
    if "send" in sent and way in ("default", "own"):
        return redirect(_onward(making, held, way))
    errors = (FieldError("way", "Choose how to begin"),) if "send" in sent else ()
    return _start_page(request, making, held, Form(sent, errors))


def _standing(making: Making) -> LawfulBasis | None:
    return making.view.lawful_basis(making.own, making.answers.agreement, making.answers.purpose, making.today)


def _onward(making: Making, held: LawfulBasis | None, way: str) -> str:
    """The first step. A record that takes the place of another begins today, or on the day after that one's last."""
    record = "" if held is None else held.recorded.record
    if way == "default":
        answers = Answers(agreement=making.answers.agreement, purpose=making.answers.purpose, supersedes=record)
        return answers.address(f"{RECORDS}/adoption")
    starts = making.today if held is None or held.gone_from is None else max(held.gone_from, making.today)
    base = held.recorded if held is not None else _open_default(making)
    answers = (
        Answers(agreement=making.answers.agreement, purpose=making.answers.purpose, starts=starts)
        if base is None
        else answers_of(base, supersedes=record, starts=starts)
    )
    return answers.address(NEW, step=STEPS[0].code)


def _default(making: Making) -> LawfulBasisRecorded | None:
    wanted = Purpose(making.answers.agreement, making.answers.purpose)
    return adopting.default_for(making.view, making.own, wanted, starts=making.today)


def _open_default(making: Making) -> LawfulBasisRecorded | None:
    """What of the default is open to this body: where a choice of its own begins."""
    default, offered = _default(making), making.offered
    if default is None or offered is None:
        return default
    gateways = {one.code for group in offered.groups if group.member == "gateways" for one in group.open}
    return replace(default, gateways=tuple(code for code in default.gateways if code in gateways))


def purposes_page(request: Request, making: Making, form: Form) -> Response[bytes]:
    """The question that comes first: for which purpose the record is."""
    law = making.view.catalogue()
    return layout_of(request).page(
        "lawful_basis_purpose.html",
        status=422 if form.errors else 200,
        form=form,
        purposes=[
            (f"{agreement} {purpose}", purpose_label(purpose, law), agreement_title(making.view, agreement))
            for agreement, purpose in signed_purposes(making.view, making.own, making.today)
        ],
    )


def _start_page(request: Request, making: Making, held: LawfulBasis | None, form: Form) -> Response[bytes]:
    law, default = making.view.catalogue(), _default(making)
    codes = () if default is None else (*default.article_6, *default.part_3, *default.gateways)
    differing = () if held is None or default is None else differences(held.recorded, default)
    return layout_of(request).page(
        "lawful_basis_start.html",
        status=422 if form.errors else 200,
        form=form,
        hidden=making.answers.fields("agreement", "purpose") if making.superseded else making.answers.fields(),
        purpose=purpose_label(making.answers.purpose, law),
        agreement=agreement_title(making.view, making.answers.agreement),
        held=None if held is None else (f"{RECORDS}/{held.recorded.record}", days_of(held)),
        default=[provision_shown(code, law).title for code in codes],
        ways=_ways(held, default is not None),
        differing=[
            (provision_shown(code, law).title, _is_of_default(default, code)) for code in differing
        ],
        shut=[_group(one, Form()) for one in (making.offered.groups if making.offered else ()) if not one.open],
        reliable=making.offered is None or making.offered.reliable,
    )  # fmt: skip


def _is_of_default(default: LawfulBasisRecorded | None, code: str) -> bool:
    return any(code in getattr(default, member, ()) for member in LISTS)


def _ways(held: LawfulBasis | None, default: bool) -> list[tuple[str, str, str]]:
    own = "Change what stands in the record now" if held is not None else "Choose for yourself"
    hint = (
        "You begin with what stands, step by step." if held is not None else "You begin with the default, step by step."
    )
    ways = [("own", own, hint)]
    if default:
        ways.insert(0, ("default", "Adopt the default", "What the law offers to any body of your kind, as it is."))
    return ways


# --- the steps -----------------------------------------------------------------------------------------------------


def _answered(request: Request, making: Making, offered: Choices, step: StepOf, sent: Sent) -> Response[bytes]:
    answers = said(step, sent, making.answers, offered)
    again = making_of(request, answers)
    errors = errors_of(step, answers, sent, faults_of(again), again.offered or offered)
    if errors:
        return _step_page(request, making, offered, step, Form(sent, errors))
    steps = steps_for(again.offered or offered)
    place = next((at for at, one in enumerate(steps) if one.code == step.code), len(steps))
    if "check" in sent.get("back", ()) or place + 1 >= len(steps):
        return redirect(answers.address(CHECK))
    return redirect(answers.address(NEW, step=steps[place + 1].code))


def faults_of(making: Making) -> tuple[Fault, ...]:
    """What the law finds in the record as it stands."""
    law, body = making.view.catalogue(), making.view.organisation(making.own)
    if law is None or body is None:
        raise Refused("not-found", "Your organisation is not registered.")
    return record_faults(making.answers.fact(making.own, "", making.superseded), body, law)


def _step_page(request: Request, making: Making, offered: Choices, step: StepOf, form: Form) -> Response[bytes]:
    law, answers = making.view.catalogue(), making.answers
    steps = steps_for(offered)
    place = next((at for at, one in enumerate(steps) if one.code == step.code), 0)
    back = "check" in query_of(request).get("back", ())
    before = answers.address(NEW, step=steps[place - 1].code) if place else answers.address(NEW)
    groups = tuple(_group(one, form) for one in groups_of(step, offered))
    own = None
    body = making.view.organisation(making.own)
    if body is not None and body.policy_document is not None:
        own = body.policy_document.reference
    return layout_of(request).page(
        "lawful_basis_step.html",
        status=422 if form.errors else 200,
        form=form,
        step=step,
        number=place + 1,
        of=len(steps),
        purpose=purpose_label(answers.purpose, law),
        agreement=agreement_title(making.view, answers.agreement),
        groups=groups,
        firsts=[(value, words) for value, words, _ in groups[0].open] if step.code == "article-6" else [],
        approvers=list(APPROVERS.items()),
        hidden=answers.fields(*step.members),
        back=back,
        before=answers.address(CHECK) if back else before,
        own_document=own,
        balances="art6-1-f" in answers.article_6,
        earliest=_earliest(making),
    )


def _earliest(making: Making) -> str | None:
    """The last day of the record whose place is taken, where one is set."""
    held = making.superseded
    return None if held is None or held.gone_from is None else day_after(held.gone_from, -1)


def _group(group: ChoiceGroup, form: Form) -> GroupShown:
    closed: dict[str, list[str]] = {}
    for one in group.closed:
        source = "" if one.because.source == one.title else f" ({one.because.source})"
        closed.setdefault(one.because.says, []).append(f"{one.title}{source}")
    single = group.member in ("confidentiality_route", "s36_4_authority")
    chosen = form.chosen(group.code)
    folded = () if single or len(group.open) <= _SEEN else tuple(
        one.code for one in group.open if one.place is None and one.code not in chosen
    )  # fmt: skip
    fields = [(one.code, one.title, _hint(one.says, one.place)) for one in group.open]
    return GroupShown(
        code=group.code,
        single=single,
        title=group.title,
        says=_SAYS.get(group.code, group.says),
        open=tuple(one for one in fields if one[0] not in folded),
        more=tuple(one for one in fields if one[0] in folded),
        closed=tuple((says, tuple(titles)) for says, titles in closed.items()),
    )


def _hint(says: str, place: int | None) -> str:
    return says if place is None else f"In the default. {says}".strip()
