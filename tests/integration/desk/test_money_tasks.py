"""The workbench of those who keep the money: the year's sums and what waits for them, each a link."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.underwriting.cases import CIVIL, FINANCE, ZHENGYANG, draw, freeze, make_two_counties
from yiyuan.kernel.actor import Actor

pytestmark = pytest.mark.django_db

TASKS = re.compile(r'<li><a href="([^"]+)">([^<]+)</a>')


@pytest.fixture(autouse=True)
def counties(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    make_two_counties()


def tasks_of(actor: Actor) -> dict[str, str]:
    page = signed_in(actor).get("/").content.decode()
    sheet = page.split('id="tasks"')[1].split("</section>")[0]
    return {words: url for url, words in TASKS.findall(sheet)}


@pytest.mark.parametrize("actor", [CIVIL, FINANCE, AUDITOR])
def test_head_counts_and_the_agreement_are_asked_for(actor: Actor) -> None:
    tasks = tasks_of(actor)

    assert tasks["今年的合作协议还没有登记"] == reverse("desk:agreement")
    assert any(words.endswith("个县区人数未核定") for words in tasks)


def test_what_is_done_leaves_the_list_and_late_premium_comes_first() -> None:
    freeze(ZHENGYANG, 1_000)
    assert "1 个县区还没有出保费通知书" in tasks_of(CIVIL)

    draw()

    tasks = list(tasks_of(FINANCE))
    assert "1 个县区还没有出保费通知书" not in tasks
    assert tasks[0] == "1 个县区欠拨 1,000.00 元"
