"""oEmbed 1.0 (oembed.com): a site's editor gives an address of ours, and gets what shows the clause on its own page.

The consumers of it send what they like beside what the standard names, so unknown parameters are passed over.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
from litestar import Response
from msgspec import Struct

from isa_registry.actions.link_checks import LinkChecked, check_link
from isa_registry.api.agreements import register_today
from isa_registry.api.conditional import conditional
from isa_registry.api.queries import malformed
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.clause_addresses import LONGEST, named_by
from isa_registry.domain.embed_codes import HEIGHT, WIDTH, embed_code, identifier_frame, version_frame
from isa_registry.domain.refusals import Fault, Refused

CACHE_AGE = 3_600
_HEADERS = {"Cache-Control": "public, max-age=300"}
_PIXELS = re.compile(r"[1-9][0-9]{0,4}")


class Embed(Struct, frozen=True, omit_defaults=True):
    """How to show an address (oEmbed 1.0). A clause is `rich`: `html` is a sandboxed frame of that size, in pixels. An
    agreement or a version as a whole is a `link`."""

    type: str
    version: str
    title: str
    provider_name: str
    provider_url: str
    cache_age: int
    html: str | None = None
    width: int | None = None
    height: int | None = None


@reads("/oembed")
async def embed_address(request: Request) -> Response[bytes]:
    return _answer(request)


@reads("/api/v1/oembed")
async def embed_address_by_interface(request: Request) -> Response[bytes]:
    return _answer(request)


def _answer(request: Request) -> Response[bytes]:
    asked = _asked(request)
    address, public_url = asked.get("url"), request.app.state.public_url
    if not address or len(address) > LONGEST:
        raise malformed(Fault("#/url", "missing", "Send the address of a clause or an agreement as `url`, encoded."))
    found = _embed(request, address, public_url, asked)
    if asked.get("format", "json") == "json":
        return conditional(request, msgspec.json.encode(found), dict(_HEADERS), media_type="application/json")
    return conditional(request, _xml(found), dict(_HEADERS), media_type="text/xml; charset=utf-8")


def _asked(request: Request) -> dict[str, str]:
    """The parameters that the standard names. Raises `Refused`."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in ("url", "format", "maxwidth", "maxheight"):
            continue
        if name in found:
            raise malformed(Fault(f"#/{name}", "repeated", "Send it once."))
        found[name] = value
    if found.get("format", "json") not in ("json", "xml"):
        raise Refused("form-not-offered", "oEmbed has two forms, and both are offered: `json` and `xml`.")
    return found


def _size(asked: dict[str, str], name: str, usual: int) -> int:
    """The usual size, or what there is room for. Raises `Refused`."""
    most = asked.get(name)
    if most is None:
        return usual
    if not _PIXELS.fullmatch(most):
        raise malformed(Fault(f"#/{name}", "out-of-range", "Expected a number of pixels, from 1 to 99999."))
    return min(usual, int(most))


def _embed(request: Request, address: str, public_url: str, asked: dict[str, str]) -> Embed:
    view, today = register_today(request)
    checked = check_link(view, address, public_url, today)
    width, height = _size(asked, "maxwidth", WIDTH), _size(asked, "maxheight", HEIGHT)
    version = view.agreement_version(checked.agreement or "", checked.version or "")
    if version is None:
        raise Refused("not-found", "Nothing here has this address: no agreement, version or clause of this registry.")
    opened = view.opened()
    title = f"{version.title}, version {version.version}"
    shown = Embed(
        type="link",
        version="1.0",
        title=title,
        provider_name="ISA Registry" if opened is None else opened.partnership_name,
        provider_url=public_url,
        cache_age=CACHE_AGE,
    )
    if checked.clause is None:
        return shown
    title = f"{title}, clause {checked.clause}: {checked.heading}"
    html = embed_code(_frame(checked, address, public_url), title, width, height)
    return msgspec.structs.replace(shown, type="rich", title=title, html=html, width=width, height=height)


def _frame(checked: LinkChecked, address: str, public_url: str) -> str:
    """The frame of an address: an identifier's goes with the version in force, any other's stays with its version."""
    named = named_by(address, public_url)
    agreement, version, clause = str(checked.agreement), str(checked.version), str(checked.clause)
    if named is not None and named.version is None and named.on is None:
        return identifier_frame(public_url, agreement, clause)
    return version_frame(public_url, agreement, version, clause)


def _xml(found: Embed) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in msgspec.structs.asdict(found).items():
        if value is not None:
            ElementTree.SubElement(root, name).text = str(value)
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body


HANDLERS = [embed_address, embed_address_by_interface]
