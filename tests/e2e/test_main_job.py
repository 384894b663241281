"""From a department's file to money that arrived (主线): every step by another person, in a real browser."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import AXES_OWN_RULES, faults_of, sideways_px
from tests.e2e.conftest import SIGN_IN, Enter
from tests.faults.site import RunningSite
from yiyuan.exchange.reading import read_files

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLERK, DESK, ASSESSOR, APPROVER = "zhouhaiyan", "liuguilan", "liyumei", "chenzhiyuan"
PAYER, SECOND_PAYER, AUDITOR, ADMINISTRATOR = "gaojianshe", "helihua", "zhaomin", "mawenbo"
SETTLEMENT = {
    "setl_id": "41990000000001", "psn_name": "张演示", "gend": "2", "insu_admdvs": "411724",
    "fixmedins_code": "H41172400001", "begndate": "2019-10-28", "enddate": "2019-11-12",
    "setl_time": "2019-11-12 10:00:00", "dise_codg": "N18.0", "medfee_sumamt": "18,642.37",
    "fulamt_ownpay_amt": "1903.60", "overlmt_selfpay": "212.57", "preselfpay_amt": "620.00",
    "inscp_scp_amt": "15906.20", "hifp_pay": "11134.34", "hifmi_pay": "2137.16", "maf_pay": "1384.90",
}  # fmt: skip


def somebody_on_the_list_with_an_account(home: Path) -> str:
    """Return the identity number of a registered poor person whose own account is on record."""
    city = home / "city"
    files = sorted(path for path in home.rglob("演示_*") if path.is_file())
    lists = [path for path in files if "建档立卡" in path.name]
    accounts = [path for path in files if "一卡通账户" in path.name]
    assert lists, f"no list below {city}"
    with read_files("accounts", accounts) as reading:
        own = reading.connection.execute(
            "SELECT person_id FROM accepted WHERE guardian_of IS NULL"
        ).fetchall()
    with_account = {row[0] for row in own}
    with read_files("hardship", lists) as reading:
        rows = reading.connection.execute(
            "SELECT person_id FROM accepted WHERE valid_from <= DATE '2019-10-01' AND valid_to IS NULL "
            "AND substr(person_id, 7, 4) < '1990' ORDER BY seq"
        ).fetchall()
    return next(str(row[0]) for row in rows if row[0] in with_account)


def settlement_file(folder: Path, number: str) -> Path:
    path = folder / "结算_补报.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, ["certno", "brdy", *SETTLEMENT])
        writer.writeheader()
        birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        writer.writerow({"certno": number, "brdy": birth, **SETTLEMENT})
        writer.writerow({"certno": "411724199001010000", "brdy": "1990-01-01", **SETTLEMENT, "setl_id": "X2"})
    return path


def upload(page: Page, file: Path) -> None:
    page.goto("/imports/")
    page.locator("select[name=kind]").select_option("settlements")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="传上来，开始读").click()


def press(page: Page, words: str, password: str = "") -> None:
    """Press what says these words, and agree where a dialog asks, with a password where it asks for one."""
    page.locator("main a, main button").filter(has_text=words).first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        if password:
            dialog.locator("[name=password]").fill(password)
        dialog.locator("button[type=submit], button:not([type])").last.click()
    page.wait_for_load_state()


def test_from_a_file_to_money_that_arrived(
    enter: Enter, site: RunningSite, home: Path, tmp_path: Path
) -> None:
    number = somebody_on_the_list_with_an_account(home)

    # The data clerk brings the file, sees what was put aside, and screens again.
    clerk = enter(CLERK)
    upload(clerk, settlement_file(tmp_path, number))
    clerk.goto("/imports/")
    clerk.get_by_role("link", name="结算_补报.csv").first.click()
    expect(clerk.locator("main")).to_contain_text("身份证", timeout=30_000)
    expect(clerk.locator("main")).not_to_contain_text("411724199001010000")
    clerk.goto("/screening/")
    clerk.get_by_role("button", name="重新筛查").click()
    expect(clerk.locator("main")).to_contain_text("第 2 次筛查跑完了", timeout=30_000)

    # The desk agent looks at the reason and confirms.
    desk = enter(DESK)
    desk.goto(f"/search/?q={number}")
    desk.locator("main a[href^='/people/']").first.click()
    desk.locator("main a[href^='/proposals/']").first.click()
    expect(desk.locator("main")).to_contain_text("1,249.80")
    press(desk, "确认并立案 800.00 元")
    desk.wait_for_url("**/claims/*/")
    claim_path = desk.url
    expect(desk.locator("main")).to_contain_text("已立案")

    # Two persons: one assesses, another approves; the first is told why he may not do both.
    assessor = enter(ASSESSOR)
    assessor.goto(claim_path)
    press(assessor, "初审通过 800.00 元")
    expect(assessor.locator("main")).to_contain_text("已初审")
    approver = enter(APPROVER)
    approver.goto(claim_path)
    press(approver, "同意赔付 800.00 元")
    expect(approver.locator("main")).to_contain_text("已复核")

    # One payer builds the batch, the other releases it and takes the bank file.
    payer = enter(PAYER)
    payer.goto("/payments/")
    press(payer, "装入新的一批")
    payer.wait_for_url("**/payments/2/")
    releaser = enter(SECOND_PAYER)
    releaser.goto("/payments/2/")
    press(releaser, "放行", dict(SIGN_IN.findall(site.said()))[SECOND_PAYER])
    with releaser.expect_download() as download:
        releaser.get_by_role("link", name="CSV").first.click()
    rows = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))
    assert rows[-1][0] == "合计"

    # The bank answers; the claim says that the money has arrived.
    answers = tmp_path / "银行回单.csv"
    lines = [f"{row[0]},成功,2019-11-20,{row[4]}" for row in rows[1:-1]]
    answers.write_text("\n".join(["指令号,结果,日期,金额(元)", *lines]), encoding="utf-8")
    releaser.goto("/payments/")
    releaser.locator("input[type=file]").set_input_files(answers)
    releaser.get_by_role("button", name="传入并入账").click()
    expect(releaser.locator("main")).to_contain_text(f"到账 {len(lines)} 笔")
    for _ in range(30):
        desk.goto(claim_path)
        if "已到账" in desk.inner_text("main"):
            break
        desk.wait_for_timeout(500)
    expect(desk.locator("main")).to_contain_text("已到账")

    # The auditor finds who did it.
    auditor = enter(AUDITOR)
    auditor.goto("/audit/")
    expect(auditor.locator("main")).to_contain_text("高建设")


PAGES = [
    (APPROVER, "/"), (DESK, "/"), (ADMINISTRATOR, "/"), (DESK, "/screening/"), (ASSESSOR, "/claims/"),
    (PAYER, "/payments/"), (PAYER, "/payments/1/"), (CLERK, "/imports/"), (CLERK, "/imports/1/"),
    (AUDITOR, "/audit/"), (AUDITOR, "/scheme/"), (DESK, "/search/?q=wang"), (CLERK, "/screening/runs/1/"),
    (APPROVER, "/dashboard/"), (APPROVER, "/dashboard/?show=kept"), (APPROVER, "/dashboard/rows/?reached=1"),
]  # fmt: skip


def test_every_page_is_accessible_and_fits(enter: Enter) -> None:
    faults, wide = [], []
    for username in dict.fromkeys(name for name, _ in PAGES):
        page = enter(username)
        for path in [path for name, path in PAGES if name == username]:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200, path
            for width in (1366, 360):
                page.set_viewport_size({"width": width, "height": 900})
                faults += [(path, width, *fault) for fault in faults_of(page, AXES_OWN_RULES)]
                if sideways_px(page) > 0:
                    wide.append((path, width))
            page.set_viewport_size({"width": 1366, "height": 900})

    assert faults == []
    assert wide == []


def test_the_pages_speak_english(enter: Enter) -> None:
    page = enter(DESK)

    page.locator(".who > summary").click()
    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("nav.nav")).to_contain_text("Screening")
