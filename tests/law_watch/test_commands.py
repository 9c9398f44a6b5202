"""A new catalogue in a running registry, as its operator brings it: looked at, adopted, answered from, watched."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from asking import COUNCIL, POLICE
from demonstration import catalogue_files
from isa_registry.actions.catalogues import adopt
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.runtime.registry import wall_clock
from law_watch.catalogues import CHANGED, directory
from law_watch.conftest import Operator, Worked
from serving import Serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHECKS = "/api/v1/checks"
QUESTION: dict[str, Any] = {
    "recipient": COUNCIL, "purpose": "harm-outside-the-home", "categories": ["identity"],
    "subjects": [{"kind": "child"}], "circumstances": {"would_help_recipient": True},
}  # fmt: skip
ENDS = {"in_force": [{"from": "2005-10-01", "until": "2099-03-31"}], "confidence": "secondary", "verified": False}


async def asked(served: Serving, **members: Any) -> dict[str, Any]:
    async with served.client(served.machine(POLICE, "checks:ask")) as client:
        answer = await client.post(CHECKS, json={**QUESTION, **members})
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def payloads(url: str) -> dict[str, Any]:
    """Every recorded check as the database holds it."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT c.id, p.payload FROM check_record c JOIN payload p USING (index)")
    finally:
        await connection.close()
    return {row["id"]: json.loads(row["payload"]) for row in rows}


def strings(value: Any) -> set[str]:
    """Every string of a JSON value that is no member's name."""
    if isinstance(value, dict):
        return set().union(*map(strings, value.values()))
    if isinstance(value, list):
        return set().union(*map(strings, value))
    return {value} if isinstance(value, str) else set()


async def test_a_catalogue_is_looked_at_adopted_answered_from_and_watched(
    worked: Worked, operator: Operator, tmp_path: Path
) -> None:
    place = directory(tmp_path / "new", ca_2004_s11=ENDS)
    files = {path.name: path.read_bytes() for path in place.iterdir()}
    new = load_catalogue(files).sha256
    before = [await asked(worked.first), await asked(worked.first, purpose="mappa")]
    old = before[0]["register"]["catalogue"]

    size = worked.first.registry.follower.view.size
    # What stands there now, whichever test came before.
    [now] = [one.sha256 for _, one in worked.first.registry.follower.view.catalogues()][-1:]
    looked = await operator.runs("catalogue", "adopt", place)
    assert 0 == looked.status, looked.err
    assert f"--sha256 {new}" in looked.out
    assert "how sure: was " in looked.out
    assert "Agreement tier-1 1.0, clauses: " in looked.out
    assert worked.first.registry.follower.view.size == size

    other = await operator.runs("catalogue", "adopt", place, "--sha256", "0" * 64)
    assert (1, size) == (other.status, worked.first.registry.follower.view.size)

    adopted = await operator.runs("catalogue", "adopt", place, "--sha256", new)
    assert 0 == adopted.status, adopted.err
    assert f"Adopted by entry {size}." in adopted.out
    for served in (worked.first, worked.second):
        await served.registry.follower.wait_for_size(size + 1, seconds=5)
        assert f"sha256:{new}" == (await asked(served))["register"]["catalogue"]
    async with worked.second.client() as anybody:
        [held] = [one["confidence"] for one in (await anybody.get("/api/v1/law?limit=1000")).json()["points"]
                  if one.get("provision") == CHANGED]  # fmt: skip
    assert "secondary" == held

    # What was answered before stays what it was, from the catalogue of then.
    async with worked.second.client(worked.second.machine(POLICE, "checks:ask")) as client:
        for check in before:
            again = (await client.post(f"{CHECKS}/{check['id']}/replay", json={})).json()
            assert ("identical", old) == (again["verdict"], again["answer"]["register"]["catalogue"])
        kept = await client.get(f"/api/v1/catalogues/{old.removeprefix('sha256:')}")
    assert 200 == kept.status_code

    again = await operator.runs("catalogue", "adopt", place)
    assert (1, True) == (again.status, "answers from already" in again.err)

    await watches(worked, operator, size, now, tmp_path)


async def watches(worked: Worked, operator: Operator, entry: int, now: str, tmp_path: Path) -> None:
    found = await operator.runs("law-watch", "--json", "--answers", tmp_path / "answers.jsonl")
    assert 1 == found.status, found.err
    said = json.loads(found.out)
    [change] = said["changed"]
    assert (CHANGED, ["dates", "text", "confidence"]) == (change["code"], change["aspects"])
    assert (now, {"from": entry - 1, "to": entry}) == (said["from"], said["entries"])

    recorded = await payloads(worked.settings["DATABASE_URL"])
    resting = {
        check for check, one in recorded.items() if CHANGED in strings(one) and one["register"]["log_size"] <= entry
    }
    assert 0 < len(resting) < len(recorded)
    assert resting == set(change["answers"]["checks"])
    assert {POLICE: len(resting)} == change["answers"]["by_organisation"]
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert resting == {one["check"] for one in lines}
    assert {CHANGED} == {code for one in lines for code in one["provisions"]}

    told = await operator.runs("law-watch")
    assert 1 == told.status
    for part in ("Dates in force: was ", "How sure it is: was ", "Lawful bases: ", *resting):
        assert part in told.out

    nothing = await operator.runs("law-watch", "--from", str(entry), "--json")
    assert (0, []) == (nothing.status, json.loads(nothing.out)["changed"])
    far = await operator.runs("law-watch", "--from", str(entry), "--ahead", "3660")
    assert 0 == far.status


