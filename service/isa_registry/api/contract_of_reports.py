"""What the routes of `api/access/reports.py` take and give."""

from __future__ import annotations

from isa_registry.api import comparing
from isa_registry.api.contract_form import JSON, Contract, Parameter

_OLDER = Parameter("from", "The version to begin with, mostly the older one. Needed.", "1.0")
_NEWER = Parameter("to", "The version to compare it with. Needed.", "1.1")

CONTRACTS_OF_REPORTS: dict[tuple[str, str], Contract] = {
    ("GET", "/api/v1/agreements/{agreement}/compare"): Contract(
        operation="compareVersions",
        tag="agreements",
        answers=(JSON, comparing.VersionComparison),
        query=(_OLDER, _NEWER),
        headers=("ETag",),
        conditional=True,
    ),
}
