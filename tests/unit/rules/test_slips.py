"""Slips a newcomer makes in a scheme file: refused, or remarked on where a text may mean it."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, CAUSE, DEATH, HEAD, decided, faults, write
from yiyuan.kernel.errors import CaseError
from yiyuan.rules.assessment import assess
from yiyuan.rules.checking import check_scheme
from yiyuan.rules.scheme_file.loading import load_cases, read_file

HOUSE = DEATH.replace("name: death", "name: house").replace("claimed_with: died", "claimed_with: loss_fen")


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("name: death", "name: Death", "name 写的是“Death”，应是小写字母开头的字母、数字和下划线"),
        ("name: death", "name: 死亡赔付", "name 写的是“死亡赔付”，应是小写字母开头的字母、数字和下划线"),
        ("name: death", "name: death-benefit", "name 写的是“death-benefit”"),
        ("cause: fire", "cause: Fire", "cause 写的是“Fire”"),
        ("scheme: plain", "scheme: 小方案", "scheme 写的是“小方案”，应是小写字母开头的字母、数字和连字符"),
        ("payee: heirs", "payee: heir", "payee 不能是“heir”，是不是 heirs？（别的领款人请写中文名称）"),
        ("payee: heirs", "payee: Heirs", "payee 不能是“Heirs”，是不是 heirs？（别的领款人请写中文名称）"),
    ],
)
def test_a_name_out_of_form_is_refused(tmp_path: Path, right: str, wrong: str, fault: str) -> None:
    text = HEAD + CAUSE + DEATH
    assert right in text
    _, findings = read_file(write(tmp_path, text.replace(right, wrong, 1)))

    assert [one.message for one in findings.found if fault in one.message]


def test_a_payee_may_be_a_text(tmp_path: Path) -> None:
    version, _ = read_file(write(tmp_path, HEAD + CAUSE + DEATH.replace("heirs", "虚构市人民政府")))

    assert version is not None


@pytest.mark.parametrize(
    ("amount", "fact"),
    [
        ("amount: {unit_fen: 100, times: days_resettled}", "days_resettled"),
        ("amount: {fact: loss_fen}", "loss_fen"),
        ("amount: {fixed_fen: 1}, when: {age: {from: 18}}", "age"),
    ],
)
def test_a_premium_rests_on_facts_of_counties(tmp_path: Path, amount: str, fact: str) -> None:
    premium = f"premium: {{clause: C-1, parts: [{{name: people, {amount}}}]}}\n"

    assert faults(tmp_path, AREA + premium) == [
        f"保费分项 people 用了 {fact}，它不是县区的事实（of: county）"
    ]


def test_facts_that_can_only_be_said_with_themselves(tmp_path: Path) -> None:
    facts = (
        "facts:\n"
        "  one: {type: flag, name_zh: 甲, only_with: {two: true}}\n"
        "  two: {type: flag, name_zh: 乙, only_with: {not: {one: false}}}\n"
        "  three: {type: flag, name_zh: 丙, only_with: {one: true}}\n"
    )

    assert faults(tmp_path, facts) == [
        "only_with 绕回了自己：one → two → one",
        "only_with 绕回了自己：two → one → two",
    ]


@pytest.mark.parametrize(
    ("benefit", "remark"),
    [
        (DEATH.replace("claimed_with: died", "claimed_with: days_in_hospital"),
         "days_in_hospital 是算出来的，案例写了它才算申请：请写案例里说的事实，如 admitted_on"),
        (HOUSE, "house 按人赔，claimed_with 的 loss_fen 是一户的事实"),
    ],
)  # fmt: skip
def test_what_claims_nothing_or_too_often_is_remarked_on(tmp_path: Path, benefit: str, remark: str) -> None:
    version, findings = read_file(write(tmp_path, HEAD + CAUSE + benefit))

    assert version is not None
    assert [one.message for one in findings.remarks if remark in one.message]


def test_a_house_for_the_household_needs_no_remark(tmp_path: Path) -> None:
    _, findings = read_file(
        write(tmp_path, HEAD + CAUSE + HOUSE.replace("kind: death", "kind: property\n    for: household"))
    )

    assert not [one.message for one in findings.remarks if "claimed_with" in one.message]


def about(tmp_path: Path, right: str, wrong: str) -> list[str]:
    """What is wrong with a plain scheme in which one thing is written otherwise."""
    text = HEAD + CAUSE + LIMITED
    assert right in text
    _, findings = read_file(write(tmp_path, text.replace(right, wrong, 1)))
    return [one.message for one in findings.found]


LIMITED = DEATH.replace("payee", "limits: [most]\n    payee") + (
    "limits:\n  - {name: most, per: person, over: year, limit_fen: 500, clause: C-1}\n"
)


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("text: 一条", "text: 赔 5,000 元", "“000 元”后面没有值：前面的文字里有英文逗号或冒号，请加引号"),
        ("from: 2019-01-01", "from: 2019-01-01, to: 2028-02-30",
         "to 应是日期，如 2019-01-01，写的是“2028-02-30”"),
        ("limit_fen: 500", "limit_yuan: 5", "limits 里不认识“limit_yuan”，是不是 limit_fen？"),
    ],
)  # fmt: skip
def test_a_slip_is_one_finding(tmp_path: Path, right: str, wrong: str, fault: str) -> None:
    found = about(tmp_path, right, wrong)

    assert len(found) == 1
    assert found[0].endswith(fault)


def test_a_colon_in_a_text_is_said_to_need_quotes(tmp_path: Path) -> None:
    found = about(tmp_path, "text: 一条", "text: 赔付: 一条")

    assert "文字里有英文逗号或冒号，请加引号" in found[0]


def test_a_missing_list_of_sources_is_said_in_plain_words(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD + CAUSE)
    (tmp_path / "sources.yaml").unlink()

    report = check_scheme(file.parent, [])

    assert [(Path(one.file).name, one.message) for one in report.faults] == [
        ("sources.yaml", "缺少 sources.yaml：每条条款的出处写在里面，还没有出处的写 sources: {}")
    ]


def test_a_limit_nobody_knows_names_file_and_line(tmp_path: Path) -> None:
    version, _ = read_file(write(tmp_path, HEAD + CAUSE + LIMITED))
    assert version is not None
    file = tmp_path / "case.yaml"
    file.write_text(
        "- {case: one, on: 2019-07-10, facts: {cause: fire, died: true}, used_fen: {mots: 5}}\n", "utf-8"
    )

    with pytest.raises(CaseError, match=r"case\.yaml:1 \[one\]: used_fen 里不认识限额 mots，是不是 most？"):
        assess(version, load_cases(file)[0], [])


def test_a_question_of_yes_or_no_says_it_once(tmp_path: Path) -> None:
    house = HOUSE.replace("kind: death", "kind: property\n    for: household\n    when: {is_home: true}")
    version, _ = read_file(write(tmp_path, HEAD + CAUSE + house))
    assert version is not None

    assert decided(tmp_path, version, "loss_fen: 1").undecided == ("是不是长期居住的自有住房？（is_home）",)
