"""A city of one's own and who works there (自己的城市): staff made on screen, files by hand, steps."""

import csv
import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.faults.site import RunningSite
from yiyuan.kernel.identity import check_character
from yiyuan.synthetic.residents import luhn_digit

TODAY = "2019-11-20"
PASSWORD = "chengshi-ziji-2019"
SIGN_IN = re.compile(r"用户名 (\w+)\s+密码 ([\w-]+)")
POSTS = {
    "desk_agent": ("liwei", "李伟"), "assessor": ("wangfang", "王芳"), "approver": ("zhangmin", "张敏"),
    "payer": ("liujing", "刘静"), "payer2": ("chenjie", "陈杰"),
}  # fmt: skip
_serial = count(1)


class Crew:
    """Everybody who works in the city, signed in when they are first needed."""

    def __init__(self, site: RunningSite, browser: Browser) -> None:
        self._site, self._browser = site, browser
        self._pages: dict[str, Page] = {}
        self._contexts: list[BrowserContext] = []
        self._has_staff = False
        # What its first administrator finds, before any journey has brought anything.
        self.welcome = self.administrator.inner_text("main")

    @property
    def administrator(self) -> Page:
        """The first administrator, who imports and screens as well."""
        if "administrator" not in self._pages:
            passwords = dict(SIGN_IN.findall(self._site.said()))
            self._pages["administrator"] = self.sign_in("administrator", passwords["administrator"])
        return self._pages["administrator"]

    def __getitem__(self, post: str) -> Page:
        """The page of who holds a post; on the first call the office and all staff are made on screen."""
        if not self._has_staff:
            self.add_office("驻马店市民政局", "")
            for one, (username, name) in POSTS.items():
                self._pages[one] = self.add_staff(username, name, "驻马店市民政局", one.rstrip("2"))
            self._has_staff = True
        return self._pages[post]

    def sign_in(self, username: str, password: str, width: int = 1366) -> Page:
        """Sign somebody in and return their page."""
        context = self._browser.new_context(
            base_url=f"http://127.0.0.1:{self._site.port}",
            viewport={"width": width, "height": 900},
            locale="zh-CN",
            accept_downloads=True,
        )
        self._contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", password)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        return page

    def add_office(self, name: str, county_code: str, kind: str = "bureau", hours: str = "") -> None:
        """Record an office on screen."""
        page = self.administrator
        page.goto("/offices/new/")
        page.fill("[name=name]", name)
        page.select_option("[name=kind]", kind)
        page.select_option("[name=county_code]", county_code)
        page.fill("[name=hours]", hours)
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.locator("main")).to_contain_text(name)

    def add_staff(self, username: str, name: str, office: str, role: str) -> Page:
        """Open an account on screen, change the drawn password, and return the page of who signed in."""
        page = self.administrator
        page.goto(f"/new-staff/?role={role}")
        page.fill("[name=username]", username)
        page.fill("[name=name]", name)
        page.select_option("[name=office]", label=office)
        page.get_by_role("button", name="开账号，给出密码").click()
        drawn = page.locator("dd.id").nth(1).inner_text().strip()
        theirs = self.sign_in(username, drawn)
        expect(theirs.locator("h1")).to_contain_text("先换一个只有您知道的密码")
        theirs.fill("[name=old]", drawn)
        theirs.fill("[name=new]", PASSWORD)
        theirs.fill("[name=again]", PASSWORD)
        theirs.get_by_role("button", name="换成新密码").click()
        theirs.wait_for_load_state()
        return theirs

    def leave(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            context.close()

    def bring(self, kind: str, file: Path, *, group: str = "", whole_list_of: str = "") -> Page:
        """Upload a file, wait until it is read, and return the page of the import."""
        page = self.administrator
        page.goto("/imports/")
        page.select_option("select[name=kind]", kind)
        if group:
            page.select_option("select[name=group]", group)
        if whole_list_of:
            page.get_by_text("这是全部名单，要和上次比").click()
            page.check("[name=is_whole_list]")
            page.fill("[name=as_of_on]", TODAY)
            page.select_option("[name=list_county]", whole_list_of)
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="传上来，开始读").click()
        page.goto("/imports/")
        page.get_by_role("link", name=file.name).first.click()
        address = page.url
        for _ in range(60):
            if not page.locator("#running").count():
                break
            page.wait_for_timeout(250)
            page.goto(address)
        return page

    def screen(self) -> None:
        """Screen everything that is known."""
        page = self.administrator
        page.goto("/screening/")
        page.locator("main form button").filter(has_text="筛查").first.click()
        page.wait_for_url("**/screening/requests/*/")
        # It runs behind the page, which may be left and come back to.
        asked = page.url
        for _ in range(240):
            if page.locator("main").get_by_text("已筛完").count():
                break
            page.wait_for_timeout(250)
            page.goto(asked)
        expect(page.locator("main")).to_contain_text("已筛完")

    def open_claim(self, id_number: str) -> str:
        """Confirm the proposal of somebody and return the claim's path."""
        desk = self["desk_agent"]
        desk.goto(f"/search/?q={id_number}")
        desk.locator("main a[href^='/people/']").first.click()
        desk.locator("main a[href^='/proposals/']").first.click()
        press(desk, "确认并立案")
        desk.wait_for_url("**/claims/*/")
        return desk.url

    def decide(self, claim: str) -> None:
        """Let two people assess and approve."""
        for post, words in (("assessor", "初审通过"), ("approver", "同意赔付")):
            self[post].goto(claim)
            press(self[post], words)
        expect(self["approver"].locator("main")).to_contain_text("已复核")

    def pay(self, folder: Path) -> None:
        """Build a batch, let the other payer release it, and post that the bank has paid all of it."""
        payer, releaser = self["payer"], self["payer2"]
        payer.goto("/payments/")
        press(payer, "装入新的一批")
        payer.wait_for_url("**/payments/*/")
        releaser.goto(payer.url)
        press(releaser, "放行", PASSWORD)
        with releaser.expect_download() as download:
            releaser.get_by_role("link", name="CSV").first.click()
        orders = list(csv.reader(download.value.path().read_text("utf-8-sig").splitlines()))[1:-1]
        answers = folder / f"银行回单_{next(_serial)}.csv"
        lines = [f"{order[0]},成功,{TODAY},{order[4]}" for order in orders]
        answers.write_text("\n".join(["指令号,结果,日期,金额(元)", *lines]), encoding="utf-8")
        releaser.goto("/payments/")
        releaser.locator("input[type=file]").set_input_files(answers)
        releaser.get_by_role("button", name="传入并入账").click()
        expect(releaser.locator("main")).to_contain_text(f"到账 {len(lines)} 笔")

    def expect_on_claim(self, claim: str, words: str) -> None:
        """Wait until a claim says something: facts reach it a moment after they happened."""
        desk = self["desk_agent"]
        for _ in range(40):
            desk.goto(claim)
            if words in desk.inner_text("main"):
                break
            desk.wait_for_timeout(250)
        expect(desk.locator("main")).to_contain_text(words)


