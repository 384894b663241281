"""Who is in hardship: whole households, half-open periods, about a tenth of the people in any register."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from yiyuan.synthetic import hardship
from yiyuan.synthetic.divisions import load_counties
from yiyuan.synthetic.hardship import HardshipRegistry, Membership
from yiyuan.synthetic.people import Household, HouseholdMaker, IdMint

ON = date(2019, 11, 20)
PEOPLE = 20_000


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Household, list[Membership]]]:
    counties = load_counties()
    maker = HouseholdMaker(county=counties[4], on=ON, random=Random(1), mint=IdMint())
    registry = HardshipRegistry(counties=counties, people=PEOPLE, on=ON, random=Random(2))
    return [(household, registry.memberships(household)) for household in maker.households(PEOPLE)]


def test_periods_are_half_open_and_nothing_begins_or_ends_after_the_business_date(
    drawn: list[tuple[Household, list[Membership]]],
) -> None:
    memberships = [membership for _, found in drawn for membership in found]

    assert any(membership.valid_to for membership in memberships)
    for membership in memberships:
        assert membership.person.birth_on <= membership.valid_from <= ON
        assert membership.holds_on(membership.valid_from)
        if membership.valid_to is not None:
            assert membership.valid_from < membership.valid_to <= ON
            assert not membership.holds_on(membership.valid_to)


def test_some_status_ended_this_year_and_some_began(drawn: list[tuple[Household, list[Membership]]]) -> None:
    memberships = [membership for _, found in drawn for membership in found]

    ended = Counter(membership.valid_to.year for membership in memberships if membership.valid_to)
    joined = sum(membership.valid_from.year == ON.year for membership in memberships)

    assert set(ended) == {2018, 2019}
    assert 0.03 < joined / len(memberships) < 0.12


def test_poverty_is_a_matter_of_whole_rural_households(
    drawn: list[tuple[Household, list[Membership]]],
) -> None:
    for household, found in drawn:
        poor = [membership for membership in found if membership.group == hardship.POOR]
        if poor:
            assert household.village.is_rural
            unborn = [
                member
                for member in household.members
                if poor[0].valid_to and member.birth_on >= poor[0].valid_to
            ]
            assert len(poor) + len(unborn) == len(household.members)


def test_about_a_tenth_of_the_people_is_in_a_covered_group(
    drawn: list[tuple[Household, list[Membership]]],
) -> None:
    covered = {
        membership.person.person_id
        for _, found in drawn
        for membership in found
        if membership.disability_level in (0, *hardship.COVERED_LEVELS)
    }

    assert 0.09 < len(covered) / PEOPLE < 0.13


def test_groups_are_held_by_people_they_are_meant_for(
    drawn: list[tuple[Household, list[Membership]]],
) -> None:
    by_group: dict[str, list[Membership]] = {}
    for _, found in drawn:
        for membership in found:
            by_group.setdefault(membership.group, []).append(membership)

    assert set(by_group) == set(hardship.GROUPS)
    assert all(membership.person.age < 18 for membership in by_group[hardship.ORPHAN])
    assert all(18 <= membership.person.age < 60 for membership in by_group[hardship.WORKER])
    assert all(membership.person.age >= 60 for membership in by_group[hardship.DESTITUTE])
    assert all(1 <= membership.disability_kind <= 7 for membership in by_group[hardship.DISABILITY])
