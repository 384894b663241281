"""The look in a real browser: accessible, nothing sideways, usable by keyboard, usable without scripts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browsing import faults_of, sideways_px
from tests.unit.desk import pages
from tests.unit.desk.pages import OpenPage

pytestmark = pytest.mark.browser


def _assert_sound(page: Any) -> None:
    assert faults_of(page) == []
    assert sideways_px(page) <= 0
    assert page.complaints == []


@pytest.mark.parametrize("name", pages.NAMES)
def test_sound_at_every_width(open_page: OpenPage, name: str) -> None:
    page = open_page(name)

    for width in (1366, 683, 360, 320):
        page.set_viewport_size({"width": width, "height": 900})
        _assert_sound(page)


def test_sound_in_forced_colours(open_page: OpenPage) -> None:
    _assert_sound(open_page("kit", forced_colors="active"))


def test_targets_are_large_enough_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("workbench", width=360)

    small = page.evaluate(
        """[...document.querySelectorAll('.go, .button, .tick, .nav a, .ruler a')]
        .filter((one) => one.offsetParent && Math.min(one.offsetWidth, one.offsetHeight) < 24)
        .map((one) => one.outerHTML)"""
    )

    assert small == []


def test_rows_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("workbench")

    page.keyboard.press("j")
    page.keyboard.press("j")
    second = page.locator("[data-row]").nth(1)
    expect(second.locator("[data-open]")).to_be_focused()
    page.keyboard.press("x")
    expect(second.locator(".tick input")).to_be_checked()
    page.keyboard.press("k")

    expect(page.locator("[data-row]").first.locator("[data-open]")).to_be_focused()


def test_find_and_help_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("workbench")

    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")

    expect(page.locator("#find")).to_be_focused()
    expect(page.locator("#find")).to_have_value("")
    page.keyboard.type("j?x")
    expect(page.locator("#find")).to_have_value("j?x")
    expect(page.locator("#keys-help")).to_be_hidden()


def test_letters_can_be_switched_off_and_stay_off(open_page: OpenPage) -> None:
    page = open_page("workbench")

    page.get_by_role("button", name="关闭快捷键").click()
    page.reload()
    page.keyboard.press("j")

    expect(page.get_by_role("button", name="打开快捷键")).to_be_visible()
    expect(page.locator("[data-open]:focus")).to_have_count(0)


def test_the_primary_action_asks_first(open_page: OpenPage) -> None:
    page = open_page("claim")

    page.keyboard.press("a")
    dialog = page.locator("#agree")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="同意赔付 800.00 元")).to_be_visible()
    dialog.get_by_text("先不办").click()

    expect(dialog).to_be_hidden()


def test_the_batch_bar_counts(open_page: OpenPage) -> None:
    page = open_page("workbench")
    bar = page.locator("[data-batch]")

    expect(bar).to_contain_text("已选 5 件，合计 2,655.75 元")
    page.get_by_role("checkbox", name="选中 医-07230 何金玲").check()
    expect(bar).to_contain_text("已选 6 件，合计 3,455.75 元")
    expect(bar.get_by_role("button", name="批量复核 6 件")).to_be_visible()
    bar.get_by_role("button", name="取消选中").click()

    expect(bar).to_be_hidden()


def test_without_scripts_the_batch_can_still_be_sent(open_page: OpenPage) -> None:
    page = open_page("workbench", java_script_enabled=False)

    expect(page.locator("[data-batch]")).to_contain_text("办理选中的")
    expect(page.get_by_role("button", name="批量退回")).to_be_visible()
    expect(page.locator("[data-keys]")).to_be_hidden()


def test_without_scripts_the_question_still_opens(open_page: OpenPage) -> None:
    page = open_page("claim", java_script_enabled=False)

    page.get_by_role("link", name="同意赔付 800.00 元").click()

    expect(page.locator("#agree")).to_be_visible()


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(open_page: OpenPage) -> None:
    page: Page = open_page("kit")

    expect(page.locator(".errors")).to_be_focused()
    page.get_by_role("link", name="没有 2月30日").click()

    expect(page.locator("#id_discharged_on")).to_be_focused()
