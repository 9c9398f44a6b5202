"""The guards of files that come and go, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

UPLOADS, TABLES, LISTS = "identity/uploads.py", "domain/reporting/tables.py", "domain/organisation_files.py"
SENT, READ = "tests/pages/test_uploads.py::", "tests/joining/test_organisation_files.py::"
NONE = f"{SENT}test_what_no_browser_sends_is_refused"

OF_FILES = (
    (
        "a form with files is read strictly", UPLOADS, "        strict=True,\n", "        strict=False,\n",
        f"{NONE}[a field without a name]", f"{NONE}[a header in two lines]",
    ),
    (
        "a field brings one file", UPLOADS, "            if segment.name in files:\n", "            if False:\n",
        f"{NONE}[two files in a field]",
    ),
    (
        "the parts of a form are bounded", UPLOADS, "max_segment_count=MAX_FIELDS", "max_segment_count=10_000",
        f"{NONE}[too many fields]",
    ),
    (
        "the headers of a part are bounded", UPLOADS, "max_header_size=_HEADER_BYTES", "max_header_size=65_536",
        f"{NONE}[a long header]",
    ),
    (
        "a boundary is one that RFC 2046 knows", UPLOADS, "not 0 < len(boundary) <= 70 or ", "not boundary or ",
        f"{SENT}test_what_names_no_boundary_is_no_form",
    ),
    (
        "a table that is taken away is no formula", TABLES,
        '''return f"'{cell}" if cell[:1] in _FORMULA and not _NUMBER.fullmatch(cell) else cell''', "return cell",
        "tests/reports/test_reports.py::test_a_cell_that_looks_like_a_formula_is_made_harmless",
    ),
    (
        "a list that is brought holds no formula", LISTS,
        '    if text.startswith(_FORMULA) or cell.startswith(("\\t", "\\r")):\n', "    if False:\n",
        f"{READ}test_a_cell_that_cannot_be_read_is_named",
    ),
)  # fmt: skip
