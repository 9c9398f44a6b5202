import pytest

from independent.go_verifier import Verifier, build


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Verifier:
    return build(tmp_path_factory.mktemp("verify_log"))
