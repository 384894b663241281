"""The bill of a scheme on the command line: by county and payer, its days, its insurers, to the fen."""

import json
from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, CAUSE, HEAD, write
from yiyuan.interfaces.commands.main import main

COUNTIES = AREA.replace("驿城区}", "驿城区, payer: 驿城财政, registered_persons: 1_001}").replace(
    "西平县}", "西平县, payer: 西平财政}"
)
PREMIUM = """\
premium:
  clause: C-1
  rate_fen_per_person_year: 100
  payers: [{payer: city, share_bp: 3_333, clause: C-1}, {payer: county, rest: true, clause: C-1}]
  instalments: [{share_bp: 5_000, due: 03-31}, {share_bp: 5_000, due: 09-30}]
  ceilings: [{payer: city, limit_fen: 60_000, clause: C-1}]
insurers:
  clause: C-1
  rows:
    - {name: one, name_zh: 甲公司, share_bp: 6_000, lead: true}
    - {name: two, name_zh: 乙公司, share_bp: 4_000}
"""
REPORTED = "'411721': {persons: 999}\n"


@pytest.fixture
def scheme(tmp_path: Path) -> Path:
    return write(tmp_path / "plain", HEAD + CAUSE + COUNTIES + PREMIUM).parent


def run(capsys: pytest.CaptureFixture[str], scheme: Path, *more: str) -> tuple[int, str, str]:
    code = main(["scheme", "premium", str(scheme), *more])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def reported(tmp_path: Path, text: str = REPORTED) -> str:
    file = tmp_path / "counties.yaml"
    file.write_text(text, "utf-8")
    return str(file)


def test_the_bill_in_words(tmp_path: Path, scheme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(capsys, scheme, "--counties", reported(tmp_path))

    # By hand: 1,001.00 and 999.00 make 2,000.00. A third of each: 333.6333 → 333.63, 332.9667 → 332.97.
    assert code == 0
    assert said.splitlines() == [
        "小方案 2019-01-01：一年保费 2,000.00 元",
        "驿城区 411702：1,001.00 元",
        "  市级财政 333.63 元（C-1）",
        "  驿城财政 667.37 元（C-1）",
        "西平县 411721：999.00 元",
        "  市级财政 332.97 元（C-1）",
        "  西平财政 666.03 元（C-1）",
        "付款方合计：市级财政 666.60 元、驿城财政 667.37 元、西平财政 666.03 元",
        "2019-03-31 前交 1,000.00 元",
        "2019-09-30 前交 1,000.00 元",
        "承保：甲公司 1,200.00 元、乙公司 800.00 元",
        "city 要出 666.60 元，超过预算上限 600.00 元（C-1）",
    ]


def test_the_bill_as_one_object(tmp_path: Path, scheme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said, _ = run(capsys, scheme, "--counties", reported(tmp_path), "--json", "--version", "2019-01-01")

    told = json.loads(said)
    assert told["total_fen"] == 200_000
    assert told["payers"] == {"市级财政": 66_660, "驿城财政": 66_737, "西平财政": 66_603}
    assert told["accounts"][0]["insurers"] == {"甲公司": 60_060, "乙公司": 40_040}
    assert told["instalments"][1] == {"due_on": "2019-09-30", "amount_fen": 100_000}
    assert told["over_ceilings"][0]["amount_fen"] == 66_660


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "县区 411721 缺少 persons（人数），算不出保费"),
        ("'411799': {persons: 1}\n", "counties.yaml:1: 方案没有县区 411799，是不是"),
        ("'411721': {person: 1}\n", "没有申明事实 person，是不是 persons？"),
        ("'411721': {persons: 一千}\n", "counties.yaml:1"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    tmp_path: Path, scheme: Path, capsys: pytest.CaptureFixture[str], text: str | None, said: str
) -> None:
    more = [] if text is None else ["--counties", reported(tmp_path, text)]

    code, printed, refused = run(capsys, scheme, *more)

    assert (code, printed) == (1, "")
    assert said in refused


def test_missing_english_is_one_line_after_what_is_worth_a_look(
    scheme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = scheme / "2019-01-01.yaml"
    text = file.read_text("utf-8").replace(", name_en: Fire", "").replace(", text_en: one", "")
    file.write_text(text, "utf-8")

    main(["scheme", "check", str(scheme)])

    lines = capsys.readouterr().out.splitlines()[:-1]
    begun = [line.split(" ")[0] for line in lines]
    assert begun == sorted(begun, key=["请再看", "提示"].index)
    assert begun.count("请再看") > 0
    assert len([line for line in lines if "处没有英文，页面上先用中文" in line]) == 1
