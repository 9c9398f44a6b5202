"""The forms that pages send: read strictly, and only from a page of ours."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from isa_registry.domain.refusals import Refused

Sent = Mapping[str, tuple[str, ...]]
"""The fields of a form by name, each with its values in order."""

MAX_FIELDS = 200


def read_form(body: bytes) -> Sent:
    """The fields of an HTML form as a browser sends it. Raises `Refused` (malformed) for anything else."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Refused("malformed", "The form cannot be read.") from None
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value.replace("\r\n", "\n"))
    return found


def only(sent: Sent, field: str) -> str:
    """A field that is there once at most; empty where it is not. Raises `Refused` (malformed) where it is there twice,
    which no form of ours does."""
    values = sent.get(field, ())
    if len(values) > 1:
        raise Refused("malformed", "A field of the form is there twice.")
    return values[0] if values else ""


def refuse_other_sites(headers: Mapping[str, str], public_url: str) -> None:
    """Refuses a form that another site sent, as far as the browser says where it comes from. One that says nothing is
    held by the form's own token.

    Raises `Refused`: `forged-request`.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    scheme, _, rest = public_url.partition("://")
    # Either address: a proxy before the service may have given it a Host of its own. A page that sends no referrer says
    # `null` to itself too; Sec-Fetch-Site tells that from another's `null`.
    own = (f"{scheme}://{headers.get('host', '')}", f"{scheme}://{rest.partition('/')[0]}")
    elsewhere = origin not in (None, "null", *own)
    if elsewhere or site not in (None, "same-origin"):
        raise Refused("forged-request", "The form came from another site. Nothing was done.")
