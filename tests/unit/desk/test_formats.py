"""How figures, days and clocks are written."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.template import engines
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe

from yiyuan.interfaces.desk.addresses import batch_address, claim_address, proposal_address
from yiyuan.interfaces.desk.templatetags import yiyuan_format, yiyuan_marks
from yiyuan.interfaces.desk.templatetags.yiyuan_rows import batch_rows


@pytest.mark.parametrize(
    ("fen", "text"),
    [(801710000, "8,017,100.00"), (5, "0.05"), (0, "0.00"), (-41265, "-412.65"), (None, "—"), ("", "—")],
)
def test_yuan(fen: int | str | None, text: str) -> None:
    assert yiyuan_format.yuan(fen) == text


@pytest.mark.parametrize(
    ("rate_bp", "text"), [(4490, "44.9"), (4495, "45.0"), (4494, "44.9"), (0, "0.0"), (10000, "100.0")]
)
def test_percent_rounds_half_up(rate_bp: int, text: str) -> None:
    assert yiyuan_format.percent(rate_bp) == text


def test_days_in_both_languages() -> None:
    on = date(2019, 11, 20)

    with translation.override("zh-hans"):
        assert yiyuan_format.day(on) == "2019年11月20日"
        assert yiyuan_format.short_day(on) == "11月20日"
        assert yiyuan_format.weekday(on) == "星期三"
    with translation.override("en"):
        assert yiyuan_format.day(on) == "20 Nov 2019"
        assert yiyuan_format.day(None) == "—"


def test_an_aware_time_is_shown_in_local_time() -> None:
    at = datetime(2019, 11, 19, 16, 30, tzinfo=UTC)
    template = engines["django"].from_string("{% load yiyuan_format %}{{ at|short_day_time }}")

    assert template.render({"at": at}) == "11月20日 00:30"


def test_persons_are_masked() -> None:
    number = "411724195212040046"

    assert yiyuan_format.masked_id(number) == "41**************46"
    assert yiyuan_format.id_tail(number) == "**46"
    assert yiyuan_format.masked_name("马秀兰") == "马**"
    assert "秀" not in yiyuan_format.masked_name("马秀兰")
    assert yiyuan_format.masked_account("6228450718002233317") == "***************3317"


@pytest.mark.parametrize(
    ("left", "limit", "paused", "tone", "words", "pips"),
    [
        (6, 10, False, "ok", "剩 6 天", "on on on on on on used used used used"),
        (1, 1, False, "ok", "剩 1 天", "on"),
        (1, 7, False, "soon", "剩 1 天", "on used used used used used used"),
        (0, 3, False, "soon", "今天 17:30 前", "half used used"),
        (-1, 7, False, "late", "超 1 天", "used used used used used used used"),
        (2, 3, True, "hold", "停在剩 2 天", "paused paused used"),
    ],
)
def test_clock_mark(left: int, limit: int, paused: bool, tone: str, words: str, pips: str) -> None:
    clock = yiyuan_marks.clock_mark(left, limit, "17:30", paused=paused)

    assert (clock.tone, clock.words) == (tone, words)
    assert " ".join(pip.kind for pip in clock.pips) == pips


def test_a_clock_longer_than_ten_days_keeps_ten_pips() -> None:
    clock = yiyuan_marks.clock_mark(14, 15)

    assert [pip.kind for pip in clock.pips] == ["on"] * 10
    assert clock.words == "剩 14 天"


def test_english_counts_one_day_and_two_days() -> None:
    with translation.override("en"):
        assert yiyuan_marks.clock_mark(1, 7).words == "1 day left"
        assert yiyuan_marks.clock_mark(2, 7).words == "2 days left"


def test_marks_of_a_line_escape_what_they_are_given_once() -> None:
    marks = [
        yiyuan_marks.status("open", "<i>&"),
        yiyuan_marks.tag("soon", "<i>&"),
        yiyuan_marks.clock(1, 1, paused=True, words="<i>&"),
        yiyuan_marks.pick("<i>&", 80000, "案号", mark_safe("&lt;i&gt;&amp;")),
    ]

    assert all("<i>" not in mark and "&amp;amp;" not in mark for mark in marks)
    assert [mark.count("&lt;i&gt;&amp;") for mark in marks] == [1, 1, 1, 2]
    assert 'data-fen="80000"' in marks[-1]
    assert "data-fen" not in yiyuan_marks.pick(7, None, "甲")


@pytest.mark.parametrize("number", ["甲县-医-2019-00012", "a?b#c 'd'&;+%"])
def test_a_claims_address_is_what_its_route_says(number: str) -> None:
    assert claim_address(number) == reverse("desk:claim", args=[number])


def test_the_addresses_of_batches_and_proposals_are_what_their_routes_say() -> None:
    assert batch_address(1205) == reverse("desk:batch", args=[1205])
    assert proposal_address(1205) == reverse("desk:proposal", args=[1205])


@pytest.mark.parametrize(
    ("part", "whole", "width"),
    [(13208, 22846, "57.8%"), (3, 0, "0%"), (0, 9, "0%"), (30, 20, "100.0%"), (None, 9, "0%")],
)
def test_share(part: int | None, whole: int, width: str) -> None:
    assert yiyuan_marks.share(part, whole) == width


class _Form(forms.Form):
    card = forms.CharField(label="银行卡号", error_messages={"required": "要填"})
    day = forms.DateField(label="日期", error_messages={"invalid": "没有这一天"})

    def clean(self) -> None:
        raise forms.ValidationError("整张表不对")


def test_form_errors_link_to_their_fields() -> None:
    found = yiyuan_marks.form_errors(_Form({"card": "", "day": "2019-02-30"}))

    assert list(found) == [
        {"field_id": "", "text": "整张表不对"},
        {"field_id": "id_card", "text": "银行卡号：要填"},
        {"field_id": "id_day", "text": "没有这一天"},
    ]


def test_a_batch_says_when_it_was_built_in_the_citys_own_time() -> None:
    at = datetime(2019, 11, 18, 8, 0, tzinfo=UTC)
    batch = SimpleNamespace(
        state="sent", order_count=1, total_fen=80_000, built_by_name="甲", built_at=at,
        released_by_name="", released_at=None,
    )  # fmt: skip
    row = {"batch": batch, "name": "第 1 批", "url": "/payments/1/", "word": ("已送银行", "mid")}

    assert "11月18日 16:00" in batch_rows([row], "")
