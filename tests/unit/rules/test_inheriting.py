"""A plan that takes over another: what wins, what goes, where a fault is named, and what is sealed."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import CAUSE, HEAD, write
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.scheme_file.loading import load_file, read_file
from yiyuan.rules.scheme_file.located import Findings
from yiyuan.rules.terms import SchemeVersion

PROVINCE = """\
clauses:
  P-1: {text: 省里的一条, text_en: of the province, assumed: 试验用, assumed_en: for a test}
facts:
  depth: {type: number, of: household, name_zh: 水深, name_en: depth}
limits:
  - {name: person, name_zh: 每人, per: person, over: year, limit_fen: 5_000_000, clause: P-1}
benefits:
  - name: death
    name_zh: 死亡
    name_en: death
    kind: death
    claimed_with: died
    when: {died: true}
    amount: {fixed_fen: 4_000_000}
    limits: [person]
    payee: heirs
    clause: P-1
  - name: funeral
    name_zh: 丧葬
    name_en: funeral
    kind: funeral
    claimed_with: died
    amount: {fixed_fen: 100_000}
    payee: heirs
    clause: P-1
clocks:
  - {name: pay, until: paid, bands: [{from_fen: 0, calendar_days: 10, clause: P-1}]}
"""


@pytest.fixture
def city(tmp_path: Path) -> Path:
    write(tmp_path / "province", PROVINCE)
    return tmp_path / "city"


def read(folder: Path, text: str) -> SchemeVersion:
    inherits = "inherits: ../province/2019-01-01.yaml\n"
    version, findings = read_file(write(folder, HEAD + inherits + CAUSE + text))
    assert version is not None, [str(finding) for finding in findings.found]
    return version


def faults(folder: Path, text: str, head: str = "inherits: ../province/2019-01-01.yaml\n") -> list[str]:
    version, findings = read_file(write(folder, HEAD + head + CAUSE + text))
    assert version is None, "the scheme is in order"
    return [str(finding) for finding in findings.found]


def test_what_is_left_unsaid_comes_from_the_parent(city: Path) -> None:
    version = read(city, "")

    assert version.title == "小方案"
    assert [benefit.name for benefit in version.events.benefits] == ["death", "funeral"]
    assert [clock.name for clock in version.clocks] == ["pay"]
    assert version.clauses["P-1"].text == "省里的一条"
    assert "depth" in version.events.facts
    assert [Path(file).parent.name for file in version.files] == ["province"]


def test_a_row_of_the_same_name_wins_key_by_key_and_an_amount_as_a_whole(city: Path) -> None:
    version = read(
        city,
        """\
benefits:
  - {name: death, name_zh: 身故, amount: {share_bp: 5_000, of: {fixed_fen: 9_000_000}}, clause: C-1}
""",
    )

    death, funeral = version.events.benefits
    assert (death.name_zh, death.name_en, death.clause) == ("身故", "身故", "C-1")
    assert (death.kind, sorted(death.limits), death.payee) == ("death", ["person"], "heirs")
    assert "50" not in repr(death.amount).replace("5000", "")
    assert "4000000" not in repr(death.amount)
    assert funeral.clause == "P-1"


def test_a_limit_said_another_way_takes_the_parents_way_out(city: Path) -> None:
    version = read(city, "limits: [{name: person, limit: {fixed_fen: 6_000_000}, clause: C-1}]\n")

    assert "6000000" in repr(version.events.limits[0].amount)
    assert "5000000" not in repr(version.events.limits[0].amount)


def test_a_row_may_be_dropped_and_new_rows_come_before_those_taken_over(city: Path) -> None:
    version = read(
        city,
        """\
benefits: [{name: funeral, drop: true}]
clocks: [{name: fast, benefits: [death], bands: [{from_fen: 0, calendar_days: 0, clause: C-1}]}]
""",
    )

    assert [benefit.name for benefit in version.events.benefits] == ["death"]
    assert [clock.name for clock in version.clocks] == ["fast", "pay"]


def test_new_rows_stand_where_the_file_puts_them(city: Path) -> None:
    version = read(
        city,
        """\
benefits:
  - {name: death}
  - {name: rescue, kind: act, claimed_with: is_rescuer, amount: {fixed_fen: 1}, payee: victim, clause: C-1}
