"""The image and the compose file, read as text and data: no image is built here."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.hosts import CHECKOUT, DEPLOY, copied_into_the_image, mode
from isa_registry.checkpointer_settings import CHECKPOINTER_TABLE
from isa_registry.settings import TABLE
from listening import Quiet, listening

SECRET = re.compile(r"password|secret|token|credential|private|postgres(ql)?://|-----BEGIN", re.I)
ADDRESS = re.compile(r"://|^[^/]*[.:][^/]*/")


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's instructions in order, each on one line, without comments."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Containerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def last(name: str) -> str:
    return [rest for found, rest in instructions() if found == name][-1]


def test_the_base_is_named_by_name_and_version_alone() -> None:
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    (base,) = [rest for name, rest in instructions() if name == "ARG"]

    assert bases == ["${BASE}", "${BASE}"]
    assert re.fullmatch(r"BASE=python:3\.[0-9]+-slim-[a-z]+", base)


def test_the_programs_come_from_the_same_installer() -> None:
    assert [rest for name, rest in instructions() if name == "RUN"] == [
        '["bash", "deploy/install.sh", "--container", "--notify"]'
    ]


def test_it_runs_as_the_account_that_the_installer_makes_and_not_as_root() -> None:
    (identity,) = re.findall(r"^container_id=([0-9]+)", (DEPLOY / "install.sh").read_text(), re.MULTILINE)
    assert int(identity) > 1000
    assert last("USER") == f"{identity}:{identity}"
    names = [name for name, _ in instructions()]
    assert "RUN" not in names[names.index("USER") :]


def test_nothing_secret_or_remote_is_in_it() -> None:
    for name, rest in instructions():
        assert name not in {"ADD", "VOLUME", "ONBUILD", "SHELL"}
        if name != "FROM":
            assert SECRET.search(rest) is None, rest
            assert "://" not in rest
    assert "latest" not in (DEPLOY / "Containerfile").read_text()


def test_it_copies_named_sources_that_exist_and_its_ignore_file_lets_in_no_other() -> None:
    copied = set(copied_into_the_image())
    ignore = (DEPLOY / "Containerfile.dockerignore").read_text().splitlines()
    rules = [line for line in ignore if line and not line.startswith("#")]

    assert sorted(source for source in copied if not (CHECKOUT / source).exists()) == []
    assert rules[0] == "*"
    assert copied == {rule[1:] for rule in rules if rule.startswith("!")}
    assert "deploy/secrets" in rules[rules.index("!deploy") :]


def test_it_serves_and_asks_itself_whether_it_is_alive() -> None:
    assert (last("ENTRYPOINT"), last("CMD")) == ('["isa-registry"]', '["serve"]')
    assert last("HEALTHCHECK").endswith('CMD ["python", "/opt/isa-registry/healthy.py"]')


@contextmanager
def a_service(status: int) -> Iterator[tuple[int, list[tuple[str, str | None]]]]:
    asked: list[tuple[str, str | None]] = []

    class Answers(Quiet):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.answer(status)

    with listening(Answers) as url:
        yield int(url.rpartition(":")[2]), asked


def healthy(port: int, **environment: str) -> int:
    return subprocess.run(
        [sys.executable, "-I", str(DEPLOY / "container/healthy.py")],
        check=False,
        timeout=30,
        env={"ISA_PORT": str(port), **environment},
    ).returncode


def test_the_health_check_asks_livez_under_a_name_that_the_service_answers_to() -> None:
    with a_service(200) as (port, asked):
        assert healthy(port, ISA_PUBLIC_URL="https://registry.example.org") == 0
        assert healthy(port) == 0
        assert healthy(port, ISA_PUBLIC_URL="https://registry.example.org", ISA_ALLOWED_HOSTS="inner, other") == 0
    hosts = ["registry.example.org", f"127.0.0.1:{port}", "inner"]
    assert asked == [("/livez", host) for host in hosts]


def test_the_health_check_fails_on_any_other_answer_and_on_none() -> None:
    with a_service(503) as (port, _):
        assert healthy(port) == 1
    assert healthy(port) == 1


# compose.yaml


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


SERVICES = sorted(compose()["services"])
COMPOSE_KEYS = {
    "image",
    "user",
    "build",
    "command",
    "entrypoint",
    "environment",
    "secrets",
    "volumes",
    "networks",
    "ports",
    "depends_on",
    "healthcheck",
    "restart",
    "shm_size",
    "stop_grace_period",
    "read_only",
    "tmpfs",
    "cap_drop",
    "security_opt",
}


def environment(service: str) -> dict[str, str]:
    return compose()["services"][service].get("environment", {})


def test_compose_holds_a_database_a_migration_the_registry_and_what_signs() -> None:
    assert SERVICES == ["checkpointer", "database", "migrate", "registry"]
    assert set(compose()) - {name for name in compose() if name.startswith("x-")} == {
        "name",
        "services",
        "networks",
        "volumes",
        "secrets",
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_only_what_compose_knows(service: str) -> None:
    assert set(compose()["services"][service]) <= COMPOSE_KEYS


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_has_a_version_and_no_address(service: str) -> None:
    image = compose()["services"][service]["image"]
    assert ADDRESS.search(image) is None
    assert re.fullmatch(r"[a-z-]+:[0-9][a-z0-9.-]*", image)


def test_the_only_published_port_is_on_the_loopback_address() -> None:
    published = {name: service.get("ports", []) for name, service in compose()["services"].items()}
    assert published == {"checkpointer": [], "database": [], "migrate": [], "registry": ["127.0.0.1:8000:8000"]}
    assert not any("network_mode" in service for service in compose()["services"].values())


def test_the_database_is_reached_from_inside_alone() -> None:
    assert compose()["networks"]["inside"] == {"internal": True}
    assert compose()["services"]["database"]["networks"] == ["inside"]


def test_secrets_are_files_that_are_declared_and_used_where_needed() -> None:
    declared = compose()["secrets"]
    assert declared == {name: {"file": f"./secrets/{name}"} for name in declared}
    mounted = {name: set(service.get("secrets", [])) for name, service in compose()["services"].items()}
    assert mounted == {
        "checkpointer": {"checkpointer-url", "log-key.pem", "log-key-ml-dsa-44.pem"},
        "database": {"superuser-password", "owner-password", "service-password", "checkpointer-password"},
        "migrate": {"owner-url"},
        "registry": {
            "service-url",
            "log.vkeys",
            "attestation-key.jwk",
            "session-key",
            "sign-in-key.jwk",
            "webhook-key.jwk",
        },
    }
    assert set().union(*mounted.values()) == set(declared)


@pytest.mark.parametrize("service", SERVICES)
def test_no_secret_is_in_an_environment(service: str) -> None:
    secret = {
        name: value
        for name, value in environment(service).items()
        if SECRET.search(name) or name.startswith("DATABASE_URL")
    }
    assert secret
    for name, value in secret.items():
        assert re.fullmatch(r"/run/secrets/[a-z0-9.-]+", value), name


def test_every_setting_given_is_one_and_every_one_required_is_given() -> None:
    for service, table in (("registry", TABLE), ("checkpointer", CHECKPOINTER_TABLE)):
        known = {setting.variable for setting in table.values()}
        given = {name if name in known else name.removesuffix("_FILE") for name in environment(service)}
        assert given <= known
        assert {setting.variable for setting in table.values() if setting.default is None} <= given


def test_what_signs_has_an_account_of_its_own_and_the_registry_only_reads_what_it_writes() -> None:
    services = compose()["services"]
    (identity,) = re.findall(r"^signer_id=([0-9]+)", (DEPLOY / "install.sh").read_text(), re.MULTILINE)
    assert services["checkpointer"]["user"] == f"{identity}:{identity}" != last("USER")
    assert f"--chown={identity}:{identity} /var/lib/isa-registry-checkpointer" in (DEPLOY / "Containerfile").read_text()
    assert services["checkpointer"]["volumes"] == ["checkpoint:/var/lib/isa-registry-checkpointer"]
    assert "checkpoint:/var/lib/isa-registry-checkpointer:ro" == services["registry"]["volumes"][0]
    assert "checkpoint" not in str(services["database"]["volumes"])


def test_the_registrys_copy_for_an_outage_lies_on_a_volume_of_its_own() -> None:
    services = compose()["services"]
    (identity,) = re.findall(r"^container_id=([0-9]+)", (DEPLOY / "install.sh").read_text(), re.MULTILINE)
    assert ["local-copy:/var/lib/isa-registry"] == services["registry"]["volumes"][1:]
    assert environment("registry")["ISA_LOCAL_COPY_DIR"].startswith("/var/lib/isa-registry/")
    assert f"--chown={identity}:{identity} /var/lib/isa-registry /" in (DEPLOY / "Containerfile").read_text()
    assert "local-copy" not in str([services[name] for name in services if name != "registry"])


def test_the_migration_gets_the_owners_address_from_its_secret() -> None:
    migration = compose()["services"]["migrate"]
    assert migration["command"] == ["migrate"]
    assert migration["environment"] == {"DATABASE_URL_FILE": "/run/secrets/owner-url"}
    assert "owner-url" in migration["secrets"]


def test_the_registry_waits_for_a_healthy_database_and_a_finished_migration() -> None:
    services = compose()["services"]
    assert services["registry"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert services["migrate"]["restart"] == "no"
    for name in ("database", "registry"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("service", ["checkpointer", "migrate", "registry"])
def test_the_registrys_containers_can_write_nowhere_and_gain_nothing(service: str) -> None:
    found = compose()["services"][service]
    assert (found["read_only"], found["cap_drop"], found["security_opt"]) == (
        True,
        ["ALL"],
        ["no-new-privileges:true"],
    )
    assert service != "migrate" or "volumes" not in found
    assert "privileged" not in found


def test_mounted_files_exist() -> None:
    mounts = [mount for mount in compose()["services"]["database"]["volumes"] if mount.startswith("./")]
    assert [mount.split(":")[0] for mount in mounts if (DEPLOY / mount.split(":")[0]).is_file()] == [
        "./roles.sql",
        "./container/passwords.sql",
    ]
    assert all(mount.endswith(":ro") for mount in mounts)


def make_secrets(directory: Path) -> dict[str, str]:
    subprocess.run(
        ["sh", str(DEPLOY / "container/make-secrets.sh"), str(directory)], check=True, timeout=30, env=os.environ
    )
    return {path.name: path.read_text() for path in directory.iterdir()}


def test_secrets_are_made_once_and_kept_from_others_by_their_directory(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"

    made = make_secrets(directory)

    keys = {
        "log-key.pem",
        "log-key-ml-dsa-44.pem",
        "log.vkeys",
        "attestation-key.jwk",
        "session-key",
        "sign-in-key.jwk",
        "webhook-key.jwk",
    }
    assert set(made) == set(compose()["secrets"]) - keys
    assert mode(directory) == "drwx------"
    assert {mode(path) for path in directory.iterdir()} == {"-r--r--r--"}
    passwords = {name: made[f"{name}-password"] for name in ("superuser", "owner", "service", "checkpointer")}
    assert all(re.fullmatch("[0-9a-f]{48}", password) for password in passwords.values())
    assert len(set(passwords.values())) == 4
    assert made["service-url"] == f"postgresql://isa-registry:{passwords['service']}@database/isa_registry"
    signs = f"postgresql://isa-registry-checkpointer:{passwords['checkpointer']}@database/isa_registry"
    assert made["checkpointer-url"] == signs
    assert made["owner-url"] == f"postgresql://isa-registry-owner:{passwords['owner']}@database/isa_registry"
    assert make_secrets(directory) == made


def test_the_guide_gives_each_private_key_to_the_account_that_reads_it() -> None:
    guide = (DEPLOY.parent / "docs" / "operating.md").read_text(encoding="utf-8")
    given = {
        name: owner
        for owner, names in re.findall(r"^chown (\d+):\d+ deploy/secrets/\{([^}]*)\}", guide, re.MULTILINE)
        for name in names.split(",")
    }
    services = compose()["services"]
    read = {
        name: str(services[service].get("user", "10001:10001")).partition(":")[0]
        for service in ("registry", "checkpointer")
        for name in services[service]["secrets"]
        if name.endswith((".pem", ".jwk", "-key"))
    }
    assert given == read
