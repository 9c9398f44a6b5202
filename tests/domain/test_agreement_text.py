"""Words are cut into clauses by one strict layout, and what strays from it is refused with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_registry.domain.agreement_text import (
    AgreementError,
    AgreementText,
    Clause,
    agreement_markdown,
    clause_order,
    parse_agreement,
    parse_agreement_text,
)

WORDS = """# Sharing at sea

Agreement `tier-9`, version `2.1`.

## 1 Harbours {#1}

### 1.1 Coming in {#1.1}

Ships come in.

- by day;
- by night.

Answers: When do ships come in? How?

Rests on: `ca-2004-s11`, `art6-1-e`.

### 1.3 Going out {#1.3}

Ships go out.

## 10 Storms {#10}

Stay in.
"""


def faults(markdown: str) -> list[str]:
    with pytest.raises(AgreementError) as raised:
        parse_agreement(markdown)
    return [str(fault) for fault in raised.value.faults]


def test_words_become_clauses() -> None:
    assert parse_agreement(WORDS) == (
        Clause("1", "Harbours", 1, "", (), (), 5),
        Clause(
            "1.1",
            "Coming in",
            2,
            "Ships come in.\n\n- by day;\n- by night.",
            ("When do ships come in?", "How?"),
            ("ca-2004-s11", "art6-1-e"),
            7,
        ),
        Clause("1.3", "Going out", 2, "Ships go out.", (), (), 18),
        Clause("10", "Storms", 1, "Stay in.", (), (), 22),
    )


def test_the_words_name_themselves() -> None:
    words = parse_agreement_text(WORDS)
    assert (words.title, words.agreement, words.version) == ("Sharing at sea", "tier-9", "2.1")


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        pytest.param("# Sharing", "Sharing", ["agreement.md:1: expected the title: # and its words"], id="title"),
        pytest.param(
            "Agreement `tier-9`, version `2.1`.",
            "Agreement tier-9.",
            ["agreement.md:3: expected, after an empty line, Agreement `id`, version `n.n`."],
            id="name",
        ),
        pytest.param("\n## 1 ", "\nHello.\n\n## 1 ", ["agreement.md:5: text outside any clause"], id="preamble"),
        pytest.param(
            "by day;\n",
            "by day;\r\n",
            ["agreement.md:11: a carriage return: lines end in LF alone"],
            id="carriage return",
        ),
        pytest.param("Stay in", "Stay \u202ein", ["agreement.md:24: a control or invisible character"], id="invisible"),
        pytest.param("{#1.3}", "{#1.1}", ["agreement.md:18: the heading says 1.3 and its id 1.1"], id="number"),
        pytest.param(
            "1.3 Going out {#1.3}", "1.1 Going out {#1.1}", ["agreement.md:18: clause 1.1 is here twice"], id="twice"
        ),
        pytest.param(
            "## 10 Storms {#10}", "### 1.2 Storms {#1.2}", ["agreement.md:22: clause 1.2 is out of order"], id="order"
        ),
        pytest.param(
            "1.3 Going out {#1.3}",
            "2.3 Going out {#2.3}",
            ["agreement.md:18: clause 2.3 belongs to no section"],
            id="section",
        ),
        pytest.param("### 1.3", "## 1.3", ["agreement.md:18: a clause 1.3 has 3 number signs"], id="depth"),
        pytest.param(
            "## 10 Storms {#10}",
            "## Storms",
            ["agreement.md:22: expected a heading such as ### 5.3 Its words {#5.3}"],
            id="heading",
        ),
        pytest.param(
            "1.3 Going out {#1.3}",
            "1.03 Going out {#1.03}",
            ["agreement.md:18: expected a heading such as ### 5.3 Its words {#5.3}"],
            id="leading zero",
        ),
        pytest.param(
            "`ca-2004-s11`, `art6-1-e`.",
            "`ca-2004-s11` and `art6-1-e`.",
            ["agreement.md:16: expected Rests on: `code`, `code`."],
            id="citation",
        ),
        pytest.param(
            "`art6-1-e`.\n", "`ca-2004-s11`.\n", ["agreement.md:16: a provision is cited twice"], id="cited twice"
        ),
        pytest.param(
            "`art6-1-e`.\n",
            "`art6-1-e`.\n\nMore.\n",
            ["agreement.md:14: a clause ends with what it answers, then what it rests on, a line each"],
            id="citation not last",
        ),
        pytest.param(
            "How?\n\nRests", "How?\nRests", ["agreement.md:15: expected an empty line before this one"], id="no gap"
        ),
        pytest.param(
            "night.\n\nAnswers",
            "night.\nAnswers",
            ["agreement.md:13: expected an empty line before this one"],
            id="gap",
        ),
        pytest.param(
            "in? How?",
            "in? how?",
            ["agreement.md:14: expected Answers: What is one question? What is another?"],
            id="question in small letters",
        ),
        pytest.param(
            "in? How?",
            "in? How",
            ["agreement.md:14: expected Answers: What is one question? What is another?"],
            id="no question mark",
        ),
        pytest.param("in? How?", "in? How? How?", ["agreement.md:14: a question is there twice"], id="asked twice"),
        pytest.param(
            "Answers: When do ships come in? How?\n\nRests on: `ca-2004-s11`, `art6-1-e`.",
            "Rests on: `ca-2004-s11`.\n\nAnswers: How?",
            ["agreement.md:14: a clause ends with what it answers, then what it rests on, a line each"],
            id="the two lines the other way round",
        ),
        pytest.param("Stay in.", "Stay in. ", ["agreement.md:24: a space at the end of the line"], id="space"),
        pytest.param("Ships go", "\nShips go", ["agreement.md:20: a second empty line"], id="empty line twice"),
        pytest.param(
            "{#10}\n\n", "{#10}\n", ["agreement.md:23: expected an empty line after the heading"], id="heading, text"
        ),
        pytest.param(
            "out.\n\n## 10",
            "out.\n## 10",
            ["agreement.md:21: expected an empty line before a heading"],
            id="text, heading",
        ),
        pytest.param(
            "## 10 Storms {#10}",
            "## A Annex A: storms {#A}\n\n## 10 Storms {#10}",
            ["agreement.md:24: clause 10 is out of order"],
            id="annex before a section",
        ),
        pytest.param("Ships go out.\n\n", "", ["agreement.md:18: clause 1.3 says nothing"], id="empty"),
        pytest.param(
            "Ships go out.",
            "<b>Ships</b>",
            ["agreement.md:18: code blocks and HTML have no place in an agreement"],
            id="html",
        ),
        pytest.param(
            "Stay in.\n", "Stay in.", ["agreement.md:24: the text ends in exactly one line feed"], id="no end"
        ),
    ],
)
def test_what_strays_from_the_layout_is_refused_with_its_line(was: str, becomes: str, expected: list[str]) -> None:
    assert was in WORDS
    assert expected == faults(WORDS.replace(was, becomes, 1))


def test_words_without_a_clause_are_refused() -> None:
    assert faults("# Sharing\n\nAgreement `tier-9`, version `2.1`.\n") == ["agreement.md:4: no clause"]


def test_annexes_follow_the_last_section_under_letters() -> None:
    annex = "\n## A Annex A: rocks {#A}\n\n### A.1 Where {#A.1}\n\n| Rock | Depth |\n| --- | --- |\n| Tern | 2 m |\n"
    clauses = parse_agreement(WORDS + annex)
    assert [(clause.id, clause.level, clause.section, clause.generated) for clause in clauses[-3:]] == [
        ("10", 1, "10", False),
        ("A", 1, "A", True),
        ("A.1", 2, "A", True),
    ]
    assert clauses[-1].text == "| Rock | Depth |\n| --- | --- |\n| Tern | 2 m |"


def test_ids_sort_as_the_text_does() -> None:
    ids = ["B", "A.10", "A.2", "A", "10", "2.10.1", "2.10", "2.9", "2", "0"]
    assert ["0", "2", "2.9", "2.10", "2.10.1", "10", "A", "A.2", "A.10", "B"] == sorted(ids, key=clause_order)


QUESTIONS = st.lists(st.from_regex(r"[A-Z][a-z0-9 ]{0,9}[a-z]\?", fullmatch=True), unique=True, max_size=3)
CODES = st.lists(st.from_regex(r"[a-z0-9]{1,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True), unique=True, max_size=3)
LINE = st.from_regex(r"(- |\| |)[A-Za-z0-9][A-Za-z0-9 ,.|`*#]{0,20}[a-z.|]", fullmatch=True).filter(
    lambda line: not line.startswith(("Answers: ", "Rests on: "))
)
TEXTS = st.lists(st.lists(LINE, min_size=1, max_size=3).map("\n".join), min_size=1, max_size=3).map("\n\n".join)
HEADINGS = st.from_regex(r"[A-Z][a-z, {}#:0-9]{0,9}[a-z]", fullmatch=True)


@st.composite
def some_words(draw: st.DrawFn) -> AgreementText:
    """Words in parts as they might be. Lines are left 0: they follow from the text."""
    clauses: list[Clause] = []
    for section in draw(st.lists(st.sampled_from(["0", "1", "7", "10", "99", "A", "B", "Z"]), min_size=1, unique=True)):
        text = draw(st.just("") | TEXTS)
        clauses.append(Clause(section, draw(HEADINGS), 1, text, (), (), 0))
        for below in draw(st.lists(st.integers(1, 999), unique=True, max_size=3)):
            answers, cites = draw(QUESTIONS), draw(CODES)
            clauses.append(
                Clause(f"{section}.{below}", draw(HEADINGS), 2, draw(TEXTS), tuple(answers), tuple(cites), 0)
            )
    in_order = sorted(clauses, key=lambda clause: clause_order(clause.id))
    return AgreementText(draw(HEADINGS), "tier-9", "2.1", tuple(in_order))


@given(some_words())
def test_words_written_out_are_read_as_the_same_words(words: AgreementText) -> None:
    read = parse_agreement_text(agreement_markdown(words))
    assert words == read._replace(clauses=tuple(clause._replace(line=0) for clause in read.clauses))
    assert agreement_markdown(read) == agreement_markdown(words)
    lines = agreement_markdown(read).split("\n")
    assert all(lines[clause.line - 1].endswith(f"{{#{clause.id}}}") for clause in read.clauses)


@given(st.text(max_size=300) | st.text("#{} .`1\nRestson:,aé", max_size=300).map(lambda tail: WORDS + tail))
def test_any_words_are_clauses_or_refused(markdown: str) -> None:
    try:
        clauses = parse_agreement(markdown)
    except AgreementError as error:
        assert error.faults
    else:
        numbers = [clause_order(clause.id) for clause in clauses]
        assert numbers == sorted(set(numbers))
        for clause in clauses:
            assert clause.text in markdown
        assert markdown == agreement_markdown(parse_agreement_text(markdown))
