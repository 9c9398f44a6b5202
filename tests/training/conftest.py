"""The registry on a socket, with an agreement of two versions, shared by the tests of this directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import Databases
from training.site import Site


@pytest.fixture(scope="session")
def site(databases: Databases, template_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with databases.fresh(template_database) as url, Site(url, tmp_path_factory.mktemp("training")) as running:
        yield running
