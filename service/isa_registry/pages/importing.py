"""Importing many organisations on a page: a list is chosen or pasted, looked at line by line, and done as looked at."""

from __future__ import annotations

import re

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from isa_registry.actions.importing import ACTIONS, Plan, as_fault
from isa_registry.domain.refusals import Refused
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, file_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.joining import imports

ADDRESS = "/organisations/import"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WORDS = {
    "register": "to register",
    "change": "to change",
    "nothing": "as they stand already",
    "refused": "refused",
}


def importing_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def form(request: Request) -> Response[bytes]:
        return _form_page(request, Form())

    @writes(ADDRESS)
    async def look_or_do(request: Request) -> Response[bytes]:
        sent = form_of(request)
        data = _data(request, sent)
        if data is None:
            return _form_page(request, Form(errors=(FieldError("file", "Choose a file, or paste the list"),)), 422)
        wanted = only(sent, "plan")
        if wanted and not _SHA256.fullmatch(wanted):
            raise Refused("malformed", "The form cannot be read.")
        by = decider(caller_of(request))
        try:
            if not wanted:
                return _plan_page(request, data, imports.look(registry_of(request), data, by))
            done = await imports.carry_out(registry_of(request), data, wanted, by)
        except Refused as refused:
            if wanted and refused.code in ("conflict", "unprocessable"):
                # What it would do by now stands below what it was refused for.
                errors = (FieldError("", refused.detail.removesuffix(".")),)
                return _plan_page(request, data, imports.look(registry_of(request), data, by), errors, status=409)
            field = "file" if file_of(request, "file") is not None else "list"
            places = {one.pointer: field for one in refused.faults}
            if refused.code == "too-large":
                refused = Refused("unprocessable", refused.detail, refused.faults)
            told = rejected(Form({"list": sent.get("list", ())}), refused, places)
            return _form_page(request, told.form, told.status)
        first = done.appended.index
        return layout_of(request).page(
            "imported.html",
            counts=_counts(done.plan),
            first=first,
            last=first + len(done.plan.entries) - 1,
        )

    return [form, look_or_do]


def _data(request: Request, sent: Sent) -> bytes | None:
    """The file that was chosen, else what was pasted; None where there is neither."""
    chosen = file_of(request, "file")
    if chosen is not None:
        return chosen
    pasted = only(sent, "list")
    return pasted.encode() if pasted.strip() else None


def _counts(plan: Plan) -> list[tuple[int, str]]:
    return [(plan.count(action), _WORDS[action]) for action in ACTIONS if plan.count(action)]


def _form_page(request: Request, form: Form, status: int = 200) -> Response[bytes]:
    return layout_of(request).page("import.html", status=status, form=form)


def _plan_page(
    request: Request, data: bytes, plan: Plan, errors: tuple[FieldError, ...] = (), *, status: int = 200
) -> Response[bytes]:
    faults = [FieldError(f"line-{one.line}", as_fault(one).detail.removesuffix(".")) for one in plan.faults]
    return layout_of(request).page(
        "import_plan.html",
        status=422 if faults else status,
        form=Form(errors=(*errors, *faults)),
        plan=plan,
        counts=_counts(plan),
        doing=len(plan.entries),
        text=data.removeprefix(b"\xef\xbb\xbf").decode(),
    )
