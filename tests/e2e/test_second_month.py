"""The second month (第二个月): who left the list, a question answered; reversed after payment, money back."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.own_city import TODAY, Crew, id_number, press, write_accounts, write_list, write_settlements

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COUNTY, NAME, GROUP = "411723", "平舆县", "destitute_support"


def test_a_new_list_a_question_and_a_recovery(crew: Crew, tmp_path: Path) -> None:
    leaver, stayer = ("孙离册", id_number(COUNTY)), ("周在册", id_number(COUNTY))
    both = [leaver, stayer]
    crew.bring("hardship", write_list(tmp_path / "特困_十月.csv", NAME, both), group=GROUP)
    crew.bring("accounts", write_accounts(tmp_path / "账户_十月.csv", both))
    bills = tmp_path / "结算_十月.csv"
    numbers = write_settlements(bills, COUNTY, both)
    crew.bring("settlements", bills)
    crew.screen()
    claims = [crew.open_claim(number) for _, number in both]
    for claim in claims:
        crew.decide(claim)
    crew.pay(tmp_path)
    for claim in claims:
        crew.expect_on_claim(claim, "已到账")

    # The new list lacks one of them; applied from before the stay, the paid claim becomes a question.
    whole = write_list(tmp_path / "特困_十一月.csv", NAME, [stayer])
    page = crew.bring("hardship", whole, group=GROUP, whole_list_of=COUNTY)
    page.get_by_role("link", name="看对比").click()
    expect(page.locator("h1")).to_contain_text("离开 1 人")
    expect(page.locator("#changes")).to_contain_text("孙**")
    page.fill("[name=ended_on]", "2019-10-01")
    press(page, "按这份名单更新")
    approver = crew["approver"]
    approver.goto("/questions/")
    expect(approver.locator("main")).to_contain_text("孙离册")
    approver.locator("[name=reason]").first.fill("入院时在册，按当时的名册办的")
    approver.get_by_role("button", name="维持原结论").first.click()
    crew.expect_on_claim(claims[0], "已到账")

    # The other stay is cancelled after the money went out: asked back, and paid back.
    reversal = tmp_path / "结算_冲销.csv"
    write_settlements(reversal, COUNTY, [stayer], reverses=numbers[1])
    crew.bring("settlements", reversal)
    approver.goto("/questions/")
    expect(approver.locator("main")).to_contain_text("周在册")
    approver.locator("[name=reason]").first.fill("医保局冲销了这次结算")
    approver.get_by_role("button", name="追回已付的钱").first.click()
    payer = crew["payer"]
    payer.goto("/payments/")
    entry = payer.locator("#recoveries li").filter(has_text="周在册")
    entry.get_by_text("款项退回来了").click()
    entry.locator("[name=received_on]").fill(TODAY)
    entry.get_by_role("button", name="记下已追回").click()
    payer.wait_for_load_state()
    payer.goto("/payments/")
    expect(payer.locator("#recoveries")).to_contain_text("没有要追回的")
