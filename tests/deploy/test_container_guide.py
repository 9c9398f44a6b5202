"""The first steps in containers (docs/operating.md) make every secret, readable by whoever needs it alone."""

import re
from pathlib import Path

from deploy.hosts import DEPLOY
from deploy.test_container import compose, make_secrets
from isa_registry.__main__ import main

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


def steps() -> str:
    section = GUIDE.read_text(encoding="utf-8").partition("## In containers")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```\n(.*?)```", section, re.DOTALL)
    return str(block)


def test_the_steps_make_every_secret_that_is_mounted(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    assert main(["keys", str(tmp_path / "secrets"), "--origin", "registry.example.org/durham"]) == 0
    made = {path.name for path in (tmp_path / "secrets").iterdir()}
    redirected = set(re.findall(r"--origin \S+ ?> ?deploy/secrets/(\S+)$", steps(), re.MULTILINE))

    assert made | redirected == set(compose()["secrets"])
    assert "keys /made --origin" in steps()


def test_a_file_of_an_installation_is_where_the_settings_of_the_installer_have_it() -> None:
    settings = "".join((DEPLOY / name).read_text() for name in ("isa-registry.env", "checkpointer.env"))
    placed = {
        path.rpartition("/")[2]: path for path in re.findall(r"='(/etc/[^']+/[^']+\.(?:pem|jwk|vkeys))'", settings)
    }
    named = re.findall(r"(/etc/isa-registry[\w/.-]*\.(?:pem|jwk|vkeys))", GUIDE.read_text(encoding="utf-8"))

    assert {"log-key.pem", "log.vkeys", "attestation-key.jwk"} <= placed.keys()
    assert set(placed.values()) & set(named)
    assert [] == [path for path in named if placed.get(path.rpartition("/")[2], path) != path]
