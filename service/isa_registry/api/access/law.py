"""The lines of the law as data: how sure it is, and who says so."""

from __future__ import annotations

from isa_registry.api.access.terms import LAW_LEADS, OWN, UNIT, Access, decides, page, public

_LAW = "/api/v1/law"
_VERIFICATIONS = f"{_LAW}/verifications"
_WATCH = "/account/law/watch"
_OVERSEERS = LAW_LEADS | UNIT | {"auditor"}


def _shows(says: str) -> Access:
    return Access(says=says, roles=LAW_LEADS, fields=OWN)


LAW: dict[tuple[str, str], Access] = {
    ("GET", _LAW): public("Every provision and matrix row, and whether a person has checked it"),
    ("GET", f"{_LAW}/provisions/{{provision}}"): public("How sure one provision is, and what rests on it"),
    ("GET", f"{_LAW}/rows/{{kind}}/{{purpose}}"): public("How sure one row of the matrix is, and what rests on it"),
    ("POST", _VERIFICATIONS): decides("Propose that a point of the law count as verified", "law-lead"),
    ("POST", f"{_VERIFICATIONS}/withdrawal"): decides(
        "Propose that a point of the law count as verified no longer", "law-lead"
    ),
    ("GET", _VERIFICATIONS): _shows("What of the law waits for a second information-governance lead of the lead body"),
    ("GET", f"{_VERIFICATIONS}/{{verification}}"): _shows("One such proposal and what became of it"),
    ("POST", f"{_VERIFICATIONS}/{{verification}}/approval"): decides(
        "Approve exactly what another lead proposed: it is logged", "law-lead"
    ),
    ("POST", f"{_VERIFICATIONS}/{{verification}}/withdrawal"): decides(
        "Withdraw your own proposal about a point of the law", "law-lead"
    ),
    ("POST", f"{_VERIFICATIONS}/{{verification}}/refusal"): decides("Decline what another lead proposed", "law-lead"),
    ("GET", "/law"): public("The law as a page: every point and how sure it is", greets=True),
    ("GET", "/law/provisions/{provision}"): public("One provision as a page, and what rests on it", greets=True),
    ("GET", "/law/rows/{kind}/{purpose}"): public("One row of the matrix as a page", greets=True),
    ("GET", "/account/law"): page("What of the law waits to be checked, or for a second person", roles=LAW_LEADS),
    ("GET", _WATCH): page("Which changes of the law are to be looked at, and what rests on them", roles=_OVERSEERS),
    ("GET", f"{_WATCH}/{{provision}}"): page(
        "On whose records a provision rests, and its last change", roles=_OVERSEERS
    ),
    **{
        (method, f"{_WATCH}/{{provision}}/outcome"): page(
            "Say what follows from a change of the law", form=method == "POST", roles=UNIT, recent_sign_in=True
        )
        for method in ("GET", "POST")
    },
    **{
        (method, f"/account/law/{what}"): page(says, form=method == "POST", roles=LAW_LEADS, recent_sign_in=True)
        for method in ("GET", "POST")
        for what, says in (
            ("provisions/{provision}", "Propose that a provision count as verified, or no longer"),
            ("rows/{kind}/{purpose}", "Propose that a row of the matrix count as verified, or no longer"),
            ("proposals/{verification}", "Decide a proposal about the law, or withdraw one's own"),
        )
    },
}
