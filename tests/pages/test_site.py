"""What everybody can read: sound HTML, nothing from elsewhere, and links that lead somewhere."""

from datetime import timedelta
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from demonstration import catalogue, demonstration_view
from isa_registry.api.access import ACCESS, template_of
from isa_registry.api.problems import PROBLEMS
from isa_registry.domain import entries
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register
from isa_registry.pages.log_state import ago
from ledger.test_log_keys import FIRST, SECOND, logged, rotation
from pages.browsing import NOTE, ROOT, SIGNER, Page, browser

Browser = TestClient[Litestar]

PAGES = [
    "/",
    "/agreements",
    "/agreements/tier-1/1.0",
    "/agreements/tier-2-hoth/1.0",
    "/agreements/tier-2-hoth/1.0/part/7",
    "/agreements/tier-2-hoth/1.0/schedule",
    "/agreements/tier-2-hoth/1.0/law",
    "/agreements/tier-2-hoth/1.0/attestations",
    "/agreements/tier-2-hoth/1.0/summaries",
    "/agreements/tier-2-hoth/1.0/versions?clause=5.3",
    "/agreements/tier-2-hoth/1.0/search?q=panel",
    "/agreements/tier-2-hoth/1.0/print",
    "/law/provisions/ca-2004-s16la",
    "/log",
    "/documentation",
    "/immediate-danger",
    "/accessibility-statement",
    *(f"/problems/{code}" for code in PROBLEMS),
]
MISSING = [
    "/agreements/nothing",
    "/agreements/tier-1/9.9",
    "/agreements/nothing/1.0",
    "/agreements/tier-2-hoth/9.9/print",
    "/agreements/tier-2-hoth/9.9/versions",
    "/agreements/tier-2-hoth/9.9/search",
    "/agreements/tier-2-hoth/9.9/summaries",
    "/agreements/tier-2-hoth/9.9/schedule",
    "/agreements/tier-2-hoth/9.9/part/7",
    "/agreements/tier-2-hoth/1.0/part/99",
    "/id/agreement/nothing",
    "/id/agreement/tier-1/clause/99.9",
    "/id/agreement/nothing/clause/1.1",
    "/problems/nothing",
    "/static/nothing.css",
]


ELSEWHERE = {"www.legislation.gov.uk", "mcmw.abilitynet.org.uk", "www.equalityadvisoryservice.com"}
"""The law, and whom the accessibility statement must name."""


@pytest.fixture(scope="module")
def pages() -> Browser:
    return browser(demonstration_view())


def read(pages: Browser, path: str) -> Page:
    response = pages.get(path)
    assert response.headers["content-type"] == "text/html; charset=utf-8", path
    return Page(response.text)


def is_ours(path: str) -> bool:
    """Whether a route of the access table answers the path: a page here, or the interface."""
    parts = path.split("/")
    return any(
        method == "GET"
        and len(parts) == len(template.split("/"))
        and all(want.startswith("{") or want == have for want, have in zip(template.split("/"), parts, strict=True))
        for method, template in ACCESS
    )


@pytest.mark.parametrize("path", [*PAGES, *MISSING])
def test_every_page_is_sound_and_takes_nothing_from_elsewhere(pages: Browser, path: str) -> None:
    page = read(pages, path)
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    assert (page.tags["h1"], page.tags["main"], page.tags["title"]) == (1, 1, 1)
    assert [given["lang"] for tag, given in page.attributes if tag == "html"] == ["en-GB"]
    assert page.loaded
    for address in page.loaded:
        assert address.startswith("/static/")
    for tag, given in page.attributes:
        assert not given.keys() & {"srcset", "background", "ping", "poster", "data"}, tag
        assert given.get("action", "/").startswith("/") and not given.get("action", "/").startswith("//"), tag


@pytest.mark.parametrize("path", [*PAGES, *MISSING])
def test_headings_go_down_one_step_at_a_time(pages: Browser, path: str) -> None:
    headings = read(pages, path).headings
    assert headings[0] == 1
    for before, after in pairwise(headings):
        assert after <= before + 1


@pytest.mark.parametrize("path", [*PAGES, *MISSING])
def test_every_page_says_what_to_do_in_immediate_danger(pages: Browser, path: str) -> None:
    page = read(pages, path)
    assert "/immediate-danger" in [link["href"] for link in page.links]
    assert "Ring 999 and share now." in page.words


