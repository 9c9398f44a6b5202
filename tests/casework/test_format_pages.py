"""The pages on taking out events, and on gathering them for one person, say what is true."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import msgspec

from isa_registry.actions.casework import MOST_RECEIVED
from isa_registry.api.limits import REFERENCES
from isa_registry.domain.casework.access import SubjectAccess
from isa_registry.domain.casework.access_law import ACCESS_LAW
from isa_registry.domain.casework.selection import MOST_REFERENCES, Selection
from isa_registry.domain.casework.tables import COLUMNS, CaseEvent, case_line
from isa_registry.domain.casework.warnings import WARNING_CODES
from isa_registry.domain.reporting.tables import csv_lines

FORMATS = Path(__file__).parents[2] / "docs" / "formats"
EXPORT = (FORMATS / "case-export.md").read_text(encoding="utf-8")
ACCESS = (FORMATS / "subject-access.md").read_text(encoding="utf-8")


def block(page: str, kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return found.strip()


def test_the_event_of_the_page_is_the_row_of_the_page() -> None:
    one = msgspec.json.decode(block(EXPORT, "json exported"), type=CaseEvent)
    assert msgspec.json.encode(one).decode() == block(EXPORT, "json exported")
    assert csv_lines((case_line(one),)).decode().strip() == block(EXPORT, "csv exported")
    (cells,) = csv.reader(io.StringIO(block(EXPORT, "csv exported")))
    assert len(cells) == len(COLUMNS)


def test_the_page_names_every_member_that_narrows() -> None:
    assert all(f"`{name}`" in EXPORT for name in Selection.__struct_fields__)
    assert f"at most {MOST_REFERENCES}" in EXPORT
    flat = " ".join(EXPORT.split())
    assert f"{REFERENCES['client'].quota:,} different references within an hour" in flat
    assert f"one person about {REFERENCES['person'].quota}," in flat


def test_the_answer_of_the_page_is_one() -> None:
    found = msgspec.json.decode(block(ACCESS, "json found"), type=SubjectAccess)
    assert msgspec.json.encode(found).decode() == block(ACCESS, "json found")
    (event,) = found.events
    (warning,) = event.warnings
    assert warning.law == (ACCESS_LAW["dpa-2018-sch3-para5"],)


def test_the_page_names_every_warning() -> None:
    assert set(re.findall(r"`([a-z-]+)`", ACCESS.split("| code | rests on |")[1].split("##")[0])) == set(WARNING_CODES)
    assert f"at most {MOST_RECEIVED}" in ACCESS
