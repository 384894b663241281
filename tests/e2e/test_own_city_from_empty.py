"""A city of one's own from empty (从空城开始): welcome, office, staff, import, screening, money."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.own_city import Crew, id_number, write_accounts, write_list, write_settlements

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COUNTY, NAME = "411724", "正阳县"


def test_from_an_empty_city_to_money_that_arrived(crew: Crew, tmp_path: Path) -> None:
    page = crew.administrator
    somebody = ("马秀兰", id_number(COUNTY))

    # The welcome says what to bring; nothing is invented.
    assert "这座城市还是空的" in crew.welcome
    assert "先放困难群体名册和住院结算明细" in crew.welcome
    expect(page.locator("body")).not_to_contain_text("演示数据")

    # A service point residents can go to, with its hours.
    crew.add_office("正阳县服务大厅", COUNTY, "service_point", "工作日 8:30–12:00")
    expect(page.locator("main")).to_contain_text("工作日 8:30–12:00")

    # Staff, files, screening.
    assert crew["desk_agent"].goto("/").ok  # type: ignore[union-attr]
    crew.bring(
        "hardship", write_list(tmp_path / "低保_首月.csv", NAME, [somebody]), group="subsistence_allowance"
    )
    crew.bring("accounts", write_accounts(tmp_path / "账户_首月.csv", [somebody]))
    bills = tmp_path / "结算_首月.csv"
    write_settlements(bills, COUNTY, [somebody])
    crew.bring("settlements", bills)
    crew.screen()

    # One claim from the proposal to the bank and back.
    claim = crew.open_claim(somebody[1])
    expect(crew["desk_agent"].locator("main")).to_contain_text("800.00")
    crew.decide(claim)
    crew.pay(tmp_path)
    crew.expect_on_claim(claim, "已到账")
