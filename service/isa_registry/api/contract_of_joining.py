"""What the routes of `api/access/joining.py` take and give."""

from __future__ import annotations

from isa_registry.api import importing, setting_up
from isa_registry.api.contract_form import JSON, Contract, Parameter

CONTRACTS_OF_JOINING: dict[tuple[str, str], Contract] = {
    ("GET", "/api/v1/organisations/{organisation}/set-up"): Contract(
        operation="readSetUp",
        tag="organisations",
        answers=(JSON, setting_up.SetUp),
        problems=("not-your-organisation", "not-found"),
    ),
    ("POST", "/api/v1/organisations/import"): Contract(
        operation="importOrganisations",
        tag="organisations",
        takes=(("text/csv", "PlainText"),),
        answers=(JSON, importing.OrganisationImport),
        status=201,
        query=(
            Parameter("dry_run", "`true`: say what the file would do, and do nothing.", "true", values=("true",)),
            Parameter("plan", "Do it: the sha256 of what it would do.", "0" * 64),
        ),
        repeats=True,
        problems=("unprocessable", "conflict", "too-large"),
    ),
}
