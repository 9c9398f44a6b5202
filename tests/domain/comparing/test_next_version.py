"""The version that tests compare with is one that could be published."""

import pytest

from isa_registry.data import data_directory
from isa_registry.domain.agreement_lint import lint_agreement
from isa_registry.domain.agreement_loading import load_agreement
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_loading import FILES, load_catalogue
from next_version import next_files, next_version, old_version


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    directory = data_directory("agreements") / "catalogue"
    return load_catalogue({name: (directory / name).read_bytes() for name in FILES})


def test_it_loads_and_passes_the_linter_whole(catalogue: Catalogue) -> None:
    new = next_version()
    loaded = load_agreement(new.text.encode(), new.schedule, catalogue)
    assert "1.1" == loaded.schedule.version
    assert [] == lint_agreement(next_files(), catalogue)


def test_the_one_before_it_is_the_one_that_ships(catalogue: Catalogue) -> None:
    old = old_version()
    assert "1.0" == load_agreement(old.text.encode(), old.schedule, catalogue).schedule.version
