"""One's own record of processing activities (UK GDPR Article 30): on a page, and as CSV and JSON to take away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.dates import is_date, london_date
from isa_registry.domain.lawful_bases.groups import LISTS
from isa_registry.domain.lawful_bases.processing import Activity, ProcessingRecord, processing_record
from isa_registry.domain.lawful_bases.refusals import APPROVERS
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.reporting.processing_table import processing_csv
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.lawful_bases_to_do import RECORDS
from isa_registry.pages.lawful_bases_words import LISTED, provision_shown
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.organisation import agreement_title, kind_name
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request, plain_date
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.typed import day_typed

ADDRESS = "/account/processing-record"


class Labelled(Protocol):
    @property
    def label(self) -> str: ...


class ActivityShown(Struct, frozen=True):
    """A purpose of an agreement: facts as (title, value or values), and its record, or where one is made."""

    title: str
    agreement: str
    facts: tuple[tuple[str, str | tuple[str, ...]], ...]
    clause: str
    record: tuple[str, str]


def processing_handlers(reads: Declare) -> list[HTTPRouteHandler]:
    @reads(ADDRESS)
    async def look(request: Request) -> Response[bytes]:
        registry, own = registry_of(request), caller_of(request).organisation
        view, today = registry.follower.view, london_date(registry.now())
        asked = day_typed(str(request.query_params.get("on", "")).strip()) or today
        law, body = view.catalogue(), view.organisation(own)
        if law is None or body is None:
            raise Refused("not-found", "Your organisation is not registered.")
        wrong = () if is_date(asked) else (FieldError("on", "Enter the day as year-month-day, like 2027-03-31"),)
        on = today if wrong else asked
        found = processing_record(view, body, law, on)
        wanted = request.query_params.get("format")
        if wanted == "csv":
            return _file(processing_csv(found), "text/csv; header=present", f"processing-record-{own}-{on}.csv")
        if wanted == "json":
            whole = msgspec.json.format(msgspec.json.encode(found), indent=2)
            return _file(whole, "application/json", f"processing-record-{own}-{on}.json")
        return layout_of(request).page(
            "processing_record.html",
            status=422 if wrong else 200,
            form=Form({"on": (asked,)}, wrong),
            address=ADDRESS,
            record=found,
            day=plain_date(on),
            kind=kind_name(view, body),
            activities=[_shown(view, one, law) for one in found.activities],
            files=[(f"{ADDRESS}?format={one}&on={on}", one.upper()) for one in ("csv", "json")],
            document=_document(found),
        )

    return [look]


def _file(body: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=media_type, headers=headers)


def _document(found: ProcessingRecord) -> str:
    document = found.policy_document
    if document is None:
        return "None yet"
    return document.reference + (f", to be reviewed on {plain_date(document.review_on)}" if document.review_on else "")


def _shown(view: RegisterView, one: Activity, law: Catalogue) -> ActivityShown:
    version = view.agreement_version(one.agreement, one.version)
    classes = {} if version is None else {kept.code: kept.label for kept in version.schedule.retention}
    facts: list[tuple[str, str | tuple[str, ...]]] = [
        ("People it is about", _words(one.subjects, law.codes.subject_kinds)),
        ("Kinds of information", _labels(one.categories, law.categories)),
        ("Of these, special category or may be", _labels(one.special, law.categories)),
        ("Of these, about crime or may be", _labels(one.criminal, law.categories)),
        ("Who may receive it", _labels(one.recipients, law.kinds)),
        ("How long it is kept", _words(one.retention, classes)),
    ]
    basis = one.basis
    if basis is None:
        query = f"agreement={one.agreement}&purpose={one.purpose}"
        since = "" if one.lapsed_on is None else f" since {plain_date(one.lapsed_on)}"
        record = (f"{RECORDS}/new?{query}", f"No record holds{since}: record what you rely on")
    else:
        record = (f"{RECORDS}/{basis.record}", "The record")
        facts += [
            (LISTED[member], tuple(provision_shown(code, law).title for code in getattr(basis, member)))
            for member in LISTS
            if getattr(basis, member)
        ]
        facts.append(("Approved by", APPROVERS.get(basis.approved_by, basis.approved_by)))
    clause = f"/agreements/{one.agreement}/{one.version}#{one.clause}"
    return ActivityShown(one.title, agreement_title(view, one.agreement), tuple(facts), clause, record)


def _labels(codes: Iterable[str], known: Mapping[str, Labelled]) -> str:
    return "; ".join(known[code].label if code in known else code for code in codes) or "None"


def _words(codes: Iterable[str], known: Mapping[str, str]) -> str:
    return "; ".join(known.get(code, code) for code in codes) or "None"
