"""Moved to another county (调动): from the next click they see that county and nothing of the old one."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.own_city import Crew, id_number, write_list, write_settlements

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HERE, THERE = ("411725", "确山县"), ("411727", "汝南县")


def test_who_moves_sees_the_new_county_only(crew: Crew, tmp_path: Path) -> None:
    people = {HERE: ("郑确山", id_number(HERE[0])), THERE: ("冯汝南", id_number(THERE[0]))}
    for (code, name), somebody in people.items():
        crew.bring("hardship", write_list(tmp_path / f"低保_{code}.csv", name, [somebody]), group="orphan")
        bills = tmp_path / f"结算_{code}.csv"
        write_settlements(bills, code, [somebody])
        crew.bring("settlements", bills)
        crew.add_office(f"{name}民政局", code)
    crew.screen()
    officer = crew.add_staff("suntao", "孙涛", "确山县民政局", "desk_agent")
    officer.goto("/screening/?outcome=&state=")
    expect(officer.locator("#proposals")).to_contain_text("郑确山")
    expect(officer.locator("main")).not_to_contain_text("冯汝南")

    page = crew.administrator
    page.goto("/staff/suntao/")
    page.select_option("[name=office]", label="汝南县民政局")
    page.get_by_role("button", name="存好改动").click()
    page.wait_for_load_state()

    officer.goto("/screening/?outcome=&state=")
    expect(officer.locator("#proposals")).to_contain_text("冯汝南")
    expect(officer.locator("main")).not_to_contain_text("郑确山")
    officer.goto(f"/search/?q={people[HERE][1]}")
    expect(officer.locator("main")).to_contain_text("没有找到")
    officer.goto("/dashboard/rows/?county=411725")
    expect(officer.locator("main")).not_to_contain_text("郑确山")