""",
    )

    assert [benefit.name for benefit in version.events.benefits] == ["death", "rescue", "funeral"]


def test_a_fault_of_the_parent_names_the_parents_file_and_line(city: Path) -> None:
    parent = write(city.parent / "province", PROVINCE.replace("per: person", "per: persn"))
    line = (
        parent.read_text("utf-8")
        .splitlines()
        .index(next(row for row in parent.read_text("utf-8").splitlines() if "persn" in row))
    )

    found = faults(city, "")

    assert any(str(city / "../province/2019-01-01.yaml") + f":{line + 1} " in fault for fault in found), found


def test_a_fault_of_the_own_file_names_the_own_line(city: Path) -> None:
    found = faults(city, "premium: {rate_fen_per_person_year: x, clause: C-1}\n")

    assert any(fault.startswith(f"{city / '2019-01-01.yaml'}:9 ") for fault in found), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("benefits: [{name: burial, drop: true}]\n", "burial 写了 drop: true，继承的文件里却没有它"),
        ("benefits: [{name: funeral, drop: true, clause: C-1}]\n", "就不能再写 clause"),
    ],
)
def test_faults_of_dropping(city: Path, text: str, said: str) -> None:
    assert any(said in fault for fault in faults(city, text))


def test_a_row_cannot_be_dropped_from_nothing(tmp_path: Path) -> None:
    found = faults(tmp_path, "premium: {drop: true, clause: C-1, rate_fen_per_person_year: 1}\n", head="")

    assert any("不认识“drop”" in fault for fault in found), found


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("inherits: ../none/2019-01-01.yaml\n", "没有找到 ../none/2019-01-01.yaml"),
        ("inherits: [statutry]\n", "没有基础文件 statutry，是不是 statutory"),
        ("inherits: [[a]]\n", "inherits 应是文件名"),
    ],
)
def test_a_missing_parent_is_refused_plainly(tmp_path: Path, head: str, said: str) -> None:
    found = faults(tmp_path / "city", "", head)

    assert any(said in fault and ":6" in fault for fault in found), found


def test_plans_that_inherit_in_a_circle_are_refused(city: Path) -> None:
    write(city.parent / "province", PROVINCE + "inherits: ../city/2019-01-01.yaml\n")

    found = faults(city, "")

    assert any("继承绕回了自己" in fault for fault in found), found


def test_a_base_beside_the_schemes_goes_before_the_products(tmp_path: Path) -> None:
    write(tmp_path / "base", PROVINCE, "statutory.yaml")

    version, _ = read_file(write(tmp_path / "city", HEAD + "inherits: [statutory]\n" + CAUSE))

    assert version is not None
    assert [clock.name for clock in version.clocks] == ["pay"]


def test_the_products_base_brings_the_law(tmp_path: Path) -> None:
    version, findings = read_file(write(tmp_path / "city", HEAD + "inherits: [statutory]\n" + CAUSE))

    assert version is not None, [str(finding) for finding in findings.found]
    assert {clock.until for clock in version.clocks} >= {"assessed", "paid", "noticed"}
    assert version.clauses["LAW-23"].source in version.sources
    assert [remark.message for remark in findings.remarks] == ["title 没有英文（title_en）"]


def test_the_seal_changes_with_the_parent(city: Path) -> None:
    before = read(city, "").sha256
    again = read(city, "").sha256
    write(city.parent / "province", PROVINCE + "# one more word\n")

    after = read(city, "").sha256

    assert before == again
    assert after != before
    assert len(after) == 64


def test_the_seal_of_a_plan_without_parents_is_that_of_its_bytes(tmp_path: Path) -> None:
    from hashlib import sha256

    file = write(tmp_path, HEAD + CAUSE)

    assert load_file(file).sha256 == sha256(file.read_bytes()).hexdigest()


def test_the_nearer_parent_wins_over_the_farther_one(tmp_path: Path) -> None:
    write(tmp_path / "law", PROVINCE.replace("calendar_days: 10", "calendar_days: 60"))
    write(tmp_path / "province", "inherits: ../law/2019-01-01.yaml\n" + PROVINCE)

    version = read(tmp_path / "city", "")

    assert [clock.calendar_days for clock in version.clocks] == [10]


def test_sources_come_with_the_parent_and_may_not_clash(city: Path) -> None:
    source = (
        "title: 办法, kind: gazette, publisher: 省政府, publisher_en: Province, url: x, read_on: 2026-01-01"
    )
    (city.parent / "province" / "sources.yaml").write_text(f"sources: {{S1: {{{source}}}}}\n", "utf-8")

    assert read(city, "").sources["S1"].title == "办法"
    other = source.replace("办法", "方案")
    (city / "sources.yaml").write_text(f"sources: {{S1: {{{other}}}}}\n", "utf-8")
    assert any("出处 S1" in fault and "换个编号" in fault for fault in faults(city, ""))


def test_a_clause_written_anew_under_terms_taken_over_is_remarked(city: Path) -> None:
    text = HEAD.replace(
        "clauses:", "inherits: ../province/2019-01-01.yaml\nclauses:\n  P-1: {text: 市里的, assumed: 试}"
    )

    version, findings = read_file(write(city, text + CAUSE))

    assert version is not None
    assert version.clauses["P-1"].text == "市里的"
    assert any("另写了一条" in remark.message and "province" in remark.file for remark in findings.remarks)


def test_what_falls_below_a_plan_that_binds_is_reported(city: Path) -> None:
    head = "inherits: ../province/2019-01-01.yaml\nnot_below: ../province/2019-01-01.yaml\n"
    text = """\
