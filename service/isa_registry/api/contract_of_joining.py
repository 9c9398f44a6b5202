"""What the routes of `api/access/joining.py` take and give."""

from __future__ import annotations

from isa_registry.api.contract_form import Contract

CONTRACTS_OF_JOINING: dict[tuple[str, str], Contract] = {}
