"""A page for everybody is made once for each state of the register and day; one for somebody is made each time."""

from __future__ import annotations

import gzip
from types import SimpleNamespace
from typing import Any, cast

import pytest
from litestar import Response

from demonstration import Demonstration, demonstration_view
from isa_registry.domain.agreement_entries import AgreementSuspended
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.navigation import SignedIn
from isa_registry.pages.once import made_once
from isa_registry.pages.rendering import Layout, Request
from pages.browsing import browser

TODAY = "2026-11-27"
SOMEBODY = SignedIn("durham-constabulary", "Durham Constabulary", frozenset({"signatory"}), "token")


class Made:
    """A page that counts how often it is made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Response[bytes]:
        self.times += 1
        return Response(f"page {self.times}".encode(), media_type="text/html", headers={"Cache-Control": "public"})


def asked(
    view: RegisterView, path: str = "/agreements/tier-1/1.0", signed_in: SignedIn | None = None, encoding: str = ""
) -> Request:
    registry = SimpleNamespace(follower=SimpleNamespace(view=view))

    class State(SimpleNamespace):
        def get(self, name: str, default: Any = None) -> Any:
            return getattr(self, name, default)

    state = State(registry=registry, public_url="https://registry.test")
    scope = {"path": path, "isa_signed_in": signed_in}
    return cast(
        "Request", SimpleNamespace(app=SimpleNamespace(state=state), scope=scope, headers={"accept-encoding": encoding})
    )


def test_it_is_made_once_while_nothing_changes_and_each_answer_is_its_own() -> None:
    view, page = Demonstration().view(), Made()
    first = made_once(asked(view), view, TODAY, page)
    first.headers["ETag"] = "of this answer"
    second = made_once(asked(view), view, TODAY, page)
    assert (page.times, first.content, second.content) == (1, b"page 1", b"page 1")
    assert "etag" not in second.headers


def test_another_day_another_path_or_another_state_of_the_register_has_its_own() -> None:
    demonstration, page = Demonstration(), Made()
    view = demonstration.view()
    made_once(asked(view), view, TODAY, page)
    made_once(asked(view), view, "2026-11-28", page)
    made_once(asked(view, "/agreements/tier-2-hoth/1.0"), view, TODAY, page)
    made_once(asked(view), view, TODAY, page, "5.9")
    assert page.times == 4
    later = demonstration.then(AgreementSuspended("tier-1", "1.0", TODAY, "words-in-doubt")).view()
    assert made_once(asked(later), later, TODAY, page).content == b"page 5"


def test_for_somebody_who_is_signed_in_it_is_made_each_time_and_kept_for_nobody() -> None:
    view, page = Demonstration().view(), Made()
    path = "/agreements/tier-1/1.0/for-somebody"
    for _ in range(2):
        made_once(asked(view, path, SOMEBODY), view, TODAY, page)
    assert page.times == 2
    assert made_once(asked(view, path), view, TODAY, page).content == b"page 3"


def test_whoever_takes_gzip_gets_the_same_page_packed_and_whoever_is_signed_in_never_does() -> None:
    view, path = Demonstration().view(), "/agreements/tier-1/1.0/packed"
    plain = made_once(asked(view, path), view, TODAY, Made())
    packed = made_once(asked(view, path, encoding="br, gzip"), view, TODAY, Made())
    refused = made_once(asked(view, path, encoding="gzip;q=0"), view, TODAY, Made())
    own = made_once(asked(view, path, SOMEBODY, encoding="gzip"), view, TODAY, Made())
    assert gzip.decompress(packed.content) == plain.content == refused.content == own.content
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Cookie, Accept-Encoding")
    assert "Content-Encoding" not in {**plain.headers, **refused.headers, **own.headers}


@pytest.mark.parametrize(
    ("paths", "times"),
    [
        (["/law", "/law", "/law?page=1", "/law?page=nothing"], 1),
        (["/law?state=never", "/law?state=nor-this"], 1),
        (["/law?sort=row", "/law?sort=row&page=99999", "/law?sort=row&page=88888"], 2),
    ],
)
def test_what_comes_to_the_same_page_of_the_law_is_made_once(
    paths: list[str], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, page = [], Layout.page

    def counting(self: Layout, template: str, **shown: Any) -> Response[bytes]:
        made.append(template)
        return page(self, template, **shown)

    monkeypatch.setattr(Layout, "page", counting)
    with browser(demonstration_view()) as pages:
        assert [pages.get(path).status_code for path in paths] == [200] * len(paths)
    assert made == ["law.html"] * times
