"""Many organisations from one CSV file (docs/formats/organisations-csv.md): looked at first, then done as looked at."""

from __future__ import annotations

import re

from litestar import Response
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions.importing import ACTIONS, Difference, Plan, as_fault
from isa_registry.api.changing import decider_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import writes
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.runtime.joining import imports
from isa_registry.runtime.registry import Registry

_SHA256 = re.compile(r"[0-9a-f]{64}")


class ImportFault(Struct, frozen=True):
    """What is wrong on a line: in which column (empty: of the line as such), and what to do."""

    column: str
    code: str
    detail: str


class ImportLine(Struct, frozen=True):
    """What would become of the organisation that begins on a line of the file: `action` is register, change, nothing or
    refused. `changes` say what would change, from what to what, as the file writes it."""

    line: int
    organisation: str
    name: str
    action: str
    changes: tuple[Difference, ...]
    faults: tuple[ImportFault, ...]


class OrganisationImport(Struct, frozen=True):
    """What a file would do, or did. Send the same file with `plan` set to `sha256` to have it done: that is refused
    where it would do anything else by then. `counts` has a number for each action; with any `refused` nothing can be
    done. `entry` is the first of the log's entries that it made, one for each organisation that was registered or
    changed, which count from the next entry on; None where nothing was done. A repetition says that entry alone."""

    sha256: str
    counts: dict[str, int]
    lines: list[ImportLine]
    entry: int | None = None
    logged_at: str | None = None


def _shown(plan: Plan) -> OrganisationImport:
    lines = [
        ImportLine(
            line=one.line,
            organisation=one.organisation,
            name=one.name,
            action=one.action,
            changes=one.changes,
            faults=tuple(ImportFault(fault.column, fault.code, as_fault(fault).detail) for fault in one.faults),
        )
        for one in plan.lines
    ]
    return OrganisationImport(sha256=plan.sha256, counts=_counts(plan), lines=lines)


def _counts(plan: Plan) -> dict[str, int]:
    return {action: plan.count(action) for action in ACTIONS}


@writes("/api/v1/organisations/import", status=200)
async def import_organisations(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    wanted = _wanted(request)
    data, by = await request.body(), decider_of(request)
    if wanted is None:
        return json_response(_shown(imports.look(registry, data, by)))
    claim = claim_of(request, caller_of(request), data)
    with in_flight(request, claim):
        done = await imports.carry_out(registry, data, wanted, by, claim=claim)
    appended = done.appended
    if appended.repeated:
        return json_response(OrganisationImport(wanted, {}, [], appended.index, appended.at))
    shown = replace(_shown(done.plan), entry=appended.index, logged_at=appended.at)
    return json_response(shown, status=201)


def _wanted(request: Request) -> str | None:
    """The SHA-256 of the plan to carry out; None for a dry run."""
    asked = dict(request.query_params)
    if list(asked) == ["dry_run"] and asked["dry_run"] == "true":
        return None
    if list(asked) == ["plan"] and _SHA256.fullmatch(str(asked["plan"])):
        return str(asked["plan"])
    detail = "Send the file with `dry_run=true` first, then with `plan` set to the sha256 of what it would do."
    raise Refused("malformed", detail, (Fault("#/plan", "missing", detail),))


HANDLERS = [import_organisations]