benefits: [{name: death, amount: {fixed_fen: 3_000_000}}, {name: funeral, amount: {fixed_fen: 200_000}}]
limits: [{name: person, limit_fen: 4_999_999}]
"""

    found = faults(city, text, head)

    assert len(found) == 2
    assert "death.amount 的 fixed_fen 是 30,000.00 元，低于" in found[0] + found[1]
    assert "person 的 limit_fen 是 49,999.99 元，低于" in found[0] + found[1]
    assert "province/2019-01-01.yaml" in found[0]


BOUND = "inherits: ../province/2019-01-01.yaml\nnot_below: ../province/2019-01-01.yaml\n"


def test_what_a_binding_plan_pays_may_not_be_left_out(city: Path) -> None:
    (dropped,) = faults(city, "benefits:\n  - {name: funeral, drop: true}\n", BOUND)
    (kept,) = faults(
        city,
        "benefits:\n  - {name: own, name_zh: 慰问, kind: other, claimed_with: died, amount: {fixed_fen: 1}, "
        "payee: heirs, clause: C-1}\n  - {name: death, drop: true}\n",
        BOUND,
    )

    assert "2019-01-01.yaml:11 [P-1]: 没有赔付项目 funeral 丧葬，" in dropped
    assert "province/2019-01-01.yaml:18 有" in dropped
    assert "没有赔付项目 death 死亡" in kept


def test_a_plan_that_inherits_nothing_is_bound_all_the_same(city: Path) -> None:
    found = faults(city, "", "not_below: ../province/2019-01-01.yaml\n")

    assert [text.split("]: ")[1].split("，")[0] for text in found] == [
        "没有赔付项目 death 死亡",
        "没有赔付项目 funeral 丧葬",
    ]
    assert all("city/2019-01-01.yaml:6 [P-1]" in text for text in found)


def test_a_cause_of_a_binding_plan_may_not_be_left_out(city: Path) -> None:
    causes = CAUSE + CAUSE.split("\n", 1)[1].replace("L1", "L2").replace("fire", "flood")
    write(city.parent / "province", PROVINCE.replace("limits:", causes + "limits:", 1))

    (without_cause,) = faults(city, "  - {code: L2, drop: true}\n", BOUND)
    (without_benefit,) = faults(city, "benefits:\n  - {name: death, liabilities: [L1]}\n", BOUND)

    assert "[C-1]: 没有责任 L2 火灾" in without_cause
    assert "[P-1]: 没有责任 L2 的赔付项目 death 死亡" in without_benefit


def test_an_amount_in_another_form_is_remarked_on(city: Path) -> None:
    text = "benefits:\n  - {name: death, amount: {fact: loss_fen}}\n"

    version, findings = read_file(write(city, HEAD + BOUND + CAUSE + text))

    assert version is not None, [str(finding) for finding in findings.found]
    assert [one.message[:11] for one in findings.remarks if "写法不同" in one.message] == ["death 的算法和 "]


def test_a_plan_that_reaches_the_floor_is_in_order(city: Path) -> None:
    text = HEAD + "inherits: ../province/2019-01-01.yaml\nnot_below: ../province/2019-01-01.yaml\n" + CAUSE

    version, findings = read_file(write(city, text))

    assert version is not None, [str(finding) for finding in findings.found]


def test_a_damaged_parent_is_named_by_its_own_file(city: Path) -> None:
    write(city.parent / "province", "a: [1\n")

    found = faults(city, "")

    assert any("province" in fault and "不是正确的 YAML" in fault for fault in found), found
    with pytest.raises(SchemeError, match="不是正确的 YAML"):
        load_file(city / "2019-01-01.yaml")


def test_lines_of_files_are_told_apart() -> None:
    findings = Findings("own.yaml")
    first_line = findings.begin("parent.yaml")

    assert findings.place(7) == ("own.yaml", 7)
    assert findings.place(first_line + 7) == ("parent.yaml", 7)
    assert findings.is_own(7)
    assert not findings.is_own(first_line + 7)
