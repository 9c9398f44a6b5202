"""What the routes of `api/access/replaying.py` take and give."""

from __future__ import annotations

from isa_registry.api import replay
from isa_registry.api.contract_form import JSON, Contract

MARKDOWN = "text/markdown; charset=utf-8"
LAW = "LawAsData"
WORDS = "PlainText"
"""Shapes without a struct of their own; `openapi.py` writes them by hand."""

CONTRACTS_OF_REPLAYING: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/checks/{check}/replay"): Contract(
        operation="replayCheck",
        tag="checks",
        takes=((JSON, replay.ReplayRequest),),
        answers=(JSON, replay.ReplayResponse),
        problems=("gone",),
    ),
    ("GET", "/api/v1/catalogues/{digest}"): Contract(
        operation="readCatalogue", tag="agreements", answers=(JSON, LAW), headers=("ETag",), conditional=True,
        problems=("gone",),
    ),
    ("GET", "/api/v1/texts/{digest}"): Contract(
        operation="readWords", tag="agreements", answers=(MARKDOWN, WORDS), headers=("ETag",), conditional=True
    ),
}  # fmt: skip
