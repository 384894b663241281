"""A patient dies before the money comes (继承人领款): the heir takes it, the decision stays."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.own_city import Crew, id_number, write_accounts, write_list, write_settlements

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COUNTY, NAME = "411722", "上蔡县"


def test_the_heir_takes_the_money(crew: Crew, tmp_path: Path) -> None:
    somebody = ("钱亡人", id_number(COUNTY))
    crew.bring(
        "hardship", write_list(tmp_path / "低保_上蔡.csv", NAME, [somebody]), group="subsistence_allowance"
    )
    crew.bring("accounts", write_accounts(tmp_path / "账户_上蔡.csv", [somebody]))
    bills = tmp_path / "结算_上蔡.csv"
    write_settlements(bills, COUNTY, [somebody])
    crew.bring("settlements", bills)
    crew.screen()
    claim = crew.open_claim(somebody[1])
    crew.decide(claim)

    desk = crew["desk_agent"]
    desk.goto(claim)
    desk.get_by_role("link", name="本人已去世").click()
    desk.fill("[name=died_on]", "2019-11-18")
    desk.fill("[name=name]", "钱继生")
    desk.fill("[name=relation]", "儿子")
    desk.fill("[name=bank_name]", "农村商业银行")
    desk.fill("[name=account_no]", "6200 0000 0000 9999 998")
    desk.get_by_role("button", name="记下并付给继承人").click()
    expect(desk.locator("[role=alert]")).to_be_visible()  # the others' consent is missing
    desk.fill("[name=consent]", "配偶已故，别无其他继承人，村委会证明存档")
    desk.get_by_role("button", name="记下并付给继承人").click()
    desk.wait_for_load_state()
    expect(desk.locator("#account")).to_contain_text("儿子 钱继生 领取")
    expect(desk.locator("main")).to_contain_text("800.00")

    crew.pay(tmp_path)
    crew.expect_on_claim(claim, "已到账")
