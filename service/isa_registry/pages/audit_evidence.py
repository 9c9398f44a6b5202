"""Evidence to take away: which range or which case, how large it is going to be, and what to do with it."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec.structs import replace

from isa_registry.actions import audit
from isa_registry.actions.audit import Asked
from isa_registry.domain.dates import is_date
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.audit import ADDRESS, agreements_known, kinds_in_groups, organisations_known
from isa_registry.pages.audit_words import REASONS
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.evidence.estimate import Estimate, estimate
from isa_registry.runtime.finding_entries import entries_of_case
from isa_registry.runtime.reading_entries import (
    evidence_for,
    evidence_headers,
    reader_in_person,
    take_evidence,
)

EVIDENCE = f"{ADDRESS}/evidence"
_MOST_NAMED = 20
_MOST_ENTRIES = 100
_DAYS = {
    "from": "Enter the first day as year-month-day, like 2026-09-01",
    "until": "Enter the last day as year-month-day, like 2026-09-30",
}
_NARROWING = ("kind", "organisation", "agreement", "from", "until")


def audit_evidence_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(EVIDENCE)
    async def choose(request: Request) -> Response[bytes]:
        return _page(request, Form({"what": ("narrowed",)}))

    @writes(EVIDENCE)
    async def take(request: Request) -> Response[bytes] | Stream:
        registry, caller, sent = registry_of(request), caller_of(request), form_of(request)
        reader = reader_in_person(caller)
        asked = await _asked(request, sent)
        if isinstance(asked, Form):
            return _page(request, asked, status=422)
        if only(sent, "step") != "download":
            found = await estimate(evidence_for(registry, reader, asked.selection))
            return _page(request, Form(sent), found=found)
        evidence, lines = await take_evidence(registry, reader, caller, asked, request.app.state.exports)
        return Stream(lines, media_type="application/jsonl", headers=evidence_headers(evidence))

    return [choose, take]


async def _asked(request: Request, sent: Sent) -> Asked | Form:
    """What the form asks for; or the form with what is wrong in it."""
    what, reason = only(sent, "what"), only(sent, "reason")
    auditor = reader_in_person(caller_of(request)).auditor
    errors = []
    if what not in ("whole", "narrowed", "case"):
        errors.append(FieldError("what", "Choose what to take"))
    if auditor and reason not in REASONS:
        errors.append(FieldError("reason", "Choose why you take it"))
    items = [("reason", reason)] if reason in REASONS else []
    if what == "narrowed":
        given = {name: only(sent, name).strip() for name in _NARROWING}
        errors += [FieldError(name, says) for name, says in _DAYS.items() if given[name] and not is_date(given[name])]
        if not any(given.values()):
            errors.append(FieldError("from", "Say what to narrow it by, or take all of it"))
        items += [(name, value) for name, value in given.items() if value]
    if errors:
        return Form(sent, tuple(errors))
    try:
        asked = audit.parse_query(items, paged=False)
        if what == "case":
            asked = replace(asked, selection=replace(asked.selection, entries=await _case(request, sent)))
    except Refused as refused:
        if refused.code not in ("not-found", "gone", "malformed"):
            raise
        field = "case" if what == "case" else ""
        return Form(sent, (FieldError(field, refused.detail.removesuffix(".")),))
    return asked


async def _case(request: Request, sent: Sent) -> tuple[int, ...]:
    """The entries of a case. Raises `Refused`: `malformed` for none or too many, and as `entries_of_case`."""
    caller = caller_of(request)
    names = list(dict.fromkeys(only(sent, "case").lower().split()))
    if not 1 <= len(names) <= _MOST_NAMED:
        raise Refused("malformed", f"Enter 1 to {_MOST_NAMED} numbers or ids, one to a line.")
    found = await entries_of_case(registry_of(request), reader_in_person(caller), caller, names)
    if len(found) > _MOST_ENTRIES:
        raise Refused("malformed", f"They have {len(found)} entries together. Take them in two parts.")
    return found


def _page(request: Request, form: Form, *, status: int = 200, found: Estimate | None = None) -> Response[bytes]:
    registry = registry_of(request)
    view, checkpoint = registry.follower.view, registry.follower.checkpoint
    auditor = reader_in_person(caller_of(request)).auditor
    return layout_of(request).page(
        "audit_evidence.html",
        status=status,
        form=form,
        address=EVIDENCE,
        audits=auditor,
        found=found,
        size=None if found is None else _size(found.size),
        checkpoint_size=0 if checkpoint is None else checkpoint.size,
        choices=[
            ("narrowed", "Part of it", "By time, by kind, by whose it is"),
            ("case", "One case", "What was asked, decided and said of it"),
            (
                "whole",
                "The whole log" if auditor else "All that is yours",
                "All that a replay needs" if auditor else "And what every organisation may see",
            ),
        ],
        kinds=kinds_in_groups(),
        organisations=organisations_known(view),
        agreements=agreements_known(view),
        reasons=list(REASONS.items()),
        back=ADDRESS,
    )


def _size(size: int) -> str:
    if size < 1_000_000:
        return f"{max(1, round(size / 1_000)):,} kB"
    return f"{size / 1_000_000:,.1f} MB"
