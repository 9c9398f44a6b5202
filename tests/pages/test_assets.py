"""Our own files, with the design system's beside them or without."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from isa_registry.pages.assets import ASSETS, Assets, read_assets

STATIC = Path(__file__).resolve().parents[2] / "service/isa_registry/pages/static"
DESIGNED = {"vendor/govuk-frontend.min.css": b"a{}", "vendor/govuk-frontend.min.js": b"export{};"}
OURS = {
    "site.css": b"b{}",
    "plain.css": b"c{}",
    "site.js": b'import "./vendor/govuk-frontend.min.js";',
    "icon.svg": b"<svg/>",
}


def laid_out(directory: Path, found: dict[str, bytes]) -> Assets:
    for name, content in found.items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_bytes(content)
    return Assets(read_assets(directory))


def test_with_the_design_system_a_page_has_its_style_ours_and_our_script(tmp_path: Path) -> None:
    assets = laid_out(tmp_path, DESIGNED | OURS)
    assert [style.partition("?")[0] for style in assets.styles] == [
        "/static/vendor/govuk-frontend.min.css",
        "/static/site.css",
    ]
    assert assets.script is not None
    assert assets.script.startswith("/static/site.js?v=")


@pytest.mark.parametrize(
    "lacking", [set(DESIGNED), {"vendor/govuk-frontend.min.css"}, {"vendor/govuk-frontend.min.js"}]
)
def test_without_it_a_page_has_a_plain_style_and_no_script(tmp_path: Path, lacking: set[str]) -> None:
    assets = laid_out(tmp_path, {name: content for name, content in (DESIGNED | OURS).items() if name not in lacking})
    assert [style.partition("?")[0] for style in assets.styles] == ["/static/plain.css", "/static/site.css"]
    assert assets.script is None


def test_our_script_asks_for_the_very_script_that_it_was_installed_with(tmp_path: Path) -> None:
    response = laid_out(tmp_path, DESIGNED | OURS).response("site.js")
    assert response is not None
    asked = re.findall(r'"([^"]+)"', response.content.decode())
    assert len(asked) == 1
    assert re.fullmatch(r"/static/vendor/govuk-frontend\.min\.js\?v=[0-9a-f]{8}", asked[0])


def test_other_files_are_not_served(tmp_path: Path) -> None:
    assets = laid_out(tmp_path, DESIGNED | OURS | {"vendor/made-from.json": b"{}", "vendor/font.woff2": b"x"})
    assert assets.response("vendor/made-from.json") is None
    assert assets.response("vendor/font.woff2") is None
    assert assets.response("../assets.py") is None


def test_modules_are_served_as_they_lie_here_and_never_of_two_days_at_once(tmp_path: Path) -> None:
    assets = laid_out(tmp_path, OURS | {"verify/b.mjs": b'import "./a.mjs";', "verify/a.mjs": b"export {};"})
    response = assets.response("verify/b.mjs")
    assert response is not None
    assert response.content == b'import "./a.mjs";'
    assert (response.media_type, response.headers["Cache-Control"]) == ("text/javascript", "public, no-cache")
    sha256 = {
        name: hashlib.sha256((tmp_path / "verify" / name).read_bytes()).hexdigest() for name in ("a.mjs", "b.mjs")
    }
    assert dict(assets.modules("verify/")) == sha256
    assert [name for name, _ in ASSETS.modules("verify/")] == sorted(path.name for path in STATIC.glob("verify/*.mjs"))


def test_what_is_served_here_asks_for_nothing_elsewhere_and_is_not_branded() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in (".css", ".js", ".mjs"):
            text = path.read_text(encoding="utf-8")
            for sign in ("GDS Transport", "@font-face", "@import", "url(", "sourceMappingURL", "crest"):
                assert sign not in text, (path.name, sign)


def test_every_component_that_our_pages_use_has_a_plain_style_too() -> None:
    """What the plain sheet must know: the classes that decide whether a page can be used at all."""
    plain = (STATIC / "plain.css").read_text(encoding="utf-8")
    for name in (
        "visually-hidden", "skip-link", "width-container", "main-wrapper", "service-navigation__list",
        "service-navigation__toggle", "error-summary", "error-message", "form-group--error", "input", "select",
        "textarea", "radios__item", "checkboxes__item", "button", "button--warning", "button--secondary", "tag",
        "summary-list__row", "table", "panel", "notification-banner", "footer", "pagination", "back-link",
    ):  # fmt: skip
        assert f".govuk-{name}" in plain
    assert ASSETS.styles
