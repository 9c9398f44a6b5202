"""An organisation's record of processing activities (UK GDPR Article 30), as JSON, and as CSV for a spreadsheet."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath

from isa_registry.api.csv_answers import csv_response, wants_csv
from isa_registry.api.json import json_response
from isa_registry.api.queries import malformed, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.visibility import sight_of
from isa_registry.domain.dates import is_date, london_date
from isa_registry.domain.lawful_bases.processing import processing_record
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.reporting.processing_table import processing_csv
from isa_registry.runtime.registry import Registry


@reads("/api/v1/organisations/{organisation:str}/processing-record")
async def read_processing_record(request: Request, organisation: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    sight_of(request).own(organisation)
    asked = query_of(request, "on", "format")
    as_csv = wants_csv(request, asked.get("format"))
    on = asked.get("on", london_date(registry.now()))
    if not is_date(on):
        raise malformed(Fault("#/on", "not-a-date", "Write dates as 2026-09-30."))
    view = registry.follower.view
    catalogue, body = view.catalogue(), view.organisation(organisation)
    if catalogue is None or body is None:
        raise Refused("not-found", "There is no such organisation.")
    found = processing_record(view, body, catalogue, on)
    if as_csv:
        return csv_response(processing_csv(found), f"processing-record-{organisation}-{on}.csv")
    return json_response(found, headers={"Vary": "Accept"})


HANDLERS = [read_processing_record]
