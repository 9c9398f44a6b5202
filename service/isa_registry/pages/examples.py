"""Every component with made-up data: what the gallery shows, and what the components' tests read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from isa_registry.domain.agreements import Schedule
from isa_registry.domain.comparing.comparison import Wording, compare
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.pages.comparing import comparison_shown
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


_OLDER = """# Sharing at sea

Agreement `example`, version `1.0`.

## 1 Harbours {#1}

### 1.1 Coming in {#1.1}

Ships come in by day, as the **harbour master** says:

- with a pilot;
- with lights.

| Ship | Pilot |
|---|---|
| large | yes |
| small | no |

Answers: When do ships come in?

### 1.2 Storms {#1.2}

In a storm every ship stays where it is, and the harbour master tells each captain so by radio at once.
"""
_NEWER = (
    _OLDER.replace("`1.0`", "`1.1`")
    .replace("by day,", "by day or by night,")
    .replace("- with lights.\n", "- with lights, always;\n- with a flag.\n")
    .replace("| small | no |", "| small | at night |")
    .replace("### 1.2 Storms {#1.2}", "### 1.2 Going out {#1.2}\n\nShips go out on the tide.\n\n### 1.3 Storms {#1.3}")
)


def _version(text: str, version: str, review_due: str) -> AgreementVersion:
    schedule = Schedule(
        agreement="example", version=version, title="Sharing at sea", tier=1, effective_from="2026-06-01",
        review_due=review_due, purposes=(), signatory_roles={}, contacts=(), retention=(),
    )  # fmt: skip
    return AgreementVersion(
        agreement="example", version=version, title="Sharing at sea", tier=1, text=text, text_sha256="",
        schedule=schedule, schedule_sha256="", published_at="2026-06-01T09:00:00.000Z",
    )  # fmt: skip


def _comparison() -> dict[str, object]:
    older, newer = _version(_OLDER, "1.0", "2027-06-01"), _version(_NEWER, "1.1", "2028-06-01")
    found = compare(Wording(older.text, older.schedule), Wording(newer.text, newer.schedule))
    return {
        "shown": comparison_shown(older, newer, found),
        "versions": (("1.0", "Version 1.0"), ("1.1", "Version 1.1")),
        "form": Form({"from": ("1.0",), "to": ("1.1",)}),
    }


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
    Example("comparison", "Two versions compared", "comparison.html", _comparison()),
    Example("not-signed-in", "A page of somebody who is not signed in", "examples/empty.html"),
)  # fmt: skip
