"""A county outside the pool pays nothing in and is paid nothing; a county nobody told is asked for."""

from pathlib import Path

import pytest

from tests.unit.rules.plain import AREA, decided, read
from yiyuan.rules.guide.building import build_guide
from yiyuan.rules.guide.model import Sums
from yiyuan.rules.terms import SchemeVersion
from yiyuan.rules.trial import facts_asked

YICHENG, XIPING, ELSEWHERE = "411702", "411721", "410100"
EXCLUDED = AREA.replace("counties:", f"pool_excluded: ['{XIPING}']\n  counties:", 1)
BENEFITS = """\
exclusions: [{name: own, name_zh: 故意, when: {intent: true}, clause: C-1}]
benefits:
  - {name: death, name_zh: 死亡, kind: death, claimed_with: died, amount: {fixed_fen: 700}, clause: C-1}
  - name: house
    name_zh: 房屋
    kind: property
    for: household
    claimed_with: house_loss_fen
    amount: {fact: house_loss_fen}
    clause: C-1
"""
CLAIMS = ["died: true", "house_loss_fen: 700"]


@pytest.fixture
def version(tmp_path: Path) -> SchemeVersion:
    return read(tmp_path, EXCLUDED + BENEFITS)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_county_outside_is_not_paid(tmp_path: Path, version: SchemeVersion, claim: str) -> None:
    found = decided(tmp_path, version, f"{claim}, county_code: '{XIPING}'")

    assert (found.outcome, found.benefit_fen, found.clauses) == ("not_entitled", 0, ("C-1",))


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("county", [YICHENG, ELSEWHERE])
def test_others_are_paid(tmp_path: Path, version: SchemeVersion, claim: str, county: str) -> None:
    found = decided(tmp_path, version, f"{claim}, county_code: '{county}'")

    assert (found.outcome, found.benefit_fen) == ("entitled", 700)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_county_nobody_told_is_asked_for(tmp_path: Path, version: SchemeVersion, claim: str) -> None:
    found = decided(tmp_path, version, claim)

    assert (found.outcome, found.benefit_fen) == ("undetermined", 0)
    assert ["county_code" in question for question in found.undecided] == [True]


def test_whom_another_clause_refuses_need_not_name_the_county(tmp_path: Path, version: SchemeVersion) -> None:
    found = decided(tmp_path, version, "died: true, intent: true")

    assert found.outcome == "not_entitled"


def test_with_every_county_inside_none_is_asked_for(tmp_path: Path) -> None:
    found = decided(tmp_path, read(tmp_path, AREA + BENEFITS), "died: true")

    assert found.outcome == "entitled"


def test_the_form_asks_for_the_county(version: SchemeVersion) -> None:
    asked = {fact.name: fact for fact in facts_asked(version, version.liabilities[0])}

    assert list(asked["county_code"].options) == [YICHENG, XIPING, "elsewhere"]


def test_the_guide_works_its_examples_inside(version: SchemeVersion) -> None:
    blocks = [block for chapter in build_guide(version, []).chapters for block in chapter.blocks]

    sums = {
        block.benefit: [row.paid_fen for row in block.rows] for block in blocks if isinstance(block, Sums)
    }
    assert sums["death"] == [700]
    assert all(sums["house"])
