"""Who carries the risk, and how a year is shared with them."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, faults, read
from yiyuan.kernel.errors import SchemeError
from yiyuan.rules.insurers import insurers_of, shares_fen
from yiyuan.rules.risk_sharing import reserve_fen, share_risk

TWO = """\
insurers:
  clause: C-1
  rows:
    - {name: cpic, name_zh: 太保, share_bp: 4_000}
    - {name: picc, name_zh: 人保财险, share_bp: 6_000, lead: true}
"""


def test_co_insurers_share_to_the_fen_and_the_lead_comes_first(tmp_path: Path) -> None:
    carrying = insurers_of(read(tmp_path, TWO))

    assert [one.name for one in carrying] == ["picc", "cpic"]
    assert shares_fen(carrying, 101) == {"picc": 61, "cpic": 40}


def test_counties_may_have_insurers_of_their_own(tmp_path: Path) -> None:
    version = read(tmp_path, AREA + TWO + "    - {name: life, name_zh: 国寿, counties: ['411721']}\n")

    assert [one.name for one in insurers_of(version, "411721")] == ["life"]
    assert [one.name for one in insurers_of(version, "411702")] == ["picc", "cpic"]


def test_a_local_partner_carries_together_with_the_lead_of_all(tmp_path: Path) -> None:
    rows = """\
insurers:
  clause: C-1
  rows:
    - {name: picc, share_bp: 6_000, lead: true}
    - {name: cpic, share_bp: 4_000, counties: ['411702']}
    - {name: life, share_bp: 4_000, counties: ['411721']}
"""
    version = read(tmp_path, AREA + rows)

    assert [one.name for one in insurers_of(version, "411702")] == ["picc", "cpic"]
    assert [one.name for one in insurers_of(version, "411721")] == ["picc", "life"]


def test_a_scheme_that_names_no_insurer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemeError, match="没有写承保人"):
        insurers_of(read(tmp_path, ""))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TWO.replace("6_000", "5_500"), "承保份额合计 95 %，还有 5 % 没有人承保"),
        (TWO.replace("6_000", "6_500"), "多出 5 %"),
        (TWO.replace(", lead: true", ""), "应有一家牵头（lead: true），一家也没写"),
        (TWO.replace("cpic", "picc"), "承保人 picc 写了两次"),
        (
            AREA + TWO + "    - {name: life, share_bp: 500, counties: ['411721']}\n",
            "县区 411721 的承保份额合计 105 %",
        ),
        (AREA + TWO + "    - {name: life, counties: ['411722']}\n", "area 里没有县区 411722，是不是 411721"),
    ],
)
def test_faults_of_insurers(tmp_path: Path, text: str, said: str) -> None:
    found = faults(tmp_path, text)

    assert any(said in message for message in found), found


SHARING = """\
risk_sharing:
  clause: C-1
  bands:
    - {from_bp: 0, below_bp: 9_000, insurer_bp: 0, city_bp: 10_000}
    - {from_bp: 9_000, below_bp: 12_000, insurer_bp: 10_000, city_bp: 0}
    - {from_bp: 12_000, insurer_bp: 5_000, city_bp: 5_000}
"""


@pytest.mark.parametrize(
    ("losses", "surplus", "deficit", "by_bearer"),
    [
        (50_000, 50_000, 0, {"insurer": 10_000, "city": 40_000}),
        (100_000, 0, 0, {}),
        (115_000, 0, 15_000, {"insurer": 15_000, "city": 0}),
        (130_001, 0, 30_001, {"insurer": 25_001, "city": 5_000}),
        (0, 100_000, 0, {"insurer": 10_000, "city": 90_000}),
    ],
)
def test_a_good_year_is_kept_and_a_bad_one_borne_by_its_bands(
    tmp_path: Path, losses: int, surplus: int, deficit: int, by_bearer: dict[str, int]
) -> None:
    result = share_risk(read(tmp_path, SHARING), 100_000, losses)

    assert (result.surplus_fen, result.deficit_fen) == (surplus, deficit)
    assert result.by_bearer == by_bearer
    assert sum(result.by_bearer.values()) == surplus + deficit


def test_nothing_is_shared_without_terms(tmp_path: Path) -> None:
    version = read(tmp_path, "")

    assert reserve_fen(version, 100, 10) == 0
    with pytest.raises(SchemeError, match="没有写风险共担"):
        share_risk(version, 100, 10)


@pytest.mark.parametrize(
    ("terms", "set_aside"),
    [
        ("{share_bp: 500, clause: C-1}", 5_000),
        ("{share_bp: 5_000, of: surplus, clause: C-1}", 15_000),
        ("{share_bp: 5_000, of: surplus, limit_fen: 9_000, clause: C-1}", 9_000),
    ],
)
def test_a_reserve_is_a_share_of_the_premium_or_of_the_surplus(
    tmp_path: Path, terms: str, set_aside: int
) -> None:
    assert reserve_fen(read(tmp_path, f"reserve: {terms}\n"), 100_000, 70_000) == set_aside


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("city_bp: 10_000", "city_bp: 9_000", "分担合计 90 %，还有 10 % 没有人担"),
        ("from_bp: 9_000", "from_bp: 9_500", "赔付率 90 % 到 95 % 没有条款管"),
        ("from_bp: 9_000", "from_bp: 8_500", "赔付率 85 % 到 90 % 有两档同时管"),
        ("from_bp: 12_000,", "from_bp: 12_000, below_bp: 15_000,", "最后一档不写 below_bp"),
        ("insurer_bp: 5_000", "insurer: 5_000", "不认识“insurer”"),
    ],
)
def test_faults_of_risk_sharing(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    found = faults(tmp_path, SHARING.replace(right, wrong, 1))

    assert any(said in message for message in found), found


def test_a_county_outside_the_pool_needs_no_insurer(tmp_path: Path) -> None:
    rows = "insurers: {clause: C-1, rows: [{name: picc, counties: ['411702']}]}\n"

    found = faults(tmp_path, AREA + rows)
    version = read(tmp_path, AREA.replace("area:\n", "area:\n  pool_excluded: ['411721']\n", 1) + rows)

    assert any("411721" in text and "承保份额合计 0 %" in text for text in found)
    assert [one.name for one in insurers_of(version, "411702")] == ["picc"]
