"""Following a citation on a page, and the way back from paper."""

from __future__ import annotations

from demonstration import Demonstration
from isa_registry.pages.qr import qr_code
from pages.browsing import browser


def test_a_citation_is_followed_to_its_clause() -> None:
    with browser(Demonstration().view()) as anybody:
        answer = anybody.get("/cite", params={"q": "HOTH ISA 1.0, cl. 5.3"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/agreements/tier-2-hoth/1.0/clause/5.3")


def test_a_citation_that_leads_nowhere_is_told_what_there_is_and_stands_in_the_form_again() -> None:
    with browser(Demonstration().view()) as anybody:
        version = anybody.get("/cite", params={"q": "HOTH ISA 9.9, cl. 5.3"})
        nothing = anybody.get("/cite", params={"q": "Some ISA <b>"})
        empty = anybody.get("/cite")
    assert (version.status_code, nothing.status_code, empty.status_code) == (404, 404, 200)
    assert "Enter a version that there is: 1.0" in version.text
    assert 'value="HOTH ISA 9.9, cl. 5.3"' in version.text
    assert "Some ISA &lt;b&gt;" in nothing.text
    assert "HOTH ISA 1.0" in empty.text


def test_the_code_is_of_the_address_alone_and_loads_nothing() -> None:
    drawn = str(qr_code("https://registry.test/agreements/tier-2-hoth/1.0"))
    assert drawn.startswith('<svg aria-hidden="true"')
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
    assert drawn != str(qr_code("https://registry.test/agreements/tier-2-hoth/1.1"))
