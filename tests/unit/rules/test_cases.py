"""Case files: facts by their names, faults with their line, and the assessment as a person asks for it."""

import json
from pathlib import Path
from typing import Any

import pytest

from yiyuan.interfaces.commands.main import main
from yiyuan.kernel.errors import CaseError
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.assessment import assess, choose_version
from yiyuan.rules.checking import check_scheme
from yiyuan.rules.scheme_file.loading import load_cases
from yiyuan.rules.terms import SchemeVersion

CASE = """\
- case: one
  on: 2019-06-01
  papers_complete_on: 2019-06-03
  facts: {person_id: P1, group: orphan, diagnosis_code: N18.5, residual_fen: 90_000}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "cases.yaml"
    file.write_text(text, "utf-8")
    return file


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, Any]], str]:
    code = main(["assess", *words])
    printed = capsys.readouterr()
    return code, [json.loads(line) for line in printed.out.splitlines()], printed.err


def test_the_answer_is_one_object_a_line(
    tmp_path: Path, zhumadian_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, CASE)

    code, answers, _ = run(capsys, "--scheme", str(zhumadian_directory), "--cases", str(file))

    assert code == 0
    assert answers == [
        {
            "case": "one",
            "outcome": "entitled",
            "benefit_fen": 45_000,
            "by_benefit": {"medical": 45_000},
            "by_person": {"P1": 45_000},
            "trace": [
                {"name": "residual_fen", "amount_fen": 90_000, "clause": "MED-1"},
                {"name": "benefit_fen", "amount_fen": 45_000, "clause": "MED-1A"},
            ],
            "deadline": {
                "due_on": "2019-06-04",
                "rule": "TIME-2：资料齐全后 1 日，遇非工作日顺延到下一个工作日",
                "provisional": False,
            },
            "undecided": [],
        }
    ]


def test_an_expectation_that_is_not_met_fails_and_says_what_differs(
    tmp_path: Path, zhumadian_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    met = CASE + "  expect: {benefit_fen: 45_000, by_person: {P1: 45_000}, due_on: 2019-06-04}\n"
    unmet = CASE.replace("one", "two") + "  expect: {benefit_fen: 45_001, clauses: [MED-1]}\n"
    file = write(tmp_path, met + unmet)

    code, answers, said = run(capsys, "--scheme", str(zhumadian_directory), "--cases", str(file))

    assert code == 1
    assert [answer["match"] for answer in answers] == [True, False]
    assert "benefit_fen：手算 450.01 元，算得 450.00 元" in said
    assert "clauses：手算 MED-1，算得 " in said


@pytest.mark.parametrize("version", [[], ["--version", "2019-01-01"]])
def test_a_date_outside_every_version_is_an_error(
    tmp_path: Path, zhumadian_directory: Path, capsys: pytest.CaptureFixture[str], version: list[str]
) -> None:
    file = write(tmp_path, CASE.replace("on: 2019-06-01", "on: 2020-01-01"))

    code, answers, said = run(capsys, "--scheme", str(zhumadian_directory), "--cases", str(file), *version)

    assert (code, answers) == (1, [])
    assert "2020-01-01 不在任何版本的期间内" in said


def test_a_version_that_is_not_there_is_an_error(
    tmp_path: Path, zhumadian_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path, CASE)

    code, _, said = run(
        capsys, "--scheme", str(zhumadian_directory), "--cases", str(file), "--version", "2021-01-01"
    )

    assert code == 1
    assert "没有 2021-01-01 起的版本" in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (CASE.replace("on: 2019-06-01", "on: June"), "on 应是日期"),
        (CASE.replace("papers_complete_on", "papers_complet_on"), "是不是 papers_complete_on"),
        (CASE + CASE, "用了不止一次"),
        (CASE + "  expect: {benefits: 1}\n", "expect 里不认识“benefits”"),
        ("case: one\n", "应是列表"),
    ],
)
def test_a_case_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(CaseError, match=said) as refused:
        load_cases(write(tmp_path, wrong))

    assert "cases.yaml:" in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (CASE.replace("residual_fen", "residul_fen"), "是不是 residual_fen"),
        (CASE.replace("90_000", "many"), "residual_fen 应是整数"),
        (CASE.replace("90_000", "100_000_000_001"), "超出范围"),
        (CASE.replace("residual_fen", "inscp_scp_amt_fen: 1, residual_fen"), "不能与合规费用"),
        (
            CASE.replace(
                "group: orphan", "groups: [{group: orphan, valid_from: 2019-01-01, valid_to: 2019-01-01}]"
            ),
            "应晚于",
        ),
    ],
)
def test_a_fact_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, zhumadian: SchemeVersion, holidays: tuple[HolidayRow, ...], wrong: str, said: str
) -> None:
    (case,) = load_cases(write(tmp_path, wrong))

    with pytest.raises(CaseError, match=said) as refused:
        assess(zhumadian, case, holidays)

    assert "cases.yaml:" in str(refused.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (CASE.replace("orphan", "orphans"), "没有群体 orphans，是不是 orphan"),
        (CASE.replace("facts: {", "facts: {cause: brave, "), "是不是 brave_act"),
        (CASE + "  reading: cap\n", "是不是 capped"),
        (CASE + "  used_fen: {medical_year: 5}\n", "没有跨案累计的限额"),
    ],
)
def test_a_word_the_scheme_does_not_know_is_refused(
    tmp_path: Path,
    zhumadian: SchemeVersion,
    holidays: tuple[HolidayRow, ...],
    wrong: str,
    said: str,
) -> None:
    (case,) = load_cases(write(tmp_path, wrong))

    with pytest.raises(CaseError, match=said):
        assess(choose_version([zhumadian], case), case, holidays)


def test_what_is_missing_is_asked_all_at_once(
    tmp_path: Path, zhumadian: SchemeVersion, holidays: tuple[HolidayRow, ...]
) -> None:
    nothing, child, unlisted = load_cases(
        write(
            tmp_path,
            "- {case: nothing, on: 2019-06-01}\n"
            "- {case: child, on: 2019-06-01, facts: {group: orphan, diagnosis_code: C91.0}}\n"
            "- {case: unlisted, on: 2019-06-01, facts: {diagnosis_code: J18}}\n",
        )
    )

    answers = [assess(zhumadian, case, holidays) for case in (nothing, child, unlisted)]
    asked = [answer.undecided for answer in answers]

    assert [(answer.outcome, answer.by_benefit) for answer in answers] == [("undetermined", {})] * 3

    assert [
        [word for word in ("group", "diagnosis_code", "birth_on", "inscp") if word in " ".join(questions)]
        for questions in asked
    ] == [
        ["group", "diagnosis_code", "inscp"],
        ["birth_on", "inscp"],
        ["group"],
    ]


def test_an_amount_agreed_elsewhere_has_a_deadline_and_no_benefit_of_this_scheme(
    tmp_path: Path, zhumadian: SchemeVersion, holidays: tuple[HolidayRow, ...]
) -> None:
    text = (
        "- {case: a, on: 2019-06-01, papers_complete_on: 2019-06-10,"
        " facts: {cause: brave_act, amount_fen: 1_000_000}}\n"
    )
    (case,) = load_cases(write(tmp_path, text))

    assessment = assess(zhumadian, case, holidays)

    assert (assessment.outcome, assessment.benefit_fen, assessment.by_benefit) == ("undetermined", 0, {})
    assert assessment.deadline is not None
    assert assessment.deadline.due_on.isoformat() == "2019-06-13"


def test_checking_reports_a_worked_case_that_does_not_match(
    tmp_path: Path, zhumadian_directory: Path, holidays: tuple[HolidayRow, ...]
) -> None:
    for name in ("2019-01-01.yaml", "sources.yaml"):
        (tmp_path / name).write_bytes((zhumadian_directory / name).read_bytes())
    (tmp_path / "golden").mkdir()
    write(
        tmp_path / "golden",
        CASE
        + "  expect: {benefit_fen: 1}\n"
        + CASE.replace("one", "two")
        + CASE.replace("one", "three").replace("2019-06-01", "2029-06-01")
        + "  expect: {benefit_fen: 1}\n",
    )

    report = check_scheme(tmp_path, holidays)

    assert report.cases == 3
    assert [fault.clause for fault in report.faults] == ["one", "two", "three"]
    assert "cases.yaml:1 " in str(report.faults[0])
    assert "没有写 expect" in report.faults[1].message
    assert "不在任何版本" in report.faults[2].message


def test_versions_that_overlap_are_reported(
    tmp_path: Path, zhumadian_directory: Path, holidays: tuple[HolidayRow, ...]
) -> None:
    text = (zhumadian_directory / "2019-01-01.yaml").read_text("utf-8")
    (tmp_path / "2019-01-01.yaml").write_text(text, "utf-8")
    (tmp_path / "2019-07-01.yaml").write_text(
        text.replace("{from: 2019-01-01", "{from: 2019-07-01").replace("scheme: zhumadian", "scheme: other"),
        "utf-8",
    )
    (tmp_path / "sources.yaml").write_bytes((zhumadian_directory / "sources.yaml").read_bytes())

    faults = check_scheme(tmp_path, holidays).faults

    assert len(faults) == 2
    assert "scheme 是 other-yiyuan" in faults[0].message
    assert "期间与 2019-01-01 版重叠" in faults[1].message


def test_scheme_check_fails_with_findings(
    tmp_path: Path, zhumadian_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scheme", "check", str(zhumadian_directory)]) == 0
    assert "没有错误" in capsys.readouterr().out
    assert main(["scheme", "check", str(tmp_path)]) == 1
    assert "没有方案文件" in capsys.readouterr().out


def test_scheme_check_says_every_finding_as_one_object(
    tmp_path: Path, zhumadian_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (zhumadian_directory / "2019-01-01.yaml").read_text("utf-8")
    file = tmp_path / "2019-01-01.yaml"
    file.write_text(text.replace("working_days: 3", "working_day: 3", 1), "utf-8")
    (tmp_path / "sources.yaml").write_bytes((zhumadian_directory / "sources.yaml").read_bytes())

    assert main(["scheme", "check", str(zhumadian_directory), "--json"]) == 0
    sound = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["scheme", "check", str(tmp_path), "--json"]) == 1
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert main(["scheme", "check", str(tmp_path / "nowhere"), "--json"]) == 1
    (nowhere,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert {one["severity"] for one in sound} == {"note"}
    assert all(one["file"].endswith(".yaml") and one["line"] and one["clause"] for one in sound)
    unknown = next(one for one in found if "working_day" in one["text"] and "是不是" in one["text"])
    assert set(unknown) == {"severity", "file", "line", "clause", "text"}
    assert (unknown["severity"], unknown["file"]) == ("error", str(file))
    assert "working_day: 3" in file.read_text("utf-8").splitlines()[unknown["line"] - 1]
    assert nowhere | {"text": ""} == {
        "severity": "error",
        "file": str(tmp_path / "nowhere"),
        "line": None,
        "clause": None,
        "text": "",
    }
