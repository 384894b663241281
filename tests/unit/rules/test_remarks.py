"""Remarks: what may stand in a scheme and is worth a second look."""

import pytest

from tests.unit.rules.events.builders import scheme
from yiyuan.rules.remarks import about_limits, about_unused, jumps_down
from yiyuan.rules.terms import Tier

BASE = """
    questions:
      - {name: inside, asks: 含吗, options: [yes_, no_], undecided: true, clause: Q-1}
    cover:
      - {name: registered, when: {residence: registered}, clause: COVER-1}
      - {name: visitors, when: {residence: visitor}, clause: COVER-2}
    liabilities: [{code: accident, cover: [registered]}]
    benefits:
      - {name: death, claimed_with: died, amount: {fixed_fen: 1_000}, limits: [total], clause: DEATH-1}
      - {name: medical, claimed_with: medical_expense_fen, amount: medical_expense_fen, limits: [medical],
         clause: MED-1}
    limits:
      - {name: medical, per: person, over: year, limit_fen: 500, clause: LIMIT-1}
      - {name: total, per: person, over: year, limit_fen: 1_200, clause: LIMIT-2}
      - {name: spare, per: household, over: year, limit_fen: 1, clause: LIMIT-3}
"""


def said(text: str) -> list[str]:
    events = scheme(text).terms
    return [f"{one.clause}: {one.message}" for one in (*about_limits(events), *about_unused(events))]


@pytest.mark.parametrize(
    "wanted",
    [
        "LIMIT-1: 没有写 medical 和 total 是什么关系",
        "LIMIT-1: 限额和赔付项目都叫 medical",
        "LIMIT-3: 限额 spare 没有任何赔付项目用到",
        "COVER-2: 保障对象 visitors 没有任何责任用到",
        "Q-1: 问题 inside 不影响任何条款",
    ],
)
def test_what_is_open_or_unused_is_remarked_on(wanted: str) -> None:
    assert any(line.startswith(wanted) for line in said(BASE)), said(BASE)


@pytest.mark.parametrize("relation", ["inside: total, ", "added_to: total, "])
def test_a_stated_relation_is_no_remark(relation: str) -> None:
    stated = BASE.replace("limit_fen: 500,", f"limit_fen: 500, {relation}")

    assert not any("什么关系" in line for line in said(stated))


def test_a_limit_above_the_one_around_it_is_remarked_on() -> None:
    above = BASE.replace("limit_fen: 500,", "limit_fen: 1_300, inside: total,")

    assert any("用不到" in line and line.startswith("LIMIT-1") for line in said(above))


def test_a_jump_down_is_named_at_its_fen() -> None:
    down = (Tier(0, 100_000, 9_000, None, "A"), Tier(100_000, None, None, 80_000, "B"))
    up = (Tier(0, 100_000, 5_000, None, "A"), Tier(100_000, None, None, 80_000, "B"))

    (remark,) = jumps_down(down)

    assert (remark.clause, "1,000.00 元时赔付从 899.99 元降到 800.00 元" in remark.message) == ("B", True)
    assert list(jumps_down(up)) == []
