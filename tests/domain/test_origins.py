"""A setting that says whose pages may frame a clause names hosts one by one, and nothing wider."""

import pytest

from isa_registry.domain.origins import MOST, read_origins


def test_origins_are_read_with_or_without_spaces() -> None:
    text = "https://learning.example.org, https://lms.example.nhs.uk:8443,http://127.0.0.1:9000"
    assert read_origins(text) == tuple(one.strip() for one in text.split(","))
    assert read_origins("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "*", "https://*.example.org", "https:", "'self'", "https://learning.example.org/", "learning.example.org",
        "http://learning.example.org", "https://Learning.example.org", "https://learning.example.org:443",
        "https://learning.example.org:99999", "https://user@learning.example.org", "null",
        "https://a.example; script-src *", "https://a.example https://b.example", "https://a.example\nX: y",
        "https://a.example,https://a.example", "data:", "https://exämple.org", "https://-a.example",
        ",".join(f"https://a{n}.example" for n in range(MOST + 1)), "https://[::1]:9000",
    ],
)  # fmt: skip
def test_what_could_mean_more_than_one_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="origins"):
        read_origins(text)
