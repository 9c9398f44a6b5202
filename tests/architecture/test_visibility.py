"""One module of the edge decides what one body sees of another, and this is what it decides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from isa_registry.actions.audit import Selection, selects
from isa_registry.api.access import ACCESS, Access
from isa_registry.api.sharing_events import EventLine, EventResponse
from isa_registry.api.visibility import AUDITING, Sight
from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.refusals import Refused
from isa_registry.ledger.leaves import seal
from isa_registry.store.audit import SeenEntry

EDGE = Path(__file__).parents[2] / "service/isa_registry"
DECIDING = re.compile(
    r"\.organisation [!=]= |[!=]= \w+\.organisation\b|isa\.organisation"
    r'|"(auditor|business-unit|audit:read|admin)" (not )?in '
)
EVENT = Access(says="", fields=ACCESS["GET", "/api/v1/sharing-events/{event}"].fields)


def test_no_other_module_of_the_edge_compares_organisations_or_asks_who_audits() -> None:
    modules = [path for place in ("api", "pages") for path in (EDGE / place).rglob("*.py")]
    assert len(modules) > 20
    deciding = {path.name for path in modules if DECIDING.search(path.read_text(encoding="utf-8"))}
    # The others choose what a menu offers.
    assert deciding == {"visibility.py", "asking_choices.py", "signing_in.py"}


def test_only_the_pool_says_for_whom_rows_are_read() -> None:
    modules = [path for path in EDGE.rglob("*.py") if "isa.organisation" in path.read_text(encoding="utf-8")]
    assert [path.name for path in modules] == ["pool.py"]


def sight(access: Access, *, organisation: str = "a-body", auditor: bool = False) -> Sight:
    return Sight(organisation=organisation, auditor=auditor, access=access)


def test_rows_are_read_for_the_own_body_or_for_all() -> None:
    assert sight(EVENT).reader == "a-body"
    assert sight(EVENT, auditor=True).reader == "*"


def test_an_address_of_another_body_is_refused_to_all_but_auditors() -> None:
    assert sight(EVENT).own("a-body") == "a-body"
    assert sight(EVENT, auditor=True).own("another") == "another"
    with pytest.raises(Refused) as refused:
        sight(EVENT).own("another")
    assert refused.value.code == "not-your-organisation"


def test_the_table_decides_which_members_a_recipient_sees() -> None:
    whole = EventResponse(
        id="1", provider="a-body", entry=7, recorded_at="", receipt="", flags=("late-entry",), event="e", withheld="w"
    )
    assert sight(EVENT).show(whole, "a-body") == whole
    assert sight(EVENT, auditor=True).show(whole, "another") == whole
    shown = sight(EVENT).show(whole, "another")
    assert (shown.flags, shown.withheld, shown.event) == (None, None, "e")
    assert not sight(EVENT).sees("withheld", "another")
    assert sight(EVENT).sees("withheld", "a-body")


def test_whoever_the_table_does_not_name_sees_no_member_that_can_be_left_out() -> None:
    line = EventLine("1", "another", "a-body", "shared", "prevent-channel", "", 7, suspect=False, flags=("late-entry",))
    assert sight(Access(says="", fields={"provider": ("*",)})).show(line, "another").flags is None


@pytest.mark.parametrize(("reader", "shown"), [("a-body", True), ("another", False), (None, True)])
def test_an_entry_of_the_register_is_shown_to_the_body_that_it_names(reader: str | None, shown: bool) -> None:
    """Whatever the database has shown: this is the application's own rule."""
    granted = RoleGranted(organisation="a-body", issuer="https://idp.example", subject="x", role="signatory")
    sealed = seal(
        origin="a.log", index=7, previous=bytes(32), at="2026-04-01T09:30:00.000Z", payload=granted, salt=bytes(32)
    )
    entry = SeenEntry(
        index=7, at=sealed.at, leaf_kind=sealed.leaf_kind, leaf=sealed.leaf, leaf_hash=sealed.leaf_hash,
        kind=sealed.payload_kind, readers=None, payload=sealed.payload_bytes, salt=sealed.salt,
    )  # fmt: skip
    assert selects(Selection(), entry, organisation=reader) is shown
    for column, other in (("payload", b"{}"), ("payload", sealed.payload_bytes + b" "), ("salt", b"")):
        altered = replace(entry, **{column: other})
        assert selects(Selection(), altered, organisation=reader) is (reader is None)


def test_the_business_unit_oversees_these_routes_and_nobody_oversees_more() -> None:
    overseen = {path: terms.oversight for (_, path), terms in ACCESS.items() if terms.oversight}
    assert set(overseen.values()) == {frozenset({"business-unit"})}
    assert {path for path in overseen if not path.startswith("/api/v1/proposals")} == {
        "/api/v1/audit/erasures",
        *(f"/api/v1/organisations/{{organisation}}/{what}" for what in ("members", "clients", "issuers")),
        *(f"/api/v1/organisations/{{organisation}}/{what}/revocation" for what in ("members", "clients")),
        "/api/v1/organisations/{organisation}/issuers/removal",
        *(
            f"/api/v1/organisations/{{organisation}}/{what}"
            for what in ("record", "suspension", "suspension/end", "closure", "closure/end", "set-up")
        ),
        *(f"/api/v1/agreements/{{agreement}}/versions/{{version}}/{what}" for what in ("invitations", "queries")),
        *(f"/api/v1/challenges{which}" for which in ("", "/{challenge}", "/{challenge}/receipt")),
        *(f"/api/v1/reports/{report}" for report in ("attestation-matrix", "quarterly", "reviews-due")),
    }
    for route, terms in ACCESS.items():
        assert terms.oversight <= terms.roles | terms.scopes, route
        assert "auditor" not in terms.fields or AUDITING & (terms.roles | terms.scopes), route
