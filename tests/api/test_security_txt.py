"""RFC 9116: where to report a vulnerability."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from isa_registry.api.security_txt import security_txt
from isa_registry.settings import SettingsError, read_settings
from live import Demonstration
from running import vkeys_of

STARTED = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
ORIGIN = "registry.test/durham"


def fields(text: str) -> list[tuple[str, str]]:
    assert text.endswith("\n")
    return [(name, value) for name, _, value in (line.partition(": ") for line in text.splitlines())]


def settings(contact: str) -> tuple[str, ...]:
    return read_settings(
        {
            "DATABASE_URL": "postgresql:///x", "ISA_ORIGIN": ORIGIN, "ISA_PUBLIC_URL": "https://registry.test",
            "ISA_LOG_VKEYS": ",".join(vkeys_of(ORIGIN)), "ISA_ATTESTATION_KEY_FILE": "/key",
            "ISA_SECURITY_CONTACT": contact,
        }
    ).security_contact  # fmt: skip


def test_it_names_every_contact_its_own_address_and_when_it_ends() -> None:
    text = security_txt(
        ("mailto:security@registry.test", "https://registry.test/report"), "https://registry.test", STARTED
    )
    assert fields(text.decode()) == [
        ("Contact", "mailto:security@registry.test"),
        ("Contact", "https://registry.test/report"),
        ("Expires", "2027-11-26T00:00:00Z"),
        ("Canonical", "https://registry.test/.well-known/security.txt"),
        ("Preferred-Languages", "en"),
    ]


def test_it_ends_within_a_year_of_the_services_start(nobody: httpx.Client, demonstration: Demonstration) -> None:
    answer = nobody.get("/.well-known/security.txt")
    found = dict(fields(answer.text))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert found["Canonical"] == f"{demonstration.url}/.well-known/security.txt"
    left = datetime.fromisoformat(found["Expires"]) - datetime.now(UTC)
    assert timedelta(days=300) < left < timedelta(days=365)


def test_without_a_contact_there_is_no_file() -> None:
    assert security_txt((), "https://registry.test", STARTED) == b""
    assert settings("") == ()


def test_the_contacts_are_read_from_the_setting() -> None:
    given = "mailto:security@council.example, https://council.example/report,tel:+44-1-2345"
    assert settings(given) == ("mailto:security@council.example", "https://council.example/report", "tel:+44-1-2345")


@pytest.mark.parametrize(
    "contact", ["security@council.example", "http://council.example", "mailto:a b@c", "mailto:a@b\nExpires: never", "x"]
)
def test_what_is_no_address_is_refused_with_the_settings_name(contact: str) -> None:
    with pytest.raises(SettingsError, match="ISA_SECURITY_CONTACT"):
        settings(contact)
