"""Which disease a diagnosis stands for, and when a missing fact matters; an oracle tries every answer."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.rules.diseases import DiseaseMatch, match_disease, normal_code
from yiyuan.rules.terms import Disease, SchemeVersion

ON = date(2019, 6, 1)
CHILD, ADULT = date(2010, 1, 1), date(1980, 1, 1)


def row(code: str, *prefixes: str, **fields: object) -> Disease:
    known: dict[str, object] = {"exclude_prefixes": (), "max_age": None, "sex": None, "needs_proof": False}
    known |= fields
    return Disease(
        code=code,
        name_zh=code,
        name_en=code,
        prefixes=prefixes,
        confidence="found",
        clause="C",
        assumed=None,
        assumed_en=None,
        **known,  # type: ignore[arg-type]  # the test names only the fields that matter to it
    )


def code_of(match: DiseaseMatch) -> str | None:
    return match.disease.code if match.disease else match.missing


@pytest.mark.parametrize("code", ["N18.5", "n18.5", " N 18 . 5 ", "N185", "n18.500x003", "N18\u30005"])
def test_dots_case_and_blanks_are_ignored(zhumadian: SchemeVersion, code: str) -> None:
    assert code_of(match_disease(zhumadian.diseases, code, None, None, ON)) == "D07"


@pytest.mark.parametrize("code", [None, "", " . "])
def test_a_code_with_nothing_in_it_is_missing(zhumadian: SchemeVersion, code: str | None) -> None:
    assert match_disease(zhumadian.diseases, code, None, None, ON).missing == "diagnosis_code"


@pytest.mark.parametrize(
    ("code", "disease"),
    [
        ("C92.4", "D01"),
        ("C92.1", "D31"),
        ("C92.0", None),
        ("C9", None),
        ("N18", None),
        ("D56", "D19"),
        ("D56.3", None),
        ("D56.30", None),
        ("D56.2", "D19"),
        ("I69.3", None),
    ],
)
def test_a_prefix_must_be_reached_and_not_excluded(
    zhumadian: SchemeVersion, code: str, disease: str | None
) -> None:
    assert code_of(match_disease(zhumadian.diseases, code, CHILD, "2", ON)) == disease


def test_the_longest_prefix_of_the_rows_that_count_wins() -> None:
    rows = (row("WIDE", "C9"), row("CHILD", "C91", max_age=14))

    assert code_of(match_disease(rows, "C91.0", CHILD, None, ON)) == "CHILD"
    assert code_of(match_disease(rows, "C91.0", ADULT, None, ON)) == "WIDE"
    assert code_of(match_disease(rows, "C92", None, None, ON)) == "WIDE"


def test_an_absent_birth_date_matters_only_when_the_answer_turns_on_it() -> None:
    child_wins = (row("WIDE", "C9"), row("CHILD", "C91", max_age=14))
    child_loses = (row("CHILD", "C9", max_age=14), row("NARROW", "C91"))
    wrong_sex = (row("CHILD", "C91", max_age=14, sex="1"), row("WIDE", "C9"))

    assert match_disease(child_wins, "C91", None, None, ON).missing == "birth_on"
    assert code_of(match_disease(child_loses, "C91", None, None, ON)) == "NARROW"
    assert code_of(match_disease(wrong_sex, "C91", None, "2", ON)) == "WIDE"


def test_of_equally_long_prefixes_the_earlier_row_wins() -> None:
    rows = (row("FIRST", "C91"), row("SECOND", "C91"))

    assert code_of(match_disease(rows, "C91.0", None, None, ON)) == "FIRST"


def test_a_sex_that_is_neither_is_not_the_one_asked_for() -> None:
    assert code_of(match_disease((row("F", "C53", sex="2"),), "C53", None, "9", ON)) is None


CODES = st.text("AB", min_size=1, max_size=4)
ROWS = st.lists(
    st.builds(
        lambda prefixes, excluded, max_age, sex: (tuple(prefixes), tuple(excluded), max_age, sex),
        st.lists(CODES, min_size=1, max_size=2),
        st.lists(CODES, max_size=1),
        st.sampled_from([None, 14]),
        st.sampled_from([None, "1", "2"]),
    ),
    max_size=5,
)


@given(ROWS, CODES, st.sampled_from([None, CHILD, ADULT]), st.sampled_from([None, "1", "2"]))
def test_missing_means_that_the_answer_turns_on_it(
    specs: list[tuple[tuple[str, ...], tuple[str, ...], int | None, str | None]],
    code: str,
    birth_on: date | None,
    sex: str | None,
) -> None:
    rows = [
        row(str(number), *prefixes, exclude_prefixes=excluded, max_age=max_age, sex=wanted)
        for number, (prefixes, excluded, max_age, wanted) in enumerate(specs)
    ]

    match = match_disease(rows, code, birth_on, sex, ON)

    births = [birth_on] if birth_on else [CHILD, ADULT]
    sexes = [sex] if sex else ["1", "2"]
    answers = {_winner(rows, code, *known) for known in product(births, sexes)}
    if len(answers) == 1:
        assert (match.disease.code if match.disease else None, match.missing) == (answers.pop(), None)
    else:
        assert match.missing in {"birth_on", "sex"}
        assert {"birth_on": birth_on, "sex": sex}[match.missing] is None


def _winner(rows: list[Disease], code: str, birth_on: date, sex: str) -> str | None:
    # Written the other way about: shorten the code until some row that counts has it as a prefix.
    for length in range(len(code), 0, -1):
        for disease in rows:
            excluded = any(code[: len(prefix)] == prefix for prefix in disease.exclude_prefixes)
            too_old = disease.max_age is not None and birth_on == ADULT
            other_sex = disease.sex not in {None, sex}
            if code[:length] in disease.prefixes and not (excluded or too_old or other_sex):
                return disease.code
    return None


@given(st.text(max_size=8))
def test_a_normal_code_is_normal(code: str) -> None:
    assert normal_code(normal_code(code)) == normal_code(code)
