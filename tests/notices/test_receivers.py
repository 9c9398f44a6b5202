"""At which addresses a notice is told, and what happens where there is none."""

import pytest

from isa_registry.domain.notices.addresses import is_address
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.notices.receivers import Address, nobody_told, receivers

NOTICE = Notice("agreement-in-force", "harbour", ("signatory", "business-unit"),
                {"agreement": "a", "version": "1", "on": "2026-06-01"}, "x")  # fmt: skip


def at(role: str, address: str, organisation: str = "harbour") -> Address:
    return Address(f"nad_{role}_{address}", organisation, role, address)


def test_every_address_of_the_roles_is_told_and_one_mailbox_once() -> None:
    known = [
        at("signatory", "director@harbour.test"),
        at("business-unit", "Director@Harbour.test"),
        at("signatory", "deputy@harbour.test"),
        at("ig-lead", "lead@harbour.test"),
        at("signatory", "somebody@else.test", "way-through"),
    ]
    found = receivers(NOTICE, known)
    assert found.addresses == ("nad_signatory_director@harbour.test", "nad_signatory_deputy@harbour.test")
    assert not found.lacking
    assert nobody_told(NOTICE, found, "the-council") is None


def test_where_a_role_has_no_address_the_lead_is_told_in_its_place_and_that_one_is_lacking() -> None:
    found = receivers(NOTICE, [at("ig-lead", "lead@harbour.test")])
    assert found.addresses == ("nad_ig-lead_lead@harbour.test",)
    lacking = nobody_told(NOTICE, found, "the-council")
    assert lacking is not None
    assert (lacking.organisation, lacking.roles) == ("harbour", ("ig-lead",))


def test_where_a_body_has_no_address_at_all_the_unit_is_told_once_for_body_and_role() -> None:
    found = receivers(NOTICE, [])
    lacking = nobody_told(NOTICE, found, "the-council")
    assert lacking is not None
    assert (lacking.organisation, lacking.roles) == ("the-council", ("business-unit",))
    other = Notice("agreement-opened", "harbour", ("signatory",), {"agreement": "b", "version": "1"}, "y")
    again = nobody_told(other, receivers(other, []), "the-council")
    assert again is not None
    assert lacking.key == again.key


def test_that_the_unit_itself_has_no_address_is_told_to_nobody() -> None:
    lacking = nobody_told(NOTICE, receivers(NOTICE, []), "the-council")
    assert lacking is not None
    assert nobody_told(lacking, receivers(lacking, []), "the-council") is None
    assert nobody_told(NOTICE, receivers(NOTICE, []), None) is None


@pytest.mark.parametrize("good", ["dsl@school.test", "a.b+c@x-y.co.uk", "o'neil@nhs.test"])
def test_an_address_of_a_mailbox_is_one(good: str) -> None:
    assert is_address(good)


@pytest.mark.parametrize(
    "bad",
    [
        "", "a", "a@b", "a@", "@b.test", "a b@c.test", "a@b..test", ".a@b.test", "a@b.test\nBcc: x@y.test",
        "a@b.test\r\nBcc: x", "a@b.test,c@d.test", "Ada <a@b.test>", '"a b"@c.test', "a@[127.0.0.1]", "a@-b.test",
        "é@b.test", "a@b.test ", "a" * 65 + "@b.test", "a@" + "b." * 130 + "test", "a@b.test;c@d.test", "a@b_c.test",
    ],
)  # fmt: skip
def test_nothing_else_is_an_address(bad: str) -> None:
    assert not is_address(bad)