def press(page: Page, words: str, password: str = "") -> None:
    """Press what says these words, and agree where a dialog asks, with a password where it asks for one."""
    page.locator("main a, main button").filter(has_text=words).first.click()
    dialog = page.locator("dialog[open]")
    if dialog.count():
        if password:
            dialog.locator("[name=password]").fill(password)
        dialog.locator("button[type=submit], button:not([type])").last.click()
    page.wait_for_load_state()


def id_number(county: str) -> str:
    """Return a new identity number of somebody born in 1952 in a county."""
    first = f"{county}19520304{next(_serial):03d}"
    return first + check_character(first)


def write_list(path: Path, county: str, people: Sequence[tuple[str, str]]) -> Path:
    """Write a register as its department keeps it: name and number since 2018."""
    rows = [("姓名", "身份证号码", "县区", "供养开始", "供养终止")]
    rows += [(name, number, county, "2018/7/1", "") for name, number in people]
    return _write(path, rows)


def write_accounts(path: Path, people: Sequence[tuple[str, str]]) -> Path:
    """Write an account of each."""
    rows = [("身份证号", "开户银行", "银行账号", "户名", "账户类型", "被监护人身份证号")]
    for name, number in people:
        first = f"620000{next(_serial):012d}"
        rows.append((number, "农村商业银行", first + luhn_digit(first), name, "社保卡", ""))
    return _write(path, rows)


def write_settlements(
    path: Path, county: str, people: Sequence[tuple[str, str]], *, reverses: str = ""
) -> list[str]:
    """Write a settlement of each that leaves 1,249.80 yuan, or one cancels another; return them."""
    heads = (
        "setl_id", "psn_name", "certno", "gend", "brdy", "insu_admdvs", "fixmedins_code", "begndate",
        "enddate", "setl_time", "dise_codg", "medfee_sumamt", "inscp_scp_amt", "hifp_pay", "hifmi_pay",
        "maf_pay", "init_setl_id",
    )  # fmt: skip
    sign, numbers = "-" if reverses else "", []
    rows: list[tuple[str, ...]] = [heads]
    for name, number in people:
        setl_id = f"41990{next(_serial):09d}"
        amounts = [f"{sign}{sum_}" for sum_ in ("18642.37", "15906.20", "11134.34", "2137.16", "1384.90")]
        birth = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        stay = ("H41172400001", "2019-10-28", "2019-11-12", "2019-11-12 10:00:00", "N18.0")
        rows.append((setl_id, name, number, "2", birth, county, *stay, *amounts, reverses))
        numbers.append(setl_id)
    _write(path, rows)
    return numbers


def _write(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
