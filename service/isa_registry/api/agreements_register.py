"""The public register of information sharing agreements, as JSON and as CSV (docs/formats/agreements-register.md)."""

from __future__ import annotations

from litestar import Response
from msgspec import Struct

from isa_registry.api.agreements import register_today
from isa_registry.api.csv_answers import csv_response, wants_csv
from isa_registry.api.json import json_response
from isa_registry.api.queries import query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.reporting.agreements_register import (
    RegisterLine,
    agreements_register,
    agreements_register_csv,
)

ADDRESS = "/api/v1/agreements-register"


class AgreementsRegister(Struct, frozen=True):
    """Every agreement as of the day `on`, in the fields of the register that GOV.UK keeps of such agreements.
    `invented`: nobody signed; who is shown as having done so is made up."""

    on: str
    invented: bool
    agreements: list[RegisterLine]


@reads(ADDRESS)
async def read_agreements_register(request: Request) -> Response[bytes]:
    view, today = register_today(request)
    as_csv = wants_csv(request, query_of(request, "format").get("format"))
    lines = agreements_register(view, today)
    if as_csv:
        return csv_response(agreements_register_csv(lines), f"information-sharing-agreements-{today}.csv")
    opened = view.opened()
    register = AgreementsRegister(on=today, invented=opened is not None and opened.demo, agreements=list(lines))
    return json_response(register, headers={"Vary": "Accept"})


HANDLERS = [read_agreements_register]
