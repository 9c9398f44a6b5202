"""A view never changes, whatever the register does after it."""

from __future__ import annotations

import msgspec

from demonstration import demonstration_entries
from isa_registry.domain.agreement_entries import AgreementWithdrawn
from isa_registry.domain.entries import decode_payload, encode_payload
from isa_registry.domain.party_entries import OrganisationChanged
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.domain.register.snapshots import read_snapshot, write_snapshot

AT = "2026-11-23T09:00:00.000Z"
ON = "2026-11-23"
WITHDRAWN = AgreementWithdrawn(agreement="tier-1", version="1.0", on="2026-11-01", reason="superseded")


def folded() -> tuple[Register, int]:
    register, size = Register(), 0
    for size, payload in enumerate(demonstration_entries(), start=1):
        apply(register, size - 1, AT, payload)
    return register, size


def in_force(register: Register, size: int) -> list[str]:
    return sorted(version.agreement for version in register.at(size).agreements_in_force(ON))


def test_a_view_keeps_what_it_showed_when_the_register_changes() -> None:
    register, size = folded()
    before = register.at(size)

    assert ["tier-1", "tier-2-hoth"] == sorted(v.agreement for v in before.agreements_in_force(ON))
    apply(register, size, AT, WITHDRAWN)

    assert ["tier-1", "tier-2-hoth"] == sorted(v.agreement for v in before.agreements_in_force(ON))
    assert ["tier-1", "tier-2-hoth"] == in_force(register, size)
    assert ["tier-2-hoth"] == in_force(register, size + 1)


def test_views_between_the_same_two_changes_share_what_was_worked_out() -> None:
    register, size = folded()

    assert register.at(size).memory is register.at(size + 7).memory
    apply(register, size, AT, WITHDRAWN)

    assert register.at(size).memory is not register.at(size + 1).memory


def test_what_was_tried_on_and_taken_back_leaves_no_memory() -> None:
    register, size = folded()
    apply(register, size, AT, WITHDRAWN)

    assert ["tier-2-hoth"] == in_force(register, size + 1)
    register.forget_from(size)

    assert ["tier-1", "tier-2-hoth"] == in_force(register, size + 1)


def test_a_register_from_a_snapshot_answers_for_earlier_sizes_too() -> None:
    register, size = folded()
    again = read_snapshot(write_snapshot(register))

    for earlier in range(size + 1):
        assert in_force(register, earlier) == in_force(again, earlier)
    assert write_snapshot(register) == write_snapshot(again)


def test_a_snapshot_of_a_body_that_was_changed_is_read() -> None:
    """Else every worker of a registry in which any body ever changed would fold the whole log at its start."""
    register, size = folded()
    changed = OrganisationChanged(organisation="harbour", name="Harbour", organisation_kind="voluntary")
    apply(register, size, AT, changed)
    again = read_snapshot(write_snapshot(register))

    assert changed == again.at(size + 1).organisation("harbour")
    assert register.at(size).organisation("harbour") == again.at(size).organisation("harbour") != changed
    assert write_snapshot(register) == write_snapshot(again)


def orders(register: Register, size: int) -> list[list[str]]:
    """The keys of everything in the law that has an order."""
    catalogue = register.at(size).catalogue()
    assert catalogue is not None
    tables = [*msgspec.structs.asdict(catalogue).values(), *msgspec.structs.asdict(catalogue.codes).values()]
    return [list(table) for table in tables if isinstance(table, dict)]


def test_a_snapshot_keeps_the_order_of_the_law() -> None:
    """An answer gives guidance in the catalogue's order, from whatever its worker started."""
    register, size = folded()
    found = orders(register, size)

    assert found != [sorted(keys) for keys in found]
    assert found == orders(read_snapshot(write_snapshot(register)), size)


def test_the_law_has_one_order_however_its_payload_was_spelt() -> None:
    register, size = Register(), 0
    for size, payload in enumerate(demonstration_entries(), start=1):
        apply(register, size - 1, AT, decode_payload(encode_payload(payload)))

    assert orders(folded()[0], size) == orders(register, size)
