"""Drafts the questions about the matrix, and what the law gives as their answers: `python tests/law/draft.py`.

It reads `agreements/` and imports nothing of the service. Each file that it writes is then read against the brief; a
question that turned out wrong is mended in the draft, or written by hand in a file of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from law import draft_circumstances, draft_reach, draft_rows, draft_scenes, draft_signatures
from law.draft_answers import PROVISIONS, TODAY
from law.draft_beside import answer
from law.draft_cites import cites
from law.draft_why import why

QUESTIONS = Path(__file__).with_name("questions")


def dates() -> Iterator[dict[str, Any]]:
    """Each provision with a period: the day before, the first day, the last, the day after, and today."""
    for code, provision in PROVISIONS.items():
        days: dict[str, bool] = {}
        for period in provision["in_force"]:
            first, last = date.fromisoformat(period["from"]), period.get("until")
            edges = [first - timedelta(1), first]
            if last is not None:
                edges += [date.fromisoformat(last), date.fromisoformat(last) + timedelta(1)]
            days.update(dict.fromkeys(map(str, edges), False))
        days[TODAY] = False
        for day in days:
            days[day] = any(p["from"] <= day <= p.get("until", "9999") for p in provision["in_force"])
        yield {
            "id": f"dates-{code}",
            "provision": code,
            "days": dict(sorted(days.items())),
            "why": _since(provision),
            "brief": [_where(provision)],
        }


def _since(provision: dict[str, Any]) -> str:
    title = provision["title"]
    if not provision["in_force"]:
        return f"{title} is not in force on any day that is known, so nothing cites it."
    period = provision["in_force"][0]
    day = date.fromisoformat(period["from"])
    said = f"{day.day} {day:%B %Y}"
    if period.get("reported"):
        return f"{title} is reported in force from {said}, and is cited from then with that said."
    if period.get("by"):
        return f"{title} was in force by {said}; before that nobody looked, so it is not cited."
    return f"{title} is in force from {said} and is cited from that day."


def _where(provision: dict[str, Any]) -> str:
    kind, title = provision["kind"], provision["title"]
    section = {
        "article-6": "1.1", "annex-1": "1.1", "article-9": "1.2", "schedule-1": "1.2", "article-10": "1.3",
        "part-3": "1.4", "guidance": "3.1", "overlay": "3.4",
    }.get(kind, "2")  # fmt: skip
    return f"{section} {title}"


# --- writing ------------------------------------------------------------------------------------------------

SETS = (*draft_rows.SETS, *draft_scenes.SETS, *draft_signatures.SETS, *draft_circumstances.SETS, *draft_reach.SETS)


def drafted() -> dict[str, list[dict[str, Any]]]:
    """Every file's questions with their answers."""
    files: dict[str, list[dict[str, Any]]] = {}
    for lines in SETS:
        for line in lines():
            expect = answer(line.provider, line.ask)
            files.setdefault(line.file, []).append(
                {
                    "id": f"{line.file.removesuffix('.json')}-{line.id}",
                    "as": line.provider,
                    "ask": line.ask,
                    "expect": expect,
                    "why": why(line.provider, line.ask, expect, line.twist),
                    "brief": cites(line.provider, line.ask, expect, *line.more),
                }
            )
    files["dates.json"] = list(dates())
    return files


def written(lines: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join("  " + json.dumps(line, ensure_ascii=False) for line in lines) + "\n]\n"


def main() -> None:
    for name, lines in drafted().items():
        (QUESTIONS / name).write_text(written(lines), encoding="utf-8")
        print(f"{name}: {len(lines)}")


if __name__ == "__main__":
    main()
