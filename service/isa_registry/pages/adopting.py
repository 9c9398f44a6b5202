"""Adopting the default lawful-basis records for purposes that have none."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions import adopting
from isa_registry.actions.adopting import Purpose
from isa_registry.domain.dates import instant, is_date, london_date
from isa_registry.domain.entries import LawfulBasisRecorded
from isa_registry.domain.lawful_bases.defaults import APPROVED_BY
from isa_registry.domain.lawful_bases.refusals import APPROVERS
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import only
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.lawful_bases_words import purpose_label
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.joining.adopting import lawful_basis_id

ADDRESS = "/account/lawful-bases/adoption"


_NO_DOCUMENT = FieldError("purposes", "Name your appropriate policy document first: what you adopt needs one")


class BasisShown(Struct, frozen=True):
    """A purpose, and what in law the organisation would rely on for it by default, whole and in short; nothing where
    there is none. `replaces` says where it takes the place of a record."""

    value: str
    purpose: str
    agreement: str
    law: tuple[str, ...]
    gist: str = ""
    replaces: str = ""


def adopting_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request) -> Response[bytes]:
        asked = (str(request.query_params.get(one, "")) for one in ("agreement", "purpose", "supersedes"))
        return _page(request, Form({"purposes": (" ".join(asked).strip(),), "by": (APPROVED_BY,)}))

    @writes(ADDRESS)
    async def adopt(request: Request) -> Response[bytes]:
        sent, registry = form_of(request), registry_of(request)
        chosen = sent.get("purposes", ())
        errors = [FieldError("purposes", "Choose the purposes")] if not chosen else []
        starts = only(sent, "from").strip()
        if starts and not is_date(starts):
            errors.append(FieldError("from", "Enter the first day as year-month-day, like 2027-03-31"))
        if sent.get("agreed", ()) != ("yes",):
            errors.append(FieldError("agreed", "Say that whoever advises you on data protection has agreed"))
        if errors:
            return _page(request, Form(sent, tuple(errors)), status=422)
        wanted = tuple(_purpose(one) for one in chosen if " " in one)
        terms = adopting.Terms(starts or None, only(sent, "by") or None, only(sent, "balance").strip() or None)
        by, view = decider(caller_of(request)), registry.follower.view
        try:
            draft = adopting.adopt(
                by.organisation, wanted, by, view, instant(registry.now()), lambda: lawful_basis_id(registry), terms
            )
            done = await registry.sequencer.append(draft)
        except Refused as refused:
            told = rejected(Form(sent), refused, {one.pointer: _field(one) for one in refused.faults})
            without = any(one.code == "needs-policy-document" for one in refused.faults)
            form = Form(sent, (_NO_DOCUMENT,) if without else tuple(dict.fromkeys(told.form.errors)))
            return _page(request, form, status=told.status)
        return layout_of(request).page("lawful_bases_adopted.html", entry=done.index, count=len(wanted))

    return [look, adopt]


def _purpose(value: str) -> Purpose:
    agreement, purpose, *supersedes = value.split(" ", 2)
    return Purpose(agreement, purpose, supersedes[0] if supersedes else None)


def _field(fault: Fault) -> str:
    if fault.code == "needs-balancing-test":
        return "balance"
    return {"starts": "from", "approved_by": "by", "balancing_test": "balance"}.get(
        fault.pointer.rpartition("/")[2], "purposes"
    )


def _page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    registry, own = registry_of(request), caller_of(request).organisation
    view, day = registry.follower.view, london_date(registry.now())
    wanted = dict.fromkeys([*adopting.lacking(view, own, day), *_superseding(view, own, form)])
    found = [(one, adopting.default_for(view, own, one, starts=day)) for one in wanted]
    shown = [_shown(view, one, default) for one, default in found]
    return layout_of(request).page(
        "lawful_bases_adoption.html",
        status=status,
        form=form,
        choices=[
            (one.value, f"{one.purpose} ({one.agreement})", f"{one.replaces}{one.gist}") for one in shown if one.law
        ],
        whole=[one for one in shown if one.law],
        without=[one for one in shown if not one.law],
        document=(body := view.organisation(own)) is not None and body.policy_document is not None,
        approvers=list(APPROVERS.items()),
        balances=any(default is not None and "art6-1-f" in default.article_6 for _, default in found),
    )


def _superseding(view: RegisterView, own: str, form: Form) -> list[Purpose]:
    """Those that were asked for in the place of a record of one's own."""
    asked = [_purpose(one) for one in form.chosen("purposes") if one.count(" ") == 2]
    return [
        one
        for one in asked
        if one.supersedes is not None
        and (held := view.lawful_basis_record(own, one.supersedes)) is not None
        and (held.recorded.agreement, held.recorded.purpose) == one.place
    ]


def _shown(view: RegisterView, wanted: Purpose, record: LawfulBasisRecorded | None) -> BasisShown:
    law = view.catalogue()
    codes = () if record is None else (
        *record.article_6, *record.article_9, *record.article_10, *record.part_3, *record.gateways,
    )  # fmt: skip
    gist = () if record is None else (*record.article_6, *record.part_3[:1])
    provisions = {} if law is None else law.provisions
    return BasisShown(
        value=" ".join(part for part in (*wanted.place, wanted.supersedes) if part),
        purpose=purpose_label(wanted.purpose, law),
        agreement=wanted.agreement,
        law=tuple(dict.fromkeys(provisions[code].title if code in provisions else code for code in codes)),
        gist="; ".join(provisions[code].title if code in provisions else code for code in gist),
        replaces="In the place of the record that stands. " if wanted.supersedes else "",
    )
