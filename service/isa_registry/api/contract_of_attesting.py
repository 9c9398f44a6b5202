"""What the routes of `api/access/attesting.py` take and give."""

from __future__ import annotations

from isa_registry.api import attestations
from isa_registry.api.contract_form import JSON, Contract

CONTRACTS_OF_ATTESTING: dict[tuple[str, str], Contract] = {
    ("GET", "/api/v1/agreements/{agreement}/versions/{version}/attestations"): Contract(
        operation="listAttestations", tag="agreements", answers=(JSON, attestations.AttestationList)
    ),
}
