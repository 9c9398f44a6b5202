"""The forms that pages send: read strictly, and only from a page of ours."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from isa_registry.domain.refusals import Refused

MOST_FIELDS = 200

Form = tuple[tuple[str, str], ...]


def parse_form(body: bytes) -> Form:
    """The fields of an application/x-www-form-urlencoded body, in order. Raises `Refused`: `malformed`."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Refused("malformed", "The form cannot be read.") from None
    return tuple(pairs)


def one_field(form: Form, name: str) -> str:
    """The value of a field that comes at most once; empty where it is not there. Raises `Refused`: `malformed`."""
    found = fields(form, name)
    if len(found) > 1:
        raise Refused("malformed", "A field of the form is there twice.")
    return found[0] if found else ""


def fields(form: Form, name: str) -> list[str]:
    """Every value of a field, such as of several boxes that are ticked."""
    return [value for field, value in form if field == name]


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
