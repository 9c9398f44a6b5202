"""The lines of the law as data: how sure it is, and who says so."""

from __future__ import annotations

from isa_registry.api.access.terms import IG_LEAD, OWN, Access, decides, public

_LAW = "/api/v1/law"
_VERIFICATIONS = f"{_LAW}/verifications"


def _shows(says: str) -> Access:
    return Access(says=says, roles=IG_LEAD, fields=OWN)


LAW: dict[tuple[str, str], Access] = {
    ("GET", _LAW): public("Every provision and matrix row, and whether a person has checked it"),
    ("GET", f"{_LAW}/provisions/{{provision}}"): public("How sure one provision is, and what rests on it"),
    ("GET", f"{_LAW}/rows/{{kind}}/{{purpose}}"): public("How sure one row of the matrix is, and what rests on it"),
    ("POST", _VERIFICATIONS): decides(
        "Propose that a point of the law count as verified (the lead body's information-governance leads)", "ig-lead"
    ),
    ("POST", f"{_VERIFICATIONS}/withdrawal"): decides(
        "Propose that a point of the law count as verified no longer", "ig-lead"
    ),
    ("GET", _VERIFICATIONS): _shows("What of the law waits for a second information-governance lead of the lead body"),
    ("GET", f"{_VERIFICATIONS}/{{verification}}"): _shows("One such proposal and what became of it"),
    ("POST", f"{_VERIFICATIONS}/{{verification}}/approval"): decides(
        "Approve exactly what another lead proposed: it is logged", "ig-lead"
    ),
    ("POST", f"{_VERIFICATIONS}/{{verification}}/withdrawal"): decides(
        "Withdraw what you proposed yourself", "ig-lead"
    ),
    ("POST", f"{_VERIFICATIONS}/{{verification}}/refusal"): decides("Decline what another lead proposed", "ig-lead"),
}
