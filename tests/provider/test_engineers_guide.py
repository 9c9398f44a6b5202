"""docs/guides/agency-engineer.md: each command as it is printed, at a real provider, and what it says of tokens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from isa_registry.identity.token_checks import NEEDED
from provider.running import AUDIENCE, OidcProvider
from test_tour import steps

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "agency-engineer.md"
CHANGING = (
    (r"127\.0\.0\.1:[0-9]+", "127.0.0.1:PORT"),
    (r"can use: [0-9a-f]+\.", "can use: KID."),
    (r"[0-9]+ s\.", "N s."),
)


def normal(line: str) -> str:
    for pattern, word in CHANGING:
        line = re.sub(pattern, word, line)
    return line


def test_the_commands_do_what_the_guide_says(provider: OidcProvider, tmp_path: Path) -> None:
    found = steps(GUIDE.read_text(encoding="utf-8"))
    assert len(found) == 8
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ISSUER": provider.issuer,
        "AUDIENCE": AUDIENCE,
    }
    for step in found:
        if step.command.startswith("isa-client token"):
            # What the guide asks the provider's engineer to do by hand.
            public = json.loads((tmp_path / "client-key.public.jwk").read_bytes())
            assert "d" not in public
            provider.add_client(
                "case-system",
                token_endpoint_auth_method="private_key_jwt",
                token_endpoint_auth_signing_alg="ES256",
                grant_types=["client_credentials"],
                response_types=[],
                redirect_uris=[],
                jwks={"keys": [public]},
            )
        # The provider in this test is on this machine, by plain http.
        command = step.command.replace("issuer check ", "issuer check --demonstration ")
        command = command.replace("isa-client token ", "isa-client token --allow-http ")
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == (1 if '"$ISSUER/"' in command else 0), done.stdout + done.stderr
        printed = "\n".join(normal(line) for line in done.stdout.splitlines())
        wanted = "\n".join(normal(line) for line in step.printed)
        pattern = ".*".join(re.escape(part) for part in re.split(r"^\.\.\.$", wanted, flags=re.MULTILINE))
        assert re.fullmatch(pattern.strip(), printed.strip(), re.DOTALL), printed


def test_the_guide_names_the_claims_that_each_profile_needs() -> None:
    rows = {
        cells[1].strip(" `"): row
        for row in GUIDE.read_text(encoding="utf-8").splitlines()
        if len(cells := row.split("|")) == 6
    }

    for profile, names in NEEDED.items():
        assert [] == [name for name in names if f"`{name}`" not in rows[profile]]
