"""Where the domain brief says what a drafted answer rests on."""

from __future__ import annotations

from typing import Any

from law.draft_answers import Case
from law.draft_why import cautions

ROWS = {
    "local-authority": "la_csc", "integrated-care-board": "icb", "nhs-trust": "nhs_trust", "gp-practice": "gp",
    "maintained-school": "school_maintained", "academy": "school_academy", "independent-school": "school_independent",
    "youth-justice": "yjs", "voluntary": "vcse", "sports-club": "sports", "housing-provider": "housing",
    "british-transport-police": "btp",
}  # fmt: skip
COLUMNS = {
    "early-help": "early_help", "child-in-need": "cin_s17", "child-protection-enquiry": "s47",
    "harm-outside-the-home": "hoth_mace", "missing-return-interview": "missing_rhi",
    "modern-slavery-referral": "nrm", "crime-prevention": "crime", "prevent-channel": "prevent_channel",
    "practice-review": "lcspr", "quality-assurance": "qa_audit", "immediate-danger": "emergency",
}  # fmt: skip
DUTY_ROWS = {"ca-2004-s16la": "2 CA04_16LA", "msa-2015-s52": "2 MSA_52"}
REQUEST_ROWS = {
    "ca-1989-s27": "2 CA89_27", "ca-1989-s47": "2 CA89_47", "ca-2004-s16d": "2 CA04_16D",
    "ca-2004-s16h": "2 CA04_16H", "ca-2004-s16lc": "2 CA04_16LC", "cja-2003-s325": "2 CJA_325",
    "ctsa-2015-s38": "2 CTSA_36_38", "ca-2004-s10": "2 CA04_10", "pcsca-2022-s17": "2 PCSCA_17",
}  # fmt: skip
POWER_ROWS = {"mappa": "2 CJA_325", "crime-prevention": "2 CDA98_115"}


def cites(provider: str, ask: dict[str, Any], expect: dict[str, Any], *more: str) -> list[str]:
    """The brief's row for the question, and what else of it bears."""
    case = Case(provider, ask)
    column, codes, missing = case.row["purpose"], [code for code, _ in expect["reasons"]], expect["missing"]
    found = [f"4 {ROWS.get(case.follows, case.follows)}/{COLUMNS.get(column, column)}", *more]
    if expect["regime"] == "law-enforcement":
        found += ["1.4 s.35(2)", "1.4 s.31 purposes"]
    if expect["duty"] and expect["duty"][0] in DUTY_ROWS:
        found.append(DUTY_ROWS[expect["duty"][0]])
    if "statutory_request" in case.stated:
        found.append(REQUEST_ROWS[case.stated["statutory_request"]])
    if "express-power" in codes:
        found.append(POWER_ROWS[case.purpose])
    for held, section in (
        (case.danger, "3.2 Immediate danger"),
        ("no-agreement-needed" in codes, "4.1 R12"),
        ("anonymise-first" in codes or "anonymise-instead" in codes, "1.1 Legitimate interests"),
        ("s36-4-authority" in missing, "1.4 s.36(4)"),
        ("confidentiality-route" in missing, "2 COMMON_CONF"),
        ("para18-reason" in missing, "1.2 18(2)"),
        ("family-court-papers" in cautions(case), "2 CJCSA_12"),
        ("members-information" in cautions(case), "1.2 9(2)(d)"),
        ("no-serious-violence-gateway" in cautions(case), "2 PCSCA_16"),
        ("check-partner-list" in cautions(case), "2 CTSA_36_38"),
    ):
        found += [section] if held else []
    return list(dict.fromkeys(found))
