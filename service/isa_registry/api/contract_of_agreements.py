"""What the routes of `api/access/agreements.py` take and give."""

from __future__ import annotations

from isa_registry.api.contract_form import Contract

CONTRACTS_OF_AGREEMENTS: dict[tuple[str, str], Contract] = {}
