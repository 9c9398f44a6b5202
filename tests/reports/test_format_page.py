"""The page on reports shows what the reports give: its tables are read by the code that writes them."""

from __future__ import annotations

import re
from pathlib import Path

from demonstration import Demonstration
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.reporting.matrix import ORDER, SORTS, Narrowing, matrix, narrowed
from isa_registry.domain.reporting.quarterly import MEASURES, Count, Coverage, figures
from isa_registry.domain.reporting.quarterly_table import COLUMNS, quarterly_csv
from isa_registry.domain.reporting.quarters import quarter
from isa_registry.domain.reporting.reviews import WHAT, reviews_due
from isa_registry.domain.reporting.safety_frame import QUESTIONS, Scaling, frame
from isa_registry.domain.reporting.tables import MATRIX_COLUMNS, matrix_csv, reviews_csv
from isa_registry.domain.resting import RESTS_ON

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "reports.md").read_text(encoding="utf-8")
TODAY = "2026-11-27"


def tables() -> list[bytes]:
    found = re.findall(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [one.replace("\n", "\r\n").encode() for one in found]


def test_the_matrix_on_the_page_is_what_the_report_writes() -> None:
    demonstration = Demonstration().then(
        OrganisationRegistered(organisation="a-charity", name='A "Charity", Ltd', organisation_kind="voluntary")
    )
    demonstration.signs("a-charity", "tier-2-hoth", reservations=("crime-prevention", "prevent-channel"))
    demonstration.withdraws("harbour", "tier-2-hoth", "2026-10-01")
    asked = Narrowing(agreement="tier-2-hoth", kind="voluntary", sort="state")
    found = narrowed(matrix(demonstration.view(), TODAY), asked)
    assert tables()[0] == matrix_csv(found)


def test_the_reviews_on_the_page_are_what_the_report_writes() -> None:
    document = PolicyDocument("=APD-7", "2026-11-01")
    demonstration = Demonstration().body("harbour", "voluntary", policy_document=document)  # type: ignore[arg-type]
    found = reviews_due(demonstration.view(), TODAY, 186)
    assert tables()[1] == reviews_csv(found)


def test_the_quarter_on_the_page_is_what_the_report_writes() -> None:
    asked = quarter("2026-Q3")
    assert asked is not None
    counts = [Count("harbour", "not-shared", "stands", 3), Count("harbour", "not-shared", "shared-since", 16)]
    coverage = [Coverage("tier-2-hoth", "1.0", asked.last, 9, 10)]
    times = {"": (42, 34.7, 181.2)}
    found = figures(asked, "durham", 1200, {"harbour": "Harbour"}, counts, times, coverage)
    said = frame(found, [Scaling("harbour", "basis-understood", 7, "2026-10-02")])
    written = quarterly_csv(found, said).decode().splitlines(keepends=True)
    others = [f",{one.code}," for one in MEASURES if one.code != "not-shared"]
    assert tables()[2].decode() == "".join(line for line in written if not any(name in line for name in others))
    for code in (*(one.code for one in MEASURES), *QUESTIONS, *RESTS_ON, *COLUMNS):
        assert code in PAGE


def test_every_state_every_order_and_everything_that_is_due_is_on_the_page() -> None:
    for code in (*ORDER, *WHAT, *(one for one in SORTS if not one.startswith("-")), *MATRIX_COLUMNS):
        assert f"`{code}`" in PAGE
