"""Registers, accounts, divisions and staff of the made-up city."""

from collections import Counter

from tests.unit.synthetic.reading import data_rows, text_rows

from yiyuan.kernel.actor import Role
from yiyuan.kernel.identity import clean_id_number
from yiyuan.synthetic.city import CityFiles
from yiyuan.synthetic.divisions import load_counties, share_people
from yiyuan.synthetic.residents import luhn_digit
from yiyuan.synthetic.staff import STAFF


def test_the_divisions_reach_down_to_2906_villages() -> None:
    counties = load_counties()

    assert len(counties) == 11
    assert sum(len(county.villages) for county in counties) == 2_906
    assert all(village.township_code[:6] == county.code for county in counties for village in county.villages)


def test_people_are_shared_out_without_loss() -> None:
    counties = load_counties()

    for people in (1_000, 99_999, 9_600_000):
        shares = share_people(counties, people)
        assert sum(shares.values()) == people
        assert max(shares, key=lambda code: shares[code]) == "411722"


def test_a_sheet_for_each_county_and_two_sheets_of_subsistence(city: CityFiles) -> None:
    poor, subsistence = (data_rows(file) for file in city.of_kind("hardship")[:2])

    assert [row["序号"] for row in poor] == list(range(1, len(poor) + 1))
    assert len({row["县(区)"] for row in poor}) > 5
    assert len(subsistence) > 100


def test_disability_cards_end_in_kind_and_level(city: CityFiles) -> None:
    levels = {"一级": "1", "二级": "2", "三级": "3", "四级": "4"}
    rows = data_rows(city.of_kind("hardship")[3])

    for row in rows:
        card = clean_id_number(str(row["残疾证号"]))
        if len(card) in (20, 22):
            assert card[19] == levels[str(row["残疾等级"])]
    assert {str(row["残疾等级"]) for row in rows} == set(levels)


def test_account_numbers_are_valid_cards_and_minors_are_paid_through_a_guardian(city: CityFiles) -> None:
    rows = text_rows(city.of_kind("accounts")[0].path)

    kinds = Counter(row["账户类型"] for row in rows)
    guarded = [row for row in rows if row["被监护人身份证号"]]

    assert set(kinds) == {"社保卡", "银行卡"}
    assert kinds["社保卡"] > 10 * kinds["银行卡"]
    assert all(len(row["银行账号"]) == 19 for row in rows)
    assert all(luhn_digit(row["银行账号"][:18]) == row["银行账号"][18] for row in rows)
    assert guarded
    assert all(clean_id_number(row["身份证号"]) != row["被监护人身份证号"] for row in guarded)
    assert all(int(row["被监护人身份证号"][6:10]) > 2000 for row in guarded)


def test_the_luhn_digit_of_a_known_number() -> None:
    assert luhn_digit("7992739871") == "3"


def test_every_role_of_people_has_one_officer_whom_the_audit_calls_invented() -> None:
    assert {role for member in STAFF for role in member.roles} == set(Role) - {Role.SYSTEM}
    assert len({member.username for member in STAFF}) == len(STAFF)
    assert len({member.name for member in STAFF}) == len(STAFF)
    assert all(member.audit_name == f"{member.name}（虚构人员）" for member in STAFF)
