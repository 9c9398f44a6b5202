"""The auditor's pages: entries of the log as a list, and looking one up. A body's information-governance lead has them
too, for what is its own. What is seen, and what is noted of it, is as in the interface: one way reads for both."""

from __future__ import annotations

from urllib.parse import urlencode

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions import audit
from isa_registry.domain.dates import parse_instant
from isa_registry.domain.entries import REGISTER_KINDS
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.pages.audit_words import KINDS, STATES, kind_in_words
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, file_of, form_of, plain_time, query_of, registry_of
from isa_registry.pages.rendering import Request, redirect
from isa_registry.pages.signing_in import Declare
from isa_registry.runtime.finding_entries import ReceiptSeen, entry_called, receipt_seen
from isa_registry.runtime.reading_entries import EntryRead, list_entries, reader_in_person
from isa_verify.errors import VerificationError

ADDRESS = "/audit"
LOOK_UP = f"{ADDRESS}/look-up"
ENTRIES = f"{ADDRESS}/entries"
SHOWN = "50"
_FILTERS = ("kind", "organisation", "agreement", "from", "until")
_ABSENT = "There is no such entry, or none that you may see"


class Line(Struct, frozen=True):
    """An entry in the list: its number, when, what it is, and where its payload is (code of a tag, words)."""

    index: int
    when: str
    what: str
    state: tuple[str, str]


_READERS = frozenset({"ig-lead", "auditor"})


def way_back(request: Request) -> tuple[str, str]:
    """From a page about the past: to the entries, or to Ask for whoever sees none."""
    return (ADDRESS, "Audit") if caller_of(request).roles & _READERS else ("/ask", "May I share this?")


def audit_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request) -> Response[bytes]:
        return await _list_page(request, Form())

    @writes(LOOK_UP)
    async def look_up(request: Request) -> Response[bytes]:
        sent, receipt = form_of(request), _receipt(request)
        if receipt is not None:
            return await _receipt_page(request, sent, receipt)
        wanted = only(sent, "wanted").strip().lower()
        if not wanted:
            says = "Enter the number of an entry, the id of a check or of a decision, or give a receipt"
            return await _list_page(request, Form(sent, (FieldError("wanted", says),)), status=422)
        caller = caller_of(request)
        try:
            index = await entry_called(registry_of(request), reader_in_person(caller), caller, wanted)
        except Refused as refused:
            if refused.code not in ("not-found", "gone"):
                raise
            says = _ABSENT if refused.code == "not-found" else refused.detail.removesuffix(".")
            return await _list_page(request, Form(sent, (FieldError("wanted", says),)), status=422)
        return redirect(f"{ENTRIES}/{index}")

    return [look, look_up]


def _receipt(request: Request) -> bytes | None:
    """The file that was chosen, else what was pasted."""
    chosen = file_of(request, "file")
    if chosen is not None:
        return chosen
    pasted = only(form_of(request), "receipt").strip()
    return pasted.encode() if pasted else None


async def _receipt_page(request: Request, sent: Sent, data: bytes) -> Response[bytes]:
    """What a receipt proves. It holds what it is about, so it is posted, and neither kept nor shown again."""
    registry, caller = registry_of(request), caller_of(request)
    try:
        seen = await receipt_seen(registry, data)
    except VerificationError as error:
        says = f"This receipt is not good, or not of this log: {error.detail.removesuffix('.')}"
        rest = {name: values for name, values in sent.items() if name != "receipt"}
        return await _list_page(request, Form(rest, (FieldError("receipt", says),)), status=422)
    try:
        entry: int | None = await entry_called(registry, reader_in_person(caller), caller, str(seen.verified.index))
    except Refused as refused:
        if refused.code != "not-found":
            raise
        entry = None
    return layout_of(request).page(
        "audit_receipt.html",
        seen=seen,
        rows=_receipt_rows(seen),
        entry=entry,
        back=ADDRESS,
    )


def _receipt_rows(seen: ReceiptSeen) -> tuple[tuple[str, str], ...]:
    found = seen.verified
    return (
        ("Entry", f"{found.index:,}"),
        ("What it is", kind_in_words(found.kind)),
        ("Made", plain_time(parse_instant(found.at))),
        ("Proved by", f"The log’s signed checkpoint of {found.size:,} entries"),
    )


async def _list_page(request: Request, form: Form, *, status: int = 200) -> Response[bytes]:
    registry, caller = registry_of(request), caller_of(request)
    view, reader = registry.follower.view, reader_in_person(caller)
    # A filter that is empty, or that no form of ours has, is passed over.
    sent = query_of(request)
    given = {name: next(iter(sent.get(name, ())), "").strip() for name in (*_FILTERS, "cursor")}
    asked = {name: value for name, value in given.items() if value}
    errors = form.errors
    try:
        query = audit.parse_query([*asked.items(), ("limit", SHOWN), ("payloads", "none")], paged=True)
    except Refused as refused:
        errors = (*errors, *_filter_errors(refused))
        status = max(status, 400)
        query = audit.parse_query([("limit", SHOWN), ("payloads", "none")], paged=True)
    found = await list_entries(registry, reader, caller, query)
    filters = {name: value for name, value in asked.items() if name != "cursor"}
    return layout_of(request).page(
        "audit.html",
        status=status,
        address=ADDRESS,
        look_up=LOOK_UP,
        lines=[_line(one) for one in found.entries],
        log_size=found.log_size,
        audits=reader.auditor,
        kinds=kinds_in_groups(),
        organisations=organisations_known(view),
        agreements=agreements_known(view),
        filtered=bool(filters),
        form=Form({**form.values, **{name: (value,) for name, value in filters.items()}}, errors),
        next=None if found.next is None else _address({**filters, "cursor": found.next}),
        first=_address(filters) if "cursor" in asked else None,
    )


def _line(one: EntryRead) -> Line:
    return Line(one.index, plain_time(parse_instant(one.at)), kind_in_words(one.kind), STATES[one.state])


def _filter_errors(refused: Refused) -> tuple[FieldError, ...]:
    says = {
        "from": "Enter the first day as year-month-day, like 2026-09-01",
        "until": "Enter the last day as year-month-day, like 2026-09-30",
    }
    fields = [fault.pointer.rpartition("/")[2] for fault in refused.faults]
    return tuple(
        FieldError(field if field in _FILTERS else "", says.get(field, "Choose from the lists")) for field in fields
    )


def kinds_in_groups() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The kinds in two groups, for a list of choices."""
    of_register = tuple((kind, words) for kind, words in KINDS.items() if kind in REGISTER_KINDS)
    about_cases = tuple((kind, words) for kind, words in KINDS.items() if kind not in REGISTER_KINDS)
    return ("About a case", about_cases), ("Of the register", of_register)


def organisations_known(view: RegisterView) -> list[tuple[str, str]]:
    return sorted(((one.organisation, one.name) for one in view.organisations()), key=lambda one: one[1].casefold())


def agreements_known(view: RegisterView) -> list[tuple[str, str]]:
    return list({one.agreement: (one.agreement, one.title) for one in view.agreement_versions()}.values())


def _address(query: dict[str, str]) -> str:
    return f"{ADDRESS}?{urlencode(query)}" if query else ADDRESS
