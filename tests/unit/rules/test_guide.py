"""The guide never contradicts the rule: every sum in it is the engine's, every clause stands at its end."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from yiyuan.kernel.workdays import calendar_as_known
from yiyuan.rules.assessment import assess
from yiyuan.rules.deadlines import due_date
from yiyuan.rules.eligibility import UNDETERMINED
from yiyuan.rules.guide.building import build_guide, example_day
from yiyuan.rules.guide.model import ASSUMED, OPEN, Chapter, Desk, Facts, Guide, Heading, Line, Sum, Sums
from yiyuan.rules.guide.tongue import EN, LANGUAGES, ZH, Tongue
from yiyuan.rules.holidays import BASE_FILE, load_holidays
from yiyuan.rules.scheme_file.loading import load_versions
from yiyuan.rules.terms import SchemeVersion
from yiyuan.runtime.places import CHECKOUT

SCHEMES = CHECKOUT / "schemes"
OTHERS = CHECKOUT / "tests" / "schemes-of-others"
DIRECTORIES = [
    *sorted(one.parent for one in SCHEMES.glob("*/sources.yaml")),
    *sorted(one.parent for one in OTHERS.glob("*/sources.yaml")),
]
HOLIDAYS = load_holidays(SCHEMES / BASE_FILE)
ZHUMADIAN = SCHEMES / "zhumadian-yiyuan"
RIZHAO = SCHEMES / "rizhao-minsheng"


@pytest.fixture(scope="module")
def zhumadian() -> Guide:
    return build_guide(load_versions(ZHUMADIAN)[0], HOLIDAYS)


def _chapter(guide: Guide, name: str) -> Chapter:
    return next(one for one in guide.chapters if one.name == name)


def _lines(guide: Guide, name: str) -> list[Line]:
    return [block for block in _chapter(guide, name).blocks if isinstance(block, Line)]


def _sums(guide: Guide, liability: str, benefit: str) -> dict[str, int | None]:
    tables = [block for one in guide.chapters for block in one.blocks if isinstance(block, Sums)]
    found = next(one for one in tables if (one.liability, one.benefit) == (liability, benefit))
    return {row.words: row.paid_fen for row in found.rows}


def _every_row(guide: Guide) -> list[tuple[Sums, Sum]]:
    return [
        (block, row)
        for one in guide.chapters
        for block in one.blocks
        if isinstance(block, Sums)
        for row in block.rows
    ]


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_every_sum_is_the_engines(directory: Path) -> None:
    for version in load_versions(directory):
        guide = build_guide(version, HOLIDAYS)

        rows = _every_row(guide)
        for table, row in rows:
            found = assess(version, row.case, HOLIDAYS)
            paid = None if found.outcome == UNDETERMINED else found.by_benefit.get(table.benefit, 0)
            assert row.paid_fen == paid, (directory.name, row.words)
        assert any(row.paid_fen for _, row in rows)


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_every_benefit_is_worked_or_said_to_be_open(directory: Path) -> None:
    for version in load_versions(directory):
        guide = build_guide(version, HOLIDAYS)

        texts = [line.text for line in _lines(guide, "paid")]
        assert [text for text in texts if "怎么算看条款" in text or "没有这一项" in text] == []
        assert not any(row.words == "" for _, row in _every_row(guide))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_every_clause_named_stands_at_the_end(directory: Path, language: str) -> None:
    for version in load_versions(directory):
        guide = build_guide(version, HOLIDAYS, language)

        named = {
            clause
            for one in guide.chapters
            for block in one.blocks
            if isinstance(block, Line)
            for clause in block.clauses
        }
        assert named == {clause.id for clause in guide.clauses}
        assert named <= set(version.clauses)


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_what_is_undecided_is_said(directory: Path) -> None:
    for version in load_versions(directory):
        guide = build_guide(version, HOLIDAYS)

        waiting = [one.asks for one in version.events.questions.values() if one.decided is None]
        said = [line.text for line in _lines(guide, "open")] if waiting else []
        assert said == waiting
        assert all(line.mark == OPEN for line in (_lines(guide, "open") if waiting else []))


def test_chapters_in_the_order_in_which_people_ask(zhumadian: Guide) -> None:
    assert [one.name for one in zhumadian.chapters] == [
        "covered", "cost", "paid", "not_paid", "steps", "papers", "clocks", "filing",
        "desks", "objection", "open",
    ]  # fmt: skip


def test_causes_that_pay_alike_stand_together(zhumadian: Guide) -> None:
    causes = [
        block.text
        for block in _chapter(zhumadian, "paid").blocks
        if isinstance(block, Heading) and block.level == 1
    ]

    assert causes == [
        "见义勇为", "群体性意外、救助人员意外", "未成年人溺水死亡", "自然灾害事故",
        "交通事故", "特困群众重病医疗",
    ]  # fmt: skip


def test_boundaries_of_the_top_up(zhumadian: Guide) -> None:
    # By hand: half of 600.00 and of 999.99, half a fen up; 800.00 from 1,000.00.
    assert _sums(zhumadian, "L7", "medical") == {
        "还剩 600 元": 30_000,
        "还剩 999.99 元": 50_000,
        "还剩 1,000 元": 80_000,
        "还剩 1,000.01 元": 80_000,
        "还剩 5,000 元": 80_000,
    }


def test_every_grade_and_the_limit_reached(zhumadian: Guide) -> None:
    grades = _sums(zhumadian, "L1", "disability")
    property_ = _sums(zhumadian, "L4", "property")

    assert grades == {f"伤残等级 {grade}": 20_000_000 - 2_000_000 * (grade - 1) for grade in range(1, 11)}
    assert property_ == {
        "核定损失 2,000 元": 200_000,
        "核定损失 5,000 元": 500_000,
        "核定损失 10,000 元": 500_000,
    }


def test_what_turns_on_an_open_question_is_no_sum(zhumadian: Guide) -> None:
    # A share of all, nine or eight tenths: below 12,500.00 they differ, from there all come to the limit.
    assert _sums(zhumadian, "L2", "accident_medical") == {
        "医保报销后个人负担 5,000 元": None,
        "医保报销后个人负担 12,500 元": 1_000_000,
        "医保报销后个人负担 25,000 元": 1_000_000,
    }


def test_a_limit_that_differs_is_said_for_each() -> None:
    guide = build_guide(load_versions(RIZHAO)[0], HOLIDAYS)

    assert _sums(guide, "N3", "death") == {
        "因他人救援或见义勇为而受害的第三人": 12_000_000,
        "其他情形": 15_000_000,
    }
    assert "每人每年最多 120,000 元或 150,000 元（看情形）。" in [line.text for line in _lines(guide, "paid")]


def test_what_changes_no_sum_is_not_named() -> None:
    guide = build_guide(load_versions(RIZHAO)[0], HOLIDAYS)

    # In a natural disaster a third party is paid like everybody; after a brave act less than who acted.
    assert _sums(guide, "N1", "disability")["伤残等级 1"] == 12_000_000
    assert len(_sums(guide, "N1", "disability")) == 10
    assert _sums(guide, "N1", "death") == {"死亡": 12_000_000}
    assert len(_sums(guide, "N3", "disability")) == 20


def test_assumed_terms_are_marked(zhumadian: Guide) -> None:
    version = load_versions(ZHUMADIAN)[0]

    for chapter in zhumadian.chapters:
        for block in chapter.blocks:
            is_assumed = (
                isinstance(block, Line)
                and block.text.endswith("。")
                and any(version.clauses[one].assumed for one in block.clauses)
            )
            if is_assumed and isinstance(block, Line) and len(block.clauses) == 1:
                assert block.mark in (ASSUMED, OPEN), block.text
    assert [line.mark for line in _lines(zhumadian, "cost")] == ["", ""]


def test_days_are_counted_by_the_rules(zhumadian: Guide) -> None:
    version = load_versions(ZHUMADIAN)[0]
    on = example_day(version)
    calendar = calendar_as_known(HOLIDAYS)

    texts = "".join(line.text for line in _lines(zhumadian, "clocks"))

    assert on == date(2019, 3, 7)
    for clock in version.clocks:
        if clock.working_days is not None:
            assert Tongue(ZH).day(due_date(clock, on, calendar).due_on) in texts
    # 3 working days after a Thursday pass a weekend.
    assert "最晚 2019年3月12日（星期二）" in texts
    assert "不超过 10,000 元" in texts
    assert ".01" not in texts


def test_nothing_is_asked_that_a_register_holds() -> None:
    for directory in DIRECTORIES:
        for version in load_versions(directory):
            held = {name for one in version.papers if one.held_by_register for name in one.names}
            lines = _lines(build_guide(version, HOLIDAYS), "papers")
            asked = [line.text for line in lines if not line.text.startswith("这些不用您拿")]

            assert not [name for name in held for text in asked if name in text.rstrip("。").split("；")]


def test_papers_of_all_are_said_once(zhumadian: Guide) -> None:
    texts = [line.text for line in _lines(zhumadian, "papers")]

    assert sum("理赔申请书" in text for text in texts) == 1


def test_desks_and_telephone_only_where_given(zhumadian: Guide) -> None:
    version = load_versions(ZHUMADIAN)[0]
    given = build_guide(
        version,
        HOLIDAYS,
        desks=[Desk("驿城区服务点（虚构）", "解放路 1 号", "0396-0000000")],
        hotline="12345",
    )

    table = next(block for block in _chapter(given, "desks").blocks if isinstance(block, Facts))

    assert table.head == ("网点", "地址", "电话")
    assert table.rows == (("驿城区服务点（虚构）", "解放路 1 号", "0396-0000000"),)
    assert "12345" in _lines(given, "steps")[0].text
    assert not any("电话：" in line.text for line in _lines(zhumadian, "desks"))


def test_english_speaks_no_chinese_where_the_scheme_has_english() -> None:
    guide = build_guide(load_versions(RIZHAO)[0], HOLIDAYS, EN)

    texts = [guide.title, guide.period, *(one.title for one in guide.chapters)]
    texts += [
        block.text for one in guide.chapters for block in one.blocks if isinstance(block, Line | Heading)
    ]
    chinese = [text for text in texts if any("一" <= letter <= "鿿" for letter in text)]
    # A payee in words has no English in the language; the page then shows the Chinese.
    assert chinese == ["Paid to: 实施处置的政府."]


def test_the_same_guide_again() -> None:
    version: SchemeVersion = load_versions(RIZHAO)[0]

    one, other = build_guide(version, HOLIDAYS), build_guide(version, HOLIDAYS)

    assert one.chapters == other.chapters


def test_more_expense_pays_no_less_within_a_table(zhumadian: Guide) -> None:
    amounts = [paid for paid in _sums(zhumadian, "L4", "property").values() if paid is not None]

    assert all(less <= more for less, more in pairwise(amounts))
