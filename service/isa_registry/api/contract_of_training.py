"""What the routes of `api/access/training.py` take and give."""

from __future__ import annotations

from isa_registry.api import link_checks, oembed
from isa_registry.api.contract_form import JSON, Contract, Parameter

_ASKED = (
    Parameter(
        "url",
        "An address of a clause or an agreement of this registry, of any form. Needed.",
        "https://registry.example.org/agreements/tier-2-hoth/1.0#5.3",
    ),
    Parameter("format", "`json`, or `xml`.", "json", ("json", "xml")),
    Parameter("maxwidth", "The room that there is, in pixels.", "600"),
    Parameter("maxheight", "The same for the height.", "400"),
)


def _embeds(operation: str) -> Contract:
    return Contract(
        operation=operation,
        tag="agreements",
        answers=(JSON, oembed.Embed),
        query=_ASKED,
        headers=("ETag",),
        problems=("malformed", "not-found", "form-not-offered"),
        conditional=True,
    )


CONTRACTS_OF_TRAINING: dict[tuple[str, str], Contract] = {
    ("POST", "/api/v1/agreements/links/check"): Contract(
        operation="checkLinks",
        tag="agreements",
        takes=((JSON, link_checks.LinksToCheck),),
        answers=(JSON, link_checks.LinksChecked),
    ),
    ("GET", "/oembed"): _embeds("embedAddress"),
    ("GET", "/api/v1/oembed"): _embeds("embedAddressByInterface"),
}
