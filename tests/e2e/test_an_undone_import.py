"""A wrong file is undone as a whole (撤销导入): its people are no longer listed, and it can come again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.own_city import Crew, id_number, write_list

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COUNTY, NAME = "411726", "泌阳县"


def test_an_import_is_undone_and_brought_again(crew: Crew, tmp_path: Path) -> None:
    somebody = ("吴误传", id_number(COUNTY))
    file = write_list(tmp_path / "特困_传错了.csv", NAME, [somebody])
    desk = crew["desk_agent"]
    page = crew.bring("hardship", file, group="destitute_support")
    desk.goto(f"/search/?q={somebody[1]}")
    desk.locator("main a[href^='/people/']").first.click()
    expect(desk.locator("main")).to_contain_text("2018年7月1日")
    person = desk.url

    page.locator("a[data-dialog='undo-import']").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("[name=reason]").fill("传成了上个月的")
    dialog.locator("button[type=submit], button:not([type])").last.click()
    page.wait_for_load_state()

    expect(page.locator("main")).to_contain_text("已撤销")
    desk.goto(person)
    expect(desk.locator("main")).not_to_contain_text("2018年7月1日")
    crew.bring("hardship", file, group="destitute_support")
    # Nobody else had named this person, so that they went with the import and are found anew.
    desk.goto(f"/search/?q={somebody[1]}")
    desk.locator("main a[href^='/people/']").first.click()
    expect(desk.locator("main")).to_contain_text("2018年7月1日")
