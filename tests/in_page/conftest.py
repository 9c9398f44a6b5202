from __future__ import annotations

from collections.abc import Iterator

import pytest

from in_page.asking import Page


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    with Page() as page:
        yield page