def where_it_is(pages: Browser, target: str) -> str:
    """The address at which a page answers: its own, or the one that it sends on to, twice at most."""
    response = pages.get(target)
    for _ in range(2):
        if response.status_code == 303:
            target = response.headers["location"]
            response = pages.get(target)
    assert response.status_code == 200, target
    return target


def test_links_lead_to_pages_and_anchors_that_are_there(pages: Browser) -> None:
    read_already: dict[str, Page] = {}
    found: dict[str, str] = {}
    waiting, followed = list(PAGES), 0
    while waiting:
        path = waiting.pop()
        if path in read_already:
            continue
        read_already[path] = page = read(pages, path)
        for link in page.links:
            parts = urlsplit(link["href"])
            if parts.scheme == "tel":
                assert parts.path.isdecimal()
                continue
            if parts.scheme:
                assert (parts.scheme, parts.netloc in ELSEWHERE) == ("https", True)
                assert link["rel"] == "external noopener"
                continue
            followed += 1
            target = parts.path or path
            assert is_ours(target.partition("?")[0]), target
            terms = ACCESS.get(("GET", target))
            if (
                target.startswith(("/api/", "/log/", "/schema/"))
                or target.endswith(".atom")
                or (terms and (terms.session or terms.handshake))
            ):
                continue
            if target.startswith("/law/provisions/") and target not in PAGES:
                # Hundreds of pages of one kind: that each is there is a matter of the catalogue.
                assert target.removeprefix("/law/provisions/") in catalogue().provisions, target
                continue
            if target not in found:
                found[target] = where_it_is(pages, target)
            target = found[target]
            if parts.fragment:
                there = read_already.setdefault(target, read_already.get(target) or read(pages, target))
                assert unquote(parts.fragment) in there.ids, link["href"]
            elif target not in read_already and target not in waiting:
                waiting.append(target)
    assert followed > 500


@pytest.mark.parametrize("path", [*PAGES, *MISSING])
def test_a_demonstration_says_on_every_page_that_signatures_are_invented(pages: Browser, path: str) -> None:
    assert "Demonstration: who signed here is invented." in read(pages, path).words


def real_register() -> Register:
    register = Register()
    for entry, payload in enumerate(
        [
            entries.RegistryOpened(
                origin="registry.test/durham",
                partnership="durham",
                partnership_name="<Partnership & co>",
                lead_body="durham-county-council",
                attestation_key={},
            )
        ]
    ):
        apply(register, entry, "2026-01-01T00:00:00.000Z", payload)
    return register


@pytest.mark.parametrize("path", ["/", "/agreements", "/log", "/documentation", "/immediate-danger", "/problems/gone"])
def test_a_real_register_says_nothing_of_a_demonstration(path: str) -> None:
    pages = browser(real_register().at(1))
    response = pages.get(path)
    assert response.status_code == 200
    assert "emonstration" not in response.text
    assert "&lt;Partnership &amp; co&gt;" in response.text


def test_the_banner_can_be_forced_before_the_log_is_read() -> None:
    pages = browser(Register().at(0), demonstration=True)
    for path in ("/", "/log", "/immediate-danger"):
        assert "Demonstration: who signed here is invented." in read(pages, path).words


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_a_page_with_a_way_on(pages: Browser, path: str) -> None:
    response = pages.get(path)
    assert response.status_code == 404
    assert response.headers["cache-control"] == "no-store"
    assert "Not found" in Page(response.text).words