async def test_a_provision_that_ends_soon_is_told_with_all_that_rests_on_it(
    worked: Worked, operator: Operator, tmp_path: Path
) -> None:
    soon = london_date(wall_clock() + timedelta(days=30))
    place = directory(tmp_path / "ends", ca_2004_s11={"in_force": [{"from": "2005-10-01", "until": soon}]})
    new = load_catalogue({path.name: path.read_bytes() for path in place.iterdir()}).sha256
    size = worked.first.registry.follower.view.size
    adopted = await operator.runs("catalogue", "adopt", place, "--sha256", new)
    last = int(re.findall(r"Adopted by entry (\d+)\.", adopted.out)[0])
    assert (0, True) == (adopted.status, size <= last)
    await worked.first.registry.follower.wait_for_size(last + 1, seconds=5)
    found = await operator.runs("law-watch", "--from", str(last), "--json")
    [near] = json.loads(found.out)["ahead"]
    assert (1, CHANGED, "ends", soon) == (found.status, near["code"], near["what"], near["on"])
    assert near["clauses"]
    assert 0 == (await operator.runs("law-watch", "--from", str(last), "--ahead", "29")).status


@pytest.mark.parametrize(
    ("file", "code", "told"),
    [
        ("provisions.json", CHANGED, "rest on it"),
        ("provisions.json", "caldicott-1", "clause tier-1/1.0#5.2 rest on it"),
        ("categories.json", "immigration", "records may name it"),
    ],
)
async def test_a_catalogue_that_lacks_what_was_there_is_refused_and_says_what_rests_on_it(
    worked: Worked, operator: Operator, tmp_path: Path, file: str, code: str, told: str
) -> None:
    place, size = tmp_path / "gone", worked.first.registry.follower.view.size
    directory(place, file, without=code)
    for name in ("matrix.json", "guidance.json"):
        _take_out(place / name, code)
    files = {path.name: path.read_bytes() for path in place.iterdir()}
    refused = await operator.runs("catalogue", "adopt", place, "--sha256", load_catalogue(files).sha256)
    assert 1 == refused.status
    assert told in " ".join(refused.out.split())
    assert "a code is never taken away" in " ".join(refused.out.split())
    assert size == worked.first.registry.follower.view.size


async def test_a_catalogue_with_faults_is_refused_as_check_refuses_it(operator: Operator, tmp_path: Path) -> None:
    place = directory(tmp_path / "faulty", ca_2004_s11={"verified": "perhaps"})
    refused = await operator.runs("catalogue", "adopt", place)
    checked = await operator.runs("catalogue", "check", place)
    assert (1, refused.out) == (checked.status, checked.out)
    assert (1, "isa-registry catalogue: 1 fault\n") == (refused.status, refused.err)


async def test_what_is_no_directory_could_not_run(operator: Operator, tmp_path: Path) -> None:
    assert 2 == (await operator.runs("catalogue", "adopt", tmp_path / "nowhere")).status


async def test_of_two_that_adopt_at_once_the_second_is_refused(worked: Worked) -> None:
    """It saw the difference from another catalogue than the one that is there by then."""
    replacing = worked.first.registry.follower.view.law().written.sha256  # type: ignore[union-attr]
    drafts = [adopt(_saying(text), replacing=replacing) for text in ("Once.", "Twice.")]
    first = await worked.first.registry.sequencer.append(drafts[0])
    with pytest.raises(Refused, match="Another catalogue was adopted meanwhile"):
        await worked.first.registry.sequencer.append(drafts[1])
    assert first.index == worked.first.registry.follower.view.catalogues()[-1][0]


def _saying(text: str) -> dict[str, bytes]:
    items = json.loads(catalogue_files()["provisions.json"])
    items[0]["note"] = text
    return {**catalogue_files(), "provisions.json": json.dumps(items).encode()}


def _take_out(file: Path, code: str) -> None:
    """Takes a code out of every list of a file."""

    def without(value: Any) -> Any:
        if isinstance(value, list):
            return [
                without(one) for one in value if one != code and not (isinstance(one, dict) and one.get("code") == code)
            ]
        return {name: without(one) for name, one in value.items()} if isinstance(value, dict) else value

    file.write_text(json.dumps(without(json.loads(file.read_text(encoding="utf-8")))), encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--ahead", "-1"),
        ("--to", "3"),
        ("--from", "yesterday"),
        ("--from", "99999999"),
        ("--from", "0" * 64),
        ("--from", "5", "--to", "1"),
        ("--from", "0", "--to", "0"),
    ],
)
async def test_what_cannot_be_compared_is_said_and_is_no_finding(
    operator: Operator, arguments: tuple[str, ...]
) -> None:
    refused = await operator.runs("law-watch", *arguments)
    assert (2, "") == (refused.status, refused.out)
    assert refused.err.startswith("isa-registry law-watch: ")
