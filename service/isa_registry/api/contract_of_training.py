"""What the routes of `api/access/training.py` take and give."""

from __future__ import annotations

from isa_registry.api import link_checks
from isa_registry.api.contract_form import JSON, Contract

CONTRACTS_OF_TRAINING: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/agreements/links/check"): Contract(
        operation="checkLinks",
        tag="agreements",
        takes=((JSON, link_checks.LinksToCheck),),
        answers=(JSON, link_checks.LinksChecked),
    ),
}