def test_what_was_asked_for_is_not_repeated(pages: Browser) -> None:
    response = pages.get("/agreements/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert response.status_code == 404
    assert "alert" not in response.text


@pytest.mark.parametrize(
    "name",
    [
        "../site.py", "..%2fsite.py", "%2e%2e/templates/layout.html", "//etc/passwd", "site.css/..", ".", "",
        "site.css%00", "SITE.CSS",
    ],
)  # fmt: skip
def test_only_our_own_files_are_served(pages: Browser, name: str) -> None:
    assert pages.get(f"/static/{name}").status_code == 404


@pytest.mark.parametrize(("name", "kind"), [("site.css", "text/css; charset=utf-8"), ("icon.svg", "image/svg+xml")])
def test_our_own_files_have_their_type_and_may_be_kept(pages: Browser, name: str, kind: str) -> None:
    response = pages.get(f"/static/{name}")
    assert response.status_code == 200
    assert response.headers["content-type"] == kind
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert "url(" not in response.text
    assert "@import" not in response.text


def test_the_log_page_shows_what_an_auditor_needs(pages: Browser) -> None:
    words = read(pages, "/log").words
    assert ROOT.hex() in words
    assert NOTE.decode() in words
    assert all(vkey in words for vkey in SIGNER.vkeys)
    assert "isa-verify log https://registry.test --vkeys log.vkeys --state isa-state" in words
    assert "isa-verify receipt 42.isa-receipt.json --vkeys log.vkeys" in words


def test_the_log_page_stands_before_the_first_checkpoint() -> None:
    assert "not signed yet" in read(browser(real_register().at(1)), "/log").words


def test_the_log_page_says_which_log_it_continues() -> None:
    register = real_register()
    continued = entries.LogContinued("old.test/durham", NOTE.decode(), "database-restored")
    apply(register, 1, "2026-01-01T00:00:00.000Z", continued)
    words = read(browser(register.at(2)), "/log").words
    assert "old.test/durham ended at" in words
    assert "restored from an older copy" in words
    assert "/log/continuation" in words
    assert "continues another" not in read(browser(real_register().at(1)), "/log").words


def test_the_log_page_says_how_old_its_checkpoint_is_and_stands_without_the_database(pages: Browser) -> None:
    words = read(pages, "/log").words
    assert "Signed 3 minutes ago." in words
    assert "It cannot be looked up at this moment." in words
    ages = {
        0: "less than a minute ago",
        61: "1 minute ago",
        7_199: "1 hour ago",
        200_000: "2 days ago",
        -5: "less than",
    }
    for seconds, said in ages.items():
        assert ago(timedelta(seconds=seconds)).startswith(said)


def test_the_log_page_says_that_its_keys_were_changed(pages: Browser) -> None:
    changed = msgspec.structs.replace(FIRST.keys, rotations=(logged(5, rotation(FIRST, SECOND, to=7, first=5)),))
    words = read(browser(demonstration_view(), keys=changed), "/log").words
    assert "By entry 5. By plan" in words
    assert "From size 5 on" in words
    assert "From size 0 up to 7" in words
    assert all(vkey in words for vkey in (*FIRST.vkeys, *SECOND.vkeys))
    assert "Its keys were changed" not in read(pages, "/log").words


def test_the_documentation_says_first_that_nothing_here_forbids_sharing(pages: Browser) -> None:
    words = read(pages, "/documentation").words
    after_title = words[words.rindex("Documentation of the interface") :].split("\n", 1)[1].strip()
    assert after_title.startswith("A false or absent agreement is never a prohibition. In immediate danger, share now.")


def test_the_documentation_has_every_route_with_who_may_call_it(pages: Browser) -> None:
    words = read(pages, "/documentation").words
    for (method, path), access in ACCESS.items():
        if path.startswith("/api/"):
            section = words[words.index(f"{method} {path}\n") :][:1500]
            if access.public:
                assert "Anybody may call it" in section
            for code in access.scopes | access.roles:
                assert code in section, path


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_page_says_what_it_means_and_what_to_do(pages: Browser, code: str) -> None:
    page = read(pages, f"/problems/{code}")
    assert PROBLEMS[code].title in page.words
    assert PROBLEMS[code].advice.replace("`", "") in page.words


def test_the_served_pages_are_those_of_the_access_table(pages: Browser) -> None:
    served = {template_of(route.path) for route in pages.app.routes}
    assert served == {
        path
        for (method, path), access in ACCESS.items()
        if (path == "/log/verify" or not path.startswith(("/api/", "/access/", "/log/", "/schema/", "/.well-known/")))
        and not (access.session or access.handshake)
        and path not in ("/livez", "/readyz", "/metrics", "/oembed")
    }


def test_a_view_without_a_catalogue_still_has_documentation() -> None:
    assert "no catalogue of the law yet" in read(browser(real_register().at(1)), "/documentation").words


def test_the_start_page_leads_to_agreements_log_and_documentation(pages: Browser) -> None:
    links = [link["href"] for link in read(pages, "/").links]
    for path in ("/agreements/tier-1/1.0", "/agreements/tier-2-hoth/1.0", "/agreements/tier-2-hoth/1.0#5", "/log"):
        assert path in links
    assert "/documentation" in links
