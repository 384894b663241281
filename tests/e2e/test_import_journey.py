"""A file with odd headers, from the upload to its undoing (导入的一趟), by the data clerk in a browser."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import AXES_OWN_RULES, faults_of
from tests.e2e.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLERK = "zhouhaiyan"
WRONG, RIGHT = "411724199001010013", "411724199001010014"
ROWS = [
    ("张演示", "411724195203040029", "2018-07-01", "正阳县"),
    ("李演示", "411724201003040014", "2018-07-01", "正阳县"),
    ("王演示", WRONG, "2018-07-01", "正阳县"),
]
NARROW = {"width": 360, "height": 800}
WIDE = {"width": 1366, "height": 900}


def odd_list(folder: Path) -> Path:
    path = folder / "演示_低保户九月.csv"
    lines = [",".join(("甲", "乙", "丙", "丁")), *(",".join(row) for row in ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def look(page: Page, name: str) -> None:
    """Hold the page to the rules at both widths; keep a picture where a folder is named for it."""
    pictures = os.environ.get("YIYUAN_PICTURES")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if pictures:
            page.screenshot(path=f"{pictures}/{name}-{size['width']}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], (name, size)
        assert faults_of(page, AXES_OWN_RULES) == [], (name, size)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def test_an_odd_file_is_mapped_checked_imported_mended_and_undone(enter: Enter, tmp_path: Path) -> None:
    page = enter(CLERK)

    # Brought as it is, nothing in it is known: it waits and says what is missing.
    page.goto("/imports/")
    look(page, "imports")
    page.locator("select[name=kind]").select_option("hardship")
    page.locator("select[name=group]").select_option("subsistence_allowance")
    page.locator("input[type=file]").set_input_files(odd_list(tmp_path))
    page.get_by_role("button", name="传上来，开始读").click()
    expect(page.locator("h1")).to_contain_text("还认不全", timeout=30_000)
    expect(page.locator("main")).to_contain_text("“开始日期”")
    look(page, "held-missing")

    # Each column is said once, with its examples beside it, and kept under a name.
    page.get_by_role("link", name="对一对栏目").click()
    expect(page.locator("main")).not_to_contain_text(ROWS[0][1])
    look(page, "columns")
    for place, field in enumerate(("name", "person_id", "valid_from", "county")):
        page.locator(f"#column-{place}").select_option(field)
    page.fill("#name", "演示县民政低保")
    page.get_by_role("button", name="存下，再核对一次").click()

    # What it would do is seen before anything is written.
    expect(page.locator("h1")).to_contain_text("核对过了：读到 3 行，2 行能用，1 行要另存", timeout=30_000)
    expect(page.locator("#rows")).to_contain_text("张**")
    look(page, "held-checked")
    page.get_by_role("button", name="导入能用的 2 行").click()
    expect(page.locator("h1")).to_contain_text("读入 3 行，接受 2 行，另存 1 行", timeout=30_000)
    address = page.url
    look(page, "done")

    # The refused row is mended on screen; what would be right is told at the cell.
    page.locator("#refused").get_by_role("link", name=re.compile("更正")).click()
    cell = page.get_by_label("乙")
    expect(cell).to_have_value(WRONG)
    look(page, "refused-row")
    page.get_by_role("button", name="看对不对").click()
    expect(page.locator("main")).to_contain_text("还不能用")
    page.get_by_label("乙").fill(RIGHT)
    page.get_by_role("button", name="看对不对").click()
    expect(page.locator("main")).to_contain_text("现在能用了")
    look(page, "refused-row-right")
    page.get_by_role("button", name="更正这一行").click()
    expect(page.locator("h1")).to_contain_text("接受 1 行", timeout=30_000)
    page.goto(address)
    expect(page.locator("#refused")).to_contain_text("已更正")

    # The profile is there for the next month.
    page.goto("/imports/profiles/")
    expect(page.locator("main")).to_contain_text("演示县民政低保")
    look(page, "profiles")
    page.get_by_role("link", name="改 演示县民政低保").click()
    look(page, "profile")

    # Nothing rests on it: all of it goes, the correction along with it.
    page.goto(address)
    page.get_by_role("link", name="撤销这次导入").click()
    page.fill("#undo-reason", "演示")
    page.locator("dialog[open] button[type=submit]").click()
    expect(page.locator("h1")).to_contain_text("已撤销")
    page.goto(f"/search/?q={RIGHT}")
    expect(page.locator("main")).not_to_contain_text("王演示")
