"""Every component with made-up data: what the gallery shows, and what the components' tests read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.navigation import SignedIn

SOMEBODY = SignedIn(
    organisation="durham-constabulary",
    organisation_name="Durham Constabulary",
    roles=frozenset({"practitioner", "ig-lead"}),
    csrf="not-a-real-token",
    others=(("durham-county-council", "Durham County Council"), ("harbour", "Harbour")),
)
_ONE_PLACE = SignedIn(
    organisation="harbour", organisation_name="Harbour", roles=frozenset({"practitioner"}), csrf="not-a-real-token"
)

_USES = (
    ("event", "Sharing events", "Signed records of decisions to share or not to share"),
    ("acknowledgement", "Acknowledgements", "That something shared arrived"),
    ("attestation", "Attestations", "Belongs to a named signatory"),
)
_KINDS = (("upload", "Send the public key"), ("jwks-uri", "Give the address of a key set"))
_ROLES = (("practitioner", "Practitioner"), ("signatory", "Signatory"), ("ig-lead", "Information-governance lead"))
_CHOICES: dict[str, object] = {"uses": _USES, "kinds": _KINDS, "role_choices": _ROLES}


class Example(Struct, frozen=True):
    """A page that shows a component: its name in the address, what it is, its template, and what that is given."""

    name: str
    title: str
    template: str
    shown: Mapping[str, Any] = {}
    signed_in: SignedIn | None = None
    status: int = 200


EXAMPLES: tuple[Example, ...] = (
    Example(
        "pieces",
        "Tags, facts, tables, lists and notices",
        "examples/pieces.html",
        {
            "standings": (
                ("in-force", "In force"), ("not-yet", "Not yet in force"), ("pending", "Waits for a second person"),
                ("suspended", "Suspended"), ("revoked", "Revoked"), ("superseded", "Superseded"), ("other", "Another"),
            ),
            "rows": (
                ("durham-constabulary-2026", "Sharing events", "27 November 2026", "Registered"),
                ("durham-constabulary-2025", "Sharing events", "3 March 2025", "Revoked on 27 November 2026"),
                ("a-key-id-that-is-as-long-as-they-come-and-has-no-place-to-break", "Attestations", "1 June 2026", "–"),
            ),
            "form": Form({"kind": ("agreement",)}),
        },
        SOMEBODY,
    ),
    Example(
        "form", "A form", "examples/form.html", {**_CHOICES, "form": Form({"uses": ("event",)})}, SOMEBODY
    ),
    Example(
        "form-with-errors",
        "A form with something wrong in every field",
        "examples/form.html",
        {
            **_CHOICES,
            "form": Form(
                {"kid": ("key 1",), "ends": ("31/3/2027",), "key": ("{}",), "kind": ("upload",)},
                (
                    FieldError("kid", "Enter a key id of letters, digits and hyphens, like durham-constabulary-2027"),
                    FieldError("kind", "Choose how the key is given"),
                    FieldError("key", "Paste the whole public key, as JSON that begins with {"),
                    FieldError("uses", "Choose at least one use"),
                    FieldError("role", "Choose a role"),
                    FieldError("ends", "Enter the day as year-month-day, like 2027-03-31"),
                    FieldError("", "Two people have to do this, and you were the first"),
                ),
            ),
        },
        SOMEBODY,
        422,
    ),
    Example("confirmation", "What was done", "examples/confirmation.html", {"entry": 1234}, _ONE_PLACE),
    Example("empty", "A list with nothing in it", "examples/empty.html", {}, _ONE_PLACE),
    Example("not-signed-in", "A page of somebody who is not signed in", "examples/empty.html"),
)  # fmt: skip
