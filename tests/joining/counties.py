"""Lists of organisations of the size and shape that counties have, made up."""

from __future__ import annotations

import csv
import io

from isa_registry.domain.organisation_files import COLUMNS

SCHOOLS, TRUSTS = 274, 23
"""County Durham's."""


def as_csv(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def county(schools: int = SCHOOLS, trusts: int = TRUSTS) -> list[dict[str, str]]:
    """Trusts and schools, three schools of five an academy of one of the trusts. Academies come before their trusts, so
    that no order in the file is relied on."""
    rows: list[dict[str, str]] = []
    for number in range(1, schools + 1):
        academy = number % 5 < 3
        rows.append(
            {
                "id": f"school-{number:04}",
                "name": f"Example School {number}, County",
                "kind": "academy" if academy else "maintained-school",
                "parent": f"trust-{number % trusts + 1:02}" if academy else "",
                "contact_urgent": f"School office {number}",
                "policy_document_reference": f"APD-{number}",
                "policy_document_review_on": "2027-09-01",
            }
        )
    rows += [
        {"id": f"trust-{number:02}", "name": f"Example Trust {number}", "kind": "academy-trust"}
        for number in range(1, trusts + 1)
    ]
    return rows
